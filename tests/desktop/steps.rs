//! What is done in more than one test.

use std::path::PathBuf;

use overread_tests::{Desk, Found, Outcome, Window, repository};

pub const READER: &str = "Dr. Ágnes Őri";

/// An empty workplace.
pub fn desk(name: &str) -> Outcome<Found<Desk>> {
    Desk::laid_out(env!("CARGO_TARGET_TMPDIR"), &format!("desktop_{name}"))
}

/// Makes the workplace's vault as a new user does.
pub fn create_vault(window: &Window) -> Outcome<PathBuf> {
    let vault = window.desk.folder.join("vault");
    window.create_vault(&vault, READER)?;
    Ok(vault)
}

pub fn samples() -> PathBuf {
    repository().join("sample-data")
}
