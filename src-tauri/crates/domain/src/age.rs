//! How old a patient was at the study.

use crate::Header;
use crate::instance::years_of;

/// Older patients are a device's way of saying that the age is not known.
const OLDEST_YEARS: f32 = 120.0;
/// An age is rounded in many ways; further apart than this, age and birth date speak of two people.
const YEARS_APART: f32 = 2.0;

/// An age, as far as it is known.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Age {
    /// In years.
    Years(f32),
    /// Nobody says it: it is empty, without a unit, or a device's filler.
    #[default]
    Unknown,
    /// The header gives two that cannot both be so, in years: by its words, and by its dates.
    Contradiction(f32, f32),
}

impl Header {
    /// Age of the patient at the study: as the file says it (PS3.5 6.2, VR AS), or from the dates of birth and study.
    /// `000Y` and `999Y` are what devices write for an age that they were not told.
    pub fn age(&self) -> Age {
        let said = self.study.patient_age.as_deref().filter(|said| !is_filler(said));
        let said = said.and_then(years_of).filter(|years| *years <= OLDEST_YEARS);
        match (said, self.years_by_dates()) {
            (Some(said), Some(dates)) if (said - dates).abs() > YEARS_APART => Age::Contradiction(said, dates),
            (Some(years), _) | (None, Some(years)) => Age::Years(years),
            (None, None) => Age::Unknown,
        }
    }

    /// Whole years from the birth date to the date of the study.
    fn years_by_dates(&self) -> Option<f32> {
        let (born, seen) = (self.patient.birth_date.as_deref()?, self.study.date.as_deref()?);
        let year_and_day = |date: &str| -> Option<(i16, u16)> {
            let digits = date.len() == 8 && date.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| Some((date.get(..4)?.parse().ok()?, date.get(4..)?.parse().ok()?)))?
        };
        let ((born, birthday), (seen, day)) = (year_and_day(born)?, year_and_day(seen)?);
        let years = f32::from(seen - born - i16::from(day < birthday));
        (0.0..=OLDEST_YEARS).contains(&years).then_some(years)
    }
}

fn is_filler(said: &str) -> bool {
    let said = said.trim();
    said.eq_ignore_ascii_case("000Y") || said.eq_ignore_ascii_case("999Y")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::header;

    #[test]
    fn fillers_are_no_ages_and_dates_that_contradict_are_told() {
        let age = |said: &str, born: &str| {
            let mut header = header();
            header.study.patient_age = Some(said.to_owned());
            header.study.date = Some("20240215".into());
            header.patient.birth_date = Some(born.to_owned());
            header.age()
        };
        for unknown in ["", "000Y", "999Y", "42", "42Y", "000y", "130Y", "nem"] {
            assert_eq!(age(unknown, ""), Age::Unknown, "{unknown}");
        }
        assert_eq!(age("003Y", ""), Age::Years(3.0));
        assert_eq!(age("009M", "20230515"), Age::Years(0.75));
        assert_eq!(age("000D", "20240215"), Age::Years(0.0));
        assert_eq!(age("000Y", "20190301"), Age::Years(4.0));
        assert_eq!(age("999Y", "19790101"), Age::Years(45.0));
        assert_eq!(age("003Y", "19500101"), Age::Contradiction(3.0, 74.0));
        assert_eq!(age("045Y", "19790101"), Age::Years(45.0));
        assert_eq!(age("", "19000101"), Age::Unknown, "a birth date of a device");
        assert_eq!(age("", "20250101"), Age::Unknown, "born after the study");
    }
}
