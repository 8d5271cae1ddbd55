//! The shapes that the terminal prints and scripts read. Field names are a promise: they stay.

mod vault;

use std::path::PathBuf;

use domain::geometry::diameter_mm;
use domain::{
    Analysis, Coded, FailedInput, FailureCode, Finding, FrameRef, ModelVersion, OperatingPoint, Opinion, Precision,
    ReportFormat, Ruler, SpacingBasis, StageMilliseconds, StudyState,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{BundleFacts, rfc3339};

pub use crate::prevalence::PrevalenceWire;
pub use vault::{AcceptedWire, PolicyWire, VaultWire};

/// One analysis as `analyze --json` prints it. Coordinates are pixels of the original frame.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnalysisWire {
    /// Path of the file, or the instance's UID for one that is stored.
    pub file: String,
    /// Its `frame` counts from 0.
    #[serde(flatten)]
    pub at: FrameRef,
    /// From 1, as people and DICOM count.
    pub frame_number: u64,
    #[serde(flatten)]
    pub model: ModelVersion,
    /// Nobody vouches for the bundle; told only where it is so.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unsigned: bool,
    pub input: InputWire,
    /// `null` when the input gate refused.
    pub score: Option<f32>,
    /// `where`: the model outlines and never flags.
    pub says: domain::Says,
    pub flagged: bool,
    /// Its regions are offered by a model that says where and not whether.
    pub outlined: bool,
    /// The heads that flag, each by its own score and limit.
    pub flags: Vec<domain::Flag>,
    /// The heads that reached their limit, flagging or outlining.
    pub heads: Vec<domain::Flag>,
    pub operating_point: OperatingPointWire,
    /// At which score and threshold are told, as a person stated it; `null`: at that of the calibration.
    pub prevalence: Option<domain::Prevalence>,
    pub findings: Vec<FindingWire>,
    /// 16-bit PNG of the original size; 0..=65535 stands for 0..1 in every image.
    pub anomaly_map: Option<PathBuf>,
    #[serde(flatten)]
    pub ran: RanWire,
}

/// What an analysis ran on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RanWire {
    /// `cpu` or `cuda:N`.
    #[serde(serialize_with = "in_words")]
    pub device: domain::Device,
    pub precision: Precision,
    pub milliseconds: StageMilliseconds,
}

