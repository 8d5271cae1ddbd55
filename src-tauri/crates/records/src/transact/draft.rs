//! What a reader types of a finding before deciding on it.

use std::collections::BTreeMap;

use domain::Uid;
use rusqlite::{OptionalExtension, params};

use super::{Tx, or_signed};
use crate::database::sql;
use crate::error::{Error, Result};
use crate::vault::Vault;
use crate::words;

impl Tx<'_> {
    /// Keeps the signed-in reader's words on a finding in place of earlier ones; none takes them away.
    ///
    /// # Errors
    /// `not_found` when no analysis has the finding, `study_signed`.
    pub fn save_note_draft(&mut self, finding_id: &str, note: Option<&str>) -> Result<()> {
        let mut find = self.connection.prepare_cached(sql!("find_study_of_finding"))?;
        let found: Option<(i64, String)> = find
            .query_row([finding_id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let (study, uid) = found.ok_or_else(|| Error::not_found("finding", finding_id))?;
        let Some(note) = note else {
            return self.delete_note_draft(finding_id);
        };
        let mut save = self.connection.prepare_cached(sql!("upsert_note_draft"))?;
        let saved = save.execute(params![self.actor.user, finding_id, study, note, self.now.0]);
        or_signed(saved, &words::uid(&uid)?)?;
        Ok(())
    }

    pub(super) fn delete_note_draft(&self, finding_id: &str) -> Result<()> {
        let mut delete = self.connection.prepare_cached(sql!("delete_note_draft"))?;
        delete.execute(params![self.actor.user, finding_id])?;
        Ok(())
    }
}

impl Vault {
    /// A reader's own undecided words in a study, by finding.
    pub fn note_drafts(&self, reader: &str, study_instance_uid: &Uid) -> Result<BTreeMap<String, String>> {
        let mut statement = self.connection.prepare_cached(sql!("list_note_drafts_of_study"))?;
        let drafts = statement.query_map([reader, study_instance_uid.as_str()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        Ok(drafts.collect::<rusqlite::Result<_>>()?)
    }
}
