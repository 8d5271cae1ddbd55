//! A study as the records would hand it over, and what reads the files that come of it.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::error::Error;
use std::io::Write;
use std::process::Command;

use domain::analysis::InvalidScore;
use domain::*;
use needs::Found;

pub type Tested = Result<(), Box<dyn Error>>;

pub const NOW: Timestamp = Timestamp(1_795_442_700_000);
pub const WEIGHTS: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
pub const CONTENT: &str = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";

pub fn uid(text: &str) -> Result<Uid, InvalidUid> {
    Uid::parse(text)
}

pub fn finding(id: u32, label: &str, score: f32, bounds: [u32; 4]) -> Result<Finding, InvalidScore> {
    let [x, y, width, height] = bounds;
    Ok(Finding {
        id: format!("{id:032x}"),
        label: label.into(),
        score: Score::try_from(score)?,
        region: Region {
            bounds: PixelBox { x, y, width, height },
            peak: PixelPoint {
                x: x + width / 2,
                y: y + height / 2,
            },
            area_px: width * height,
            area_mm2: Some(f64::from(width * height) * 0.25),
            outlines: vec![vec![[x, y], [x + width, y], [x + width, y + height], [x, y + height]]],
        },
    })
}

pub fn review(finding: &Finding, decision: Decision, note: Option<&str>) -> Review {
    Review {
        finding_id: finding.id.clone(),
        decision,
        note: note.map(str::to_owned),
        reader: "dr.weber".into(),
        decided_at: Timestamp(NOW.0 - 600_000),
    }
}

pub fn analysis(instance: u32, score: Option<f32>) -> Result<Analysis, Box<dyn Error>> {
    let score = score.map(Score::try_from).transpose()?;
    let reason = "The picture is not an axial FLAIR slice of the head (distance 3.1, limit 1).";
    Ok(Analysis {
        sop_instance_uid: uid(&format!("1.2.826.0.1.3680043.10.1357.7.{instance}"))?,
        frame: 0,
        model: ModelVersion {
            bundle: "brain-mri-flair".into(),
            version: "1.2.0".into(),
            weights_sha256: WEIGHTS.into(),
        },
        signer: Some(ModelSigner::Release),
        input: InputCheck {
            verdict: if score.is_some() {
                InputVerdict::InRange
            } else {
                InputVerdict::OutOfRange
            },
            reason: score
                .is_none()
                .then(|| Sentence::new(SentenceCode::GateUnlike, [], reason)),
            score: Some(if score.is_some() { 0.4 } else { 3.1 }),
        },
        score,
        reached: score.is_some_and(|s| s.value() >= 0.5),
        heads: vec![],
        operating_point: OperatingPoint {
            name: "balanced".into(),
            threshold: 0.5,
            sensitivity: Estimate::bare(0.9231),
            specificity: Some(Estimate::bare(0.8814)),
            set: SetRef {
                patients: Some(12),
                ..SetRef::new("brain-mri", Some("lgg-flair"), Some(Split::Val))
            },
            chosen_on_it: false,
            patients: Some(domain::testing::counted(0.784)),
        },
        prevalence: None,
        findings: Vec::new(),
        device: Device::Cpu,
        precision: Precision::Bf16,
        milliseconds: StageMilliseconds::default(),
        app_version: "0.1.0".into(),
    })
}

pub fn reported(
    instance: u32,
    score: Option<f32>,
    findings: Vec<ReportedFinding>,
) -> Result<ReportedAnalysis, Box<dyn Error>> {
    let mut analysis = analysis(instance, score)?;
    analysis.findings = findings.iter().map(|reported| reported.finding.clone()).collect();
    Ok(ReportedAnalysis {
        series_instance_uid: uid("1.2.826.0.1.3680043.10.1357.7")?,
        analysis,
        instance_number: Some(instance as i32),
        ruler: Ruler::of_spacing(Some([0.5, 0.5])),
        analysed_at: Timestamp(NOW.0 - 3_600_000),
        findings,
    })
}

