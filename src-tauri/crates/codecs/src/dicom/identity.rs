//! Who and what a file is of: UIDs as they are written, or derived where the file has none, and dates that are dates.

use domain::{Sentence, SentenceCode, Uid};
use sha2::{Digest, Sha256};

use super::{data_set::DataSet, open::Media, tag, text::CharacterSet};
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
            let known = known
                .or_else(|| of_machine_and_time(set))
                .or_else(|| of_order_and_day(set));
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

/// Fields that are told where they cannot be read.
const DATES: [(u32, &str); 5] = [
    (tag::STUDY_DATE, "Study Date"),
    (tag::SERIES_DATE, "Series Date"),
    (tag::ACQUISITION_DATE, "Acquisition Date"),
    (tag::CONTENT_DATE, "Content Date"),
    (tag::PATIENT_BIRTH_DATE, "Patient's Birth Date"),
];
const TIMES: [(u32, &str); 4] = [
    (tag::STUDY_TIME, "Study Time"),
    (tag::SERIES_TIME, "Series Time"),
    (tag::ACQUISITION_TIME, "Acquisition Time"),
    (tag::CONTENT_TIME, "Content Time"),
];
/// Texts of one line, by which people and orders are known.
const LINES: [(u32, &str); 7] = [
    (tag::PATIENT_ID, "Patient ID"),
    (tag::ISSUER_OF_PATIENT_ID, "Issuer of Patient ID"),
    (tag::PATIENT_NAME, "Patient's Name"),
    (tag::REFERRING_PHYSICIAN_NAME, "Referring Physician's Name"),
    (tag::ACCESSION_NUMBER, "Accession Number"),
    (tag::STUDY_DESCRIPTION, "Study Description"),
    (tag::SERIES_DESCRIPTION, "Series Description"),
];

/// What is told of fields that are not as the standard wants them, or are missing.
pub(super) fn notes(set: &DataSet<'_>, media: &Media) -> Vec<Sentence> {
    let mut notes = of_uids(set);
    notes.extend(of_media(set, media));
    for (tag, field) in DATES {
        if let Some(value) = text(set, tag).filter(|text| super::text::date(text).is_none()) {
            let value = shown(&value);
            let words = format!("the {field} '{value}' is not a valid date");
            let values = [("field", field.into()), ("value", value.into())];
            notes.push(Sentence::new(SentenceCode::FileNoDate, values, words));
        }
    }
    for (tag, field) in TIMES {
        if let Some(value) = text(set, tag).filter(|text| super::text::time(text).is_none()) {
            let value = shown(&value);
            let words = format!("the {field} '{value}' is not a valid time");
            let values = [("field", field.into()), ("value", value.into())];
            notes.push(Sentence::new(SentenceCode::FileNoTime, values, words));
        }
    }
    let charset = CharacterSet::of(set);
    for (tag, field) in LINES {
        if let Some(read) = set.bytes(tag).and_then(|bytes| charset.guessed(bytes)) {
            let words = format!(
                "the {field} holds letters that the file's character set does not tell; they were read as {read}, so check them"
            );
            let values = [("field", field.into()), ("set", read.into())];
            notes.push(Sentence::new(SentenceCode::FileLettersGuessed, values, words));
        }
        let control = |text: &String| text.chars().any(char::is_control);
        if text(set, tag).as_ref().is_some_and(control) {
            let words = format!("the {field} holds control characters, which are left out");
            notes.push(Sentence::new(
                SentenceCode::FileControlCharacters,
                [("field", field.into())],
                words,
            ));
        }
    }
    let other_ids = usize::from(text(set, tag::OTHER_PATIENT_IDS).is_some());
    if other_ids + set.items(tag::OTHER_PATIENT_IDS_SEQUENCE).len() > 0 {
        let words =
            "the file names other numbers of the patient (Other Patient IDs); by these nobody is recognised here";
        notes.push(Sentence::new(SentenceCode::FileOtherPatientIds, [], words));
    }
    if text(set, tag::PATIENT_COMMENTS).is_some() {
        let words = "the file holds comments on the patient (Patient Comments), which are not shown";
        notes.push(Sentence::new(SentenceCode::FilePatientComments, [], words));
    }
    notes
}

