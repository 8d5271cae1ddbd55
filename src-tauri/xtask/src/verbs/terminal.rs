use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::call;
use crate::failure::Failure;
use crate::json;
use crate::place::Place;
use crate::programs;
use crate::setup::{self, Purpose};
use crate::steps::Steps;

const PASSPHRASE: &str = "demo";
const START_AGAIN: &str = "read the message above; to start from nothing, delete the folder demo/ and run it again";

/// The main job on synthetic scans: make them, import them into a demo vault, analyse, list, report.
/// A second run finds scans and vault and does only what is new.
///
/// # Errors
/// The step that failed.
pub fn terminal(place: &Place) -> Result<(), Failure> {
    let demo = Demo {
        home: place.root.join("demo"),
        overread: programs::overread(place),
    };
    let mut steps = Steps::default();
    steps.step("set-up", || setup::set_up(place, Purpose::Build))?;
    steps.step("build", || programs::build(place, None))?;
    steps.step("make sample scans", || demo.make_samples())?;
    steps.step("open the demo vault", || demo.open_vault())?;
    steps.step("import the scans", || demo.all_or_some(&["import", "demo/samples"]))?;
    steps.step("analyse what is new", || demo.all_or_some(&["analyze", "--new"]))?;
    steps.step("list the studies, most suspicious first", || {
        demo.run(&["list", "--sort", "suspicion"])
    })?;
    let study = steps.step("write a report of the most suspicious patient", || demo.write_report())?;
    eprint!("\n{}", steps.summary());
    println!("{}", demo.what_was_done(&study));
    Ok(())
}

struct Demo {
    home: PathBuf,
    overread: PathBuf,
}

impl Demo {
    /// `overread` on the demo vault, started in the repository's root.
    fn overread(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.overread);
        command.arg("--vault").arg("demo/vault").args(args);
        command.current_dir(self.home.parent().unwrap_or(&self.home));
        command
            .env("OVERREAD_PASSPHRASE", PASSPHRASE)
            .env("OVERREAD_USER", "admin");
        command
    }

    fn run(&self, args: &[&str]) -> Result<(), Failure> {
        call::run(&mut self.overread(args), START_AGAIN)
    }

    /// As `run`, but exit code 3, some inputs failed and the others are done, does not stop the job.
    fn all_or_some(&self, args: &[&str]) -> Result<(), Failure> {
        let mut command = self.overread(args);
        match call::code(&mut command, START_AGAIN)? {
            0 => Ok(()),
            3 => {
                eprintln!("some inputs failed, as said above; going on with the others");
                Ok(())
            }
            code => Err(call::failed(
                &command,
                format!("it ended with exit code {code}"),
                START_AGAIN,
            )),
        }
    }

    /// Made under another name first, so that a half-made set is never taken for a whole one.
    fn make_samples(&self) -> Result<(), Failure> {
        let (samples, half) = (self.home.join("samples"), self.home.join("samples.part"));
        if samples.exists() {
            return Ok(());
        }
        let refused =
            |e: std::io::Error| Failure::new(format!("{} cannot be written: {e}", half.display()), START_AGAIN);
        if half.exists() {
            fs::remove_dir_all(&half).map_err(refused)?;
        }
        fs::create_dir_all(&self.home).map_err(refused)?;
        let mut make = Command::new(&self.overread);
        call::run(make.arg("samples").arg(&half), START_AGAIN)?;
        fs::rename(&half, &samples).map_err(refused)
    }

    fn open_vault(&self) -> Result<(), Failure> {
        let verb = if self.home.join("vault").exists() {
            "status"
        } else {
            "create"
        };
        self.run(&["vault", verb])
    }

    /// Gives the study's UID back.
    fn write_report(&self) -> Result<String, Failure> {
        // Only the DICOM series name a patient, and a report should have one.
        let mut list = self.overread(&["--json", "list", "--sort", "suspicion", "--find", "SYN-"]);
        let listing = call::stdout(&mut list, START_AGAIN)?;
        let study = json::first_string(&listing, "study_instance_uid")
            .ok_or_else(|| call::failed(&list, "it lists no study".into(), START_AGAIN))?;
        let report = self.home.join("report.pdf");
        if report.exists() {
            fs::remove_file(&report).map_err(|e| {
                Failure::new(
                    format!("{} cannot be replaced: {e}", report.display()),
                    "close it and run it again",
                )
            })?;
        }
        self.run(&["report", &study, "--format", "pdf", "--out", "demo/report.pdf"])?;
        Ok(study)
    }

    fn what_was_done(&self, study: &str) -> String {
        what_was_done(&self.home, study)
    }
}

fn what_was_done(home: &Path, study: &str) -> String {
    let home = home.display();
    format!(
        "
Done. Synthetic head scans were made, stored in an encrypted vault and analysed by the brain MRI
model; the most suspicious study with a patient's name was written up. All of it lies in {home}:
  samples/     the scans: DICOM, PNG and TIFF, with a manifest that says what is in each
  vault/       the demo vault; user 'admin', passphrase '{PASSPHRASE}'
  report.pdf   the report of study {study}

Try next (from the root of the repository):
  export OVERREAD_USER=admin OVERREAD_PASSPHRASE={PASSPHRASE}
  cargo xtask cli -- --vault demo/vault list
  cargo xtask cli -- --vault demo/vault show {study}
  cargo xtask cli -- --vault demo/vault review FINDING_ID --accept --note 'seen'
  cargo xtask cli -- --vault demo/vault sign {study}
  cargo xtask cli -- analyze demo/samples --maps demo/maps
  cargo xtask cli -- --json decode FILE
Not a medical device: for research and trying only, not for diagnosis."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_words_name_the_place_the_passphrase_and_commands_to_copy() {
        let text = what_was_done(Path::new("clone/demo"), "2.25.7");
        for part in [
            "clone/demo:",
            "passphrase 'demo'",
            "show 2.25.7",
            "sign 2.25.7",
            "not for diagnosis",
        ] {
            assert!(text.contains(part), "{part:?} is missing in {text}");
        }
    }
}
