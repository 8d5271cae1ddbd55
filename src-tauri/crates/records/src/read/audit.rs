//! The audit as a person reads it.

use domain::AuditRow;

use crate::audit::{self, AuditVerdict, StoredRow};
use crate::database::sql;
use crate::error::Result;
use crate::fold::fold;
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

    /// Up to `limit` rows before the row numbered `before` (the newest when `None`), newest first,
    /// in which every word of `find` occurs: in user, event, operation, subject or detail.
    pub fn find_audit_rows(&self, find: &str, before: Option<u64>, limit: usize) -> Result<Vec<AuditRow>> {
        let before = before.map_or(Ok(i64::MAX), words::signed)?;
        let find = fold(find);
        let wanted: Vec<&str> = find.split(' ').filter(|word| !word.is_empty()).collect();
        let mut statement = self.connection.prepare_cached(sql!("list_audit_newest_first"))?;
        let mut rows = statement.query([before])?;
        let mut audit = Vec::new();
        while audit.len() < limit
            && let Some(row) = rows.next()?
        {
            let row = StoredRow::read(row)?.to_owned()?;
            let detail = &row.detail;
            let subject = row.deed.subject.as_deref().unwrap_or_default();
            let words = fold(&[&row.deed.user, &row.deed.event, &row.deed.op, subject, detail].join(" "));
            if wanted.iter().all(|word| words.contains(word)) {
                audit.push(row);
            }
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