fn of_uids(set: &DataSet<'_>) -> Vec<Sentence> {
    let uids = [
        (tag::STUDY_INSTANCE_UID, "Study Instance UID"),
        (tag::SERIES_INSTANCE_UID, "Series Instance UID"),
        (tag::SOP_INSTANCE_UID, "SOP Instance UID"),
    ];
    let of = |(tag, field): (u32, &str)| {
        let Some(written) = text(set, tag) else {
            let words = format!("the file has no {field}; one was derived from its content");
            return Some(Sentence::new(SentenceCode::FileNoUid, [("field", field.into())], words));
        };
        match Uid::as_written(&written) {
            Ok(uid) if uid.is_regular() => None,
            Ok(uid) => {
                let words =
                    format!("the {field} {uid} is not as the standard wants a UID; it is kept as it is written");
                let values = [("field", field.into()), ("uid", uid.as_str().into())];
                Some(Sentence::new(SentenceCode::FileOddUid, values, words))
            }
            Err(_) => {
                let words = format!("the {field} of the file is not a valid UID; another one stands for it");
                Some(Sentence::new(
                    SentenceCode::FileBadUid,
                    [("field", field.into())],
                    words,
                ))
            }
        }
    };
    uids.into_iter().filter_map(of).collect()
}

/// Where the meta header is that of another data set (PS3.10 7.1): of a copy whose UIDs were replaced in the one and
/// not in the other, as some that take names out do.
fn of_media(set: &DataSet<'_>, media: &Media) -> Vec<Sentence> {
    let both = [
        (tag::SOP_CLASS_UID, &media.class, "SOP Class UID"),
        (tag::SOP_INSTANCE_UID, &media.instance, "SOP Instance UID"),
    ];
    let differs = |(tag, of_meta, field): (u32, &Option<String>, &str)| {
        let (own, of_meta) = (text(set, tag)?, of_meta.as_deref()?);
        let words = format!("the meta header of the file gives another {field} than its data set, which counts");
        (own != of_meta).then(|| Sentence::new(SentenceCode::FileMetaDiffers, [("field", field.into())], words))
    };
    both.into_iter().filter_map(differs).collect()
}

/// A value that is no more than shown: at most 20 characters of one line.
fn shown(value: &str) -> String {
    value.chars().filter(|c| !c.is_control()).take(20).collect()
}

/// A text of one line without what no printer has: control characters are taken out, lines and tabs become blanks.
pub(super) fn printable(text: &str) -> String {
    let kept = text.chars().filter_map(|c| match c {
        '\r' | '\n' | '\t' => Some(' '),
        c if c.is_control() => None,
        c => Some(c),
    });
    kept.collect::<String>().trim_matches(' ').to_owned()
}

/// Universal Entity ID and its type, of the issuer of the patient ID (PS3.3 10.14).
pub(super) fn issuer_id(set: &DataSet<'_>) -> Option<String> {
    let item = set.items(tag::ISSUER_OF_PATIENT_ID_QUALIFIERS_SEQUENCE).first()?;
    let said = |tag: u32| {
        text(item, tag)
            .map(|text| printable(&text))
            .filter(|text| !text.is_empty())
    };
    let id = said(tag::UNIVERSAL_ENTITY_ID)?;
    Some(match said(tag::UNIVERSAL_ENTITY_ID_TYPE) {
        Some(kind) => format!("{id} ({kind})"),
        None => id,
    })
}

/// Of an object without an image: it is kept where it says which study it belongs to.
pub(super) fn names_its_study(set: &DataSet<'_>) -> bool {
    let named = |tag: u32| text(set, tag).is_some_and(|text| Uid::as_written(&text).is_ok());
    named(tag::STUDY_INSTANCE_UID) && named(tag::SERIES_INSTANCE_UID) && named(tag::SOP_INSTANCE_UID)
}

/// A machine and the moment when a study began, of files that name nobody: two studies cannot have both. `None` where
/// one of them is not told.
fn of_machine_and_time(set: &DataSet<'_>) -> Option<Uid> {
    let moment = [tag::STUDY_DATE, tag::STUDY_TIME].map(|tag| text(set, tag));
    let [Some(date), Some(time)] = moment else { return None };
    let said = |tag: u32| text(set, tag).unwrap_or_default();
    let more = [tag::MODALITY, tag::MANUFACTURER, tag::ACCESSION_NUMBER, tag::STUDY_ID].map(said);
    let parts = ["moment", date.as_str(), time.as_str()].into_iter();
    Some(derived(
        &parts.chain(more.iter().map(String::as_str)).collect::<Vec<_>>(),
    ))
}

