//! The list of studies: its rows and columns.

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;
use crate::{Doubt, Patient, StudyState, Timestamp, Uid};

closed_set! {
    /// What the list is sorted by.
    pub enum WorklistColumn {
        /// Flagged or outlined first, then by score.
        Suspicion = "suspicion",
        /// Name of the patient.
        Name = "name",
        /// Number of the patient.
        PatientId = "patient_id",
        /// Study Date.
        Date = "date",
        /// Modalities of the study.
        Modality = "modality",
        /// From what is to be looked at to what is done.
        State = "state",
        /// Number of instances.
        Instances = "instances",
        /// When the first instance came.
        Imported = "imported",
    }
}

/// One study of the list, as one reader may see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct WorklistRow {
    /// The study.
    pub study_instance_uid: Uid,
    /// Who was examined.
    #[serde(flatten)]
    pub patient: Patient,
    /// `YYYYMMDD`.
    pub date: Option<String>,
    /// Modalities of the study, sorted, divided by `/`.
    pub modality: String,
    /// Study Description.
    pub description: Option<String>,
    /// `Unread` while the model's answer is hidden; then there is no score, flag, outline or count of findings.
    pub state: StudyState,
    /// The highest score of its newest analyses.
    pub score: Option<f32>,
    /// Whether one of them is flagged.
    pub flagged: bool,
    /// Whether one of them is outlined by a model that says where and not whether.
    #[serde(default)]
    pub outlined: bool,
    /// Instances stored for it.
    pub instances: u64,
    /// Images of a study in work that no model has seen.
    #[serde(default)]
    pub images_not_analysed: u32,
    /// Findings of its newest analyses.
    pub findings: u32,
    /// Of these, findings with a decision.
    pub findings_reviewed: u32,
    /// Done and total while it is analysed.
    pub progress: Option<[u64; 2]>,
    /// When its first instance came.
    pub imported_at: Timestamp,
    /// What can hardly be so of the fields above, on the day when it came.
    #[serde(default)]
    pub doubts: Vec<Doubt>,
}
