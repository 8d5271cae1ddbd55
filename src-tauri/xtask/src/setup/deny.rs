//! cargo-deny: licences, sources and, where its database is on this machine, advisories.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::tool::Tool;
use crate::call;
use crate::failure::Failure;
use crate::place::Place;

const DENY: Tool = Tool {
    name: "cargo-deny",
    version: "0.20.2",
    asked: &["--version"],
    will_do: |text| version(text).is_some_and(|found| found >= OLDEST),
};
/// Older ones do not read the fields of deny.toml or the package names of today's cargo.
const OLDEST: (u32, u32) = (0, 19);
const CONFIG: &str = "src-tauri/deny.toml";

/// Gives back what could not be looked at.
///
/// # Errors
/// When it cannot be installed, or finds something that deny.toml does not allow.
pub fn check(place: &Place) -> Result<Option<&'static str>, Failure> {
    let program = DENY.installed(place)?;
    // With --offline nothing is downloaded, and the sources of crates for other systems are looked at too.
    call::run(
        place.cargo().args(["fetch", "--quiet"]),
        "see that the network is there, then run it again",
    )?;
    let mut deny = Command::new(program);
    deny.current_dir(&place.root)
        .arg("--offline")
        .arg("--manifest-path")
        .arg(place.root.join("Cargo.toml"));
    deny.args(["--config", CONFIG, "check", "licenses", "sources", "bans"]);
    let has_advisories = advisory_database().is_some();
    if has_advisories {
        deny.arg("advisories");
    }
    call::run(
        &mut deny,
        "take the dependency out, or allow it in src-tauri/deny.toml with a reason",
    )?;
    Ok((!has_advisories).then_some("advisories of crates (no local database; `cargo deny fetch db` makes one)"))
}

/// From "cargo-deny 0.20.2".
fn version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().strip_prefix("cargo-deny ")?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn advisory_database() -> Option<PathBuf> {
    let home = match std::env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => Path::new(&std::env::var_os("HOME")?).join(".cargo"),
    };
    let databases = home.join("advisory-dbs");
    fs::read_dir(&databases).ok()?.next().is_some().then_some(databases)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_and_an_old_one_is_too_old() {
        assert_eq!(version("cargo-deny 0.20.2\n"), Some((0, 20)));
        assert!(version("cargo-deny 0.14.2").is_some_and(|found| found < OLDEST));
        assert!(version("cargo-deny 1.0.0").is_some_and(|found| found >= OLDEST));
        assert_eq!(version("cargo 1.95.0"), None);
    }
}
