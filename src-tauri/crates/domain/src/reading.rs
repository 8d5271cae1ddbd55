//! A reader's own opinion of a study, given before the model's answer is shown.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opinion {
    Normal,
    Suspicious,
    Unsure,
}

impl Opinion {
    pub const ALL: [Self; 3] = [Self::Normal, Self::Suspicious, Self::Unsure];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Suspicious => "suspicious",
            Self::Unsure => "unsure",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|opinion| opinion.as_str() == text)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    pub reader: String,
    /// When the study was first shown without the model's answer.
    pub opened_at: Timestamp,
    /// Given once; it cannot be taken back.
    pub opinion: Option<Opinion>,
    pub note: Option<String>,
    pub committed_at: Option<Timestamp>,
    /// When the model's answer was shown.
    pub revealed_at: Option<Timestamp>,
}
