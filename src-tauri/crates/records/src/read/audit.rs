//! The audit as a person reads it.

use crate::audit::{self, AuditRow, AuditVerdict, StoredRow};
use crate::database::sql;
use crate::error::Result;
use crate::vault::Vault;
use crate::words;

impl Vault {
    /// Up to `limit` rows after the row numbered `after`, oldest first.
    pub fn audit_rows(&self, after: u64, limit: u32) -> Result<Vec<AuditRow>> {
        let mut statement = self.connection.prepare_cached(sql!("list_audit"))?;
        let mut rows = statement.query((words::signed(after)?, limit))?;
        let mut audit = Vec::new();
        while let Some(row) = rows.next()? {
            audit.push(StoredRow::read(row)?.to_owned()?);
        }
        Ok(audit)
    }

    /// Walks the whole chain and compares its end with the anchor. What is wrong is the answer, not
    /// an error.
    pub fn verify_audit(&self) -> Result<AuditVerdict> {
        let connection = self.connection.unchecked_transaction()?;
        audit::verify(&connection, &self.anchor)
    }
}
