//! Programs of other people that cargo installs: into the target folder, unoptimised, once.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::call;
use crate::failure::Failure;
use crate::place::Place;

pub struct Tool {
    pub name: &'static str,
    pub version: &'static str,
    /// How to see that a program of the user's PATH will do.
    pub asked: &'static [&'static str],
    pub will_do: fn(&str) -> bool,
}

impl Tool {
    /// The program of the user's PATH if it will do, otherwise our own, installed when it is missing.
    ///
    /// # Errors
    /// When it cannot be installed.
    pub fn installed(&self, place: &Place) -> Result<PathBuf, Failure> {
        let tools = place.target.join("tools");
        let ours = tools.join("bin").join(self.name);
        for program in [PathBuf::from(self.name), ours.clone()] {
            let said = call::probe(Command::new(&program).args(self.asked));
            if said.is_some_and(|(_, text)| (self.will_do)(&text)) {
                return Ok(program);
            }
        }
        let Self { name, version, .. } = self;
        eprintln!("installing {name} {version} (once)");
        let build = tools.join("build");
        let mut install = place.cargo();
        // Unoptimised: it runs for seconds, and optimising it would take minutes.
        install.args(["install", name, "--locked", "--debug", "--version", version, "--root"]);
        install.arg(&tools);
        install
            .env("CARGO_TARGET_DIR", &build)
            .env("CARGO_PROFILE_DEV_DEBUG", "0");
        let advice = format!("see that the network is there, or install {name} by hand, then run it again");
        call::run(&mut install, &advice)?;
        if let Err(error) = fs::remove_dir_all(&build) {
            eprintln!("{} is left behind: {error}", build.display());
        }
        Ok(ours)
    }
}
