//! Failed attempts to open the vault. There is no key at that moment, so they wait in a plain file
//! and enter the audit at the next successful opening.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use domain::Timestamp;
use serde::{Deserialize, Serialize};

use crate::disk;
use crate::error::{Error, Result, io};

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
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let action = || format!("write {}", path.display());
    let mut file = options.open(&path).map_err(io(action()))?;
    if file.metadata().map_err(io(action()))?.len() > MOST_BYTES {
        return Ok(());
    }
    let line = serde_json::to_string(failure).map_err(|_| Error::Invalid("a failed login".to_owned()))?;
    // The line before it may have been torn.
    file.write_all(format!("\n{line}\n").as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(io(action()))?;
    disk::sync_folder(folder)
}

/// What was remembered, oldest first. A torn line, left by a crash, is passed over.
pub(crate) fn remembered(folder: &Path) -> Result<Vec<Failure>> {
    let path = path(folder);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(io(format!("read {}", path.display()))(error)),
    }
}

/// Only after the audit holds them.
pub(crate) fn forget(folder: &Path) -> Result<()> {
    let path = path(folder);
    match fs::remove_file(&path) {
        Ok(()) => disk::sync_folder(folder),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(io(format!("remove {}", path.display()))(error)),
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join("authentication-failures.jsonl")
}
