//! UIDs that are there already under another person or study: what bears them is filed under UIDs of its own, and it is
//! said by which field it differs (record 33).

use std::borrow::Cow;

use domain::identity::{Differs, NearNumber, folded_name, near_number};
use domain::{Header, Patient, Sentence, SentenceCode, Uid};
use records::{SeriesDiffers, Tx};
use sha2::{Digest, Sha256};

/// The header under whose UIDs a file is filed, and what is to be told of it, without a name.
pub(super) fn apart<'a>(tx: &Tx<'_>, file: &'a Header) -> records::Result<(Cow<'a, Header>, Vec<Sentence>)> {
    let mut header = Cow::Borrowed(file);
    let mut told = vec![];
    if let Some((field, there)) = tx.other_person(&header)? {
        let uid = file.study.study_instance_uid.clone();
        let own = header.to_mut();
        own.study.study_instance_uid = uid_of_person(&uid, &file.patient);
        own.series.series_instance_uid = uid_of_person(&file.series.series_instance_uid, &file.patient);
        told.push(study_apart(&uid, field, &own.study.study_instance_uid));
        if field == Differs::PatientId {
            told.extend(near_number(&there.patient_id, &file.patient.patient_id).map(near));
        }
    }
    if let Some(field) = tx.other_series(&header)? {
        let uid = header.series.series_instance_uid.clone();
        let own = header.to_mut();
        let mut parts = vec!["series", uid.as_str(), own.study.study_instance_uid.as_str()];
        if field == SeriesDiffers::Modality {
            parts.push(&own.series.modality);
        }
        own.series.series_instance_uid = derived(&parts);
        told.push(series_apart(&uid, field.in_words(), &own.series.series_instance_uid));
    }
    if let Some(field) = tx.other_instance(&header)? {
        let uid = header.instance.sop_instance_uid.clone();
        let own = header.to_mut();
        own.instance.sop_instance_uid = uid_of_person(&uid, &file.patient);
        told.push(instance_apart(&uid, field));
    }
    if let Some(field) = tx.other_of_order(&header)? {
        told.push(same_order(field));
    }
    Ok((header, told))
}

fn study_apart(uid: &Uid, field: Differs, study: &Uid) -> Sentence {
    let field = field.in_words();
    let words = format!(
        "its Study Instance UID {uid} is there with another {field}: it is kept apart as the study {study}; ask who sent \
         it whose it is"
    );
    let values = [
        ("uid", uid.as_str().into()),
        ("field", field.into()),
        ("study", study.as_str().into()),
    ];
    Sentence::new(SentenceCode::ImportStudyApart, values, words)
}

fn series_apart(uid: &Uid, field: &str, series: &Uid) -> Sentence {
    let words = format!(
        "its Series Instance UID {uid} is there with another {field}: it is kept apart as the series {series}; ask who \
         sent it where it belongs"
    );
    let values = [
        ("uid", uid.as_str().into()),
        ("field", field.into()),
        ("series", series.as_str().into()),
    ];
    Sentence::new(SentenceCode::ImportSeriesApart, values, words)
}

fn instance_apart(uid: &Uid, field: Differs) -> Sentence {
    let field = field.in_words();
    let words = format!(
        "its SOP Instance UID {uid} is there with another {field}: it is kept apart under a UID of its own, \
         perhaps a relabelled copy"
    );
    let values = [("uid", uid.as_str().into()), ("field", field.into())];
    Sentence::new(SentenceCode::ImportInstanceApart, values, words)
}

fn same_order(field: Differs) -> Sentence {
    let field = field.in_words();
    let words = format!("another study has the same Accession Number and another {field}: ask who sent it whose it is");
    Sentence::new(SentenceCode::ImportSameOrder, [("field", field.into())], words)
}

fn near(how: NearNumber) -> Sentence {
    match how {
        NearNumber::Capitals => Sentence::new(
            SentenceCode::ImportNearCapitals,
            [],
            "the two Patient IDs differ in capitals only, and are taken for two",
        ),
        NearNumber::Zeros => Sentence::new(
            SentenceCode::ImportNearZeros,
            [],
            "the two Patient IDs differ in leading zeros only, and are taken for two",
        ),
        NearNumber::Blanks => Sentence::new(
            SentenceCode::ImportNearBlanks,
            [],
            "the two Patient IDs differ in blanks only, and are taken for two",
        ),
    }
}

/// The same for all files of both.
fn uid_of_person(uid: &Uid, patient: &Patient) -> Uid {
    let name = folded_name(patient.patient_name.split('=').next().unwrap_or_default());
    let mut parts = vec![
        uid.as_str(),
        patient.patient_id.as_str(),
        patient.issuer.as_deref().unwrap_or_default(),
        name.as_str(),
        patient.birth_date.as_deref().unwrap_or_default(),
        patient.sex.as_deref().unwrap_or_default(),
    ];
    parts.extend(patient.issuer_id.as_deref());
    derived(&parts)
}

fn derived(parts: &[&str]) -> Uid {
    let digest = Sha256::digest(parts.join("\\"));
    let mut bits = [0; 16];
    bits.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    Uid::from_bits(bits)
}
