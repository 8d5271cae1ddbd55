//! The command line of xtask.

use std::ffi::OsString;
use std::path::PathBuf;

pub const USAGE: &str = "\
usage: cargo xtask VERB

  run              set up, build, and open the window
  run --terminal   set up, build, and take synthetic scans through the main job without a window
  test             set up and run everything that must pass
  setup [--cuda]   fetch what the build needs; --cuda: the CUDA libraries too (2.9 GiB)
  cli -- ARGS      build and run `overread ARGS`
  check files [FOLDER...]  compare the decoder with pydicom, file by file: the packs, or these folders
  fuzz [--minutes N] [--target TEXT] [--seed N] [--out DIR]  damaged files through the decoder
  bench [-- ARGS]  build and run the benchmarks of the main job
  bench decode [--rounds N]  the decoder beside pydicom and dcmtk, in turns
  bench ui         build and measure the window: start, worklist, images, memory
  screenshots [-- ARGS]  build and take a screenshot of every screen
  sign [--key FILE] [BUNDLE...]  sign bundles with the development key, or with a key of your own
  keys make --out FILE   make a release key; its passphrase is asked for";

#[derive(Debug, PartialEq, Eq)]
pub enum Verb {
    Help,
    Setup {
        cuda: bool,
    },
    Run {
        terminal: bool,
    },
    Test,
    Cli {
        args: Vec<OsString>,
    },
    Fuzz {
        args: Vec<OsString>,
    },
    CheckFiles {
        folders: Vec<OsString>,
    },
    Bench {
        args: Vec<OsString>,
    },
    BenchUi {
        args: Vec<OsString>,
    },
    Screenshots {
        args: Vec<OsString>,
    },
    Sign {
        key: Option<PathBuf>,
        bundles: Vec<PathBuf>,
    },
    MakeKeys {
        out: PathBuf,
    },
}

/// # Errors
/// A sentence that names the argument which is missing or not understood.
pub fn parse(args: Vec<OsString>) -> Result<Verb, String> {
    let mut args = args.into_iter();
    let Some(verb) = args.next() else {
        return Err("a verb is missing".into());
    };
    let rest: Vec<OsString> = args.collect();
    match verb.to_str() {
        Some("help" | "--help" | "-h") => Ok(Verb::Help),
        Some("setup") => match rest.as_slice() {
            [] => Ok(Verb::Setup { cuda: false }),
            [flag] if flag == "--cuda" => Ok(Verb::Setup { cuda: true }),
            [other, ..] => Err(format!("'setup' takes only --cuda, not '{}'", other.display())),
        },
        Some("run") => match rest.as_slice() {
            [] => Ok(Verb::Run { terminal: false }),
            [flag] if flag == "--terminal" => Ok(Verb::Run { terminal: true }),
            [other, ..] => Err(format!("'run' takes only --terminal, not '{}'", other.display())),
        },
        Some("test") => no_more(&rest, "test").map(|()| Verb::Test),
        Some("cli") => Ok(Verb::Cli {
            args: after_dashes(rest),
        }),
        Some("check") => match rest.split_first() {
            Some((what, folders)) if what == "files" => Ok(Verb::CheckFiles {
                folders: after_dashes(folders.to_vec()),
            }),
            _ => Err("'check' takes only: files [FOLDER...]".into()),
        },
        Some("bench") if rest.first().is_some_and(|first| first == "ui") => Ok(Verb::BenchUi {
            args: after_dashes(rest[1..].to_vec()),
        }),
        Some("bench") => Ok(Verb::Bench {
            args: after_dashes(rest),
        }),
        Some("fuzz") => Ok(Verb::Fuzz {
            args: after_dashes(rest),
        }),
        Some("screenshots") => Ok(Verb::Screenshots {
            args: after_dashes(rest),
        }),
        Some("sign") => {
            let (key, bundles) = match rest.as_slice() {
                [flag] if flag == "--key" => return Err("'sign --key' needs a file".into()),
                [flag, file, bundles @ ..] if flag == "--key" => (Some(file.into()), bundles),
                bundles => (None, bundles),
            };
            match bundles.iter().find(|bundle| bundle.to_string_lossy().starts_with('-')) {
                Some(other) => Err(format!(
                    "'sign' takes --key FILE first, then bundles, not '{}'",
                    other.display()
                )),
                None => Ok(Verb::Sign {
                    key,
                    bundles: bundles.iter().map(PathBuf::from).collect(),
                }),
            }
        }
        Some("keys") => match rest.as_slice() {
            [make, flag, file] if make == "make" && flag == "--out" => Ok(Verb::MakeKeys { out: file.into() }),
            _ => Err("'keys' takes only: make --out FILE".into()),
        },
        _ => Err(format!("'{}' is not a verb", verb.display())),
    }
}

