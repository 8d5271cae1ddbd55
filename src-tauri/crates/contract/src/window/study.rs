//! One study as the reader meets it.

use domain::{Annotation, Patient, Reading, ReportForm, SignOff, Study, StudyState, Uid, WorklistRow};
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
    /// The newest of each frame; empty while hidden.
    pub analyses: Vec<AnalysisWire>,
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
}