/// A drawn head with a bright spot at each finding, and a map that is high there.
pub fn key_image(instance: u32, findings: Vec<ReportedFinding>) -> Result<KeyImage, InvalidUid> {
    let (rows, cols) = (256_u32, 256_u32);
    let inside = |x: u32, y: u32| {
        let (dx, dy) = ((f64::from(x) - 128.0) / 84.0, (f64::from(y) - 128.0) / 106.0);
        dx * dx + dy * dy
    };
    let nearness = |x: u32, y: u32| {
        let near = findings.iter().map(|reported| {
            let b = reported.finding.region.bounds;
            let (cx, cy) = (
                f64::from(b.x) + f64::from(b.width) / 2.0,
                f64::from(b.y) + f64::from(b.height) / 2.0,
            );
            let spread = f64::from(b.width + b.height) / 4.0;
            let distance = ((f64::from(x) - cx).powi(2) + (f64::from(y) - cy).powi(2)) / (spread * spread);
            f64::from(reported.finding.score.value()) * (-distance * 0.7).exp()
        });
        near.fold(0.0, f64::max)
    };
    let pixels = || (0..rows).flat_map(|y| (0..cols).map(move |x| (x, y)));
    let grey = pixels().map(|(x, y)| match inside(x, y) {
        r if r > 1.0 => 6,
        r if r > 0.9 => 225,
        r if r > 0.82 => 30,
        r => (96.0 + 26.0 * (f64::from(x) / 9.0).sin() * (f64::from(y) / 11.0).cos() - 14.0 * r
            + 110.0 * nearness(x, y))
        .min(255.0) as u8,
    });
    let map = pixels().map(|(x, y)| (nearness(x, y) * 65535.0) as u16);
    Ok(KeyImage {
        series_instance_uid: uid("1.2.826.0.1.3680043.10.1357.7")?,
        sop_instance_uid: uid(&format!("1.2.826.0.1.3680043.10.1357.7.{instance}"))?,
        frame: 0,
        instance_number: Some(instance as i32),
        rows,
        cols,
        grey: grey.collect(),
        colours: None,
        map: Some(AnomalyMap {
            rows,
            cols,
            values: map.collect(),
        }),
        findings: findings.clone(),
        pixel_aspect: 1.0,
    })
}

/// A signed study of four frames: two flagged with three findings, one clear, one refused.
pub fn signed_study() -> Result<ReportSnapshot, Box<dyn Error>> {
    let first = finding(1, "lesion", 0.973, [140, 84, 30, 24])?;
    let second = finding(2, "lesion", 0.612, [86, 150, 16, 12])?;
    let third = finding(3, "lesion", 0.551, [150, 92, 18, 20])?;
    let (note, label) = (
        "Known since 2024, unchanged.",
        Decision::Changed {
            label: "gliosis".into(),
        },
    );
    let twelve = vec![
        ReportedFinding {
            review: Some(review(&first, Decision::Accepted, Some(note))),
            finding: first,
        },
        ReportedFinding {
            review: Some(review(&second, Decision::Rejected, Some("Flow artefact."))),
            finding: second,
        },
    ];
    let thirteen = vec![ReportedFinding {
        review: Some(review(&third, label, None)),
        finding: third,
    }];
    Ok(ReportSnapshot {
        notes: Vec::new(),
        doubts: Vec::new(),
        patient: Patient {
            patient_id: "SYN-004711".into(),
            issuer: None,
            issuer_id: None,
            patient_name: "Doe^Jane^^Dr.".into(),
            birth_date: Some("19640302".into()),
            sex: Some("F".into()),
        },
        study: Study {
            study_instance_uid: uid("1.2.826.0.1.3680043.10.1357.20261123.140509.4711")?,
            date: Some("20261123".into()),
            time: Some("101502.120".into()),
            accession_number: Some("ACC-2026-88121".into()),
            description: Some("MRI head, follow-up".into()),
            referring_physician: Some("Fischer^Anna^^Dr.".into()),
            patient_age: Some("062Y".into()),
        },
        state: StudyState::Signed,
        series: vec![Series {
            series_instance_uid: uid("1.2.826.0.1.3680043.10.1357.7")?,
            modality: "MR".into(),
            number: Some(3),
            description: Some("T2 FLAIR axial".into()),
            protocol_name: None,
            body_part_examined: Some("HEAD".into()),
            view_position: None,
            manufacturer: None,
        }],
        instance_count: 24,
        picture_count: 24,
        analyses: vec![
            reported(11, Some(0.12), Vec::new())?,
            reported(12, Some(0.973), twelve.clone())?,
            reported(13, Some(0.551), thirteen.clone())?,
            reported(24, None, Vec::new())?,
        ],
        lesions: Vec::new(),
        measurements: Vec::new(),
        pictures_not_analysed: 0,
        form: FormText::default(),
        key_images: vec![key_image(13, thirteen)?, key_image(12, twelve)?],
        key_images_chosen: false,
        sign_off: Some(SignOff {
            reader: "dr.weber".into(),
            signed_at: NOW,
            content_sha256: CONTENT.into(),
        }),
        prepared_by: "dr.weber".into(),
        prepared_at: NOW,
        app_version: "0.1.0".into(),
    })
}

/// What a program of poppler prints of a PDF.
pub fn poppler(program: &str, arguments: &[&str], pdf: &[u8]) -> Result<Found<String>, Box<dyn Error>> {
    let found = match needs::program(program) {
        Ok(found) => found,
        Err(lack) => return Ok(Err(lack)),
    };
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(pdf)?;
    let output = Command::new(found)
        .args(arguments)
        .arg(file.path())
        .args(stdout_of(program))
        .output()?;
    if !output.status.success() {
        return Err(format!("{program} complains: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(Ok(String::from_utf8(output.stdout)?))
}

fn stdout_of(program: &str) -> &'static [&'static str] {
    if program == "pdftotext" { &["-"] } else { &[] }
}

/// The text of a PDF with all white space as single spaces.
pub fn pdf_text(pdf: &[u8]) -> Result<Found<String>, Box<dyn Error>> {
    let text = poppler("pdftotext", &["-enc", "UTF-8", "-layout"], pdf)?;
    Ok(text.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")))
}
