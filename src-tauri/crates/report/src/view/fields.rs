//! The head of the report: who, what, and who signed.

use domain::{Doubt, DoubtedField, FormText, Patient, ReportSnapshot, Series, Study};
use serde::Serialize;

use super::{NOT_SIGNED, named};
use crate::words::{age, dicom_date, dicom_time, person_name, sex, utc};

/// A name and what stands behind it.
#[derive(Serialize)]
pub struct Field {
    pub name: &'static str,
    pub value: String,
}

const NOT_GIVEN: &str = "—";
/// More series than this are counted and not listed.
const SERIES_LISTED: usize = 8;

pub fn field(name: &'static str, value: impl Into<String>) -> Field {
    Field {
        name,
        value: named(&value.into(), NOT_GIVEN),
    }
}

pub fn patient(patient: &Patient, study: &Study, doubts: &[Doubt]) -> Vec<Field> {
    let marked = |of: &[DoubtedField], text: String| marked(doubts, of, text);
    // The age of dates that are doubted is none.
    let given = study
        .patient_age
        .as_deref()
        .filter(|given| !given.trim().is_empty())
        .map(age);
    let dates_doubted = doubts
        .iter()
        .any(|doubt| matches!(doubt.field, DoubtedField::BirthDate | DoubtedField::StudyDate));
    let age = given.or_else(|| age_by_dates(patient, study).filter(|_| !dates_doubted));
    let issuer = patient.issuer.as_deref().or(patient.issuer_id.as_deref());
    let id = match issuer.filter(|issuer| !issuer.trim().is_empty()) {
        Some(issuer) => format!("{} (issued by {issuer})", patient.patient_id),
        None => patient.patient_id.clone(),
    };
    vec![
        field("Name", person_name(&patient.patient_name)),
        field("Patient ID", marked(&[DoubtedField::PatientId], id)),
        field(
            "Birth date",
            marked(
                &[DoubtedField::BirthDate],
                patient.birth_date.as_deref().map(dicom_date).unwrap_or_default(),
            ),
        ),
        field(
            "Sex",
            marked(
                &[DoubtedField::Sex],
                patient.sex.as_deref().map(sex).unwrap_or_default(),
            ),
        ),
        field("Age at study", marked(&[DoubtedField::Age], age.unwrap_or_default())),
    ]
}

/// A value that can hardly be so is never printed as a plain fact.
fn marked(doubts: &[Doubt], of: &[DoubtedField], text: String) -> String {
    if !text.trim().is_empty() && doubts.iter().any(|doubt| of.contains(&doubt.field)) {
        format!("{text} (in doubt, see below)")
    } else {
        text
    }
}

pub fn study(snapshot: &ReportSnapshot) -> Vec<Field> {
    let study = &snapshot.study;
    let date = study.date.as_deref().map(dicom_date).unwrap_or_default();
    let time = study.time.as_deref().map(dicom_time).unwrap_or_default();
    let mut series: Vec<String> = snapshot.series.iter().take(SERIES_LISTED).map(series_line).collect();
    if snapshot.series.len() > SERIES_LISTED {
        series.push(format!("and {} more", snapshot.series.len() - SERIES_LISTED));
    }
    vec![
        field(
            "Study date",
            marked(
                &snapshot.doubts,
                &[DoubtedField::StudyDate],
                format!("{date} {time}").trim().to_owned(),
            ),
        ),
        field("Description", study.description.as_deref().unwrap_or_default()),
        field(
            "Accession number",
            study.accession_number.as_deref().unwrap_or_default(),
        ),
        field(
            "Referring physician",
            study
                .referring_physician
                .as_deref()
                .map(person_name)
                .unwrap_or_default(),
        ),
        field("Series", series.join("\n")),
        field("Instances", snapshot.instance_count.to_string()),
    ]
}

/// The sections that the reader wrote something in.
pub fn form(text: &FormText) -> Vec<Field> {
    text.sections()
        .into_iter()
        .filter(|(_, text)| !text.trim().is_empty())
        .map(|(name, text)| field(name, text.trim()))
        .collect()
}

pub fn sign_off(snapshot: &ReportSnapshot) -> Vec<Field> {
    match &snapshot.sign_off {
        Some(signed) => vec![
            field("Signed by", signed.reader.as_str()),
            field("Signed at", utc(signed.signed_at)),
            field("Content sha256", signed.content_sha256.as_str()),
        ],
        None => vec![field(
            "Sign-off",
            format!("{NOT_SIGNED}: findings and decisions may still change."),
        )],
    }
}

fn series_line(series: &Series) -> String {
    let number = series.number.map(|number| number.to_string());
    let parts = [
        Some(series.modality.clone()),
        number,
        series.description.clone().or_else(|| series.protocol_name.clone()),
        series.body_part_examined.clone(),
        series.view_position.clone(),
    ];
    let present = parts.into_iter().flatten().filter(|part| !part.trim().is_empty());
    present.collect::<Vec<_>>().join(" · ")
}

/// The whole years from birth to study.
fn age_by_dates(patient: &Patient, study: &Study) -> Option<String> {
    let number = |date: &Option<String>| {
        date.as_deref()
            .filter(|d| d.len() == 8)
            .and_then(|d| d.parse::<u32>().ok())
    };
    // The difference of two YYYYMMDD numbers holds the completed years in its upper digits.
    let days_apart = number(&study.date)?.checked_sub(number(&patient.birth_date)?)?;
    Some(age(&format!("{:03}Y", days_apart / 10_000)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{InvalidUid, Uid};

    fn years(birth: &str, date: &str, given: Option<&str>) -> Result<Option<String>, InvalidUid> {
        let patient = Patient {
            birth_date: Some(birth.into()),
            ..Patient::default()
        };
        let study = Study {
            study_instance_uid: Uid::parse("1.2.3")?,
            date: Some(date.into()),
            time: None,
            accession_number: None,
            description: None,
            referring_physician: None,
            patient_age: given.map(str::to_owned),
        };
        let shown = super::patient(&patient, &study, &domain::doubts(&patient, &study, "20991231"));
        let age = shown.into_iter().find(|field| field.name == "Age at study");
        Ok(age.map(|field| field.value).filter(|value| value != NOT_GIVEN))
    }

    #[test]
    fn the_age_counts_completed_years() -> Result<(), InvalidUid> {
        assert_eq!(years("19800615", "20260614", None)?, Some("45 years".into()));
        assert_eq!(years("19800615", "20260615", None)?, Some("46 years".into()));
        assert_eq!(years("19800615", "20260615", Some("044Y"))?, Some("44 years".into()));
        assert_eq!(
            years("19800615", "20260615", Some("034Y"))?,
            Some("34 years (in doubt, see below)".into())
        );
        assert_eq!(years("18000615", "20260615", None)?, None);
        assert_eq!(years("20260616", "20260615", None)?, None);
        assert_eq!(years("unknown!", "20260615", None)?, None);
        Ok(())
    }
}
