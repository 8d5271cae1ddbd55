//! What the reader decides.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::closed_set::closed_set;

/// A reader's answer to a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It is what the model says.
    Accepted,
    /// It is nothing.
    Rejected,
    /// It is something else.
    Changed {
        /// What it is.
        label: String,
    },
    /// Looked at, and left open on purpose.
    Unsure,
}

closed_set! {
    /// A decision without the words that belong to it.
    pub enum DecisionKind {
        /// It is what the model says.
        Accepted = "accepted",
        /// It is nothing.
        Rejected = "rejected",
        /// It is something else.
        Changed = "changed",
        /// Looked at, and left open on purpose.
        Unsure = "unsure",
    }
}

impl Decision {
    /// The decision alone.
    pub fn kind(&self) -> DecisionKind {
        match self {
            Decision::Accepted => DecisionKind::Accepted,
            Decision::Rejected => DecisionKind::Rejected,
            Decision::Changed { .. } => DecisionKind::Changed,
            Decision::Unsure => DecisionKind::Unsure,
        }
    }

    /// The word for it in JSON and in the database, without the label.
    pub fn as_str(&self) -> &'static str {
        self.kind().as_str()
    }
}

/// One decision on one finding. A later one stands over an earlier one and never erases it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Review {
    /// The finding it is on.
    pub finding_id: String,
    /// What was decided.
    pub decision: Decision,
    /// What the reader wrote beside it.
    pub note: Option<String>,
    /// Name of the account.
    pub reader: String,
    /// When it was decided.
    pub decided_at: Timestamp,
}

/// A study's end: after it nothing of the study is edited or deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SignOff {
    /// Name of the account.
    pub reader: String,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// sha256 (hex) over the signed content: findings and decisions as they stood.
    pub content_sha256: String,
}
