//! What the reader decides.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::closed_set::closed_set;

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

closed_set! {
    /// A decision without the words that belong to it.
    #[cfg_attr(feature = "typescript", ts(rename = "Decision"))]
    pub enum DecisionKind {
        Accepted = "accepted",
        Rejected = "rejected",
        Changed = "changed",
        Unsure = "unsure",
    }
}

impl Decision {
    pub fn kind(&self) -> DecisionKind {
        match self {
            Decision::Accepted => DecisionKind::Accepted,
            Decision::Rejected => DecisionKind::Rejected,
            Decision::Changed { .. } => DecisionKind::Changed,
            Decision::Unsure => DecisionKind::Unsure,
        }
    }

    pub fn as_str(&self) -> &'static str {
        self.kind().as_str()
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
