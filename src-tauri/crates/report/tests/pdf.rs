//! The PDF as poppler reads it.

mod common;

use ::report::render;
use common::*;
use domain::ReportFormat;
use domain::numbers::DecisionCounts;
use domain::*;
use needs::need;

#[test]
fn a_signed_report_says_all_that_a_file_needs() -> Tested {
    let pdf = render(&signed_study()?, ReportFormat::Pdf)?;
    assert!(pdf.starts_with(b"%PDF-1."));
    let text = need!(pdf_text(&pdf)?);
    for part in [
        "Dr. Jane Doe",
        "SYN-004711",
        "1964-03-02",
        "female",
        "62 years",
        "2026-11-23 10:15:02",
        "MRI head, follow-up",
        "ACC-2026-88121",
        "Dr. Anna Fischer",
        "MR · 3 · T2 FLAIR axial · HEAD",
        "1.2.826.0.1.3680043.10.1357.20261123.140509.4711",
        "flagged 2 of 3 scored frames (highest score 0.973, threshold 0.500), with 3 findings: 1 accepted, 1 changed \
         and 1 rejected by the reader.",
        "No score for instance 24: The picture is not an axial FLAIR slice of the head",
        "0.612",
        "180.0 mm²",
        "longest 19.2 mm",
        "15.0 × 12.0 mm",
        "nothing is drawn below 0.2 (hatched)",
        "peak at (155, 96)",
        "changed to gliosis",
        "Flow artefact.",
        "dr.weber, 2026-11-23 13:55 UTC",
        "brain-mri-flair, version 1.2.0",
        WEIGHTS,
        "balanced: flagged at a score of 0.500 or more",
        "sensitivity 95.0 % (38 of 40 patients, at least 85.0 %), specificity 90.0 % (45 of 50 patients, at least \
         78.4 %), on brain-mri/lgg-flair val, 12 patients",
        "cpu, bf16, by Overread 0.1.0",
        CONTENT,
        "SIGNED",
        "Not for diagnosis. Overread is not a medical device.",
    ] {
        assert!(text.contains(part), "the report lacks {part:?}:\n{text}");
    }
    assert!(!text.contains("NOT SIGNED"));
    Ok(())
}

/// The same study, of a model that says where and not whether, or of one in part.
fn says_where(only: impl Fn(usize) -> bool) -> Result<ReportSnapshot, Box<dyn std::error::Error>> {
    let mut study = signed_study()?;
    let own = study.analyses.iter_mut().enumerate().filter(|(place, _)| only(*place));
    own.for_each(|(_, reported)| reported.analysis.operating_point.patients = None);
    Ok(study)
}

#[test]
fn a_model_that_says_where_outlines_and_nothing_is_called_flagged() -> Tested {
    let outlined = says_where(|_| true)?;
    let mut silent = outlined.clone();
    silent.analyses.retain(|reported| reported.findings.is_empty());
    silent.key_images.clear();
    let mut unsigned = outlined.clone();
    (unsigned.sign_off, unsigned.state) = (None, StudyState::Outlined);
    unsigned.analyses[1].findings[0].review = None;
    let mut untouched = silent.clone();
    (untouched.sign_off, untouched.state) = (None, StudyState::NotOutlined);
    let said = "outlined 2 of 3 scored frames (highest score 0.973, threshold 0.500), with 3 findings";
    for (study, parts) in [
        (
            outlined,
            vec![
                "Outlined; every finding is decided",
                said,
                "balanced: outlined at a score of 0.500 or more",
                "sensitivity 92.3 %, specificity 88.1 %",
            ],
        ),
        (unsigned, vec!["Outlined for a decision", said]),
        (
            silent,
            vec![
                "Nothing outlined",
                "outlined none of 1 scored frame (highest score 0.120, threshold 0.500)",
                "An image on which nothing is outlined is not thereby shown to be normal.",
            ],
        ),
        (untouched, vec!["Nothing outlined"]),
    ] {
        let text = need!(pdf_text(&render(&study, ReportFormat::Pdf)?)?);
        for part in parts.into_iter().chain([SAYS_WHERE]) {
            assert!(text.contains(part), "the report lacks {part:?}:\n{text}");
        }
        assert!(!text.to_lowercase().contains("flag"), "{text}");
        for row in rows(&study)? {
            let told = (row["flagged"].as_str(), row["outlined"].as_str(), row["says"].as_str());
            let reached = row["image_score"].parse::<f32>().is_ok_and(|score| score >= 0.5);
            assert_eq!(
                told,
                ("false", if reached { "true" } else { "false" }, "where"),
                "{row:?}"
            );
        }
    }
    Ok(())
}

