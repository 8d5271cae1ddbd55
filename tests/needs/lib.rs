//! What a test needs of the machine: data, programs, rights, hardware.
//!
//! A test that lacks one of them ends without having checked anything. This is the only way to do so
//! ([`need!`]; `tests/house.rs` refuses others), for it writes each such end down: `cargo xtask test`
//! closes with their list. With `OVERREAD_REQUIRE_ALL=1` such a test fails, unless it is hardware that lacks.

use std::ffi::OsStr;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The file that lacks are written to, a line each; `cargo xtask test` names it.
const LACKS: &str = "OVERREAD_LACKS";
/// The file that figures are written to, a line each; `cargo xtask test` names it.
const MEASURES: &str = "OVERREAD_MEASURES";
const REQUIRE_ALL: &str = "OVERREAD_REQUIRE_ALL";

/// Something that this machine lacks; it is written down as soon as it is noticed.
#[derive(Debug)]
#[must_use = "the test that lacks something ends by `need!`"]
pub struct Lack {
    what: String,
    is_hardware: bool,
}

pub type Found<T> = Result<T, Lack>;

/// The value, or the end of the test that needs it.
#[macro_export]
macro_rules! need {
    ($found:expr) => {
        match $found {
            Ok(found) => found,
            Err(lack) => return lack.end(),
        }
    };
}

impl Lack {
    /// `what` is a clause: "strace is not installed".
    pub fn of(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            is_hardware: false,
        }
        .told()
    }

    /// What no set-up can bring: bf16, CUDA.
    pub fn of_hardware(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            is_hardware: true,
        }
        .told()
    }

    fn told(self) -> Self {
        let thread = std::thread::current();
        let test = thread.name().unwrap_or("a thread of a test");
        eprintln!("skipped: {test}: {}", self.what);
        append(LACKS, &self.line(test));
        self
    }

    /// Kind, program, test and reason, divided by tabs.
    fn line(&self, test: &str) -> String {
        let program = std::env::current_exe().unwrap_or_default();
        let kind = if self.is_hardware { "hardware" } else { "other" };
        format!(
            "{kind}\t{}\t{test}\t{}",
            program.display(),
            self.what.replace('\t', " ")
        )
    }

    /// Ends a test.
    ///
    /// # Errors
    /// Where `OVERREAD_REQUIRE_ALL` is set and what lacks is no hardware.
    pub fn end<E: From<String>>(self) -> Result<(), E> {
        self.ended(std::env::var_os(REQUIRE_ALL).as_deref())
    }

    fn ended<E: From<String>>(self, require_all: Option<&OsStr>) -> Result<(), E> {
        let required = require_all.is_some_and(|value| !value.is_empty() && value != "0");
        if required && !self.is_hardware {
            return Err(format!("{REQUIRE_ALL} is set, and {self}").into());
        }
        Ok(())
    }
}

/// Adds a line to the file that the environment names; one write, so that lines of several processes do not mix.
fn append(variable: &str, line: &str) {
    let Some(file) = std::env::var_os(variable) else { return };
    let line = format!("{}\n", line.replace('\n', " "));
    let file = Path::new(&file);
    let opened = std::fs::File::options().create(true).append(true).open(file);
    if let Err(error) = opened.and_then(|mut file| file.write_all(line.as_bytes())) {
        eprintln!("{}: {error}", file.display());
    }
}

/// Tells a figure that a test holds against a bound; `cargo xtask test` prints all of them at its end.
pub fn measured(figure: &str) {
    println!("{figure}");
    append(MEASURES, figure);
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

/// `part` of the data folder: `OVERREAD_DATA`, otherwise `shared/data` beside the repository.
///
/// # Errors
/// Where it is not there.
pub fn data(part: &str) -> Found<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("OVERREAD_DATA").map_or_else(beside, PathBuf::from);
    if folder.join(part).exists() {
        return Ok(folder.join(part));
    }
    let folder = folder.display();
    Err(Lack::of(format!(
        "{part} is not in the data folder {folder} (OVERREAD_DATA names it)"
    )))
}

/// A program of the PATH.
///
/// # Errors
/// Where it is not installed.
pub fn program(name: &str) -> Found<PathBuf> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let mut programs = std::env::split_paths(&paths).map(|folder| folder.join(name));
    programs
        .find(|program| program.is_file())
        .ok_or_else(|| Lack::of(format!("the program {name} is not installed")))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Done = Result<(), Box<dyn std::error::Error>>;

    fn lack(is_hardware: bool) -> Lack {
        Lack {
            what: "a\tthing\nis not there".into(),
            is_hardware,
        }
    }

    #[test]
    fn a_lack_is_an_error_only_where_all_is_required_and_it_is_no_hardware() {
        let ended = |is_hardware, value: Option<&str>| {
            let end: Result<(), String> = lack(is_hardware).ended(value.map(OsStr::new));
            end.err()
        };
        for value in [None, Some(""), Some("0")] {
            assert_eq!(ended(false, value), None, "{value:?}");
        }
        assert_eq!(ended(true, Some("1")), None);
        let refused = ended(false, Some("1")).unwrap_or_default();
        assert!(
            refused.contains("is not there") && refused.contains(REQUIRE_ALL),
            "{refused}"
        );
    }

    #[test]
    fn each_lack_is_a_line_with_kind_program_test_and_reason() -> Done {
        let program = std::env::current_exe()?.display().to_string();
        for (is_hardware, kind) in [(false, "other"), (true, "hardware")] {
            let line = lack(is_hardware).line("a::test");
            let fields: Vec<&str> = line.split('\t').collect();
            assert_eq!(fields, [kind, program.as_str(), "a::test", "a thing\nis not there"]);
        }
        Ok(())
    }

    #[test]
    fn what_is_there_is_found() -> Done {
        let shell = need!(program("sh"));
        assert!(shell.is_file(), "{}", shell.display());
        Ok(())
    }
}
