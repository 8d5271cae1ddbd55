//! One study as the reader meets it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{AnalysisWire, Annotation, Reading, ReportForm, SeriesWire, SignOffWire, StudyState, WorklistRow};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct StudyDetail {
    pub study_instance_uid: String,
    pub state: StudyState,
    pub patient: PatientWire,
    pub study: StudyHead,
    pub series: Vec<SeriesWire>,
    /// The newest of each frame; empty while hidden.
    pub analyses: Vec<AnalysisWire>,
    /// Findings of those that are one lesion, the highest score first; those that the reader rejected are in none.
    pub lesions: Vec<domain::Lesion>,
    /// Read first: the model's answer waits for the reader's own opinion.
    pub hidden: bool,
    pub annotations: Vec<Annotation>,
    pub form: ReportForm,
    pub reading: Option<Reading>,
    pub sign_off: Option<SignOffWire>,
    /// Other studies of the same patient, newest first.
    pub priors: Vec<WorklistRow>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PatientWire {
    pub patient_id: String,
    pub patient_name: String,
    pub birth_date: Option<String>,
    pub sex: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct StudyHead {
    pub date: Option<String>,
    pub time: Option<String>,
    pub accession_number: Option<String>,
    pub description: Option<String>,
    pub referring_physician: Option<String>,
    pub patient_age: Option<String>,
}
