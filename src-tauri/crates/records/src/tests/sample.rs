//! A vault and values to fill it with.

use std::path::Path;

use domain::{
    Analysis, Bounded, ByPatient, Decision, Device, Estimate, Finding, Flag, Head, Header, ImageAttributes, InputCheck,
    InputVerdict, Instance, ModelSigner, ModelVersion, OperatingPoint, Palette, Patient, PixelBox, PixelPoint,
    Precision, Region, Rescale, Review, Score, Sentence, SentenceCode, Series, Session, SetRef, SignOff, SourceFormat,
    Split, StageMilliseconds, Study, Timestamp, Uid, Window, WorklistColumn, WorklistRow,
};
use sha2::{Digest, Sha256};

use crate::database::{self, Existing};
use crate::error::Result;
use crate::layout::database_path;
use crate::{Inserted, KdfParameters, Op, Passphrase, StoredFile, Vault, WorklistQuery, hex};

pub(super) const QUICK: KdfParameters = KdfParameters {
    memory_kib: 64,
    iterations: 1,
    lanes: 1,
};
pub(super) const NOW: Timestamp = Timestamp(1_700_000_000_000);
pub(super) const ALL: WorklistQuery<'static> = WorklistQuery {
    by: WorklistColumn::Suspicion,
    descending: true,
    find: "",
    states: &[],
    modalities: &[],
    date_from: None,
    date_to: None,
    reader: "admin",
};

pub(super) fn passphrase() -> Passphrase {
    Passphrase::new("correct horse battery")
}

pub(super) fn new_vault(folder: &Path) -> Result<(Vault, Session)> {
    Vault::create(folder, "admin", &passphrase(), QUICK, NOW)
}

/// The database as someone with the key but without this program's rules would open it.
pub(super) fn raw(vault: &Vault) -> Result<rusqlite::Connection> {
    database::connect(&database_path(vault.folder()), &vault.keys, Existing::Required)
}

pub(super) fn uid(text: &str) -> Uid {
    Uid::parse(text).expect("the tests write well-formed UIDs")
}

/// Study 1.2.`study`, series 1.2.`study`.1, instance 1.2.`study`.1.`instance` with awkward numbers.
pub(super) fn header(study: u32, instance: u32) -> Header {
    Header {
        patient: Patient {
            patient_id: format!("P{study}"),
            issuer: None,
            issuer_id: None,
            patient_name: format!("Kovács^Éva {study}"),
            birth_date: Some("19700131".to_owned()),
            sex: Some("F".to_owned()),
        },
        study: Study {
            study_instance_uid: uid(&format!("1.2.{study}")),
            date: Some(format!("2024{:02}{:02}", study % 12 + 1, study % 28 + 1)),
            time: Some("101112.125".to_owned()),
            accession_number: Some(format!("A{study}")),
            description: Some("MR of the head".to_owned()),
            referring_physician: Some("Nagy^Béla".to_owned()),
            patient_age: Some("054Y".to_owned()),
        },
        series: Series {
            series_instance_uid: uid(&format!("1.2.{study}.1")),
            modality: "MR".to_owned(),
            number: Some(3),
            description: Some("FLAIR axial".to_owned()),
            protocol_name: Some("head".to_owned()),
            body_part_examined: Some("HEAD".to_owned()),
            view_position: None,
            manufacturer: Some("ACME".to_owned()),
        },
        instance: Instance {
            sop_instance_uid: uid(&format!("1.2.{study}.1.{instance}")),
            sop_class_uid: Some(uid("1.2.840.10008.5.1.4.1.1.4")),
            transfer_syntax_uid: Some(uid("1.2.840.10008.1.2.1")),
            number: Some(i32::try_from(instance).unwrap_or(i32::MAX)),
            format: SourceFormat::Dicom,
        },
        image: ImageAttributes {
            frames: 1,
            rows: 256,
            cols: 256,
            samples: 1,
            photometric_interpretation: "MONOCHROME2".to_owned(),
            bits_allocated: 16,
            bits_stored: 12,
            rescale: Rescale {
                slope: 0.1 + 0.2,
                intercept: -1_024.000_000_000_1,
            },
            windows: vec![Window {
                center: 1.0 / 3.0,
                width: 2.0_f64.sqrt() * 1e5,
            }],
            pixel_spacing_mm: Some([0.488_281_249_999_999_97, 5e-324]),
            position_mm: Some([-119.531_245, 1.797_693_134_862_315_7e308, -0.0]),
            orientation: Some([
                0.999_999_999_999_999_9,
                1e-17,
                0.0,
                0.0,
                std::f64::consts::FRAC_1_SQRT_2,
                -1e-300,
            ]),
            frame_of_reference_uid: None,
            slice_thickness_mm: Some(5.000_000_000_000_001),
            lossy: false,
            burned_in_annotation: None,
            palette: Some(Palette {
                first: -5,
                colours: vec![[0, 65535, 7], [1, 2, 3]],
            }),
        },
    }
}

/// A finding of `id` repeated to 32 digits.
pub(super) fn finding(id: char, score: f32) -> Finding {
    Finding {
        id: std::iter::repeat_n(id, 32).collect(),
        label: "hyperintense lesion".to_owned(),
        score: Score::try_from(score).expect("the tests write scores between 0 and 1"),
        region: Region {
            bounds: PixelBox {
                x: 10,
                y: 20,
                width: 30,
                height: u32::MAX,
            },
            peak: PixelPoint { x: 15, y: 25 },
            area_px: 77,
            area_mm2: Some(77.0 * 0.488_281_249_999_999_97),
            outlines: vec![vec![[10, 20], [40, 20], [40, 30]], vec![[12, 22], [13, 22], [13, 23]]],
        },
    }
}

