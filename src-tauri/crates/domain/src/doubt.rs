//! What a file says of patient and study that can hardly be so: marked and told, never printed as a plain fact.

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;
use crate::identity::Differs;
use crate::{Patient, Sentence, SentenceCode, Sex, Study};

/// Nobody is known to have lived longer than 122 years.
const OLDEST_YEARS: i32 = 130;
/// X-rays were found in November 1895: no image is older.
const FIRST_IMAGES: &str = "18951108";
/// Ages are often those of the day of the order, or rounded.
const YEARS_APART: f32 = 2.0;

closed_set! {
    /// A field that is doubted.
    pub enum DoubtedField {
        /// Study Date (0008,0020).
        StudyDate = "study_date",
        /// Patient ID (0010,0020).
        PatientId = "patient_id",
        /// Patient's Birth Date (0010,0030).
        BirthDate = "birth_date",
        /// Patient's Age (0010,1010), or the years between the two dates.
        Age = "age",
        /// Patient's Sex (0010,0040).
        Sex = "sex",
    }
}

/// One doubt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Doubt {
    /// The field that is to be marked.
    pub field: DoubtedField,
    /// Why.
    pub told: Sentence,
}

/// Everything that is doubted. `today` is the day (`YYYYMMDD`) on which the study came in.
pub fn doubts(patient: &Patient, study: &Study, today: &str) -> Vec<Doubt> {
    let mut found = vec![];
    let mut doubt = |field, told| found.push(Doubt { field, told });
    let day = |text: &Option<String>| text.clone().filter(|text| is_day(text));
    let (born, seen) = (day(&patient.birth_date), day(&study.date));
    if let Some(seen) = seen.as_deref().filter(|seen| *seen > today) {
        let shown = dashed(seen);
        let words = format!("the Study Date {shown} lies in the future: it is later than the day of the import");
        doubt(
            DoubtedField::StudyDate,
            Sentence::new(
                SentenceCode::DoubtStudyInFuture,
                [("date", shown.as_str().into())],
                words,
            ),
        );
    }
    if let Some(seen) = seen.as_deref().filter(|seen| *seen < FIRST_IMAGES) {
        let shown = dashed(seen);
        let words = format!("the Study Date {shown} is older than any medical image (8 November 1895)");
        doubt(
            DoubtedField::StudyDate,
            Sentence::new(
                SentenceCode::DoubtStudyLongAgo,
                [("date", shown.as_str().into())],
                words,
            ),
        );
    }
    let years = born
        .as_deref()
        .zip(seen.as_deref().filter(|seen| *seen <= today))
        .and_then(|(born, seen)| years_between(born, seen));
    match (&born, &seen) {
        (Some(born), Some(seen)) if born > seen => {
            let (born, seen) = (dashed(born), dashed(seen));
            let words = format!("the Patient's Birth Date {born} is later than the Study Date {seen}");
            let values = [("born", born.into()), ("date", seen.into())];
            doubt(
                DoubtedField::BirthDate,
                Sentence::new(SentenceCode::DoubtBornAfterStudy, values, words),
            );
        }
        (Some(born), _) if born.as_str() > today => {
            let shown = dashed(born);
            let words =
                format!("the Patient's Birth Date {shown} lies in the future: it is later than the day of the import");
            doubt(
                DoubtedField::BirthDate,
                Sentence::new(
                    SentenceCode::DoubtBirthInFuture,
                    [("date", shown.as_str().into())],
                    words,
                ),
            );
        }
        (Some(born), _)
            if years
                .or_else(|| years_between(born, today))
                .is_some_and(|years| years > OLDEST_YEARS) =>
        {
            let shown = dashed(born);
            let words =
                format!("by the Patient's Birth Date {shown} the patient would be older than {OLDEST_YEARS} years");
            doubt(
                DoubtedField::BirthDate,
                Sentence::new(SentenceCode::DoubtBornLongAgo, [("date", shown.as_str().into())], words),
            );
        }
        _ => {}
    }
    if let Some(said) = study.patient_age.as_deref().filter(|said| !said.trim().is_empty()) {
        let shown = one_line(said);
        match crate::instance::years_of(said) {
            None => {
                let words = format!("the Patient's Age '{shown}' is not a valid age");
                doubt(
                    DoubtedField::Age,
                    Sentence::new(SentenceCode::DoubtNoAge, [("age", shown.as_str().into())], words),
                );
            }
            Some(age) if age > OLDEST_YEARS as f32 => {
                let words = format!("the Patient's Age {shown} is more than {OLDEST_YEARS} years");
                doubt(
                    DoubtedField::Age,
                    Sentence::new(SentenceCode::DoubtTooOld, [("age", shown.as_str().into())], words),
                );
            }
            Some(age) => {
                let by_dates = years.filter(|years| (0..=OLDEST_YEARS).contains(years));
                if let Some(years) = by_dates.filter(|years| (*years as f32 - age).abs() > YEARS_APART) {
                    let years = years.to_string();
                    let words = format!(
                        "the Patient's Age {shown} is not that of the dates, by which the patient was {years} years old at the study"
                    );
                    doubt(
                        DoubtedField::Age,
                        Sentence::new(
                            SentenceCode::DoubtAgeAndDates,
                            [("age", shown.as_str().into()), ("years", years.as_str().into())],
                            words,
                        ),
                    );
                }
            }
        }
    }
    let sex = patient.sex.as_deref().map(str::trim).unwrap_or_default();
    if !sex.is_empty() && Sex::parse(sex).is_none() {
        let shown = one_line(sex);
        let words = format!("the Patient's Sex '{shown}' is not one of M, F and O");
        doubt(
            DoubtedField::Sex,
            Sentence::new(SentenceCode::DoubtSex, [("sex", shown.as_str().into())], words),
        );
    }
    found
}