fn no_more(rest: &[OsString], verb: &str) -> Result<(), String> {
    match rest.first() {
        None => Ok(()),
        Some(extra) => Err(format!("'{verb}' takes no argument, not '{}'", extra.display())),
    }
}

/// The first `--` only divides; a later one belongs to the program.
fn after_dashes(mut rest: Vec<OsString>) -> Vec<OsString> {
    if rest.first().is_some_and(|first| first == "--") {
        rest.remove(0);
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Verb, String> {
        parse(line.split_whitespace().map(OsString::from).collect())
    }

    #[test]
    fn verbs_and_their_flags_are_understood() {
        assert_eq!(parsed("setup"), Ok(Verb::Setup { cuda: false }));
        assert_eq!(parsed("setup --cuda"), Ok(Verb::Setup { cuda: true }));
        assert_eq!(parsed("run"), Ok(Verb::Run { terminal: false }));
        assert_eq!(parsed("run --terminal"), Ok(Verb::Run { terminal: true }));
        assert_eq!(
            parsed("check files a"),
            Ok(Verb::CheckFiles {
                folders: vec!["a".into()]
            })
        );
        assert_eq!(parsed("bench ui"), Ok(Verb::BenchUi { args: Vec::new() }));
        assert_eq!(parsed("screenshots"), Ok(Verb::Screenshots { args: Vec::new() }));
        assert_eq!(parsed("test"), Ok(Verb::Test));
        assert_eq!(parsed("--help"), Ok(Verb::Help));
        let sign = |key: Option<&str>, bundles: &[&str]| {
            Ok(Verb::Sign {
                key: key.map(PathBuf::from),
                bundles: bundles.iter().map(PathBuf::from).collect(),
            })
        };
        assert_eq!(parsed("sign"), sign(None, &[]));
        assert_eq!(parsed("sign a b"), sign(None, &["a", "b"]));
        assert_eq!(parsed("sign --key k a"), sign(Some("k"), &["a"]));
        assert_eq!(parsed("keys make --out k"), Ok(Verb::MakeKeys { out: "k".into() }));
    }

    #[test]
    fn everything_after_the_first_dashes_goes_to_the_program() {
        let args = ["--json", "decode", "--", "-odd.dcm"].map(OsString::from).to_vec();
        assert_eq!(
            parsed("cli -- --json decode -- -odd.dcm"),
            Ok(Verb::Cli { args: args.clone() })
        );
        assert_eq!(parsed("cli --json decode -- -odd.dcm"), Ok(Verb::Cli { args }));
        assert_eq!(parsed("cli"), Ok(Verb::Cli { args: Vec::new() }));
        assert_eq!(
            parsed("bench -- warm"),
            Ok(Verb::Bench {
                args: vec!["warm".into()]
            })
        );
    }

    #[test]
    fn a_wrong_line_names_what_is_wrong_with_it() {
        for (line, named) in [
            ("", "verb"),
            ("tset", "tset"),
            ("setup --gpu", "--gpu"),
            ("run fast", "fast"),
            ("test x", "'x'"),
            ("sign --key", "--key"),
            ("sign a --key k", "--key"),
            ("keys", "make --out"),
            ("check", "files"),
        ] {
            let refusal = parsed(line).err().unwrap_or_default();
            assert!(refusal.contains(named), "{line:?}: {refusal:?} does not name {named:?}");
        }
    }
}
