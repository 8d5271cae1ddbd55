//! How the models and the readers did.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Quality {
    pub bundles: Vec<QualityBundle>,
    /// Days with analyses, oldest first.
    pub days: Vec<QualityDay>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct QualityBundle {
    pub bundle: String,
    pub version: String,
    pub analyses: u64,
    pub flagged: u64,
    pub refused: u64,
    pub findings: u64,
    pub accepted: u64,
    pub rejected: u64,
    pub changed: u64,
    pub unsure: u64,
    pub undecided: u64,
    /// Mean seconds of computing per picture.
    pub mean_seconds: Option<f64>,
    /// Signed or reviewed studies: the model flagged and the reader kept a finding.
    pub both: u64,
    pub model_only: u64,
    pub reader_only: u64,
    pub neither: u64,
    pub read_first: ReadFirstCounts,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ReadFirstCounts {
    pub readings: u64,
    pub agreed: u64,
    pub mean_seconds_to_opinion: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct QualityDay {
    /// `YYYY-MM-DD`
    pub day: String,
    pub bundle: String,
    pub analyses: u64,
    pub flagged: u64,
    pub refused: u64,
    pub mean_score: Option<f64>,
    /// Scores in ten bins of 0.1.
    pub histogram: Vec<u64>,
}