/// An analysis of the first frame that found `findings` and is flagged when there are any.
fn by_patient() -> ByPatient {
    let bounded = |hits, of, at_least| Bounded { hits, of, at_least };
    ByPatient {
        sensitivity: bounded(11, 12, 1.0 / 3.0),
        specificity: bounded(12, 14, 0.615),
        established: false,
        chosen_on: "ef".repeat(32),
        manifest_sha256: "01".repeat(32),
    }
}

pub(super) fn analysis(header: &Header, findings: Vec<Finding>) -> Analysis {
    Analysis {
        sop_instance_uid: header.instance.sop_instance_uid.clone(),
        frame: 0,
        model: ModelVersion {
            bundle: "brain-mri-flair".to_owned(),
            version: "1.0.0".to_owned(),
            weights_sha256: "ab".repeat(32),
        },
        signer: Some(ModelSigner::Development),
        input: InputCheck {
            verdict: InputVerdict::InRange,
            reason: None,
            score: Some(0.1 + 0.2_f32),
        },
        score: Score::try_from(findings.first().map_or(0.03, |finding| finding.score.value())).ok(),
        reached: !findings.is_empty(),
        heads: findings
            .iter()
            .map(|finding| Flag {
                head: Head::Unusual,
                score: finding.score.value(),
                limit: Some(1.0 / 3.0),
            })
            .collect(),
        operating_point: OperatingPoint {
            name: "sensitive".to_owned(),
            threshold: 0.123_456_79,
            sensitivity: Estimate::bare(1.0 / 3.0),
            specificity: Some(Estimate {
                value: 0.1 + 0.7,
                low: Some(0.1 + 0.6),
                high: Some(0.1 + 0.8),
            }),
            // Worded as the first programs did, so that signatures can be compared with theirs.
            set: SetRef {
                patients: Some(12),
                ..SetRef::new("brain-mri", Some("lgg-flair"), Some(Split::Val))
            },
            chosen_on_it: false,
            patients: Some(by_patient()),
        },
        prevalence: domain::Prevalence::try_from(0.08).ok(),
        findings,
        device: Device::Cuda(1),
        precision: Precision::Bf16,
        milliseconds: StageMilliseconds {
            decode: 1.1,
            preprocess: 0.3,
            infer: 29.7,
            post: 1e-9,
            total: 31.100_000_001,
        },
        app_version: "0.1.0".to_owned(),
    }
}

/// An analysis that the input gate refused.
pub(super) fn refusal(header: &Header) -> Analysis {
    let values = [("made_for", "FLAIR slices".into()), ("count", 54_u32.into())];
    let reason = Some(Sentence::new(
        SentenceCode::GateAge,
        values,
        "this is no FLAIR slice of a head",
    ));
    Analysis {
        input: InputCheck {
            verdict: InputVerdict::OutOfRange,
            reason,
            score: Some(7.5),
        },
        score: None,
        device: Device::Cpu,
        ..analysis(header, Vec::new())
    }
}

pub(super) fn review(finding: &Finding, decision: Decision) -> Review {
    let note = Some("seen".to_owned());
    Review {
        finding_id: finding.id.clone(),
        decision,
        note,
        reader: "admin".to_owned(),
        decided_at: NOW,
    }
}

pub(super) fn sign_off() -> SignOff {
    SignOff {
        reader: "admin".to_owned(),
        signed_at: NOW,
        content_sha256: "cd".repeat(32),
    }
}

pub(super) fn listed(vault: &mut Vault, query: &WorklistQuery<'_>) -> Result<Vec<WorklistRow>> {
    let rows = vault.worklist(query)?.rows;
    vault.worklist_rows(&rows, query.reader)
}

/// A row's file that is not on the disk: rows alone are under test.
pub(super) fn imagined_file(header: &Header) -> StoredFile {
    let sha256 = hex::encode(&Sha256::digest(header.instance.sop_instance_uid.as_str()));
    let id = crate::FileId::parse(&sha256).expect("a sha256 has 64 digits");
    StoredFile { id, sha256, bytes: 12 }
}

pub(super) fn import(vault: &mut Vault, actor: &Session, header: &Header) -> Result<Inserted> {
    let file = imagined_file(header);
    let insert = |tx: &mut crate::Tx<'_>| tx.insert_instance(header, &file.sha256, &file, Some("scan.dcm"));
    Ok(vault.transact(actor, Op::DataImport, NOW, insert)?.0)
}

pub(super) fn analyse(
    vault: &mut Vault,
    actor: &Session,
    study: u32,
    analysis: &Analysis,
) -> Result<crate::AnalysisId> {
    let op = Op::Analyze {
        study: uid(&format!("1.2.{study}")),
    };
    Ok(vault
        .transact(actor, op, NOW, |tx| tx.insert_analysis(analysis, None))?
        .0)
}

pub(super) fn decide(vault: &mut Vault, actor: &Session, review: &Review) -> Result<()> {
    let op = Op::Review {
        finding_id: review.finding_id.clone(),
    };
    vault
        .transact(actor, op, NOW, |tx| tx.insert_review(review))
        .map(|_| ())
}

pub(super) fn sign(vault: &mut Vault, actor: &Session, study: &Uid) -> Result<()> {
    let op = Op::SignOff { study: study.clone() };
    vault
        .transact(actor, op, NOW, |tx| tx.insert_sign_off(study, &sign_off()))
        .map(|_| ())
}
