//! Running `overread` as a script runs it.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::json::only_document;
use super::process::{interrupt_group, is_running, peak_rss_kib, processor_time};
use crate::{Outcome, PASSPHRASE};

/// Only to tell a hang, on the slowest machine with the most company: the call is ended and fails its test.
const LONGEST: Duration = Duration::from_secs(600);

/// Names of the sample patients. No message may hold one.
const PATIENTS: [&str; 4] = ["Lesion One", "Synthetic^", "Szintetikus", "Ép Kettő"];

/// The folder of the programs under test: `<target>/debug` for a test in `<target>/debug/deps`.
pub fn programs() -> Outcome<PathBuf> {
    let here = std::env::current_exe()?;
    let found = here.ancestors().skip(1).take(2).find(|folder| {
        ["overread", "overread-decoder", "overread-worker"]
            .iter()
            .all(|p| folder.join(p).is_file())
    });
    found.map(Path::to_owned).ok_or_else(|| {
        let near = here.display();
        format!("overread, overread-decoder and overread-worker are not built near {near}; 'cargo xtask test' does")
            .into()
    })
}

/// One call, as yet unmade. The passphrase is that of [`crate::TestVault`] unless changed.
pub struct Call {
    folder: Option<PathBuf>,
    under: Vec<OsString>,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, Option<OsString>)>,
    limit: Duration,
    at_a_terminal: bool,
}

/// A call of `overread` with `words` divided by spaces.
pub fn overread(words: &str) -> Call {
    Call {
        folder: None,
        under: Vec::new(),
        arguments: words.split_whitespace().map(OsString::from).collect(),
        environment: vec![("OVERREAD_PASSPHRASE".into(), Some(PASSPHRASE.into()))],
        limit: LONGEST,
        at_a_terminal: false,
    }
}

impl Call {
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments
            .extend(arguments.into_iter().map(|a| a.as_ref().to_owned()));
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.into(), Some(value.as_ref().to_owned())));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.environment.push((name.into(), None));
        self
    }

    /// Takes the programs of this folder instead of the built ones.
    pub fn of(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    /// Runs the call by another program, which gets it as its last arguments.
    pub fn under<A: AsRef<OsStr>>(mut self, program: impl IntoIterator<Item = A>) -> Self {
        self.under = program.into_iter().map(|a| a.as_ref().to_owned()).collect();
        self
    }

    /// Runs the call where no file may grow beyond so many KiB: writing more is an error as on a full disk.
    pub fn with_largest_file(self, kib: u32) -> Self {
        // sh counts in blocks of 512 bytes.
        let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$@\"", kib * 2);
        self.under(["sh", "-c", &script, "sh"])
    }

    /// Starts it as the foreground of a terminal is, with its children in a process group of its own, which
    /// [`Running::ctrl_c`] can then reach.
    pub fn at_a_terminal(mut self) -> Self {
        self.at_a_terminal = true;
        self
    }

    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    pub fn start(self) -> Outcome<Running> {
        let own_models = self.folder.is_some();
        let folder = self.folder.map_or_else(programs, Ok)?;
        let program = folder.join("overread").into_os_string();
        let words: Vec<OsString> = self.under.into_iter().chain([program]).chain(self.arguments).collect();
        let shown = words[..].join(OsStr::new(" ")).to_string_lossy().into_owned();
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        for name in ["VAULT", "USER", "PASSPHRASE", "LOG"] {
            command.env_remove(format!("OVERREAD_{name}"));
        }
        if own_models {
            command.env_remove("OVERREAD_MODELS");
        }
        for (name, value) in self.environment {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if self.at_a_terminal {
            command.process_group(0);
        }
        let started = Instant::now();
        let mut child = command.spawn().map_err(|error| format!("{shown}: {error}"))?;
        let output = [Heard::from(child.stdout.take()), Heard::from(child.stderr.take())];
        Ok(Running {
            child,
            shown,
            output,
            started,
            limit: self.limit,
            at_a_terminal: self.at_a_terminal,
        })
    }

    pub fn run(self) -> Outcome<Ran> {
        self.start()?.finish()
    }
}

/// What a pipe has brought so far, and the thread that listens to its end.
struct Heard {
    text: Arc<Mutex<Vec<u8>>>,
    thread: JoinHandle<()>,
}

impl Heard {
    fn from(pipe: Option<impl Read + Send + 'static>) -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let theirs = text.clone();
        let thread = std::thread::spawn(move || {
            let Some(mut pipe) = pipe else { return };
            let mut chunk = vec![0; 1 << 16];
            while let Ok(read @ 1..) = pipe.read(&mut chunk) {
                let Ok(mut text) = theirs.lock() else { return };
                text.extend_from_slice(&chunk[..read]);
            }
        });
        Self { text, thread }
    }

    fn so_far(&self) -> String {
        let text = self.text.lock().map(|text| text.clone()).unwrap_or_default();
        String::from_utf8_lossy(&text).into_owned()
    }

    fn all(self) -> String {
        let _ = self.thread.join();
        let text = self.text.lock().map(|text| text.clone()).unwrap_or_default();
        String::from_utf8_lossy(&text).into_owned()
    }
}

/// A call under way.
pub struct Running {
    child: Child,
    shown: String,
    output: [Heard; 2],
    started: Instant,
    limit: Duration,
    at_a_terminal: bool,
}

