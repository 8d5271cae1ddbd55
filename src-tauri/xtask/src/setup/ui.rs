//! The npm packages of the window. Nothing to do before there is a `ui/package.json`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::fetch::disk;
use crate::call;
use crate::failure::Failure;
use crate::place::Place;

/// The lock file as it was when the packages were installed.
const INSTALLED: &str = "node_modules/.installed-lock.json";

/// # Errors
/// When npm is missing or cannot install.
pub fn install(place: &Place) -> Result<(), Failure> {
    let Some(ui) = folder(place) else {
        return Ok(());
    };
    let lock = ui.join("package-lock.json");
    let wanted = fs::read(&lock).map_err(|_| {
        Failure::new(
            "ui/package-lock.json is not there",
            "run `npm install` in ui/ and commit the lock file",
        )
    })?;
    if fs::read(ui.join(INSTALLED)).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    eprintln!("installing npm packages");
    npm(&ui, &["ci", "--no-audit", "--no-fund"])?;
    fs::write(ui.join(INSTALLED), wanted).map_err(|e| disk(&ui.join(INSTALLED), &e))
}

/// Type check and unit tests of the window.
///
/// # Errors
/// When one of them fails.
pub fn check(place: &Place) -> Result<(), Failure> {
    let Some(ui) = folder(place) else {
        return Ok(());
    };
    npm(&ui, &["run", "check"])?;
    npm(&ui, &["test"])
}

/// `ui/`, once there is one.
pub fn folder(place: &Place) -> Option<PathBuf> {
    let ui = place.root.join("ui");
    ui.join("package.json").exists().then_some(ui)
}

fn npm(ui: &PathBuf, args: &[&str]) -> Result<(), Failure> {
    let mut npm = Command::new("npm");
    npm.args(args).current_dir(ui).stdout(std::io::stderr());
    call::run(
        &mut npm,
        "install Node 20 or newer with npm if it is missing; else mend what is named above",
    )
}
