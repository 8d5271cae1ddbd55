//! What left the vault.

use domain::{ReportFormat, Uid};
use rusqlite::params;

use super::Tx;
use crate::database::sql;
use crate::error::Result;

impl Tx<'_> {
    /// Remembers that a report of a study was written, by its format and the sha256 (hexadecimal)
    /// of its bytes.
    pub fn record_export(&mut self, study_instance_uid: &Uid, format: ReportFormat, sha256: &str) -> Result<()> {
        let study = self.study_row(study_instance_uid)?;
        let mut insert = self.connection.prepare_cached(sql!("insert_report_export"))?;
        insert.execute(params![study, format.as_str(), sha256, self.now.0, self.actor.user])?;
        self.touched.insert(study_instance_uid.clone());
        self.note("format", format.as_str());
        self.note("sha256", sha256);
        Ok(())
    }
}
