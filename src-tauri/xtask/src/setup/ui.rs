//! The window's interface: npm packages, and the pages that the program takes in when it is built.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::fetch::disk;
use crate::call;
use crate::failure::Failure;
use crate::place::Place;
use crate::suite::Notes;

/// The lock file as it was when the packages were installed.
const INSTALLED: &str = "node_modules/.installed-lock.json";
/// What the pages were built from.
const BUILT: &str = "node_modules/.built-from";
const PAGE: &str = "dist/index.html";
/// Vite asks for it.
const OLDEST_NODE: (u32, u32) = (20, 19);

/// # Errors
/// When Node is missing or too old, or npm cannot install.
pub fn install(place: &Place) -> Result<(), Failure> {
    let ui = folder(place);
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
    node()?;
    eprintln!("installing npm packages");
    npm(&ui, &["ci", "--no-audit", "--no-fund"])?;
    fs::write(ui.join(INSTALLED), wanted).map_err(|e| disk(&ui.join(INSTALLED), &e))
}

/// Builds the pages, unless they were built from these very sources.
///
/// # Errors
/// When vite fails.
pub fn build(place: &Place) -> Result<(), Failure> {
    let ui = folder(place);
    let sources =
        sources(&ui).map_err(|e| Failure::new(format!("ui/ cannot be read: {e}"), "see whose files they are"))?;
    let built = ui.join(BUILT);
    if ui.join(PAGE).exists() && fs::read_to_string(&built).is_ok_and(|from| from == sources) {
        return Ok(());
    }
    npm(&ui, &["run", "build", "--", "--logLevel", "warn"])?;
    fs::write(&built, sources).map_err(|e| disk(&built, &e))
}

/// Type check, linter, unit tests and browser tests of the interface.
///
/// # Errors
/// When one of them fails.
pub fn check(place: &Place, notes: &Notes) -> Result<(), Failure> {
    let ui = folder(place);
    npm(&ui, &["run", "check"])?;
    npm(&ui, &["run", "lint"])?;
    finish(command(&ui, &["test"]).envs(notes.environment()))
}

fn folder(place: &Place) -> PathBuf {
    place.root.join("ui")
}

fn npm(ui: &Path, args: &[&str]) -> Result<(), Failure> {
    finish(&mut command(ui, args))
}

fn command(ui: &Path, args: &[&str]) -> Command {
    let mut npm = Command::new("npm");
    npm.args(args).current_dir(ui).stdout(std::io::stderr());
    npm
}

fn finish(npm: &mut Command) -> Result<(), Failure> {
    call::run(
        npm,
        "install Node 20.19 or newer with npm if it is missing; else mend what is named above",
    )
}

fn node() -> Result<(), Failure> {
    let said = call::probe(Command::new("node").arg("--version"));
    let found = said.map(|(_, text)| text.trim().to_owned()).unwrap_or_default();
    if version(&found).is_some_and(|version| version >= OLDEST_NODE) {
        return Ok(());
    }
    let what = match found.as_str() {
        "" => "Node, which builds the window's pages, is not there".to_owned(),
        old => format!("Node {old} is too old to build the window's pages"),
    };
    Err(Failure::new(
        what,
        "install Node 20.19 or newer with npm (Debian 12 itself has 18), then start again",
    ))
}

/// From "v20.19.5".
fn version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// A number that changes with any file of the interface, its name or its content.
fn sources(ui: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    let mut open = vec![ui.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let made = ["node_modules", "dist"].iter().any(|made| name == *made);
            if !made && !name.as_encoded_bytes().starts_with(b".") {
                if entry.file_type()?.is_dir() {
                    open.push(entry.path());
                } else {
                    files.push(entry.path());
                }
            }
        }
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.strip_prefix(ui).unwrap_or(&file).hash(&mut hasher);
        fs::read(&file)?.hash(&mut hasher);
    }
    Ok(format!("{:016x}\n", hasher.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_change_of_a_source_asks_for_a_new_build() -> io::Result<()> {
        let ui = std::env::temp_dir().join(format!("xtask-ui-{}", std::process::id()));
        for folder in ["src/a", "dist", "node_modules"] {
            fs::create_dir_all(ui.join(folder))?;
        }
        fs::write(ui.join("src/a/b.ts"), "1")?;
        let before = sources(&ui)?;
        fs::write(ui.join("dist/index.html"), "built")?;
        fs::write(ui.join("node_modules/x.js"), "fetched")?;
        assert_eq!(sources(&ui)?, before);
        fs::write(ui.join("src/a/b.ts"), "2")?;
        let changed = sources(&ui)?;
        assert_ne!(changed, before);
        fs::rename(ui.join("src/a/b.ts"), ui.join("src/a/c.ts"))?;
        assert_ne!(sources(&ui)?, changed);
        fs::remove_dir_all(&ui)
    }

    #[test]
    fn an_old_node_is_too_old() {
        assert_eq!(version("v20.19.5"), Some((20, 19)));
        assert!(version("v18.20.4").is_some_and(|found| found < OLDEST_NODE));
        assert!(version("v22.3.0").is_some_and(|found| found > OLDEST_NODE));
        assert_eq!(version("node"), None);
    }
}
