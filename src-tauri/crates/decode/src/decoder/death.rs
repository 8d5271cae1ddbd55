use std::{io, os::unix::process::ExitStatusExt, process::ExitStatus};

use rustix::process::Signal;

use crate::{DecodeError, Limits};
use domain::FailureCode;

/// How the parent noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cause {
    /// The pipes closed.
    Gone,
    TimedOut,
    /// This program has no room for the answer; the child is not at fault.
    NoRoom,
    /// The child answered what the protocol does not know.
    Nonsense(String),
}

impl Cause {
    pub(super) fn of(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::TimedOut => Cause::TimedOut,
            io::ErrorKind::OutOfMemory => Cause::NoRoom,
            io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => Cause::Gone,
            _ => Cause::Nonsense(error.to_string()),
        }
    }
}

/// What is known of a child that had to end.
#[derive(Debug)]
pub(super) struct Death {
    pub cause: Cause,
    pub status: Option<ExitStatus>,
    pub said: String,
}

impl Death {
    /// One sentence for a person: which file, and why.
    pub(super) fn report(&self, name: &str, limits: &Limits) -> DecodeError {
        let signal = self.status.and_then(|status| status.signal());
        let died = |why: String| DecodeError::new(FailureCode::DecoderDied, why);
        match &self.cause {
            Cause::TimedOut => DecodeError::new(
                FailureCode::TimedOut,
                format!(
                    "decoding {name} took longer than it may ({} s and what its size adds) and was stopped; the file is probably damaged",
                    limits.wall.as_secs()
                ),
            ),
            Cause::NoRoom => DecodeError::new(
                FailureCode::OutOfMemory,
                format!("there is not enough free memory for the image of {name}; close other programs and try again"),
            ),
            Cause::Nonsense(what) => died(format!(
                "the decoder answered nonsense for {name} ({what}) and was stopped"
            )),
            Cause::Gone if signal == Some(Signal::XCPU.as_raw()) => DecodeError::new(
                FailureCode::TimedOut,
                format!(
                    "decoding {name} used more processor time than it may ({} s and what its size adds); the file is probably damaged",
                    limits.cpu_seconds
                ),
            ),
            Cause::Gone if signal == Some(Signal::SYS.as_raw()) => died(format!(
                "decoding {name} asked the system for what no decoder needs, and was ended; the file is probably made to harm"
            )),
            Cause::Gone if self.said.contains("memory allocation of") => died(format!(
                "decoding {name} needed more memory than it may use ({} MiB above the declared image); the file is probably damaged",
                limits.memory_bytes >> 20
            )),
            Cause::Gone => {
                let end = match (signal, self.status.and_then(|status| status.code())) {
                    (Some(signal), _) => format!("by signal {signal}"),
                    (None, Some(code)) => format!("with exit code {code}"),
                    (None, None) => "in an unknown way".to_owned(),
                };
                let said: String = self.said.lines().next().unwrap_or("").chars().take(200).collect();
                let said = if said.is_empty() { said } else { format!(": {said}") };
                died(format!(
                    "the decoder died {end} on {name}{said}; the file is probably damaged"
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_to_die_has_its_own_sentence() {
        let limits = Limits::default();
        let report = |cause: Cause, raw: i32, said: &str| {
            Death {
                cause,
                status: Some(ExitStatus::from_raw(raw)),
                said: said.to_owned(),
            }
            .report("the file 'a.dcm'", &limits)
        };
        let memory = report(Cause::Gone, 6, "memory allocation of 999 bytes failed\n");
        assert_eq!(memory.code, FailureCode::DecoderDied);
        assert!(
            memory.message.contains("'a.dcm'") && memory.message.contains("memory"),
            "{memory}"
        );
        assert_eq!(
            report(Cause::Gone, Signal::XCPU.as_raw(), "").code,
            FailureCode::TimedOut
        );
        assert_eq!(report(Cause::TimedOut, 9, "").code, FailureCode::TimedOut);
        assert_eq!(report(Cause::NoRoom, 9, "").code, FailureCode::OutOfMemory);
        let shut = report(Cause::Gone, Signal::SYS.as_raw(), "");
        assert!(
            shut.code == FailureCode::DecoderDied && shut.message.contains("no decoder needs"),
            "{shut}"
        );
        let crash = report(Cause::Gone, 11, "");
        assert!(crash.message.contains("signal 11"), "{crash}");
        let exit = report(Cause::Gone, 1 << 8, "why it stopped\nmore");
        assert!(
            exit.message.contains("exit code 1") && exit.message.contains("why it stopped;"),
            "{exit}"
        );
    }
}
