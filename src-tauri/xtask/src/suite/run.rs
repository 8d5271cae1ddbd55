//! Runs test programs side by side. Each runs one test after the other, so that the time between two
//! of its lines is the time of a test, and two tests of a program never disturb each other.

use std::io::{self, BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::programs::Program;
use super::tally::{End, Test};
use super::{Notes, at_once};

/// What one program said.
#[derive(Debug, Default)]
pub struct Ran {
    pub tests: Vec<Test>,
    /// It ended as its tests say: without a crash, and with as many lines as it counted.
    pub whole: bool,
    pub output: String,
    pub took: Duration,
}

/// All programs, as many at once as the machine bears. What fails is printed as soon as it is known.
pub fn run_all(programs: Vec<Program>, notes: &Notes) -> Vec<(Program, Ran)> {
    let waiting = Mutex::new(programs.into_iter());
    let done = Mutex::new(Vec::new());
    let work = || {
        loop {
            let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some(program) = next else { return };
            let ran = run(&program, notes).unwrap_or_else(|error| Ran {
                output: format!("{} could not be run: {error}", program.executable.display()),
                ..Ran::default()
            });
            tell(&program, &ran);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((program, ran));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..at_once() {
            scope.spawn(work);
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn tell(program: &Program, ran: &Ran) {
    let failed = ran.tests.iter().filter(|test| test.end == End::Failed).count();
    let (count, seconds) = (ran.tests.len(), ran.took.as_secs_f64());
    let verdict = match failed {
        0 if ran.whole => "ok".to_owned(),
        0 => "CUT OFF".to_owned(),
        failed => format!("{failed} FAILED"),
    };
    eprintln!("{seconds:>8.1} s  {count:>4} tests  {verdict}  {}", program.name);
    if verdict != "ok" {
        eprintln!("{}", ran.output);
    }
}

fn run(program: &Program, notes: &Notes) -> io::Result<Ran> {
    let mut command = Command::new(&program.executable);
    command
        .arg("--test-threads=1")
        .current_dir(&program.folder)
        .env("CARGO_MANIFEST_DIR", &program.folder)
        .envs(notes.environment())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let start = Instant::now();
    let mut child = command.spawn()?;
    let errors = child.stderr.take().map(|mut pipe| {
        std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = io::copy(&mut pipe, &mut text);
            String::from_utf8_lossy(&text).into_owned()
        })
    });
    let mut ran = Ran::default();
    let mut counted = None;
    let mut last = start;
    if let Some(pipe) = child.stdout.take() {
        for line in BufReader::new(pipe).split(b'\n') {
            let line = String::from_utf8_lossy(&line?).into_owned();
            if let Some((name, end)) = ended(&line) {
                let now = Instant::now();
                ran.tests.push(Test {
                    program: program.name.clone(),
                    name: name.to_owned(),
                    end,
                    took: now - last,
                });
                last = now;
            }
            counted = counts(&line).or(counted);
            ran.output += &line;
            ran.output.push('\n');
        }
    }
    let status = child.wait()?;
    ran.took = start.elapsed();
    ran.output += &errors.and_then(|thread| thread.join().ok()).unwrap_or_default();
    let failed = ran.tests.iter().any(|test| test.end == End::Failed);
    ran.whole = status.success() != failed && counted == Some(ran.tests.len());
    if !ran.whole {
        ran.output += &format!("{} ended with {status}\n", program.executable.display());
    }
    Ok(ran)
}

/// Of "test NAME ... ok".
fn ended(line: &str) -> Option<(&str, End)> {
    let (name, end) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    let end = match end.split([',', ' ']).next()? {
        "ok" => End::Passed,
        "FAILED" => End::Failed,
        "ignored" => End::Skipped,
        _ => return None,
    };
    Some((name, end))
}

/// Of "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s": 4.
pub fn counts(line: &str) -> Option<usize> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let of = |word: &str| -> Option<usize> {
        let part = counts.split("; ").find(|part| part.ends_with(word))?;
        part.strip_suffix(word)?.trim().parse().ok()
    };
    Some(of("passed")? + of("failed")? + of("ignored")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a shell script in place of a test program comes to.
    fn ran(script: &str) -> io::Result<Ran> {
        use std::os::unix::fs::PermissionsExt;
        let folder = std::env::temp_dir().join(format!("xtask-run-{}-{}", std::process::id(), script.len()));
        std::fs::create_dir_all(&folder)?;
        let executable = folder.join("program");
        std::fs::write(&executable, format!("#!/bin/sh\n{script}\n"))?;
        std::fs::set_permissions(&executable, PermissionsExt::from_mode(0o755))?;
        let notes = Notes { folder: folder.clone() };
        let name = "p".into();
        let program = Program {
            name,
            executable,
            folder: folder.clone(),
        };
        let ran = run(&program, &notes);
        std::fs::remove_dir_all(&folder)?;
        ran
    }

    #[test]
    fn a_program_is_whole_when_it_ends_as_its_lines_say() -> io::Result<()> {
        const RESULT: &str = "echo 'test result: ok. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out'";
        let failing = format!("echo 'test a ... ok'; sleep 0.2; echo 'test b ... FAILED'; {RESULT}");
        let failed = ran(&format!("{failing}; echo why >&2; exit 101"))?;
        let ends: Vec<End> = failed.tests.iter().map(|test| test.end).collect();
        assert!(failed.whole && failed.output.contains("why"), "{failed:?}");
        assert_eq!(ends, [End::Passed, End::Failed]);
        assert!(failed.tests[1].took >= Duration::from_millis(200), "{failed:?}");
        for cut_off in [
            "echo 'test a ... ok'; kill -9 $$".to_owned(),
            "echo 'test a ... ok'; exit 0".to_owned(),
            format!("{failing}; exit 0"),
            format!("echo 'test a ... ok'; {RESULT}; exit 0"),
        ] {
            assert!(!ran(&cut_off)?.whole, "{cut_off}");
        }
        Ok(())
    }

    #[test]
    fn lines_of_the_test_runner_are_read() {
        assert_eq!(ended("test a::b ... ok"), Some(("a::b", End::Passed)));
        assert_eq!(ended("test a ... FAILED"), Some(("a", End::Failed)));
        assert_eq!(ended("test a ... ignored, why"), Some(("a", End::Skipped)));
        assert_eq!(ended("test a ... hm"), None);
        assert_eq!(ended("running 3 tests"), None);
        let line = "test result: FAILED. 3 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(counts(line), Some(6));
        assert_eq!(counts("test result: ok"), None);
    }
}
