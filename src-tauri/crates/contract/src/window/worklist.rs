//! The list of studies.

use std::collections::BTreeMap;

use domain::{StudyState, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WorklistColumn {
    Suspicion,
    Name,
    PatientId,
    Date,
    Modality,
    State,
    Instances,
    Imported,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WorklistOrder {
    pub by: WorklistColumn,
    pub descending: bool,
}

impl Default for WorklistOrder {
    fn default() -> Self {
        Self {
            by: WorklistColumn::Suspicion,
            descending: true,
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WorklistQuery {
    pub order: WorklistOrder,
    /// Words that must all occur.
    pub find: String,
    /// Empty: every state.
    pub states: Vec<StudyState>,
    /// Empty: every modality.
    pub modalities: Vec<String>,
    /// Inclusive.
    pub date_from: Option<String>,
    /// Inclusive.
    pub date_to: Option<String>,
}

/// An answer to a query; its rows are asked for by page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct WorklistView {
    pub view: u64,
    pub total: u64,
    /// Of all studies that the words, modalities and dates match, before the filter by state.
    pub state_counts: BTreeMap<String, u64>,
    /// All in the vault.
    pub modalities: Vec<String>,
    pub all_studies: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct WorklistRow {
    pub study_instance_uid: String,
    pub patient_id: String,
    pub patient_name: String,
    pub birth_date: Option<String>,
    pub sex: Option<String>,
    pub date: Option<String>,
    pub modality: String,
    pub description: Option<String>,
    pub state: StudyState,
    pub score: Option<f32>,
    pub flagged: bool,
    pub instances: u64,
    pub findings: u64,
    pub findings_reviewed: u64,
    /// Done and total while it is analysed.
    pub progress: Option<[u64; 2]>,
    pub imported_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SavedFilter {
    pub name: String,
    pub query: WorklistQuery,
}
