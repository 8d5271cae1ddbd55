//! A reader's own opinion of a study, given before the model's answer is shown.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// What a reader thinks of a study by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opinion {
    /// Nothing suspicious is seen.
    Normal,
    /// Something suspicious is seen.
    Suspicious,
    /// Looked at, and left open on purpose.
    Unsure,
}

impl Opinion {
    /// Every opinion.
    pub const ALL: [Self; 3] = [Self::Normal, Self::Suspicious, Self::Unsure];

    /// The word for it in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Suspicious => "suspicious",
            Self::Unsure => "unsure",
        }
    }

    /// `None` for a word that names no opinion.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|opinion| opinion.as_str() == text)
    }
}

/// One reader's own look at one study.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
