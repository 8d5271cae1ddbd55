//! Files that no row refers to: what a crash left between storing a file and its row, or what belongs
//! to newer records than these. None is deleted; they lie in `files/lost` until a row refers to them
//! again.

use domain::LostFiles;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use super::FileId;
use crate::audit::AuditVerdict;
use crate::database::sql;
use crate::disk;
use crate::error::{Result, io};
use crate::layout::files_path;
use crate::vault::Vault;

/// Name of the folder within `files`.
const LOST: &str = "lost";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct SweptFiles {
    /// Whole files without a row, moved to `files/lost`.
    pub set_aside: u64,
    /// Files that lay in `files/lost` and to which a row refers.
    pub brought_back: u64,
    /// Half-written files, removed.
    pub unfinished: u64,
}

impl Vault {
    /// Moves whole files without a row to `files/lost`, brings back those that have one again, and
    /// removes half-written ones. Files that another handle or program is storing at this moment are
    /// safe: as long as anyone else has the vault open this answers `vault_busy`. Nothing moves unless
    /// the whole audit chain stands, for records that do not say what is known say nothing of what is
    /// loose.
    ///
    /// # Errors
    /// `vault_busy`, `vault_read_only`, `io`.
    pub fn set_loose_files_aside(&mut self) -> Result<SweptFiles> {
        self.lock.alone(Duration::ZERO, || {
            self.require_writable()?;
            let referenced = self.referenced_files()?;
            let folder = files_path(&self.folder);
            let unfinished = disk::remove_unfinished(&folder)? + disk::remove_unfinished(&self.folder)?;
            let brought_back = self.bring_back(&referenced)?;
            let loose = loose_files(&folder, &referenced)?;
            if loose.is_empty() {
                return Ok(SweptFiles {
                    set_aside: 0,
                    brought_back,
                    unfinished,
                });
            }
            if !matches!(self.verify_audit()?, AuditVerdict::Intact { .. }) {
                tracing::warn!("files without a row stay where they are: the audit is not as it was written");
                return Ok(SweptFiles {
                    set_aside: 0,
                    brought_back,
                    unfinished,
                });
            }
            set_aside(&loose, &folder.join(LOST))?;
            Ok(SweptFiles {
                set_aside: loose.len() as u64,
                brought_back,
                unfinished,
            })
        })
    }

    /// What lies in `files/lost`.
    pub fn lost_files(&self) -> Result<LostFiles> {
        let mut lost = LostFiles::default();
        for path in lost_paths(&self.folder)? {
            lost.files += 1;
            lost.bytes += fs::metadata(&path)
                .map_err(io(format!("read {}", path.display())))?
                .len();
        }
        Ok(lost)
    }

    /// Paths of what lies in `files/lost`, within the vault and in order.
    pub fn lost_files_by_name(&self) -> Result<Vec<PathBuf>> {
        let paths = lost_paths(&self.folder)?;
        let within = |path: &PathBuf| path.strip_prefix(&self.folder).unwrap_or(path).to_owned();
        Ok(paths.iter().map(within).collect())
    }

    pub(crate) fn referenced_files(&self) -> Result<BTreeSet<String>> {
        let mut statement = self.connection.prepare_cached(sql!("list_referenced_files"))?;
        let files = statement.query_map([], |row| row.get(0))?;
        Ok(files.collect::<rusqlite::Result<_>>()?)
    }

    fn bring_back(&self, referenced: &BTreeSet<String>) -> Result<u64> {
        let mut brought_back = 0;
        for path in lost_paths(&self.folder)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !referenced.contains(&name) {
                continue;
            }
            let id = FileId::parse(&name)?;
            if !id.path_in(&self.folder).exists() {
                id.bring_back(&self.folder)?;
                brought_back += 1;
            }
        }
        Ok(brought_back)
    }
}

impl FileId {
    /// `files/lost/abcd…`
    pub(super) fn lost_path_in(&self, vault: &Path) -> PathBuf {
        files_path(vault).join(LOST).join(&self.0)
    }

    /// Where the file is to be read: among the lost ones as long as the sweep has not brought it back.
    pub(crate) fn found_in(&self, vault: &Path) -> PathBuf {
        let (shelved, lost) = (self.path_in(vault), self.lost_path_in(vault));
        if !shelved.exists() && lost.exists() {
            lost
        } else {
            shelved
        }
    }

    /// From `files/lost` to its shelf.
    pub(super) fn bring_back(&self, vault: &Path) -> Result<()> {
        let (from, to) = (self.lost_path_in(vault), self.path_in(vault));
        self.make_shelf(vault)?;
        rename(&from, &to)?;
        disk::sync_folder(&files_path(vault).join(LOST))?;
        disk::sync_folder(to.parent().unwrap_or(vault))
    }
}

/// Whole files in `files/lost`, also those that a second one of the same name stands beside.
pub(crate) fn lost_paths(vault: &Path) -> Result<Vec<PathBuf>> {
    let folder = files_path(vault).join(LOST);
    Ok(sorted_entries(&folder)?.iter().map(|name| folder.join(name)).collect())
}

/// Shelves are named by the first two digits of what stands on them.
pub(crate) fn shelves(files: &Path) -> Result<Vec<PathBuf>> {
    let names = sorted_entries(files)?;
    Ok(names
        .iter()
        .filter(|name| *name != LOST)
        .map(|name| files.join(name))
        .collect())
}

fn loose_files(files: &Path, referenced: &BTreeSet<String>) -> Result<Vec<PathBuf>> {
    let mut loose = Vec::new();
    for shelf in shelves(files)? {
        // A name that is no file id is not ours to move.
        let names = sorted_entries(&shelf)?;
        let unknown = |name: &&String| FileId::parse(name).is_ok() && !referenced.contains(*name);
        loose.extend(names.iter().filter(unknown).map(|name| shelf.join(name)));
    }
    Ok(loose)
}

fn set_aside(loose: &[PathBuf], lost: &Path) -> Result<()> {
    disk::create_private_folder(lost)?;
    disk::sync_folder(lost.parent().unwrap_or(lost))?;
    for path in loose {
        rename(path, &free_name(lost, path))?;
    }
    disk::sync_folder(lost)?;
    loose
        .iter()
        .filter_map(|path| path.parent())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .try_for_each(disk::sync_folder)
}

/// A file of the same name that lies there already keeps it: one of the two may be damaged.
fn free_name(lost: &Path, path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default();
    let mut free = lost.join(name);
    let mut number = 2;
    while free.exists() {
        free = lost.join(format!("{}-{number}", name.to_string_lossy()));
        number += 1;
    }
    free
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).map_err(io(format!("move {} to {}", from.display(), to.display())))
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
