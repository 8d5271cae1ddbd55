//! One study as the reader meets it.

use domain::{
    Annotation, Doubt, Noted, Patient, Reading, ReportForm, Sex, SignOff, StatedSequence, StatedView, Study,
    StudyState, StudySummary, Uid, WorklistRow,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{AnalysisWire, SeriesWire};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct StudyDetail {
    pub study_instance_uid: Uid,
    pub state: StudyState,
    pub patient: Patient,
    pub study: Study,
    pub series: Vec<SeriesWire>,
    /// Frames that hold an image.
    pub images: u64,
    /// Of these, frames that no model has seen.
    pub images_not_analysed: u64,
    /// The newest of each frame; empty while hidden.
    pub analyses: Vec<AnalysisWire>,
    /// What they say together.
    pub summary: StudySummary,
    /// Findings of those that are one lesion, the highest score first; those that the reader rejected are in none.
    pub lesions: Vec<domain::Lesion>,
    /// Read first: the model's answer waits for the reader's own opinion.
    pub hidden: bool,
    pub annotations: Vec<Annotation>,
    /// None before the first save.
    pub form: Option<ReportForm>,
    /// The signed-in reader's own.
    pub reading: Option<Reading>,
    pub sign_off: Option<SignOff>,
    /// Other studies of the same patient, newest first.
    pub priors: Vec<WorklistRow>,
    /// What is to be told of its images, each sentence once.
    pub notes: Vec<Noted>,
    /// What can hardly be so of patient and study, by the field that is marked.
    pub doubts: Vec<Doubt>,
    /// Whether no file names the patient, so that a person may say who it is.
    pub patient_open: bool,
}

/// Who the patient is, as a person types it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PatientEntry {
    /// Patient ID; may be empty where there is a name.
    pub patient_id: String,
    /// `Family^Given`, or empty.
    pub patient_name: String,
    /// `YYYYMMDD`, or empty.
    pub birth_date: String,
    /// `None` where it is not said.
    pub sex: Option<Sex>,
}

/// What a person states of images whose files do not say it, as it is typed; empty where it is not stated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StatedEntry {
    pub sequence: Option<StatedSequence>,
    /// In years.
    pub age: String,
    pub view: Option<StatedView>,
}
