//! The command line of the window.

use std::ffi::OsString;
use std::path::PathBuf;

pub const USAGE: &str = "\
usage: overread-desktop [PATH]...

Opens the window; files and folders that are named are imported as soon as a vault is open.
A second start hands its paths to the window that is open and brings it to front.

  -h, --help     these words
  -V, --version  the version

OVERREAD_CONFIG names the folder of settings, by default overread in the user's configuration folder.
OVERREAD_LOG takes a level or a filter of the log, such as debug or overread_desktop=trace.";

#[derive(Debug, PartialEq, Eq)]
pub enum Order {
    Open(Vec<PathBuf>),
    Help,
    Version,
}

/// # Errors
/// A sentence that names the option which is not understood, or the path that is not there.
pub fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Order, String> {
    let mut paths = Vec::new();
    let mut only_paths = false;
    for word in words {
        match word.to_str() {
            Some("-h" | "--help") if !only_paths => return Ok(Order::Help),
            Some("-V" | "--version") if !only_paths => return Ok(Order::Version),
            Some("--") if !only_paths => only_paths = true,
            Some(option) if option.starts_with('-') && !only_paths => {
                return Err(format!(
                    "'{option}' is not an option; put -- before a path that begins with a dash"
                ));
            }
            _ => paths.push(absolute(word)?),
        }
    }
    Ok(Order::Open(paths))
}

/// The path as another process finds it, wherever that stands.
fn absolute(word: OsString) -> Result<PathBuf, String> {
    let path = PathBuf::from(word);
    let absolute = std::path::absolute(&path).map_err(|error| format!("'{}': {error}", path.display()))?;
    match absolute.symlink_metadata() {
        Ok(_) => Ok(absolute),
        Err(error) => Err(format!("'{}' cannot be opened: {error}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<Order, String> {
        parse(words.iter().map(OsString::from))
    }

    #[test]
    fn options_are_understood_and_paths_become_absolute() {
        assert_eq!(parsed(&["--help", "--odd"]), Ok(Order::Help));
        assert_eq!(parsed(&["-V"]), Ok(Order::Version));
        assert_eq!(parsed(&[]), Ok(Order::Open(Vec::new())));
        let Ok(Order::Open(paths)) = parsed(&["Cargo.toml", "--", "src"]) else {
            unreachable!("two paths that are there");
        };
        assert!(paths.iter().all(|path| path.is_absolute()), "{paths:?}");
        assert!(
            paths[0].ends_with("Cargo.toml") && paths[1].ends_with("src"),
            "{paths:?}"
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (words, named) in [
            (&["--fast"][..], "--fast"),
            (&["no-such-scan.dcm"], "no-such-scan.dcm"),
            (&["--", "--help"], "--help"),
        ] {
            let refusal = parsed(words).err().unwrap_or_default();
            assert!(refusal.contains(named), "{words:?}: {refusal:?}");
        }
    }
}
