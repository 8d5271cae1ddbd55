//! `overread`: the verbs from a terminal. It holds no rule: it reads words, asks `workflow`, and
//! prints what came back.
//!
//! Exit codes: 0 done, 1 the job failed, 2 wrong usage, 3 some inputs failed and the others are
//! done, 4 not permitted. `--json` prints exactly one JSON document on stdout, also for a failure.

mod arguments;
mod print;
mod progress;
mod secret;
mod text;
mod verbs;

use std::process::ExitCode;

use clap::Parser;
use domain::{Failure, FailureKind};

use arguments::Arguments;

const FAILED: u8 = 1;
const WRONG_USAGE: u8 = 2;
const SOME_FAILED: u8 = 3;
const NOT_PERMITTED: u8 = 4;

/// How a verb ended when it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Done,
    SomeInputsFailed,
    /// Every input failed.
    AllInputsFailed,
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are answers, not errors; a closed pipe is nobody's fault.
            let _ = error.print();
            if !error.use_stderr() {
                return ExitCode::SUCCESS;
            }
            if std::env::args_os().any(|word| word == "--json") {
                let message = error.to_string().lines().next().unwrap_or_default().to_owned();
                print::json(&serde_json::json!({ "error": Failure::usage(message) }));
            }
            return ExitCode::from(WRONG_USAGE);
        }
    };
    start_log();
    let json = arguments.common.json;
    match verbs::run(arguments) {
        Ok(End::Done) => ExitCode::SUCCESS,
        Ok(End::SomeInputsFailed) => ExitCode::from(SOME_FAILED),
        Ok(End::AllInputsFailed) => ExitCode::from(FAILED),
        Err(failure) => {
            if json {
                print::json(&serde_json::json!({ "error": failure }));
            }
            eprintln!("overread: {}", text::one_line(&failure.message));
            ExitCode::from(code_of(&failure))
        }
    }
}

fn code_of(failure: &Failure) -> u8 {
    match failure.code.kind() {
        FailureKind::Failed => FAILED,
        FailureKind::WrongUsage => WRONG_USAGE,
        FailureKind::NotPermitted => NOT_PERMITTED,
    }
}

/// Logs go to stderr; `OVERREAD_LOG` takes a level or a filter, such as `info` or `engine=debug`.
fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("OVERREAD_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}

#[cfg(test)]
mod tests {
    use domain::FailureCode;

    use super::*;

    #[test]
    fn each_kind_of_failure_has_its_exit_code() {
        let codes = [FailureCode::Io, FailureCode::WrongUsage, FailureCode::NotPermitted];
        assert_eq!(codes.map(|code| code_of(&Failure::new(code, ""))), [1, 2, 4]);
    }
}
