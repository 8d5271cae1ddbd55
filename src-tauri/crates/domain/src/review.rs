//! What the reader decides.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    Accepted,
    Rejected,
    Changed {
        label: String,
    },
    /// Looked at, and left open on purpose.
    Unsure,
}

impl Decision {
    pub fn as_str(&self) -> &'static str {
        match self {
            Decision::Accepted => "accepted",
            Decision::Rejected => "rejected",
            Decision::Changed { .. } => "changed",
            Decision::Unsure => "unsure",
        }
    }
}

/// One decision on one finding. A later one stands over an earlier one and never erases it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    pub finding_id: String,
    pub decision: Decision,
    pub note: Option<String>,
    pub reader: String,
    pub decided_at: Timestamp,
}

/// A study's end: after it nothing of the study is edited or deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOff {
    pub reader: String,
    pub signed_at: Timestamp,
    /// sha256 (hex) over the signed content: findings and decisions as they stood.
    pub content_sha256: String,
}
