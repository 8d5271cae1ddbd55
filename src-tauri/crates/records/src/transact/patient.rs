//! Whose a study is, and what of a file's UIDs is there already under another person or study.

use domain::identity::{Differs, differs};
use domain::{Header, Patient, Uid};
use rusqlite::{OptionalExtension, params};

use super::{Tx, or_signed};
use crate::database::sql;
use crate::error::{Error, Result};
use crate::words;

/// In what a series with the UID of one that is there differs from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeriesDiffers {
    /// It is of another person.
    Person(Differs),
    /// It is of another study of the same person.
    Study,
    /// It has another modality in the same study, and a series has one (PS3.3 C.7.3.1).
    Modality,
}

impl SeriesDiffers {
    /// The field, as a message names it.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Person(field) => field.in_words(),
            Self::Study => "Study Instance UID",
            Self::Modality => "Modality",
        }
    }
}

impl Tx<'_> {
    /// In which field the study of a header is that of another person already, and who that is; `None` where it may be
    /// filed there.
    ///
    /// # Errors
    /// Those of the database, as of the next ones.
    pub fn other_person(&self, header: &Header) -> Result<Option<(Differs, Patient)>> {
        let Some((study, there)) = self.find_study(&header.study.study_instance_uid)? else {
            return Ok(None);
        };
        let apart = self.apart(study, &there, &header.patient)?;
        Ok(apart.map(|field| (field, there)))
    }

    /// In which field the series of a header is another one already: of another person, of another study, or of another
    /// modality.
    pub fn other_series(&self, header: &Header) -> Result<Option<SeriesDiffers>> {
        let mut find = self.connection.prepare_cached(sql!("find_patient_of_series"))?;
        let mut rows = find.query([header.series.series_instance_uid.as_str()])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let there: String = row.get(7)?;
        if there == header.study.study_instance_uid.as_str() {
            let modality: String = row.get(8)?;
            let own = header.series.modality.as_str();
            let says = |modality: &str| !matches!(modality, "" | "OT");
            let differ = says(&modality) && says(own) && modality != own;
            return Ok(differ.then_some(SeriesDiffers::Modality));
        }
        let person = self.apart(row.get(0)?, &words::patient(row, 1)?, &header.patient)?;
        Ok(Some(person.map_or(SeriesDiffers::Study, SeriesDiffers::Person)))
    }

    /// In which field the instance of a header is one of another person already.
    pub fn other_instance(&self, header: &Header) -> Result<Option<Differs>> {
        let there = self.header_of_instance(&header.instance.sop_instance_uid)?;
        Ok(there.and_then(|there| differs(&there.patient, &header.patient)))
    }

    /// In which field another study of the same order (Accession Number) is of another person, where the study of this
    /// header is new.
    pub fn other_of_order(&self, header: &Header) -> Result<Option<Differs>> {
        let order = header.study.accession_number.as_deref().unwrap_or_default().trim();
        if order.is_empty() {
            return Ok(None);
        }
        if self.find_study(&header.study.study_instance_uid)?.is_some() {
            return Ok(None);
        }
        let mut list = self.connection.prepare_cached(sql!("list_patients_of_order"))?;
        let mut rows = list.query([order])?;
        while let Some(row) = rows.next()? {
            if let Some(field) = differs(&words::patient(row, 1)?, &header.patient) {
                return Ok(Some(field));
            }
        }
        Ok(None)
    }

    /// Says whose a study is. Files stay as they are, and the row of who it was stays for the audit.
    ///
    /// # Errors
    /// `not_found`, `study_signed`.
    pub fn set_patient(&mut self, study_instance_uid: &Uid, patient: &Patient) -> Result<()> {
        let study = self.study_row(study_instance_uid)?;
        let before: i64 = self
            .connection
            .prepare_cached(sql!("select_patient_row_of_study"))?
            .query_row([study], |row| row.get(0))?;
        let row = self.patient_of(patient)?;
        let set = self
            .connection
            .prepare_cached(sql!("update_patient_of_study"))?
            .execute([study, row]);
        or_signed(set, study_instance_uid)?;
        self.changed(study, study_instance_uid);
        self.note("patient_row_before", before);
        self.note("patient_row", row);
        Ok(())
    }

    /// As [`differs`], of the person of a study; what the study's own files name is no other person, whoever has been
    /// said to be theirs since.
    pub(super) fn apart(&self, study: i64, there: &Patient, patient: &Patient) -> Result<Option<Differs>> {
        let Some(field) = differs(there, patient) else {
            return Ok(None);
        };
        let mut find = self.connection.prepare_cached(sql!("find_patient_of_files"))?;
        let text: Option<String> = find.query_row([study], |row| row.get(0)).optional()?.flatten();
        let of_files: Option<Patient> = text.and_then(|text| serde_json::from_str(&text).ok());
        let same = of_files.is_some_and(|of_files| differs(&of_files, patient).is_none());
        Ok((!same).then_some(field))
    }

    pub(super) fn find_study(&self, uid: &Uid) -> Result<Option<(i64, Patient)>> {
        let mut find = self.connection.prepare_cached(sql!("find_study"))?;
        let mut rows = find.query([uid.as_str()])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some((row.get(0)?, words::patient(row, 1)?)))
    }

    /// The header that an instance was stored with.
    pub(super) fn header_of_instance(&self, uid: &Uid) -> Result<Option<Header>> {
        let mut find = self.connection.prepare_cached(sql!("find_header_of_instance"))?;
        let text: Option<String> = find.query_row([uid.as_str()], |row| row.get(1)).optional()?;
        let read = |text: String| {
            serde_json::from_str(&text)
                .map_err(|_| Error::VaultDamaged(format!("the header of instance {uid} is malformed")))
        };
        text.map(read).transpose()
    }

    /// The row of exactly this patient. Without a patient ID nobody can be recognised: a new row.
    pub(super) fn patient_of(&self, patient: &Patient) -> Result<i64> {
        let Patient {
            patient_id,
            issuer,
            issuer_id,
            patient_name,
            birth_date,
            sex,
        } = patient;
        let mut find = self.connection.prepare_cached(sql!("find_patient"))?;
        let found = find
            .query_row(
                params![patient_id, patient_name, birth_date, sex, issuer, issuer_id],
                |row| row.get(0),
            )
            .optional()?;
        if let Some(row) = found {
            return Ok(row);
        }
        let mut insert = self.connection.prepare_cached(sql!("insert_patient"))?;
        insert.execute(params![
            patient_id,
            patient_name,
            birth_date,
            sex,
            issuer,
            issuer_id,
            self.now.0
        ])?;
        Ok(self.connection.last_insert_rowid())
    }
}
