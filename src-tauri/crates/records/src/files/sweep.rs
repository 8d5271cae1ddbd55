//! Removing files that no row refers to: what a crash left between storing a file and its row.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use super::FileId;
use crate::database::sql;
use crate::disk;
use crate::error::{Result, io};
use crate::vault::{Vault, files_path};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct SweptFiles {
    /// Whole files without a row.
    pub unreferenced: u64,
    /// Half-written files.
    pub unfinished: u64,
}

impl Vault {
    /// Removes what a crash left behind. Files that another handle or program is storing at this
    /// moment are safe: as long as anyone else has the vault open this answers `vault_busy`.
    pub fn remove_unreferenced_files(&mut self) -> Result<SweptFiles> {
        self.lock.alone(Duration::ZERO, || {
            let referenced = self.referenced_files()?;
            let folder = files_path(&self.folder);
            let unfinished = disk::remove_unfinished(&folder)? + disk::remove_unfinished(&self.folder)?;
            let mut swept = SweptFiles {
                unreferenced: 0,
                unfinished,
            };
            for shelf in sorted_entries(&folder)? {
                swept.unreferenced += sweep_shelf(&folder.join(shelf), &referenced)?;
            }
            Ok(swept)
        })
    }

    pub(crate) fn referenced_files(&self) -> Result<BTreeSet<String>> {
        let mut statement = self.connection.prepare_cached(sql!("list_referenced_files"))?;
        let files = statement.query_map([], |row| row.get(0))?;
        Ok(files.collect::<rusqlite::Result<_>>()?)
    }
}

fn sweep_shelf(shelf: &Path, referenced: &BTreeSet<String>) -> Result<u64> {
    let mut removed = 0;
    for name in sorted_entries(shelf)? {
        // A name that is no file id is not ours to remove.
        if FileId::parse(&name).is_ok() && !referenced.contains(&name) {
            fs::remove_file(shelf.join(&name)).map_err(io(format!("remove the vault file {name}")))?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Names in a folder, sorted; none when it is no folder.
pub(crate) fn sorted_entries(folder: &Path) -> Result<Vec<String>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let action = || format!("read the folder {}", folder.display());
    let entries = fs::read_dir(folder).map_err(io(action()))?;
    let mut names = entries
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
        .collect::<std::io::Result<Vec<_>>>()
        .map_err(io(action()))?;
    names.sort();
    Ok(names)
}
