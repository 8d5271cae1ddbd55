//! What the reader's verbs answer.

use domain::{ReportFormat, Review, StudyState, Uid};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ReviewedWire {
    pub review: Review,
    pub study_instance_uid: Uid,
    pub study_state: StudyState,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct OfferedFormat {
    pub id: ReportFormat,
    pub extension: String,
    pub title: String,
}