#[test]
fn two_models_of_one_study_are_told_each_in_its_own_words() -> Tested {
    // The flagged one says whether.
    let study = says_where(|place| place != 1)?;
    let text = need!(pdf_text(&render(&study, ReportFormat::Pdf)?)?);
    for part in [
        "Flagged; every finding is decided",
        "flagged 1 of 1 scored frame (highest score 0.973, threshold 0.500), with 2 findings",
        "outlined 1 of 2 scored frames (highest score 0.551, threshold 0.500), with 1 finding",
        SAYS_WHERE,
    ] {
        assert!(text.contains(part), "the report lacks {part:?}:\n{text}");
    }
    // The silent one says whether.
    let text = need!(pdf_text(&render(&says_where(|place| place != 0)?, ReportFormat::Pdf)?)?);
    for part in [
        "Outlined; every finding is decided",
        "flagged none of 1 scored frame",
        "outlined 2 of 2 scored frames",
    ] {
        assert!(text.contains(part), "the report lacks {part:?}:\n{text}");
    }
    Ok(())
}

fn rows(study: &ReportSnapshot) -> Result<Vec<std::collections::HashMap<String, String>>, Box<dyn std::error::Error>> {
    let table = render(study, ReportFormat::Csv)?;
    let mut reader = csv::Reader::from_reader(table.as_slice());
    Ok(reader.deserialize().collect::<Result<_, _>>()?)
}

#[test]
fn findings_that_are_one_lesion_name_each_other() -> Tested {
    let mut study = signed_study()?;
    let findings: Vec<Finding> = study
        .analyses
        .iter()
        .flat_map(|one| one.findings.iter().map(|reported| reported.finding.clone()))
        .collect();
    let lesion = |findings: &[&Finding], last_slice| -> Result<Lesion, InvalidUid> {
        Ok(Lesion {
            series_instance_uid: uid("1.2.826.0.1.3680043.10.1357.7")?,
            label: "lesion".into(),
            model_label: "lesion".into(),
            decision: Some(DecisionKind::Accepted),
            told: true,
            decisions: DecisionCounts::default(),
            findings: findings.iter().map(|one| one.id.clone()).collect(),
            shown_at: FrameRef {
                sop_instance_uid: uid("1.2.826.0.1.3680043.10.1357.7.12")?,
                frame: 0,
            },
            score: findings[0].score,
            threshold: 0.5,
            first_slice: 12,
            last_slice,
            diameter_mm: None,
            extent_px: [30, 24],
            notes: Vec::new(),
        })
    };
    study.lesions = vec![lesion(&[&findings[0], &findings[2]], 13)?, lesion(&[&findings[1]], 12)?];
    let text = need!(pdf_text(&render(&study, ReportFormat::Pdf)?)?);
    let text = text.replace('\u{a0}', " ");
    // Told once, at the first of its findings; the last one points there, and of no other is anything said.
    for part in ["one lesion with No. 3,", "slices 12 to 13", "same lesion as No. 1"] {
        assert_eq!(text.matches(part).count(), 1, "{part:?} in:\n{text}");
    }
    assert_eq!(
        text.matches("lesion with").count() + text.matches("same lesion").count(),
        2,
        "{text}"
    );
    Ok(())
}

#[test]
fn every_page_names_patient_purpose_and_page() -> Tested {
    let pdf = render(&signed_study()?, ReportFormat::Pdf)?;
    let info = need!(poppler("pdfinfo", &[], &pdf)?);
    let pages = page_count(&info)?;
    assert!(pages >= 2, "{info}");
    assert!(info.contains("A4"), "{info}");
    assert!(!info.contains("Doe"), "the patient's name is in the metadata: {info}");
    let text = need!(poppler("pdftotext", &["-layout"], &pdf)?);
    assert_eq!(text.matches("Not for diagnosis.").count(), pages);
    for page in 1..=pages {
        assert!(
            text.contains(&format!("Page {page} of {pages}")),
            "page {page} is not counted"
        );
    }
    assert_eq!(text.matches("Patient ID SYN-004711").count(), pages);
    Ok(())
}