fn in_words<S: serde::Serializer>(device: &domain::Device, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(device)
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OperatingPointWire {
    pub name: String,
    pub threshold: f32,
    pub sensitivity: f64,
    /// `null` where the set has no lesion-free image.
    pub specificity: Option<f64>,
    /// The set of the two figures, in words.
    pub set: String,
    /// Whether the threshold was chosen on that set.
    pub chosen_on_it: bool,
    /// What it did, in patients whose images were not used to choose it; `null` where it was not counted so.
    pub patients: Option<domain::ByPatient>,
}

impl From<&OperatingPoint> for OperatingPointWire {
    fn from(point: &OperatingPoint) -> Self {
        Self {
            name: point.name.clone(),
            threshold: point.threshold,
            sensitivity: point.sensitivity.value,
            specificity: point.specificity.map(|estimate| estimate.value),
            set: point.set_sentence(),
            chosen_on_it: point.chosen_on_it,
            patients: point.patients.clone(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InputWire {
    pub verdict: domain::InputVerdict,
    pub reason: Option<String>,
    pub score: Option<f32>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FindingWire {
    pub id: String,
    pub label: String,
    pub score: f32,
    /// x, y, width, height.
    #[serde(rename = "box")]
    pub bounds: [u32; 4],
    pub peak: [u32; 2],
    pub area_px: u32,
    pub area_mm2: Option<f64>,
    /// Longest diameter of the outline; `null` without pixel spacing.
    pub diameter_mm: Option<f64>,
    /// What its lengths rest on; `null` where it has none, or nothing is known of it.
    pub size_rests_on: Option<SpacingBasis>,
}

impl FindingWire {
    fn of(finding: &Finding, ruler: &Ruler) -> Self {
        let b = finding.region.bounds;
        Self {
            id: finding.id.clone(),
            label: finding.label.clone(),
            score: finding.score.value(),
            bounds: [b.x, b.y, b.width, b.height],
            peak: [finding.region.peak.x, finding.region.peak.y],
            area_px: finding.region.area_px,
            area_mm2: finding.region.area_mm2,
            diameter_mm: ruler
                .at(&b)
                .map(|scale| diameter_mm(&finding.region.outlines, scale.spacing_mm)),
            size_rests_on: ruler.at(&b).and_then(|scale| scale.basis),
        }
    }
}

impl AnalysisWire {
    pub fn of(file: String, analysis: &Analysis, ruler: &Ruler, anomaly_map: Option<PathBuf>) -> Self {
        Self {
            file,
            at: FrameRef {
                sop_instance_uid: analysis.sop_instance_uid.clone(),
                frame: analysis.frame,
            },
            frame_number: u64::from(analysis.frame) + 1,
            model: analysis.model.clone(),
            unsigned: analysis.signer == Some(domain::ModelSigner::Nobody),
            input: InputWire {
                verdict: analysis.input.verdict,
                reason: analysis.input.reason.as_ref().map(ToString::to_string),
                score: analysis.input.score,
            },
            score: analysis.score.map(domain::Score::value),
            says: analysis.says(),
            flagged: analysis.flagged(),
            outlined: analysis.outlined(),
            flags: analysis.flags().to_vec(),
            heads: analysis.heads.clone(),
            operating_point: OperatingPointWire::from(&analysis.operating_point),
            prevalence: analysis.prevalence,
            findings: analysis
                .findings
                .iter()
                .map(|one| FindingWire::of(one, ruler))
                .collect(),
            anomaly_map,
            ran: RanWire {
                device: analysis.device,
                precision: analysis.precision,
                milliseconds: analysis.milliseconds,
            },
        }
    }
}

#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct AnalyzeWire {
    pub analyses: Vec<AnalysisWire>,
    /// Analyses that were stored and whose answer the vault's policy hides from the reader.
    pub hidden: u64,
    pub failed: Vec<FailedInput>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct ImportWire {
    /// Images that are new in the vault.
    pub imported: u64,
    /// Files whose content was there already.
    pub already_there: u64,
    /// Objects without an image that are new in the vault: reports, plans, documents.
    #[serde(default)]
    pub no_image: Vec<NoImageWire>,
    /// How many of these two name no patient.
    #[serde(default)]
    pub nameless: u64,
    /// How many of these two name a patient, though one was given for files that name none.
    #[serde(default)]
    pub patient_not_used: u64,
    /// Studies that were added or got new instances, sorted.
    pub studies: Vec<String>,
    /// Files that were not taken, and why; with code `not_an_image` what lay beside the scans.
    pub failed: Vec<FailedInput>,
    /// Files that are no instance of their own: archives, indexes of discs, data that belong to a header.
    #[serde(default)]
    pub also_read: Vec<AlsoReadWire>,
    /// What a person should know of files that were taken.
    #[serde(default)]
    pub notes: Vec<NoteWire>,
}

impl ImportWire {
    /// Files that failed though they seemed to be scans.
    pub fn unread(&self) -> Vec<FailedInput> {
        let beside = |one: &&FailedInput| one.code != FailureCode::NotAnImage;
        self.failed.iter().filter(beside).cloned().collect()
    }
}

/// An object that was taken and holds no image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NoImageWire {
    /// Path, or archive and member.
    pub file: String,
    /// What it is, such as `a report (Comprehensive SR): it contains no image`.
    pub what: String,
    /// The same without a language.
    #[serde(default)]
    pub coded: Option<Coded>,
}

/// A file that was read for others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AlsoReadWire {
    /// Path, or archive and member.
    pub file: String,
    /// What it is.
    pub what: String,
    /// The same without a language.
    #[serde(default)]
    pub coded: Option<Coded>,
}

/// What a person should know of a file that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NoteWire {
    /// Path, or archive and member.
    pub file: String,
    /// One sentence.
    pub message: String,
    /// The same without a language.
    #[serde(default)]
    pub coded: Option<Coded>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StudyRowWire {
    pub study_instance_uid: String,
    pub patient_id: String,
    pub patient_name: String,
    /// `YYYYMMDD`.
    pub date: Option<String>,
    pub modality: String,
    #[serde(flatten)]
    pub standing: StandingWire,
    /// Nobody vouches for a model whose answer stands; told only where it is so.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unsigned: bool,
}

/// Where a study stands, as far as the reader may know.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StandingWire {
    /// `unread` while the model's answer is hidden.
    pub state: StudyState,
    /// This and all that follows is `null` while the answer is hidden.
    pub score: Option<f32>,
    pub flagged: Option<bool>,
    /// An image of it is outlined by a model that says where and not whether.
    pub outlined: Option<bool>,
    /// Images of a study in work that no model has seen.
    pub images_not_analysed: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StudyListWire {
    pub studies: Vec<StudyRowWire>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StudyWire {
    pub study_instance_uid: String,
    /// `unread` while the model's answer is hidden.
    pub state: StudyState,
    /// Whether the vault's policy hides the model's answer from the reader; then no analysis is listed.
    pub hidden: bool,
    /// Frames that hold an image, and those of them that no model has seen; `null` while the answer is hidden.
    pub images: u64,
    pub images_not_analysed: Option<u64>,
    pub patient: domain::Patient,
    pub study: domain::Study,
    pub series: Vec<domain::Series>,
    pub instances: Vec<InstanceWire>,
    /// What of each series lies together in the patient, in the order of the series.
    pub stacks: Vec<crate::stacks::StackWire>,
    /// The newest analysis of each frame.
    pub analyses: Vec<StoredAnalysisWire>,
    /// Findings of those that are one lesion, the highest score first; those that the reader rejected are in none.
    pub lesions: Vec<domain::Lesion>,
    /// What readers measured, in the order of the images.
    pub measurements: Vec<crate::measurements::MeasurementWire>,
    pub sign_off: Option<SignOffWire>,
    /// What is to be told of its images, each sentence once.
    pub notes: Vec<domain::Noted>,
    /// What can hardly be so of patient and study.
    pub doubts: Vec<domain::Doubt>,
}

/// Whose a study is, as a person said it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PatientWire {
    pub study_instance_uid: String,
    pub patient: domain::Patient,
    /// What can hardly be so of it.
    pub doubts: Vec<domain::Doubt>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InstanceWire {
    pub sop_instance_uid: String,
    pub series_instance_uid: String,
    pub number: Option<i32>,
    pub file_name: Option<String>,
    pub content_sha256: String,
    pub bytes: u64,
    pub imported_at: String,
    pub imported_by: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StoredAnalysisWire {
    #[serde(flatten)]
    pub analysis: AnalysisWire,
    pub analysed_at: String,
    pub analysed_by: String,
    /// The decision that stands for each reviewed finding.
    pub reviews: Vec<ReviewWire>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReviewWire {
    pub finding_id: String,
    pub decision: domain::DecisionKind,
    /// The reader's own label when the decision is `changed`.
    pub label: Option<String>,
    pub note: Option<String>,
    pub reader: String,
    pub decided_at: String,
}

impl From<&domain::Review> for ReviewWire {
    fn from(review: &domain::Review) -> Self {
        Self {
            finding_id: review.finding_id.clone(),
            decision: review.decision.kind(),
            label: match &review.decision {
                domain::Decision::Changed { label } => Some(label.clone()),
                _ => None,
            },
            note: review.note.clone(),
            reader: review.reader.clone(),
            decided_at: rfc3339(review.decided_at),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignOffWire {
    pub study_instance_uid: String,
    pub reader: String,
    pub signed_at: String,
    pub content_sha256: String,
}

impl SignOffWire {
    pub fn of(study: &domain::Uid, sign_off: &domain::SignOff) -> Self {
        Self {
            study_instance_uid: study.to_string(),
            reader: sign_off.reader.clone(),
            signed_at: rfc3339(sign_off.signed_at),
            content_sha256: sign_off.content_sha256.clone(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReviewedWire {
    #[serde(flatten)]
    pub review: ReviewWire,
    pub study_instance_uid: String,
    pub study_state: StudyState,
}

/// The reader's own opinion, as it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpinionWire {
    pub study_instance_uid: String,
    pub opinion: Opinion,
    pub reader: String,
    pub committed_at: String,
    pub study_state: StudyState,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReportWire {
    pub study_instance_uid: String,
    pub format: ReportFormat,
    pub file: PathBuf,
    pub bytes: u64,
    pub sha256: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BundleWire {
    #[serde(flatten)]
    pub bundle: BundleFacts,
    pub operating_points: Vec<OperatingPointWire>,
    /// Whether the vault uses it; told only where a vault was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_use: Option<bool>,
    /// What the activation in the vault pins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activated_manifest_sha256: Option<String>,
    /// Whether it is whole and nothing keeps it from answering.
    pub ok: bool,
    /// Why it is not.
    pub problem: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelsWire {
    pub folder: PathBuf,
    /// The key whose signature this program trusts. Whoever wants to can sign with the development key.
    pub trusted_key: domain::SigningKey,
    pub bundles: Vec<BundleWire>,
    /// Version of libtorch when its files were verified too.
    pub libtorch: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SamplesWire {
    pub folder: PathBuf,
    pub files: usize,
    pub with_lesion: usize,
    pub manifest: PathBuf,
}
