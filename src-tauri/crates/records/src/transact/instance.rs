//! Instances with their series, study and patient.

use domain::identity::{Differs, differing};
use domain::{Header, ImageFacts, Uid};
use rusqlite::{OptionalExtension, params};
use serde_json::{Value, json};

use super::{Tx, or_signed};
use crate::database::sql;
use crate::error::{Error, Result};
use crate::files::StoredFile;
use crate::{hex, words};

/// Where an instance lies in the records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inserted {
    /// `false` when the same content was there already; the UIDs are then those it is stored under.
    pub new: bool,
    pub study_instance_uid: Uid,
    pub series_instance_uid: Uid,
    pub sop_instance_uid: Uid,
}

impl Inserted {
    fn as_new(header: &Header) -> Self {
        Self {
            new: true,
            study_instance_uid: header.study.study_instance_uid.clone(),
            series_instance_uid: header.series.series_instance_uid.clone(),
            sop_instance_uid: header.instance.sop_instance_uid.clone(),
        }
    }
}

fn json_of(header: &Header) -> Result<String> {
    let uid = &header.instance.sop_instance_uid;
    serde_json::to_string(header)
        .map_err(|_| Error::Invalid(format!("the header of instance {uid} cannot be written as JSON")))
}

impl Tx<'_> {
    /// Adds an instance, and its series, study and patient where they are new. Content that is
    /// there already is recognised by `content_sha256` (hexadecimal) and not added again. An instance that came
    /// without its image is replaced by the one that brings it; the audit then names what went.
    ///
    /// # Errors
    /// `uid_conflict`, which names the field, when the SOP Instance UID is there with other content, the series in
    /// another study or the study with another patient ID or issuer; `study_signed`. What has to be filed under other
    /// UIDs, [`Tx::other_person`], [`Tx::other_series`] and [`Tx::other_instance`] say before.
    pub fn insert_instance(
        &mut self,
        header: &Header,
        content_sha256: &str,
        file: &StoredFile,
        original_file_name: Option<&str>,
    ) -> Result<Inserted> {
        if hex::decode::<32>(content_sha256).is_none() {
            return Err(Error::Invalid("a content sha256 is 64 hexadecimal digits".to_owned()));
        }
        if let Some(known) = self.instance_of_content(content_sha256)? {
            self.touched.insert(known.study_instance_uid.clone());
            self.count("instances_known");
            return Ok(known);
        }
        let uid = &header.instance.sop_instance_uid;
        if let Some(row) = self.without_picture(header)? {
            return self.complete(row, header, content_sha256, file, original_file_name);
        }
        if let Some(there) = self.header_of_instance(uid)? {
            return Err(Error::UidConflict {
                what: "SOP Instance UID",
                uid: uid.clone(),
                field: differing(&there, header),
            });
        }
        let study = self.study_of(header)?;
        let series = self.series_of(header, study)?;
        let header_json = json_of(header)?;
        let inserted = self
            .connection
            .prepare_cached(sql!("insert_instance"))?
            .execute(params![
                uid.as_str(),
                series,
                header.instance.number,
                header_json,
                content_sha256,
                file.id.as_str(),
                words::signed(file.bytes)?,
                original_file_name,
                self.now.0,
                self.actor.user,
            ]);
        or_signed(inserted, &header.study.study_instance_uid)?;
        self.changed(study, &header.study.study_instance_uid);
        self.count("instances_new");
        Ok(Inserted::as_new(header))
    }

    /// Keeps what a file says of its images beyond its header, for an instance that was just added.
    ///
    /// # Errors
    /// Those of the database; `study_signed`.
    pub fn note_planes(&mut self, added: &Inserted, facts: &ImageFacts) -> Result<()> {
        // Also where there is nothing to say, which older rows do not tell from what was not kept.
        self.set_facts(&added.study_instance_uid, &added.sop_instance_uid, facts)
    }

    /// Keeps what is known of the images of an instance of a study beyond its header in place of what was.
    ///
    /// # Errors
    /// Those of the database; `study_signed`.
    pub fn set_facts(&mut self, study: &Uid, uid: &Uid, facts: &ImageFacts) -> Result<()> {
        let light = facts.without_bulk();
        let text = serde_json::to_string(&light)
            .map_err(|_| Error::Invalid(format!("the facts of instance {uid} cannot be written as JSON")))?;
        let noted = self
            .connection
            .prepare_cached(sql!("note_planes"))?
            .execute(params![uid.as_str(), text]);
        or_signed(noted, study)?;
        // What was refused before a person stated it counts no more.
        self.changed(self.study_row(study)?, study);
        Ok(())
    }

    /// The row and the content of the instance that came without an image and that `header` completes.
    fn without_picture(&self, header: &Header) -> Result<Option<(i64, String)>> {
        if !header.holds_picture() {
            return Ok(None);
        }
        let mut find = self.connection.prepare_cached(sql!("find_instance_without_picture"))?;
        let uids = [
            &header.instance.sop_instance_uid,
            &header.series.series_instance_uid,
            &header.study.study_instance_uid,
        ];
        let found = find.query_row(uids.map(Uid::as_str), |row| Ok((row.get(0)?, row.get(1)?)));
        Ok(found.optional()?)
    }

    fn complete(
        &mut self,
        (row, content_before): (i64, String),
        header: &Header,
        content_sha256: &str,
        file: &StoredFile,
        original_file_name: Option<&str>,
    ) -> Result<Inserted> {
        let study = self.study_of(header)?;
        let completed = self
            .connection
            .prepare_cached(sql!("complete_instance"))?
            .execute(params![
                row,
                header.instance.number,
                json_of(header)?,
                content_sha256,
                file.id.as_str(),
                words::signed(file.bytes)?,
                original_file_name,
                self.now.0,
                self.actor.user,
            ]);
        or_signed(completed, &header.study.study_instance_uid)?;
        self.changed(study, &header.study.study_instance_uid);
        let gone = json!({
            "sop_instance_uid": header.instance.sop_instance_uid.as_str(),
            "content_sha256": content_before,
        });
        match self.detail.get_mut("instances_completed") {
            Some(Value::Array(earlier)) => earlier.push(gone),
            _ => self.note("instances_completed", vec![gone]),
        }
        Ok(Inserted::as_new(header))
    }

    fn instance_of_content(&self, content_sha256: &str) -> Result<Option<Inserted>> {
        let mut statement = self.connection.prepare_cached(sql!("find_instance_by_content"))?;
        let found = statement.query_row([content_sha256], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        let Some((study, series, sop)) = found.optional()? else {
            return Ok(None);
        };
        let [study, series, sop]: [String; 3] = [study, series, sop];
        Ok(Some(Inserted {
            new: false,
            study_instance_uid: words::uid(&study)?,
            series_instance_uid: words::uid(&series)?,
            sop_instance_uid: words::uid(&sop)?,
        }))
    }

    fn study_of(&mut self, header: &Header) -> Result<i64> {
        let (study, patient) = (&header.study, &header.patient);
        let uid = &study.study_instance_uid;
        if let Some((row, there)) = self.find_study(uid)? {
            match self.apart(row, &there, patient)? {
                // One study of two patients: somebody's images would be filed under another name.
                Some(field @ (Differs::PatientId | Differs::Issuer)) => {
                    return Err(Error::UidConflict {
                        what: "Study Instance UID",
                        uid: uid.clone(),
                        field: field.in_words(),
                    });
                }
                _ => return Ok(row),
            }
        }
        let patient_row = self.patient_of(patient)?;
        self.connection.prepare_cached(sql!("insert_study"))?.execute(params![
            uid.as_str(),
            patient_row,
            study.date,
            study.time,
            study.accession_number,
            study.description,
            study.referring_physician,
            study.patient_age,
            self.now.0,
        ])?;
        self.count("studies_new");
        Ok(self.connection.last_insert_rowid())
    }

    fn series_of(&self, header: &Header, study: i64) -> Result<i64> {
        let series = &header.series;
        let uid = &series.series_instance_uid;
        let found: Option<(i64, i64)> = self
            .connection
            .prepare_cached(sql!("find_series"))?
            .query_row([uid.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        match found {
            Some((row, of_study)) if of_study == study => return Ok(row),
            Some(_) => {
                return Err(Error::UidConflict {
                    what: "Series Instance UID",
                    uid: uid.clone(),
                    field: "Study Instance UID",
                });
            }
            None => {}
        }
        let inserted = self.connection.prepare_cached(sql!("insert_series"))?.execute(params![
            uid.as_str(),
            study,
            series.modality,
            series.number,
            series.description,
            series.protocol_name,
            series.body_part_examined,
            series.view_position,
            series.manufacturer,
        ]);
        or_signed(inserted, &header.study.study_instance_uid)?;
        Ok(self.connection.last_insert_rowid())
    }
}
