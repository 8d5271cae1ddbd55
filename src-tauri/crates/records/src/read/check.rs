//! Looking at every byte of the vault.

use serde::Serialize;

use crate::audit::AuditVerdict;
use crate::error::{Error, Result};
use crate::files::FileId;
use crate::vault::Vault;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// Vault files that rows refer to, all of them read.
    pub files: u64,
    /// `None` when the database could not be read for it.
    pub audit: Option<AuditVerdict>,
    /// One sentence for each thing that is not as it was written; empty when the vault is sound.
    pub faults: Vec<String>,
}

impl Vault {
    /// Reads the whole database (SQLCipher's page seals, SQLite's structure, foreign keys), every
    /// vault file and the audit chain. Takes as long as the disk needs.
    pub fn check(&self) -> Result<CheckReport> {
        self.check_watched(&mut |_, _| true)
    }

    /// As [`Vault::check`]; `watch` sees how many files were read of how many, and stops it by `false`.
    pub(crate) fn check_watched(&self, watch: &mut dyn FnMut(u64, u64) -> bool) -> Result<CheckReport> {
        let mut faults = Vec::new();
        for pragma in ["cipher_integrity_check", "integrity_check", "foreign_key_check"] {
            match self.pragma_rows(pragma) {
                Ok(rows) => faults.extend(rows.into_iter().map(|row| format!("database, {pragma}: {row}"))),
                Err(Error::VaultDamaged(what)) => faults.push(format!("database, {pragma}: {what}")),
                Err(error) => return Err(error),
            }
        }
        let audit = match self.verify_audit() {
            Ok(verdict) => Some(verdict),
            Err(Error::VaultDamaged(what)) => {
                faults.push(format!("database, audit: {what}"));
                None
            }
            Err(error) => return Err(error),
        };
        if !faults.is_empty() {
            // What a damaged database says of its files is not to be relied on.
            return Ok(CheckReport {
                files: 0,
                audit,
                faults,
            });
        }
        let referenced = self.referenced_files()?;
        for (done, id) in (0..).zip(&referenced) {
            if !watch(done, referenced.len() as u64) {
                return Err(Error::Canceled);
            }
            match FileId::parse(id).and_then(|id| self.read_file(&id)) {
                Ok(_) => {}
                Err(error @ (Error::VaultDamaged(_) | Error::Invalid(_))) => faults.push(error.to_string()),
                Err(error) => return Err(error),
            }
        }
        if !matches!(audit, Some(AuditVerdict::Intact { .. })) {
            faults.push("the audit chain is not as it was written".to_owned());
        }
        Ok(CheckReport {
            files: referenced.len() as u64,
            audit,
            faults,
        })
    }

    fn pragma_rows(&self, pragma: &str) -> Result<Vec<String>> {
        let mut statement = self.connection.prepare(&format!("PRAGMA {pragma}"))?;
        let mut rows = statement.query([])?;
        let mut faults = Vec::new();
        while let Some(row) = rows.next()? {
            let said: String = row.get::<_, rusqlite::types::Value>(0).map(|value| match value {
                rusqlite::types::Value::Text(text) => text,
                other => format!("{other:?}"),
            })?;
            if said != "ok" {
                faults.push(said);
            }
        }
        Ok(faults)
    }
}
