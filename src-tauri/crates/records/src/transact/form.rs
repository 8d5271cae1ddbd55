//! The reader's own words: report form, annotations, opinion.

use domain::{Annotation, FailureCode, FormText, Opinion, Uid};
use rusqlite::{OptionalExtension, params};

use super::{Tx, or_signed};
use crate::database::sql;
use crate::error::{Error, Result};

impl Tx<'_> {
    /// Writes the form in place of the one before.
    ///
    /// # Errors
    /// `not_found`, `study_signed`.
    pub fn save_form(&mut self, study_instance_uid: &Uid, form: &FormText) -> Result<()> {
        let study = self.study_row(study_instance_uid)?;
        for key in &form.key_images {
            self.require_in_study(&key.sop_instance_uid, study, study_instance_uid)?;
        }
        let saved = self
            .connection
            .prepare_cached(sql!("upsert_report_form"))?
            .execute(params![
                study,
                form.indication,
                form.technique,
                form.findings,
                form.conclusion,
                form.recommendation,
                json(&form.key_images)?,
                self.now.0,
                self.actor.user,
            ]);
        or_signed(saved, study_instance_uid)?;
        self.changed(study, study_instance_uid);
        Ok(())
    }

    /// Adds an annotation, or replaces it when its id is there; a removed one comes back.
    ///
    /// # Errors
    /// `not_found` for the study or an instance outside it, `study_signed`, `invalid_record` when
    /// the id belongs to another study.
    pub fn save_annotation(&mut self, study_instance_uid: &Uid, annotation: &Annotation) -> Result<()> {
        let study = self.study_row(study_instance_uid)?;
        let instance = self.require_in_study(&annotation.sop_instance_uid, study, study_instance_uid)?;
        if let Some((of_study, _)) = self.annotation_row(&annotation.id)?
            && of_study != study
        {
            return Err(Error::Invalid(format!(
                "annotation {} belongs to another study",
                annotation.id
            )));
        }
        let saved = self
            .connection
            .prepare_cached(sql!("upsert_annotation"))?
            .execute(params![
                annotation.id,
                study,
                instance,
                annotation.frame,
                annotation.kind.as_str(),
                json(&annotation.points)?,
                annotation.text,
                json(&annotation.measured)?,
                self.now.0,
                self.actor.user,
            ]);
        or_signed(saved, study_instance_uid)?;
        self.changed(study, study_instance_uid);
        self.note("annotation", annotation.id.as_str());
        self.note("kind", annotation.kind.as_str());
        Ok(())
    }

    /// Takes an annotation off its image; its row stays.
    ///
    /// # Errors
    /// `not_found` when the study has no such annotation, `study_signed`.
    pub fn remove_annotation(&mut self, study_instance_uid: &Uid, id: &str) -> Result<()> {
        let study = self.study_row(study_instance_uid)?;
        match self.annotation_row(id)? {
            Some((of_study, false)) if of_study == study => {}
            _ => return Err(Error::not_found("annotation", id)),
        }
        let mut remove = self.connection.prepare_cached(sql!("remove_annotation"))?;
        let removed = remove.execute(params![id, self.now.0, self.actor.user]);
        or_signed(removed, study_instance_uid)?;
        self.changed(study, study_instance_uid);
        self.note("annotation", id);
        self.note("removed", true);
        Ok(())
    }

    /// Remembers when the signed-in reader first saw a study without the model's answer.
    pub fn open_reading(&mut self, study_instance_uid: &Uid) -> Result<()> {
        let study = self.study_row(study_instance_uid)?;
        let mut insert = self.connection.prepare_cached(sql!("insert_reading"))?;
        let inserted = insert.execute(params![self.actor.user, study, self.now.0]);
        or_signed(inserted, study_instance_uid)?;
        self.touched.insert(study_instance_uid.clone());
        Ok(())
    }

    /// The signed-in reader's own opinion. It stands as it was given.
    ///
    /// # Errors
    /// `not_found`, `study_signed`, `invalid_record` when the reader has given one before.
    pub fn commit_opinion(&mut self, study_instance_uid: &Uid, opinion: Opinion, note: Option<&str>) -> Result<()> {
        self.open_reading(study_instance_uid)?;
        let study = self.study_row(study_instance_uid)?;
        let mut commit = self.connection.prepare_cached(sql!("commit_reading"))?;
        let committed = commit.execute(params![self.actor.user, study, opinion.as_str(), note, self.now.0]);
        match committed {
            Err(rusqlite::Error::SqliteFailure(_, Some(said))) if said == FailureCode::OpinionGiven.as_str() => {
                return Err(Error::Invalid(format!(
                    "a second opinion of '{}' on study {study_instance_uid}; the first one stands",
                    self.actor.user
                )));
            }
            outcome => or_signed(outcome, study_instance_uid)?,
        };
        self.changed(study, study_instance_uid);
        self.note("opinion", opinion.as_str());
        Ok(())
    }

    /// Row of an instance that must lie in the study.
    fn require_in_study(&self, sop_instance_uid: &Uid, study: i64, study_instance_uid: &Uid) -> Result<i64> {
        let (instance, of_study, _) = self.place_of(sop_instance_uid)?;
        if of_study == study {
            return Ok(instance);
        }
        Err(Error::Invalid(format!(
            "instance {sop_instance_uid} is not one of study {study_instance_uid}"
        )))
    }

    /// Row of its study, and whether it was removed.
    fn annotation_row(&self, id: &str) -> Result<Option<(i64, bool)>> {
        let mut find = self.connection.prepare_cached(sql!("find_annotation"))?;
        Ok(find.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }
}

fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Invalid(format!("it cannot be written as JSON: {error}")))
}
