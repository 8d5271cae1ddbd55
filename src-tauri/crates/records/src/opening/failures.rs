//! Failed attempts to open the vault. There is no key at that moment, so they wait in a plain file
//! and enter the audit at the next successful opening.

use std::fs;
use std::path::{Path, PathBuf};

use domain::Timestamp;
use serde::{Deserialize, Serialize};

use crate::disk;
use crate::error::{Error, Result};

/// Enough for days of guessing; beyond it the count would only fill the disk.
const MOST_BYTES: u64 = 1 << 20;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) at: Timestamp,
    /// `None` when the vault has no such user: people type passphrases into the wrong field.
    pub(crate) user: Option<String>,
}

pub(crate) fn remember(folder: &Path, failure: &Failure) -> Result<()> {
    let path = path(folder);
    if fs::metadata(&path).is_ok_and(|file| file.len() > MOST_BYTES) {
        return Ok(());
    }
    let line = serde_json::to_string(failure).map_err(|_| Error::Invalid("a failed login".to_owned()))?;
    disk::append_line(&path, &line)
}

/// What was remembered, oldest first. A torn line, left by a crash, is passed over.
pub(crate) fn remembered(folder: &Path) -> Result<Vec<Failure>> {
    let lines = disk::read_lines(&path(folder))?;
    Ok(lines
        .iter()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect())
}

/// Only after the audit holds them.
pub(crate) fn forget(folder: &Path) -> Result<()> {
    disk::remove(&path(folder))
}

fn path(folder: &Path) -> PathBuf {
    folder.join("authentication-failures.jsonl")
}