/// Of a number that another study names with another person, by the `field` in which they differ. Two issuers are known
/// to give the same number.
pub fn number_of_another(field: Differs) -> Option<Doubt> {
    let name = field.in_words();
    let words = format!("the Patient ID is in the vault with another {name} too: two persons may have it");
    (field != Differs::Issuer).then(|| Doubt {
        field: DoubtedField::PatientId,
        told: Sentence::new(SentenceCode::DoubtNumberOfAnother, [("field", name.into())], words),
    })
}

/// Whether the text is `YYYYMMDD` and a day of the calendar, from the first whole Gregorian year on (PS3.5 6.2, DA).
pub fn is_day(text: &str) -> bool {
    let part = |range: std::ops::Range<usize>| text.get(range).and_then(|part| part.parse::<u32>().ok());
    let digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    let (Some(year), Some(month), Some(day)) = (part(0..4), part(4..6), part(6..8)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    // Devices without a clock write years before it.
    digits && year >= 1583 && (1..=days).contains(&day)
}

/// Whole years from one day to a later one.
fn years_between(from: &str, to: &str) -> Option<i32> {
    let number = |text: &str| text.parse::<i32>().ok();
    // The difference of two YYYYMMDD numbers holds the completed years in its upper digits.
    let apart = number(to)? - number(from)?;
    (apart >= 0).then_some(apart / 10_000)
}

fn dashed(day: &str) -> String {
    match (day.get(0..4), day.get(4..6), day.get(6..8)) {
        (Some(year), Some(month), Some(day)) => format!("{year}-{month}-{day}"),
        _ => day.to_owned(),
    }
}

fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(20).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn told(born: &str, seen: &str, age: &str, sex: &str) -> Vec<(DoubtedField, String)> {
        let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let mut header = testing::header();
        header.patient.birth_date = said(born);
        header.patient.sex = said(sex);
        header.study.date = said(seen);
        header.study.patient_age = said(age);
        let found = doubts(&header.patient, &header.study, "20261130");
        let pair = |one: Doubt| (one.field, one.told.code_name().unwrap_or_default().to_owned());
        found.into_iter().map(pair).collect()
    }

    #[test]
    fn what_can_hardly_be_so_is_doubted_by_its_field() {
        use DoubtedField::{Age, BirthDate, Sex, StudyDate};
        for (born, seen, age, sex, expected) in [
            ("19800101", "20261130", "046Y", "F", vec![]),
            ("", "", "", "", vec![]),
            ("19800101", "20261201", "", "", vec![(StudyDate, "study_in_future")]),
            ("19800101", "99991231", "", "", vec![(StudyDate, "study_in_future")]),
            ("", "18951107", "", "", vec![(StudyDate, "study_long_ago")]),
            ("", "15830101", "", "", vec![(StudyDate, "study_long_ago")]),
            ("", "18951108", "", "", vec![]),
            ("20261201", "", "", "", vec![(BirthDate, "birth_in_future")]),
            ("20240102", "20240101", "", "", vec![(BirthDate, "born_after_study")]),
            ("20240101", "20240101", "000D", "", vec![]),
            ("18931201", "20241201", "", "", vec![(BirthDate, "born_long_ago")]),
            ("18931202", "20241201", "", "", vec![]),
            ("18001231", "", "", "", vec![(BirthDate, "born_long_ago")]),
            ("", "", "131Y", "", vec![(Age, "too_old")]),
            ("", "", "130Y", "", vec![]),
            ("", "", "999Y", "", vec![(Age, "too_old")]),
            ("", "", "34", "", vec![(Age, "no_age")]),
            ("", "", "ABCY", "", vec![(Age, "no_age")]),
            ("19800101", "20240101", "034Y", "", vec![(Age, "age_and_dates")]),
            ("19800101", "20240101", "043Y", "", vec![]),
            ("20240101", "20240301", "002M", "", vec![]),
            // What is no date is told elsewhere, and proves nothing.
            ("20240231", "20240101", "", "", vec![]),
            ("", "", "", "O", vec![]),
            ("", "", "", "M ", vec![]),
            ("", "", "", "X", vec![(Sex, "sex")]),
            ("", "", "", "female", vec![(Sex, "sex")]),
            ("", "", "", "m", vec![(Sex, "sex")]),
        ] {
            let expected: Vec<_> = expected
                .into_iter()
                .map(|(field, code)| (field, format!("doubt.{code}")))
                .collect();
            assert_eq!(told(born, seen, age, sex), expected, "{born} {seen} {age} {sex}");
        }
    }

    #[test]
    fn every_day_of_a_century_is_a_day_and_no_other() {
        let days = (19_000_101..20_000_101)
            .filter(|day: &u32| is_day(&day.to_string()))
            .count();
        assert_eq!(days, 36_524);
        for no_day in [
            "",
            "2024",
            "20240230",
            "19000229",
            "00000000",
            "2024-1-1",
            "15821231",
            "2024010\u{e4}",
        ] {
            assert!(!is_day(no_day), "{no_day}");
        }
    }
}
