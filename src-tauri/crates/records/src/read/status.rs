//! What is in the vault, in numbers.

use std::fs;

use domain::ReadOnly;
use serde::Serialize;

use crate::database::{self, sql};
use crate::error::{Result, io};
use crate::files::{LostFiles, shelves, sorted_entries};
use crate::layout::{FORMAT_VERSION, database_path, files_path};
use crate::vault::Vault;
use crate::words;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VaultStatus {
    pub format_version: i64,
    pub schema_version: i64,
    pub patients: u64,
    pub studies: u64,
    pub instances: u64,
    pub analyses: u64,
    pub findings: u64,
    pub reviews: u64,
    pub audit_rows: u64,
    /// Of the vault files on disk, encrypted, without the lost ones.
    pub file_bytes: u64,
    /// What lies in `files/lost`.
    pub lost: LostFiles,
    /// Why nothing of the vault may be changed.
    pub read_only: Option<ReadOnly>,
    /// Of the database on disk, without its log.
    pub database_bytes: u64,
    /// Such as `SQLCipher 4.10.0 community; XChaCha20-Poly1305`.
    pub cipher: String,
}

impl Vault {
    pub fn status(&self) -> Result<VaultStatus> {
        let mut statement = self.connection.prepare_cached(sql!("count_records"))?;
        let counts: [i64; 7] = statement.query_row([], |row| {
            let mut counts = [0; 7];
            for (column, count) in counts.iter_mut().enumerate() {
                *count = row.get(column)?;
            }
            Ok(counts)
        })?;
        let [patients, studies, instances, analyses, findings, reviews, audit_rows] = counts.map(words::unsigned);
        let sqlcipher: String = self
            .connection
            .query_row("PRAGMA cipher_version", [], |row| row.get(0))?;
        let database = database_path(&self.folder);
        let database_bytes = fs::metadata(&database)
            .map_err(io(format!("read {}", database.display())))?
            .len();
        Ok(VaultStatus {
            format_version: FORMAT_VERSION,
            schema_version: database::schema_version(&self.connection)?,
            patients: patients?,
            studies: studies?,
            instances: instances?,
            analyses: analyses?,
            findings: findings?,
            reviews: reviews?,
            audit_rows: audit_rows?,
            file_bytes: self.file_bytes()?,
            lost: self.lost_files()?,
            read_only: self.read_only()?,
            database_bytes,
            cipher: format!("SQLCipher {sqlcipher}; XChaCha20-Poly1305"),
        })
    }

    fn file_bytes(&self) -> Result<u64> {
        let mut bytes = 0;
        for shelf in shelves(&files_path(&self.folder))? {
            for name in sorted_entries(&shelf)? {
                let path = shelf.join(&name);
                bytes += fs::metadata(&path)
                    .map_err(io(format!("read {}", path.display())))?
                    .len();
            }
        }
        Ok(bytes)
    }
}
