//! The reader's decisions and the signature.

use domain::{Decision, Review, SignOff, Uid};
use rusqlite::{OptionalExtension, params};

use super::{Tx, or_signed};
use crate::database::sql;
use crate::error::{Error, Result};
use crate::words;

impl Tx<'_> {
    /// Adds a decision on a finding; it stands over earlier ones. Gives the finding's study.
    ///
    /// # Errors
    /// `not_found` when no analysis has the finding, `study_signed`, `invalid_record` when the
    /// reader is not the person signed in.
    pub fn insert_review(&mut self, review: &Review) -> Result<Uid> {
        self.require_own("review", &review.reader)?;
        let mut find = self.connection.prepare_cached(sql!("find_study_of_finding"))?;
        let found: Option<(i64, String)> = find
            .query_row([&review.finding_id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let (study, uid) = found.ok_or_else(|| Error::not_found("finding", &review.finding_id))?;
        let uid = words::uid(&uid)?;
        let label = match &review.decision {
            Decision::Changed { label } => Some(label.as_str()),
            Decision::Accepted | Decision::Rejected | Decision::Unsure => None,
        };
        let inserted = self.connection.prepare_cached(sql!("insert_review"))?.execute(params![
            review.finding_id,
            study,
            review.decision.as_str(),
            label,
            review.note,
            review.reader,
            review.decided_at.0,
        ]);
        or_signed(inserted, &uid)?;
        self.delete_note_draft(&review.finding_id)?;
        self.changed(study, &uid);
        self.note("decision", review.decision.as_str());
        Ok(uid)
    }

    /// Signs a study: from now on the database refuses every change of it.
    ///
    /// # Errors
    /// `not_found`, `study_signed` when it is signed already, `invalid_record` when the reader is
    /// not the person signed in.
    pub fn insert_sign_off(&mut self, study_instance_uid: &Uid, sign_off: &SignOff) -> Result<()> {
        self.require_own("signature", &sign_off.reader)?;
        let study = self.study_row(study_instance_uid)?;
        let inserted = self
            .connection
            .prepare_cached(sql!("insert_sign_off"))?
            .execute(params![
                study,
                sign_off.reader,
                sign_off.signed_at.0,
                sign_off.content_sha256,
            ]);
        or_signed(inserted, study_instance_uid)?;
        self.changed(study, study_instance_uid);
        self.note("content_sha256", sign_off.content_sha256.as_str());
        Ok(())
    }
}
