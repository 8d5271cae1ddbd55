//! The child process and its pipes.

use std::io::{BufReader, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::WorkerSettings;
use crate::backend::{GoOn, stopped};
use crate::error::EngineError;
use crate::protocol::{Request, Response, read_frame, write_frame};
use domain::FailureCode;

/// The worker's own code for "the device is not there".
const NO_DEVICE: i32 = 3;
/// The dynamic linker's code when a library is missing or damaged.
const LINKER_FAILED: i32 = 127;
const SIGBUS: i32 = 7;
/// Of what the worker says, the last so many bytes are kept.
const KEPT_STDERR: usize = 4096;
/// How long a process that closed its pipes is waited for, so that it can be said how it ended.
const DYING: Duration = Duration::from_secs(10);
/// So often is whoever waits for an answer asked whether to go on.
const ASK_EVERY: Duration = Duration::from_millis(50);

type Answer = std::io::Result<Option<(Response, Vec<u8>)>>;

/// A running worker.
pub struct Process {
    child: Child,
    /// Frames for the thread that writes them: a worker that stopped reading must not stop us.
    feed: Option<Sender<Vec<u8>>>,
    answers: Receiver<Answer>,
    stderr: Arc<Mutex<String>>,
    stderr_read: Option<JoinHandle<()>>,
}

impl Process {
    /// Starts the program with its pipes.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub fn start(settings: &WorkerSettings) -> Result<Self, EngineError> {
        let mut child = Command::new(&settings.program)
            .args([
                "serve",
                "--device",
                &settings.device.to_string(),
                "--threads",
                &settings.threads.to_string(),
            ])
            .env_remove("OVERREAD_PASSPHRASE")
            .env("OMP_WAIT_POLICY", "passive")
            .env("OMP_NUM_THREADS", settings.threads.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Ctrl+C is for us alone: the worker ends when its stdin does.
            .process_group(0)
            .spawn()
            .map_err(|error| {
                EngineError::new(
                    FailureCode::WorkerMissing,
                    format!("{} cannot be started: {error}", settings.program.display()),
                )
            })?;
        let (stdin, stdout, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (feed, frames) = channel::<Vec<u8>>();
        std::thread::spawn(move || {
            let Some(mut stdin) = stdin else { return };
            for frame in frames {
                if stdin.write_all(&frame).is_err() {
                    return;
                }
            }
        });
        let (send, answers) = channel();
        std::thread::spawn(move || {
            let Some(stdout) = stdout else { return };
            let mut stdout = BufReader::with_capacity(1 << 20, stdout);
            loop {
                let answer = read_frame::<Response>(&mut stdout);
                let over = !matches!(answer, Ok(Some(_)));
                if send.send(answer).is_err() || over {
                    return;
                }
            }
        });
        let stderr = Arc::new(Mutex::new(String::new()));
        let kept = stderr.clone();
        let stderr_read = std::thread::spawn(move || {
            let Some(mut errors) = errors else { return };
            let mut buffer = [0; 1024];
            while let Ok(n @ 1..) = errors.read(&mut buffer) {
                let text = String::from_utf8_lossy(&buffer[..n]);
                tracing::debug!(target: "worker", "{}", text.trim_end());
                let Ok(mut kept) = kept.lock() else { return };
                kept.push_str(&text);
                if kept.len() > KEPT_STDERR {
                    let cut = kept.ceil_char_boundary(kept.len() - KEPT_STDERR);
                    kept.drain(..cut);
                }
            }
        });
        Ok(Self {
            child,
            feed: Some(feed),
            answers,
            stderr,
            stderr_read: Some(stderr_read),
        })
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether the process has not ended.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends a request and waits for its answer.
    pub fn exchange(
        &mut self,
        request: &Request,
        block: &[u8],
        limit: Duration,
        go_on: &mut GoOn<'_>,
    ) -> Result<(Response, Vec<u8>), EngineError> {
        self.send(request, block)?;
        self.receive(limit, go_on)
    }

    /// Sends without waiting: the worker answers requests in their order.
    pub fn send(&mut self, request: &Request, block: &[u8]) -> Result<(), EngineError> {
        let mut frame = Vec::with_capacity(block.len() + 1024);
        let sent = write_frame(&mut frame, request, block).is_ok()
            && self.feed.as_ref().is_some_and(|feed| feed.send(frame).is_ok());
        if sent { Ok(()) } else { Err(self.died()) }
    }

    /// Waits for the next answer. A process that is stopped is ended: nobody wants what it computes.
    pub fn receive(&mut self, limit: Duration, go_on: &mut GoOn<'_>) -> Result<(Response, Vec<u8>), EngineError> {
        let until = Instant::now() + limit;
        let answer = loop {
            if !go_on() {
                self.end();
                return Err(stopped());
            }
            let left = until.saturating_duration_since(Instant::now());
            match self.answers.recv_timeout(left.min(ASK_EVERY)) {
                Err(RecvTimeoutError::Timeout) if left > ASK_EVERY => {}
                answer => break answer,
            }
        };
        match answer {
            Ok(Ok(Some(answer))) => Ok(answer),
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::InvalidData || error.is_syntax() => {
                self.end();
                Err(EngineError::new(
                    FailureCode::WorkerDied,
                    format!("the worker's answer cannot be understood ({error}); install Overread again"),
                ))
            }
            Ok(_) | Err(RecvTimeoutError::Disconnected) => Err(self.died()),
            Err(RecvTimeoutError::Timeout) => {
                self.end();
                Err(EngineError::new(
                    FailureCode::WorkerTimedOut,
                    format!(
                        "the model gave no answer within {} s and was stopped; try again",
                        limit.as_secs()
                    ),
                ))
            }
        }
    }

    fn died(&mut self) -> EngineError {
        self.feed = None;
        // Its pipes are closed, so it is about to end; one that does not is killed.
        let until = Instant::now() + DYING;
        let status = loop {
            match self.child.try_wait() {
                Ok(Some(status)) => break Some(status),
                _ if Instant::now() >= until => {
                    self.end();
                    break None;
                }
                _ => std::thread::sleep(Duration::from_millis(5)),
            }
        };
        if let Some(reader) = self.stderr_read.take() {
            let _ = reader.join();
        }
        let stderr = self
            .stderr
            .lock()
            .map(|text| text.trim().to_owned())
            .unwrap_or_default();
        describe(status, &stderr)
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Closing stdin asks the worker to end; it has no state to lose if it must be killed.
        self.feed = None;
        for _ in 0..20 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.end();
    }
}

fn describe(status: Option<ExitStatus>, stderr: &str) -> EngineError {
    let last = stderr.lines().last().unwrap_or_default();
    let code = status.and_then(|s| s.code());
    let signal = status.and_then(|s| s.signal());
    if code == Some(NO_DEVICE) {
        return EngineError::new(
            FailureCode::DeviceUnavailable,
            format!("{last}. Use --device cpu, or auto to take what there is."),
        );
    }
    if code == Some(LINKER_FAILED) {
        return EngineError::new(
            FailureCode::LibtorchMissing,
            format!(
                "the worker cannot load libtorch ({last}); 'cargo xtask setup' fetches it, or install Overread again"
            ),
        );
    }
    if signal == Some(SIGBUS) {
        return EngineError::new(
            FailureCode::LibtorchDamaged,
            "a library of libtorch is cut short (SIGBUS); run 'cargo xtask setup' again, or install Overread again",
        );
    }
    let how = match (code, signal) {
        (_, Some(signal)) => format!("signal {signal}"),
        (Some(code), _) => format!("exit code {code}"),
        _ => "an unknown cause".into(),
    };
    // A signal comes without last words: what stands there was said before.
    let said = if last.is_empty() || signal.is_some() {
        String::new()
    } else {
        format!(", saying: {last}")
    };
    EngineError::new(
        FailureCode::WorkerDied,
        format!("the model's process ended by {how}{said}. This job failed; the next one starts a new process."),
    )
}

/// Whether a stream error comes from text that is not the protocol's JSON.
trait SyntaxError {
    fn is_syntax(&self) -> bool;
}

impl SyntaxError for std::io::Error {
    fn is_syntax(&self) -> bool {
        self.get_ref().is_some_and(|inner| inner.is::<serde_json::Error>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_death_is_told_apart() {
        let exited = |code: i32| Some(ExitStatus::from_raw(code << 8));
        let killed = |signal: i32| Some(ExitStatus::from_raw(signal));
        let linker = "error while loading shared libraries: libtorch_cpu.so: cannot open shared object file";
        assert_eq!(describe(exited(127), linker).code, FailureCode::LibtorchMissing);
        assert_eq!(describe(exited(3), "no GPU").code, FailureCode::DeviceUnavailable);
        assert_eq!(describe(killed(7), "").code, FailureCode::LibtorchDamaged);
        let died = describe(killed(9), "");
        assert!(
            died.code == FailureCode::WorkerDied && died.message.contains("signal 9"),
            "{died}"
        );
    }
}