#[test]
fn every_page_says_where_nobody_vouches_for_the_models() -> Tested {
    use domain::ModelSigner::{Development, Nobody, Release};
    let notes = [
        "An answer comes from a model that nobody signed.",
        "It was not kept who signed the models.",
        "Models signed with the published development key only.",
    ];
    // Who signed what the first analysis comes from, and the others; which note says so.
    for (first, others, note) in [
        (Some(Nobody), Some(Release), Some(0)),
        (None, Some(Nobody), Some(0)),
        (None, Some(Development), Some(1)),
        (Some(Development), Some(Release), Some(2)),
        (Some(Release), Some(Release), None),
    ] {
        let mut study = signed_study()?;
        let mut signers = std::iter::once(first).chain(std::iter::repeat(others));
        for (reported, signer) in study.analyses.iter_mut().zip(&mut signers) {
            reported.analysis.signer = signer;
        }
        let pdf = render(&study, ReportFormat::Pdf)?;
        let text = need!(poppler("pdftotext", &["-layout"], &pdf)?);
        let pages = text.matches("Not for diagnosis.").count();
        for (place, words) in notes.iter().enumerate() {
            let said = if note == Some(place) { pages } else { 0 };
            assert_eq!(text.matches(words).count(), said, "{first:?}, {others:?}: {text}");
        }
        let word = |signer: Option<domain::ModelSigner>| signer.map_or("", domain::ModelSigner::as_str);
        for row in rows(&study)? {
            assert!(
                [word(first), word(others)].contains(&row["model_signing_key"].as_str()),
                "{row:?}"
            );
        }
    }
    Ok(())
}

#[test]
fn the_file_declares_pdf_a_2b() -> Tested {
    let pdf = render(&signed_study()?, ReportFormat::Pdf)?;
    let text = String::from_utf8_lossy(&pdf);
    assert!(
        text.contains("<pdfaid:part>2</pdfaid:part>") && text.contains("<pdfaid:conformance>B</pdfaid:conformance>")
    );
    Ok(())
}

#[test]
fn the_same_snapshot_gives_the_same_bytes() -> Tested {
    let study = signed_study()?;
    for format in ReportFormat::ALL.iter().copied() {
        assert!(
            render(&study, format)? == render(&study, format)?,
            "{format:?} differs from run to run"
        );
    }
    Ok(())
}

#[test]
fn an_unsigned_report_says_so() -> Tested {
    let mut study = signed_study()?;
    study.sign_off = None;
    study.state = StudyState::Flagged;
    study.analyses[1].findings[0].review = None;
    let text = need!(pdf_text(&render(&study, ReportFormat::Pdf)?)?);
    assert!(
        text.contains("NOT SIGNED — preliminary: findings and decisions may still change."),
        "{text}"
    );
    assert!(
        text.contains("1 changed, 1 rejected and 1 not reviewed by the reader"),
        "{text}"
    );
    assert!(!text.contains(CONTENT));
    Ok(())
}

#[test]
fn the_readers_words_doubts_and_what_was_never_analysed_are_printed() -> Tested {
    let mut study = signed_study()?;
    study.sign_off = None;
    study.form = FormText {
        indication: "Headache #strong[not markup]".into(),
        conclusion: "Első sor\nmásodik sor".into(),
        recommendation: "  ".into(),
        ..FormText::default()
    };
    study.pictures_not_analysed = 2;
    let first = study.analyses[1].findings[0].finding.clone();
    study.analyses[1].findings[0].review = Some(review(&first, Decision::Unsure, None));
    let text = need!(pdf_text(&render(&study, ReportFormat::Pdf)?)?);
    for words in [
        "Indication",
        "Headache #strong[not markup]",
        "Első sor",
        "második sor",
        "unsure, left undecided",
        "1 left unsure by the reader",
        "2 images of this study were never analysed",
    ] {
        assert!(text.contains(words), "{words} is missing: {text}");
    }
    assert!(
        !text.contains("Recommendation") && !text.contains("Technique"),
        "{text}"
    );
    let without = need!(pdf_text(&render(&signed_study()?, ReportFormat::Pdf)?)?);
    assert!(
        !without.contains("Indication") && !without.contains("never analysed"),
        "{without}"
    );
    // Of silence on a part nothing follows for the whole, and its name is that of window and terminal.
    study.analyses.retain(|reported| reported.findings.is_empty());
    study.key_images.clear();
    study.state = StudyState::Partial;
    let partly = need!(pdf_text(&render(&study, ReportFormat::Pdf)?)?);
    for words in ["Partly analysed", StudyState::Partial.in_words()] {
        assert!(partly.contains(words), "{words} is missing: {partly}");
    }
    assert!(!partly.contains("in part"), "{partly}");
    Ok(())
}

