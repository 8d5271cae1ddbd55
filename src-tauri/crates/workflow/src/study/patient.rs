//! Whose a study is, where its files do not say it.

use contract::terminal::PatientWire;
use contract::window::{PatientEntry, StudyDetail};
use domain::{Failure, Patient, Permission, SentenceCode, SourceFormat, Study, Uid, doubt::is_day};
use records::{InstanceRecord, Op, StudyRecord};

use super::refresh_study;
use crate::find::{find, parse_uid};
use crate::permit::permit;
use crate::time::{day, now};
use crate::vault::OpenVault;

/// Of VR LO, and of one group of VR PN (PS3.5 6.2).
const LONGEST: usize = 64;

/// Says who the patient of a study is. It may be said again, until the study is signed; the audit keeps each.
///
/// # Errors
/// `not_permitted`; `wrong_usage` for what is no date, too long or says nothing, and where the files name a patient;
/// `study_signed`.
pub fn set_patient(open: &mut OpenVault, study: &str, entry: &PatientEntry) -> Result<StudyDetail, Failure> {
    set(open, study, entry)?;
    refresh_study(open, study)
}

/// `patient`: the same from a terminal.
pub fn say_patient(open: &mut OpenVault, study: &str, entry: &PatientEntry) -> Result<PatientWire, Failure> {
    let uid = set(open, study, entry)?;
    let record = find(open, &uid)?;
    Ok(PatientWire {
        study_instance_uid: uid.to_string(),
        doubts: record.doubts(day),
        patient: record.patient,
    })
}

fn set(open: &mut OpenVault, study: &str, entry: &PatientEntry) -> Result<Uid, Failure> {
    permit(&open.session, Permission::Import)?;
    let uid = parse_uid(study)?;
    let record = find(open, &uid)?;
    let at = now();
    let patient = checked(entry, &record.study, &day(at))?;
    if !record.instances.iter().all(names_nobody) {
        return Err(Failure::usage(format!(
            "the files of study {uid} name their patient, who is not changed here; correct the files and import them again"
        )));
    }
    if record.sign_off.is_some() {
        return Err(records::Error::StudySigned(uid).into());
    }
    if record.patient != patient {
        let op = Op::PatientChange { study: uid.clone() };
        open.vault
            .transact(&open.session, op, at, |tx| tx.set_patient(&uid, &patient))?;
    }
    Ok(uid)
}

/// Whether a person may say who the patient is.
pub(super) fn patient_open(record: &StudyRecord) -> bool {
    record.sign_off.is_none() && record.instances.iter().all(names_nobody)
}

fn names_nobody(one: &InstanceRecord) -> bool {
    let given = || {
        one.facts
            .notes
            .iter()
            .any(|note| note.code() == Some(SentenceCode::ImportPatientGiven))
    };
    one.header.instance.format != SourceFormat::Dicom || one.header.patient.is_nameless() || given()
}

fn checked(entry: &PatientEntry, study: &Study, today: &str) -> Result<Patient, Failure> {
    let text = |name: &str, text: &str| {
        let text = text.trim();
        let length = text.chars().count();
        if length > LONGEST {
            let message = format!("the {name} has {length} characters and may have {LONGEST}; shorten it");
            return Err(Failure::usage(message));
        }
        if text.chars().any(|c| c.is_control() || c == '\\') {
            let message = format!("the {name} holds a backslash or a control character; leave it out");
            return Err(Failure::usage(message));
        }
        Ok(text.to_owned())
    };
    let said = |text: String| (!text.is_empty()).then_some(text);
    let patient = Patient {
        patient_id: text("patient ID", &entry.patient_id)?,
        patient_name: text("name", &entry.patient_name)?,
        birth_date: said(text("birth date", &entry.birth_date)?.replace('-', "")),
        sex: entry.sex.map(|sex| sex.as_str().to_owned()),
        issuer: None,
        issuer_id: None,
    };
    if patient.is_nameless() {
        return Err(Failure::usage(
            "neither a patient ID nor a name is given; give one of them",
        ));
    }
    if let Some(date) = &patient.birth_date {
        let wrong = |why: String| {
            Err(Failure::usage(format!(
                "the birth date '{}' {why}",
                entry.birth_date.trim()
            )))
        };
        if !is_day(date) {
            return wrong("is not a valid date; write it as YYYY-MM-DD".to_owned());
        }
        if date.as_str() > today {
            return wrong("lies in the future".to_owned());
        }
        if let Some(seen) = study.date.as_deref().filter(|seen| *seen < date.as_str()) {
            return wrong(format!("is later than the date of the study, {seen}"));
        }
    }
    Ok(patient)
}
