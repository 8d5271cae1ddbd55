//! A copy of the whole vault that is tried before it is called a backup.
//!
//! The copy is a vault itself: the same keys, the same passphrases; to restore it is to open it.

use domain::Phase;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::numbers::Copied;
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use crate::database::{self, Existing};
use crate::disk;
use crate::error::{Error, Result, io};
use crate::files::{FileId, lost_paths};
use crate::layout::{database_path, files_path, manifest_path};
use crate::vault::Vault;

/// What was copied, after the copy was found sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupReport {
    pub folder: PathBuf,
    pub copied: Copied,
}

type Counts = BTreeMap<String, i64>;

impl Vault {
    /// Copies the vault into the new folder `target`, then opens the copy and reads all of it. The
    /// folder has its name only after that. Others may go on writing: the copy is of one moment.
    /// `watch` sees the phase, what is done and what is to do, and stops the work by `false`.
    ///
    /// # Errors
    /// `vault_read_only`, `vault_exists` when the folder is there, `backup_unsound` when the copy is not what was
    /// copied, `canceled`, `disk_full`, `io`; after each of them nothing of the copy is left.
    pub fn back_up(&self, target: &Path, watch: &mut dyn FnMut(Phase, u64, u64) -> bool) -> Result<BackupReport> {
        if target.exists() {
            return Err(Error::FolderNotEmpty(target.to_owned()));
        }
        let name = target.file_name().map(|name| name.to_string_lossy().into_owned());
        let partial = target.with_file_name(format!("{}.partial", name.unwrap_or_default()));
        if partial.exists() {
            return Err(Error::FolderNotEmpty(partial));
        }
        self.require_writable()?;
        let copied = self.copy_to(&partial, watch).and_then(|(report, counts)| {
            self.try_copy(&partial, &counts, watch)?;
            fs::rename(&partial, target).map_err(io(format!("name the folder {}", target.display())))?;
            disk::sync_folder(target.parent().unwrap_or(Path::new(".")))?;
            Ok(BackupReport {
                folder: target.to_owned(),
                ..report
            })
        });
        if copied.is_err() {
            // The first error is the one to tell.
            let _ = fs::remove_dir_all(&partial);
        }
        copied
    }

