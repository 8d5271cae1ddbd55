//! Who and what a file is of: UIDs as they are written, or derived where the file has none, and dates that are dates.

use domain::{Sentence, SentenceValue, Uid};
use sha2::{Digest, Sha256};

use super::{data_set::DataSet, tag, text::CharacterSet};
use crate::raster::header::DerivedUids;

/// The UIDs under which an object is filed.
pub(super) struct Uids {
    pub study: Uid,
    pub series: Uid,
    pub instance: Uid,
}

impl Uids {
    /// Those of the file. What stands in their place and is no UID is kept where it can be no path. One that is
    /// missing is derived from what the slices of one study have in common, never from what tells them apart.
    pub(super) fn of(set: &DataSet<'_>, file: &[u8]) -> Self {
        let written = |tag: u32| text(set, tag).map(|text| uid_of(&text));
        let of_file = std::cell::LazyCell::new(|| DerivedUids::of_file(file));
        let series = written(tag::SERIES_INSTANCE_UID);
        let study = written(tag::STUDY_INSTANCE_UID).unwrap_or_else(|| {
            let known = of_person_and_day(set).or_else(|| Some(derived(&["study of", series.as_ref()?.as_str()])));
            let known = known.or_else(|| Some(derived(&["frame of", &text(set, tag::FRAME_OF_REFERENCE_UID)?])));
            known.unwrap_or_else(|| of_file.study.clone())
        });
        let series = series.unwrap_or_else(|| {
            let said = |tag: u32| text(set, tag).unwrap_or_default();
            derived(&[
                "series",
                study.as_str(),
                &said(tag::MODALITY),
                &said(tag::SERIES_NUMBER),
            ])
        });
        Self {
            study,
            series,
            instance: written(tag::SOP_INSTANCE_UID).unwrap_or_else(|| of_file.instance.clone()),
        }
    }
}

/// What is told of fields that are not as the standard wants them, or are missing.
pub(super) fn notes(set: &DataSet<'_>) -> Vec<Sentence> {
    let uids = [
        (tag::STUDY_INSTANCE_UID, "Study Instance UID"),
        (tag::SERIES_INSTANCE_UID, "Series Instance UID"),
        (tag::SOP_INSTANCE_UID, "SOP Instance UID"),
    ];
    let dates = [
        (tag::STUDY_DATE, "Study Date"),
        (tag::PATIENT_BIRTH_DATE, "Patient's Birth Date"),
    ];
    let say = |text: &str| SentenceValue::Text(text.to_owned());
    let mut notes = vec![];
    for (tag, name) in uids {
        let Some(written) = text(set, tag) else {
            let words = format!("the file has no {name}; one was derived from its content");
            notes.push(Sentence::new("file.no_uid", [("field", say(name))], words));
            continue;
        };
        match Uid::as_written(&written) {
            Ok(uid) if uid.is_regular() => {}
            Ok(uid) => {
                let words = format!("the {name} {uid} is not as the standard wants a UID; it is kept as it is written");
                let values = [("field", say(name)), ("uid", say(uid.as_str()))];
                notes.push(Sentence::new("file.odd_uid", values, words));
            }
            Err(_) => {
                let words = format!("the {name} of the file is no UID; another one stands for it");
                notes.push(Sentence::new("file.bad_uid", [("field", say(name))], words));
            }
        }
    }
    for (tag, name) in dates {
        if let Some(written) = text(set, tag).filter(|text| super::text::date(text).is_none()) {
            let shown: String = written.chars().filter(|c| !c.is_control()).take(20).collect();
            let words = format!("the {name} '{shown}' is no date");
            let values = [("field", say(name)), ("value", say(&shown))];
            notes.push(Sentence::new("file.no_date", values, words));
        }
    }
    notes
}

/// Of an object without an image: it is kept where it says which study it belongs to.
pub(super) fn names_its_study(set: &DataSet<'_>) -> bool {
    let named = |tag: u32| text(set, tag).is_some_and(|text| Uid::as_written(&text).is_ok());
    named(tag::STUDY_INSTANCE_UID) && named(tag::SERIES_INSTANCE_UID) && named(tag::SOP_INSTANCE_UID)
}

/// A person, a day and what the order says; `None` where nobody is named.
fn of_person_and_day(set: &DataSet<'_>) -> Option<Uid> {
    let said = |tag: u32| text(set, tag).unwrap_or_default();
    let person = [
        tag::PATIENT_ID,
        tag::ISSUER_OF_PATIENT_ID,
        tag::PATIENT_NAME,
        tag::PATIENT_BIRTH_DATE,
    ]
    .map(said);
    let [id, _, name, _] = &person;
    if id.is_empty() && name.is_empty() {
        return None;
    }
    let order = [tag::STUDY_DATE, tag::ACCESSION_NUMBER, tag::STUDY_ID].map(said);
    let parts: Vec<&str> = person.iter().chain(&order).map(String::as_str).collect();
    Some(derived(&parts))
}

/// What stands in the place of a UID; another text is named by its hash, so that all files that hold it agree.
fn uid_of(written: &str) -> Uid {
    Uid::as_written(written).unwrap_or_else(|_| derived(&["uid", written]))
}

fn derived(parts: &[&str]) -> Uid {
    let digest = Sha256::digest(parts.join("\\"));
    let mut bits = [0; 16];
    bits.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    Uid::from_bits(bits)
}

/// A value as text, in whatever characters; `None` when absent or empty.
fn text(set: &DataSet<'_>, tag: u32) -> Option<String> {
    let text = CharacterSet::of(set).decode(set.bytes(tag)?);
    let text = text.trim().to_owned();
    (!text.is_empty()).then_some(text)
}
