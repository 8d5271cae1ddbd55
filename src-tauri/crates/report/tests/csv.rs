//! The CSV against a file that was read by hand, and as a CSV reader sees it.

mod common;

use std::collections::BTreeMap;

use ::report::render;
use common::*;
use domain::ReportFormat;
use domain::*;

type Row = BTreeMap<String, String>;

fn rows(csv_bytes: &[u8]) -> Result<Vec<Row>, csv::Error> {
    csv::Reader::from_reader(csv_bytes).deserialize().collect()
}

#[test]
fn the_table_is_the_golden_file() -> Tested {
    let table = String::from_utf8(render(&signed_study()?, ReportFormat::Csv)?)?;
    let golden = include_str!("golden/findings.csv");
    // The repository may hold the golden file with either line end; the table itself has CRLF.
    assert_eq!(table.matches('\n').count(), table.matches("\r\n").count());
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(lines(&table), lines(golden));
    Ok(())
}

/// Frames of one file, each with a spacing of its own.
#[test]
fn sizes_of_findings_are_those_of_their_own_frame() -> Tested {
    let mut study = signed_study()?;
    let uid = study.analyses.first().map(|one| one.analysis.sop_instance_uid.clone());
    for (frame, reported) in (0_u32..).zip(&mut study.analyses) {
        reported.analysis.sop_instance_uid = uid.clone().ok_or("no analysis")?;
        reported.analysis.frame = frame;
        reported.ruler = Ruler::of_spacing((frame != 2).then(|| [f64::from(frame) + 1.0, 0.5]));
    }
    let mut seen = 0;
    for row in rows(&render(&study, ReportFormat::Csv)?)? {
        let number = |name: &str| row[name].parse::<f64>().ok();
        let frame = number("frame").ok_or("no frame")?;
        let measured = |size: Option<f64>, mm: f64| size.filter(|_| frame != 2.0).map(|size| size * mm);
        assert_eq!(number("width_mm"), measured(number("box_width"), 0.5), "{frame}");
        assert_eq!(
            number("height_mm"),
            measured(number("box_height"), frame + 1.0),
            "{frame}"
        );
        seen += usize::from(number("width_mm").is_some());
    }
    assert!(seen > 1);
    Ok(())
}

#[test]
fn each_finding_and_each_analysis_without_one_has_a_row() -> Tested {
    let rows = rows(&render(&signed_study()?, ReportFormat::Csv)?)?;
    let column = |name: &str| rows.iter().map(|row| row[name].as_str()).collect::<Vec<_>>();
    assert_eq!(column("instance_number"), ["11", "12", "12", "13", "24"]);
    assert_eq!(column("finding_number"), ["", "1", "2", "3", ""]);
    assert_eq!(column("image_score"), ["0.12", "0.973", "0.973", "0.551", ""]);
    assert_eq!(column("decision"), ["", "accepted", "rejected", "changed", ""]);
    assert_eq!(column("changed_label"), ["", "", "", "gliosis", ""]);
    assert_eq!(column("input_verdict")[4], "out_of_range");
    assert!(
        rows.iter()
            .all(|row| row["weights_sha256"] == WEIGHTS && row["signed_by"] == "dr.weber")
    );
    Ok(())
}

#[test]
fn text_cells_carry_no_formula_and_numbers_stay_numbers() -> Tested {
    let mut study = signed_study()?;
    study.patient.patient_name = "=cmd|' /C calc'!A0".into();
    study.patient.patient_id = "-2+3\0".into();
    study.analyses[1].instance_number = Some(-4);
    if let Some(review) = &mut study.analyses[1].findings[0].review {
        review.note = Some("@first,\r\n\"second\"".into());
    }
    let rows = rows(&render(&study, ReportFormat::Csv)?)?;
    assert_eq!(rows[1]["patient_name"], "'=cmd|' /C calc'!A0");
    assert_eq!(rows[1]["patient_id"], "'-2+3\u{2400}");
    assert_eq!(rows[1]["instance_number"], "-4");
    assert_eq!(rows[1]["note"], "'@first,\n\"second\"");
    Ok(())
}

#[test]
fn names_of_every_script_come_back() -> Tested {
    let mut study = signed_study()?;
    for name in [
        "Árvíztűrő^Ödön",
        "Щербакова^Анна",
        "قباني^لنزار",
        "Yamada^Tarou=山田^太郎",
    ] {
        study.patient.patient_name = name.into();
        assert_eq!(rows(&render(&study, ReportFormat::Csv)?)?[0]["patient_name"], name);
    }
    Ok(())
}

#[test]
fn a_study_without_analyses_gives_the_head_alone() -> Tested {
    let mut study = signed_study()?;
    (study.analyses, study.state) = (Vec::new(), StudyState::New);
    let table = String::from_utf8(render(&study, ReportFormat::Csv)?)?;
    assert_eq!(table.lines().count(), 1);
    assert!(table.starts_with("patient_id,patient_name,"));
    Ok(())
}
