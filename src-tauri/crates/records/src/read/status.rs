//! What is in the vault, in numbers.

use std::fs;

use domain::{RecordCounts, VaultNumbers, VaultVersions};

use crate::database::{self, sql};
use crate::error::{Result, io};
use crate::files::{shelves, sorted_entries};
use crate::layout::{FORMAT_VERSION, database_path, files_path};
use crate::vault::Vault;
use crate::words;

impl Vault {
    pub fn status(&self) -> Result<VaultNumbers> {
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
        Ok(VaultNumbers {
            versions: VaultVersions {
                format_version: FORMAT_VERSION,
                schema_version: database::schema_version(&self.connection)?,
                cipher: format!("SQLCipher {sqlcipher}; XChaCha20-Poly1305"),
            },
            counts: RecordCounts {
                patients: patients?,
                studies: studies?,
                instances: instances?,
                analyses: analyses?,
                findings: Some(findings?),
                reviews: reviews?,
                audit_rows: audit_rows?,
            },
            file_bytes: self.file_bytes()?,
            lost: self.lost_files()?,
            read_only: self.read_only()?,
            database_bytes,
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