#[test]
fn key_images_that_the_reader_chose_keep_their_order() -> Tested {
    let mut study = signed_study()?;
    let uids = study.key_images.clone().into_iter().map(|image| image.sop_instance_uid);
    let uids: Vec<Uid> = uids.collect();
    let order = |text: &str| -> Result<Vec<usize>, String> {
        let start = text.find("Key images").unwrap_or_default();
        let place = |uid: &Uid| text[start..].find(uid.as_str()).ok_or(format!("{uid} is not printed"));
        uids.iter().map(place).collect()
    };
    let by_suspicion = order(&need!(pdf_text(&render(&study, ReportFormat::Pdf)?)?))?;
    assert!(
        by_suspicion[0] > by_suspicion[1],
        "the less suspicious one stands first"
    );
    study.key_images_chosen = true;
    let chosen = order(&need!(pdf_text(&render(&study, ReportFormat::Pdf)?)?))?;
    assert!(chosen[0] < chosen[1], "the reader's order was changed");
    Ok(())
}

#[test]
fn a_refused_study_gives_the_reason_and_no_score() -> Tested {
    let mut study = signed_study()?;
    study.sign_off = None;
    study.state = StudyState::Refused;
    study.analyses = vec![reported(24, None, Vec::new())?];
    study.key_images.clear();
    let text = need!(pdf_text(&render(&study, ReportFormat::Pdf)?)?);
    assert!(
        text.contains("No model gave a score for 1 frame of this study."),
        "{text}"
    );
    assert!(
        text.contains("The picture is not an axial FLAIR slice of the head (distance 3.1, limit 1)."),
        "{text}"
    );
    assert!(!text.contains("highest score"), "{text}");
    assert!(
        text.contains("not the kind of image the model was trained on"),
        "{text}"
    );
    assert!(text.contains("No model looked at an image of this study"), "{text}");
    let reason = Sentence::new(SentenceCode::GateAskAge, [], "enter the patient's age");
    study.analyses[0].analysis.input.reason = Some(reason);
    let text = need!(pdf_text(&render(&study, ReportFormat::Pdf)?)?);
    assert!(text.contains("a fact that the model needs was not stated"), "{text}");
    Ok(())
}

#[test]
fn a_study_without_analyses_and_without_a_patient_still_makes_a_report() -> Tested {
    let mut study = signed_study()?;
    study.patient = Patient::default();
    (study.sign_off, study.state) = (None, StudyState::New);
    study.analyses.clear();
    study.key_images.clear();
    study.series.clear();
    let text = need!(pdf_text(&render(&study, ReportFormat::Pdf)?)?);
    assert!(text.contains("No image of this study has been analysed."), "{text}");
    assert!(text.contains("Patient ID not given"), "{text}");
    Ok(())
}

#[test]
fn a_study_without_a_picture_says_that_no_picture_was_there() -> Tested {
    let mut study = signed_study()?;
    (study.sign_off, study.state) = (None, StudyState::NoPicture);
    (study.picture_count, study.instance_count) = (0, 1);
    study.analyses.clear();
    study.key_images.clear();
    let text = need!(pdf_text(&render(&study, ReportFormat::Pdf)?)?);
    assert!(text.contains("There was no image"), "{text}");
    assert!(text.contains("State: no image"), "{text}");
    assert!(!text.contains("has been analysed"), "{text}");
    Ok(())
}

#[test]
fn two_hundred_findings_break_over_pages_under_repeated_heads() -> Tested {
    let mut study = signed_study()?;
    let mut findings = Vec::new();
    for id in 0..200 {
        let made = finding(1000 + id, "lesion", 0.9, [(id % 20) * 12, (id / 20) * 24, 8, 8])?;
        findings.push(ReportedFinding {
            review: Some(review(&made, Decision::Accepted, Some("seen"))),
            finding: made,
        });
    }
    study.key_images = vec![key_image(12, findings.clone())?];
    study.analyses = vec![reported(12, Some(0.9), findings)?];
    let pdf = render(&study, ReportFormat::Pdf)?;
    let text = need!(poppler("pdftotext", &["-layout"], &pdf)?);
    let heads = text.matches("Reader's decision").count() + text.matches("Reader’s decision").count();
    assert!(heads >= 6, "{heads} heads");
    assert_eq!(text.matches("Note: seen").count(), 200);
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(joined.contains("with 200 findings: 200 accepted by the reader"));
    Ok(())
}

fn page_count(info: &str) -> Result<usize, Box<dyn std::error::Error>> {
    let line = info
        .lines()
        .find_map(|line| line.strip_prefix("Pages:"))
        .ok_or("pdfinfo gives no page count")?;
    Ok(line.trim().parse()?)
}
