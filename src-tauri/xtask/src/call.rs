//! Running other programs, so that every failure can say what was run.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use crate::failure::Failure;

/// Runs to the end with our own stdin, stdout and stderr.
///
/// # Errors
/// When the program cannot be started or ends with anything but 0.
pub fn run(command: &mut Command, advice: &str) -> Result<(), Failure> {
    match code(command, advice)? {
        0 => Ok(()),
        code => Err(failed(command, format!("it ended with exit code {code}"), advice)),
    }
}

/// Like [`run`], but gives the exit code back; a program killed by a signal gives 128.
///
/// # Errors
/// When the program cannot be started.
pub fn code(command: &mut Command, advice: &str) -> Result<i32, Failure> {
    let status = command.status().map_err(|e| not_started(command, &e, advice))?;
    Ok(status.code().unwrap_or(128))
}

/// Runs to the end and gives its stdout back; stderr stays ours.
///
/// # Errors
/// When the program cannot be started, ends with anything but 0, or prints no Unicode.
pub fn stdout(command: &mut Command, advice: &str) -> Result<String, Failure> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| not_started(command, &e, advice))?;
    if !output.status.success() {
        let code = output.status.code().unwrap_or(128);
        return Err(failed(command, format!("it ended with exit code {code}"), advice));
    }
    String::from_utf8(output.stdout).map_err(|_| failed(command, "it printed text that is not UTF-8".into(), advice))
}

/// Runs silently and gives its stdout back, whatever its exit code; `None` when it is not there or fails to start.
pub fn probe(command: &mut Command) -> Option<(bool, String)> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    Some((
        output.status.success(),
        String::from_utf8_lossy(&output.stdout).into_owned(),
    ))
}

/// The command as a person would type it.
pub fn shown(command: &Command) -> String {
    let mut words: Vec<String> = command
        .get_envs()
        .filter_map(|(key, value)| Some(format!("{}={}", key.display(), quoted(value?))))
        .collect();
    words.push(quoted(command.get_program()));
    words.extend(command.get_args().map(quoted));
    words.join(" ")
}

pub fn failed(command: &Command, what: String, advice: &str) -> Failure {
    Failure {
        ran: Some(shown(command)),
        ..Failure::new(what, advice)
    }
}

fn not_started(command: &Command, error: &std::io::Error, advice: &str) -> Failure {
    let program = command.get_program().display();
    failed(command, format!("'{program}' could not be started: {error}"), advice)
}

fn quoted(word: &OsStr) -> String {
    let text = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,+@%{}".contains(c);
    if text.contains('\n') {
        "'…'".into()
    } else if !text.is_empty() && text.chars().all(plain) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shown_command_can_be_pasted_into_a_shell() {
        let mut command = Command::new("overread");
        command
            .args(["--vault", "my vault", "it's", ""])
            .env("OVERREAD_USER", "admin")
            .env_remove("OTHER");
        assert_eq!(
            shown(&command),
            r"OVERREAD_USER=admin overread --vault 'my vault' 'it'\''s' ''"
        );
    }

    #[test]
    fn a_failing_program_is_named_with_its_exit_code_and_the_advice() {
        let failure = run(Command::new("sh").args(["-c", "exit 7"]), "look above").err();
        let failure = failure.expect("exit code 7 is a failure");
        assert!(failure.what.contains("exit code 7"), "{failure}");
        assert_eq!(failure.ran.as_deref(), Some("sh -c 'exit 7'"));
        assert_eq!(failure.advice, "look above");
    }

    #[test]
    fn a_program_that_is_not_there_is_a_failure_and_not_a_panic() {
        let failure = run(&mut Command::new("overread-no-such-program"), "install it").err();
        assert!(failure.is_some_and(|f| f.what.contains("could not be started")));
        assert_eq!(probe(&mut Command::new("overread-no-such-program")), None);
    }

    #[test]
    fn stdout_is_given_back() {
        assert_eq!(stdout(Command::new("printf").arg("a b"), ""), Ok("a b".into()));
        assert_eq!(
            probe(Command::new("sh").args(["-c", "echo x; exit 1"])),
            Some((false, "x\n".into()))
        );
    }
}