impl Running {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What a terminal does: the whole group is sent the signal, not the program alone.
    pub fn ctrl_c(&self) -> Outcome<()> {
        assert!(self.at_a_terminal, "{} has no terminal", self.shown);
        interrupt_group(self.id())
    }

    /// Ends the program at once, as a crash would.
    pub fn kill(mut self) -> Outcome<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Waits until stderr holds `words`.
    pub fn wait_until_it_says(&mut self, words: &str) -> Outcome<()> {
        let until = self.started + self.limit;
        while Instant::now() < until && !self.is_over() {
            if self.output[1].so_far().contains(words) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(3));
        }
        let said = self.output[1].so_far();
        Err(format!("{} was over before it said {words:?}: {said}", self.shown).into())
    }

    pub fn is_over(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits for the end and checks what holds for every call: it ends in time, by itself, without
    /// a panic, and its messages name no patient.
    #[track_caller]
    pub fn finish(mut self) -> Outcome<Ran> {
        let mut peak_rss_kib_seen = 0;
        let id = self.child.id();
        let (status, processor) = loop {
            peak_rss_kib_seen = peak_rss_kib(id).unwrap_or(0).max(peak_rss_kib_seen);
            if !is_running(id) {
                // The kernel keeps what it took until it is waited for.
                let took = processor_time(id).unwrap_or_default();
                break (self.child.wait()?, took);
            }
            if self.started.elapsed() > self.limit {
                self.child.kill()?;
                self.child.wait()?;
                return Err(format!("{} did not end within {:?}", self.shown, self.limit).into());
            }
            std::thread::sleep(Duration::from_millis(3));
        };
        let [stdout, stderr] = self.output.map(Heard::all);
        let ran = Ran {
            call: self.shown,
            code: status.code(),
            stdout,
            stderr,
            processor,
            peak_rss_kib: peak_rss_kib_seen,
        };
        assert!(ran.code.is_some(), "ended by a signal ({status}): {ran}");
        assert!(!ran.stderr.contains("panicked at"), "a panic in {ran}");
        for patient in PATIENTS {
            assert!(!ran.stderr.contains(patient), "'{patient}' stands in a message: {ran}");
        }
        Ok(ran)
    }
}

/// A call that ended.
#[derive(Debug)]
pub struct Ran {
    pub call: String,
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    /// Of `overread` and the children that it waited for; hardly more on a busy machine than on a quiet one.
    pub processor: Duration,
    /// Of `overread` itself, without its children, as seen every few milliseconds.
    pub peak_rss_kib: u64,
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (call, code) = (&self.call, self.code);
        let [stdout, stderr] = [&self.stdout, &self.stderr].map(|text| beginning(text));
        write!(f, "{call}\ncode {code:?}\nstdout: {stdout}\nstderr: {stderr}")
    }
}

/// Enough of a text to see what is wrong.
fn beginning(text: &str) -> String {
    let short: String = text.chars().take(3000).collect();
    let rest = text.len() - short.len();
    if rest > 0 {
        format!("{short}… and {rest} bytes more")
    } else {
        short
    }
}

impl Ran {
    #[track_caller]
    pub fn ended(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    pub fn json(&self) -> Outcome<Value> {
        only_document(&self.stdout).map_err(|error| format!("{error}\n{self}").into())
    }

    /// The call failed as a whole: exit code 1, `{"error": {code, message}}`, and one sentence on
    /// stderr that holds `names`.
    #[track_caller]
    pub fn failed_with(&self, code: &str, names: &str) -> Outcome<()> {
        self.ended(1).error_is(code, names)
    }

    #[track_caller]
    pub fn error_is(&self, code: &str, names: &str) -> Outcome<()> {
        let json = self.json()?;
        crate::assert_keys(&json, &["error"]);
        crate::assert_keys(&json["error"], &["code", "message"]);
        assert_eq!(crate::text(&json, "error/code"), code, "{self}");
        self.says(crate::text(&json, "error/message"), names);
        Ok(())
    }

    /// One input failed with this code; its message stands on stderr in one line.
    #[track_caller]
    pub fn input_failed_with(&self, input: impl AsRef<Path>, code: &str, names: &str) -> Outcome<()> {
        let json = self.json()?;
        let input = input.as_ref().display().to_string();
        let failed: Vec<&Value> = crate::each(&json, "failed")
            .iter()
            .filter(|one| crate::text(one, "file") == input)
            .collect();
        assert_eq!(failed.len(), 1, "{input} should have failed once: {self}");
        crate::assert_keys(failed[0], &["file", "code", "message"]);
        assert_eq!(crate::text(failed[0], "code"), code, "{self}");
        self.says(crate::text(failed[0], "message"), names);
        Ok(())
    }

    /// One clear sentence: a single line of stderr that ends with `message` and names the thing.
    #[track_caller]
    fn says(&self, message: &str, names: &str) {
        let lines: Vec<&str> = self.stderr.lines().filter(|line| line.ends_with(message)).collect();
        assert_eq!(lines.len(), 1, "one line should say {message:?}: {self}");
        assert!(lines[0].contains(names), "{:?} does not name {names:?}", lines[0]);
        assert!(
            message.len() < 400 && !message.contains('\n'),
            "no clear sentence: {message:?}"
        );
    }
}
