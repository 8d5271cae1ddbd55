//! A study's images and what the model said of each.

use domain::{Analysis, Finding, ImageAttributes, Instance, Review, Sentence, Series, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SeriesWire {
    #[serde(flatten)]
    pub series: Series,
    pub instances: Vec<InstanceWire>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct InstanceWire {
    #[serde(flatten)]
    pub instance: Instance,
    /// Without its palette: the core makes the colours.
    #[serde(flatten)]
    pub image: ImageAttributes,
    pub file_name: Option<String>,
    pub bytes: u64,
    pub content_sha256: String,
    pub imported_at: Timestamp,
    pub imported_by: String,
    /// Why there is no image.
    pub no_picture: Option<Sentence>,
    /// Unit of the modality values: `HU`, or none.
    pub unit: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AnalysisWire {
    #[serde(flatten)]
    pub analysis: Analysis<FindingWire>,
    /// What `input.reason` says, with its code.
    pub reason: Option<Sentence>,
    pub has_map: bool,
    pub analysed_at: Timestamp,
    pub analysed_by: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FindingWire {
    #[serde(flatten)]
    pub finding: Finding,
    /// Longest diameter of the outline; none without pixel spacing.
    pub diameter_mm: Option<f64>,
    /// The decision that stands.
    pub review: Option<Review>,
    /// The signed-in reader's own words, typed before a decision.
    pub note_draft: Option<String>,
}