    fn copy_to(&self, folder: &Path, watch: &mut dyn FnMut(Phase, u64, u64) -> bool) -> Result<(BackupReport, Counts)> {
        proceed(watch(Phase::Copying, 0, 0))?;
        disk::create_private_folder(&files_path(folder))?;
        // The anchor first: the rows that follow it are in the database, whoever else writes.
        let mut bytes = 0;
        match copy_file(&self.folder.join("audit.anchor"), &folder.join("audit.anchor")) {
            Err(Error::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {}
            copied => bytes += copied?,
        }
        let (counts, referenced) = self.copy_database(&database_path(folder))?;
        let total = referenced.len() as u64;
        for (done, id) in (0..).zip(&referenced) {
            proceed(watch(Phase::Copying, done, total))?;
            let to = id.path_in(folder);
            disk::create_private_folder(to.parent().unwrap_or(folder))?;
            bytes += match copy_file(&id.found_in(&self.folder), &to) {
                Err(Error::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {
                    return Err(Error::VaultDamaged(format!("its file {id} is missing")));
                }
                copied => copied?,
            };
        }
        bytes += self.copy_lost(folder)?;
        proceed(watch(Phase::Copying, total, total))?;
        for shelf in crate::files::sorted_entries(&files_path(folder))? {
            disk::sync_folder(&files_path(folder).join(shelf))?;
        }
        disk::sync_folder(&files_path(folder))?;
        // Last: without it the folder is no vault.
        bytes += copy_file(&manifest_path(&self.folder), &manifest_path(folder))?;
        disk::sync_folder(folder)?;
        let database = database_path(folder);
        bytes += fs::metadata(&database)
            .map_err(io(format!("read {}", database.display())))?
            .len();
        let report = BackupReport {
            folder: folder.to_owned(),
            copied: Copied {
                files: total,
                bytes,
                studies: counts.get("study").copied().unwrap_or_default().unsigned_abs(),
            },
        };
        Ok((report, counts))
    }

    /// Files that no row refers to may be all that is left of newer records.
    fn copy_lost(&self, folder: &Path) -> Result<u64> {
        let mut bytes = 0;
        for from in lost_paths(&self.folder)? {
            let to = folder.join(from.strip_prefix(&self.folder).unwrap_or(&from));
            disk::create_private_folder(to.parent().unwrap_or(folder))?;
            bytes += match copy_file(&from, &to) {
                // A sweep or an import took it back to its shelf.
                Err(Error::Io { source, .. }) if source.kind() == ErrorKind::NotFound => 0,
                copied => copied?,
            };
        }
        Ok(bytes)
    }

    /// The database as it stands at one moment: rows of each table, and the files that they name.
    fn copy_database(&self, path: &Path) -> Result<(Counts, Vec<FileId>)> {
        let moment = self.connection.unchecked_transaction()?;
        let counts = counts(&moment)?;
        let mut copy = database::connect(path, &self.keys, Existing::Created)?;
        let backup = Backup::new(&moment, &mut copy)?;
        match backup.step(-1)? {
            StepResult::Done => {}
            _ => return Err(Error::VaultBusy),
        }
        drop(backup);
        let files = self.referenced_files()?;
        let files = files.iter().map(|id| FileId::parse(id)).collect::<Result<_>>()?;
        drop(moment);
        copy.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok((counts, files))
    }

    /// The drill: the copy is opened as a restored vault would be, and all of it is read.
    fn try_copy(&self, folder: &Path, counts: &Counts, watch: &mut dyn FnMut(Phase, u64, u64) -> bool) -> Result<()> {
        let faults = self.faults_of_copy(folder, Some(counts), watch)?;
        match faults.first() {
            None => Ok(()),
            Some(first) => Err(Error::BackupUnsound {
                folder: folder.to_owned(),
                what: first.clone(),
            }),
        }
    }

    /// One sentence for each thing in a copy of this vault that is not as it was written.
    pub(crate) fn faults_of_copy(
        &self,
        folder: &Path,
        expected: Option<&Counts>,
        watch: &mut dyn FnMut(Phase, u64, u64) -> bool,
    ) -> Result<Vec<String>> {
        let original = fs::read(manifest_path(&self.folder)).map_err(io("read vault.json"))?;
        let copied = fs::read(manifest_path(folder)).map_err(io("read the copy of vault.json"))?;
        if original != copied {
            return Ok(vec!["vault.json is not the one of this vault".to_owned()]);
        }
        let copy = match Vault::connect(folder, Arc::clone(&self.keys)) {
            Ok(copy) => copy,
            Err(Error::VaultDamaged(what)) => return Ok(vec![what]),
            Err(error) => return Err(error),
        };
        let mut faults = copy
            .check_watched(&mut |done, total| watch(Phase::Checking, done, total))?
            .faults;
        if faults.is_empty()
            && let Some(expected) = expected
        {
            let found = self::counts(&copy.connection)?;
            let differing = expected.iter().filter(|(table, rows)| found.get(*table) != Some(rows));
            faults.extend(differing.map(|(table, rows)| {
                let there = found.get(table).copied().unwrap_or_default();
                format!("the table {table} has {there} rows where {rows} were copied")
            }));
        }
        Ok(faults)
    }
}

fn proceed(go_on: bool) -> Result<()> {
    if go_on { Ok(()) } else { Err(Error::Canceled) }
}

/// Rows of every table.
fn counts(connection: &Connection) -> Result<Counts> {
    let mut names = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")?;
    let names = names
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<String>>>()?;
    names
        .into_iter()
        .map(|name| {
            let count = format!("SELECT count(*) FROM \"{name}\"");
            let rows = connection.query_row(&count, [], |row| row.get(0))?;
            Ok((name, rows))
        })
        .collect()
}

/// Gives the number of bytes, on the disk.
fn copy_file(from: &Path, to: &Path) -> Result<u64> {
    let action = || format!("copy {} to {}", from.display(), to.display());
    let mut source = fs::File::open(from).map_err(io(action()))?;
    let mut copy = disk::create_private(to).map_err(io(action()))?;
    let bytes = std::io::copy(&mut source, &mut copy).map_err(io(action()))?;
    copy.sync_all().map_err(io(action()))?;
    Ok(bytes)
}
