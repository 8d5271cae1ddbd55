//! The study's reports, checked against what the vault says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use overread_tests::{BUNDLE, Done, Outcome, assert_keys, each, field, need, number, program, text};

use crate::story::{findings, lesion_study, story};

#[test]
fn the_csv_report_holds_each_finding_with_its_decision() -> Done {
    let story = story()?;
    let mut reader = csv::Reader::from_path(&story.reports["csv"])?;
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().collect::<Result<_, _>>()?;
    let decided = rows.iter().filter(|row| !row["finding_id"].is_empty());
    let by_id: BTreeMap<&str, &BTreeMap<String, String>> =
        decided.map(|row| (row["finding_id"].as_str(), row)).collect();
    let found = findings(&story.shown_signed);
    assert_eq!(by_id.len(), found.len());
    let without = each(&story.shown_signed, "analyses")
        .iter()
        .filter(|a| each(a, "findings").is_empty())
        .count();
    assert_eq!(rows.len(), found.len() + without);
    for (analysis, finding) in found {
        let row = by_id[text(finding, "id")];
        for (column, path) in [
            ("score", "score"),
            ("box_x", "box/0"),
            ("box_y", "box/1"),
            ("box_width", "box/2"),
            ("box_height", "box/3"),
            ("peak_x", "peak/0"),
            ("peak_y", "peak/1"),
            ("area_px", "area_px"),
            ("area_mm2", "area_mm2"),
        ] {
            let (told, wanted): (f64, f64) = (row[column].parse()?, number(finding, path));
            assert!(
                (told - wanted).abs() <= 1e-6 * wanted.abs().max(1.0),
                "{column}: {told}, not {wanted}"
            );
        }
        assert_eq!(row["sop_instance_uid"], text(analysis, "sop_instance_uid"));
        assert_eq!(row["weights_sha256"], text(analysis, "weights_sha256"));
        assert_eq!(row["content_sha256"], text(&story.signed, "content_sha256"));
        let review = each(analysis, "reviews")
            .iter()
            .find(|r| r["finding_id"] == finding["id"]);
        let review = review.ok_or("a finding without a decision in a signed study")?;
        assert_eq!(row["decision"], text(review, "decision"));
        assert_eq!(row["note"], review["note"].as_str().unwrap_or_default());
        if let Some(label) = review["label"].as_str() {
            assert_eq!(row["changed_label"], label);
        }
    }
    Ok(())
}

#[test]
fn the_png_report_is_a_picture() -> Done {
    let story = story()?;
    let picture = image::open(&story.reports["png"])?.to_rgb8();
    assert!(
        picture.width() >= 256 && picture.height() >= 256,
        "{:?}",
        picture.dimensions()
    );
    let colours: BTreeSet<[u8; 3]> = picture.pixels().map(|pixel| pixel.0).collect();
    assert!(colours.len() > 50, "only {} colours", colours.len());
    Ok(())
}

#[test]
fn each_report_is_the_file_that_was_announced() -> Done {
    use sha2::{Digest, Sha256};
    let story = story()?;
    for answer in &story.report_answers {
        assert_keys(answer, &["study_instance_uid", "format", "file", "bytes", "sha256"]);
        let bytes = fs::read(text(answer, "file"))?;
        let sha256: String = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(text(answer, "sha256"), sha256);
        assert_eq!(field(answer, "bytes"), bytes.len());
    }
    assert_eq!(story.report_answers.len(), 3);
    Ok(())
}

fn pdf_text(path: &Path) -> Outcome<String> {
    let output = Command::new("pdftotext").arg(path).arg("-").output()?;
    assert!(
        output.status.success(),
        "pdftotext: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    // Line breaks within a cell are the layout's, not the text's.
    Ok(String::from_utf8(output.stdout)?
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" "))
}

#[test]
fn the_pdf_report_says_who_what_and_how_decided() -> Done {
    need!(program("pdftotext"));
    let story = story()?;
    let pdf = pdf_text(&story.reports["pdf"])?;
    let first = each(&story.shown_signed, "analyses").first().ok_or("no analysis")?;
    let study = lesion_study(&story.manifest)?;
    for wanted in [
        "Lesion One Synthetic",
        "SYN-0001",
        &study,
        text(first, "weights_sha256"),
        BUNDLE,
        "Not for diagnosis",
        "accepted",
        "changed to",
        "artefact <b>& \"quoted\"; =1+1",
        "Árnyék a széleken",
        "Page 1 of",
        text(&story.signed, "content_sha256"),
    ] {
        assert!(pdf.contains(wanted), "{wanted:?} is not in the report: {pdf}");
    }
    assert!(!pdf.contains("NOT SIGNED"), "{pdf}");
    for (_, finding) in findings(&story.shown_signed) {
        // Cut, not rounded up: a score must not read as one at the threshold.
        let score = format!("{:.3}", ((number(finding, "score") + 5e-7) * 1000.0).floor() / 1000.0);
        assert!(pdf.contains(&score), "the score {score} is not in the report: {pdf}");
    }
    Ok(())
}

#[test]
fn an_unsigned_report_says_so_and_keeps_the_letters_of_a_name() -> Done {
    need!(program("pdftotext"));
    let story = story()?;
    let clean = each(&story.listed, "studies")
        .iter()
        .find(|row| row["patient_id"] == "SYN-0002");
    let uid = text(clean.ok_or("SYN-0002 is not listed")?, "study_instance_uid");
    let out = story.place.folder.join("clean.pdf");
    story.place.call("report --out").arg(&out).arg(uid).run()?.ended(0);
    let pdf = pdf_text(&out)?;
    assert!(
        pdf.contains("NOT SIGNED") && pdf.contains("Ép Kettő Szintetikus"),
        "{pdf}"
    );
    Ok(())
}
