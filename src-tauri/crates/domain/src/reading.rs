//! A reader's own opinion of a study, given before the model's answer is shown.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::closed_set::closed_set;

closed_set! {
    /// What a reader thinks of a study by themselves.
    pub enum Opinion {
        /// Nothing suspicious is seen.
        Normal = "normal",
        /// Something suspicious is seen.
        Suspicious = "suspicious",
        /// Looked at, and left open on purpose.
        Unsure = "unsure",
    }
}

/// One reader's own look at one study.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Reading {
    /// Name of the account.
    pub reader: String,
    /// When the study was first shown without the model's answer.
    pub opened_at: Timestamp,
    /// Given once; it cannot be taken back.
    pub opinion: Option<Opinion>,
    /// What the reader wrote beside the opinion.
    pub note: Option<String>,
    /// When the opinion was given.
    pub committed_at: Option<Timestamp>,
    /// When the model's answer was shown.
    pub revealed_at: Option<Timestamp>,
}
