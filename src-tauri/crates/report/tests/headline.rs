//! The headline of the PDF, what stands beside it, and the table of measurements.

mod common;

use ::report::render;
use common::*;
use domain::ReportFormat;
use domain::*;
use needs::need;

/// The signed study, of models that say where and not whether, or of others.
fn says_where(it_does: bool) -> Result<ReportSnapshot, Box<dyn std::error::Error>> {
    let mut study = signed_study()?;
    if it_does {
        let all = study.analyses.iter_mut();
        all.for_each(|reported| reported.analysis.operating_point.patients = None);
    }
    Ok(study)
}

fn rows(study: &ReportSnapshot) -> Result<Vec<std::collections::HashMap<String, String>>, Box<dyn std::error::Error>> {
    let table = render(study, ReportFormat::Csv)?;
    let mut reader = csv::Reader::from_reader(table.as_slice());
    Ok(reader.deserialize().collect::<Result<_, _>>()?)
}

/// What stands before the sentence on the models.
fn headline(study: &ReportSnapshot) -> Result<needs::Found<String>, Box<dyn std::error::Error>> {
    let text = pdf_text(&render(study, ReportFormat::Pdf)?)?;
    let head = |text: String| {
        let from = text.find("1.2.826").unwrap_or_default();
        let to = text.find("The model ").unwrap_or(text.len());
        text.get(from..to).unwrap_or_default().to_owned()
    };
    Ok(text.map(head))
}

#[test]
fn the_headline_asks_for_a_decision_as_long_as_one_is_wanted() -> Tested {
    for (open, decided, outlines) in [
        ("Flagged for attention", "Flagged; every finding is decided", false),
        ("Outlined for a decision", "Outlined; every finding is decided", true),
    ] {
        let mut study = says_where(outlines)?;
        let head = need!(headline(&study)?);
        assert!(head.contains(decided) && !head.contains(open), "{head}");
        // To leave it unsure is a decision, and none is none.
        let first = study.analyses[1].findings[0].finding.clone();
        study.analyses[1].findings[0].review = Some(review(&first, Decision::Unsure, None));
        assert!(need!(headline(&study)?).contains(decided));
        study.analyses[1].findings[0].review = None;
        let head = need!(headline(&study)?);
        assert!(head.contains(open) && !head.contains(decided), "{head}");
    }
    Ok(())
}

#[test]
fn a_study_that_was_partly_analysed_says_so_in_its_headline() -> Tested {
    let never = "2 images of this study were never analysed; this report says nothing about them.";
    let mut study = signed_study()?;
    (study.sign_off, study.state, study.pictures_not_analysed) = (None, StudyState::Partial, 2);
    let head = need!(headline(&study)?);
    assert!(head.contains(&format!("Partly analysed: {never}")), "{head}");
    let text = need!(pdf_text(&render(&study, ReportFormat::Pdf)?)?);
    assert!(
        text.contains("State: partly analysed") && text.matches(never).count() == 1,
        "{text}"
    );
    assert!(rows(&study)?.iter().all(|row| row["images_not_analysed"] == "2"));

    let mut silent = study.clone();
    silent.analyses.retain(|reported| reported.findings.is_empty());
    silent.key_images.clear();
    let head = need!(headline(&silent)?);
    assert!(head.contains(&format!("Partly analysed {never}")), "{head}");
    assert!(!head.contains("Nothing flagged"), "{head}");
    silent.analyses.retain(|reported| reported.analysis.score.is_none());
    let text = need!(pdf_text(&render(&silent, ReportFormat::Pdf)?)?);
    assert!(text.contains(&format!("Partly analysed: {never}")), "{text}");

    study.pictures_not_analysed = 0;
    let text = need!(pdf_text(&render(&signed_study()?, ReportFormat::Pdf)?)?);
    assert!(!text.to_lowercase().contains("partly analysed"), "{text}");
    Ok(())
}

#[test]
fn what_was_measured_stands_in_a_table_of_its_own() -> Tested {
    let mut study = signed_study()?;
    assert!(!need!(pdf_text(&render(&study, ReportFormat::Pdf)?)?).contains("Measurements"));
    let measured = |name: &str, value, unit: &str| Measured {
        name: name.into(),
        value,
        unit: unit.into(),
    };
    let measurement = |instance: i32, frame, kind, measured, rests_on| -> Result<_, Box<dyn std::error::Error>> {
        Ok(ReportedMeasurement {
            annotation: Annotation {
                id: format!("{instance:032x}"),
                sop_instance_uid: uid(&format!("1.2.826.0.1.3680043.10.1357.7.{instance}"))?,
                frame,
                kind,
                points: vec![[0.0, 0.0], [1.0, 1.0]],
                text: Some("beside the falx".into()),
                measured,
                created_by: "dr.weber".into(),
                updated_at: NOW,
            },
            series_instance_uid: uid("1.2.826.0.1.3680043.10.1357.7")?,
            instance_number: Some(instance),
            rests_on,
        })
    };
    let length = vec![measured("length", 12.345, "mm")];
    let area = vec![measured("area", 81.5, "mm²"), measured("mean", 412.27, "HU")];
    let basis = Some(SpacingBasis::CalibratedFiducial);
    study.measurements = vec![
        measurement(12, 0, AnnotationKind::Length, length, basis)?,
        measurement(13, 4, AnnotationKind::Ellipse, area, Some(SpacingBasis::Patient))?,
        measurement(13, 0, AnnotationKind::Angle, vec![measured("angle", 90.0, "°")], None)?,
    ];
    let text = need!(pdf_text(&render(&study, ReportFormat::Pdf)?)?);
    for part in [
        "Measurements",
        "length 12.35 mm",
        "calibrated by an object",
        "instance 13, frame 5",
        "instance 13, frame 1",
        "area 81.50 mm²",
        "mean 412.3 HU",
        "in the patient",
        "angle 90.0°",
        "beside the falx",
    ] {
        assert!(text.contains(part), "the report lacks {part:?}:\n{text}");
    }
    Ok(())
}