/// A day and the number of the order, of files that name nobody and no time: what the slices of one study have in
/// common. A Study ID alone is no order: it is `1` at many machines.
fn of_order_and_day(set: &DataSet<'_>) -> Option<Uid> {
    let [Some(day), Some(order)] = [tag::STUDY_DATE, tag::ACCESSION_NUMBER].map(|tag| text(set, tag)) else {
        return None;
    };
    let more = [tag::MODALITY, tag::MANUFACTURER, tag::STUDY_ID].map(|tag| text(set, tag).unwrap_or_default());
    let parts = ["order", day.as_str(), order.as_str()].into_iter();
    Some(derived(
        &parts.chain(more.iter().map(String::as_str)).collect::<Vec<_>>(),
    ))
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
    let issuer_id = issuer_id(set);
    let parts = person
        .iter()
        .chain(&order)
        .map(String::as_str)
        .chain(issuer_id.as_deref());
    Some(derived(&parts.collect::<Vec<_>>()))
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

#[cfg(test)]
mod tests {
    use super::super::{data_set::Encoding, parse::parse};
    use super::*;

    const DAY: (u32, &str) = (tag::STUDY_DATE, "20260102");
    const TIME: (u32, &str) = (tag::STUDY_TIME, "101112");
    const ORDER: (u32, &str) = (tag::ACCESSION_NUMBER, "A-17");
    const STUDY: (u32, &str) = (tag::STUDY_ID, "1");

    fn file(fields: &[(u32, &str)], instance: u8) -> Vec<u8> {
        let mut fields: Vec<(u32, String)> = fields.iter().map(|(tag, text)| (*tag, (*text).to_owned())).collect();
        fields.push((tag::INSTANCE_NUMBER, instance.to_string()));
        fields.sort_unstable();
        let element = |(tag, text): &(u32, String)| {
            let tag = [(tag >> 16) as u16, *tag as u16].map(u16::to_le_bytes).concat();
            let text = format!("{text}{}", if text.len() % 2 == 1 { " " } else { "" });
            [&tag[..], b"LO", &(text.len() as u16).to_le_bytes(), text.as_bytes()].concat()
        };
        fields.iter().flat_map(element).collect()
    }

    /// Studies of two slices that name no UID and no person.
    fn studies(first: &[(u32, &str)], second: &[(u32, &str)]) -> Result<usize, decode::DecodeError> {
        let mut studies = std::collections::BTreeSet::new();
        for bytes in [file(first, 1), file(second, 2)] {
            let uids = Uids::of(&parse(&bytes, Encoding::EXPLICIT, 8)?, &bytes);
            studies.insert(uids.study.as_str().to_owned());
        }
        Ok(studies.len())
    }

    #[test]
    fn slices_without_uids_and_person_are_one_study_by_what_they_share() -> Result<(), decode::DecodeError> {
        for shared in [
            &[DAY, TIME][..],
            &[DAY, TIME, STUDY],
            &[DAY, ORDER],
            &[DAY, ORDER, STUDY],
            &[DAY, TIME, ORDER],
        ] {
            assert_eq!(studies(shared, shared)?, 1, "{shared:?}");
        }
        let other = |tag: u32, text: &'static str| (tag, text);
        for (first, second) in [
            (&[DAY, ORDER][..], &[DAY, other(tag::ACCESSION_NUMBER, "A-18")][..]),
            (&[DAY, ORDER], &[other(tag::STUDY_DATE, "20260103"), ORDER]),
            (&[DAY, TIME], &[DAY, other(tag::STUDY_TIME, "101113")]),
            // What many persons have in common makes no study.
            (&[DAY], &[DAY]),
            (&[DAY, STUDY], &[DAY, STUDY]),
            (&[STUDY], &[STUDY]),
            (&[], &[]),
        ] {
            assert_eq!(studies(first, second)?, 2, "{first:?} {second:?}");
        }
        Ok(())
    }
}
