//! The list of studies.

use std::collections::BTreeMap;

use domain::{StudyState, WorklistColumn};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

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
    pub state_counts: BTreeMap<StudyState, u64>,
    /// All in the vault.
    pub modalities: Vec<String>,
    pub all_studies: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SavedFilter {
    pub name: String,
    pub query: WorklistQuery,
}
