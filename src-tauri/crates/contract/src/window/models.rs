//! Bundles and what they were measured to do.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use domain::Failure;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct OperatingPoint {
    pub name: String,
    pub threshold: f32,
    pub sensitivity: f64,
    /// Null where the set has no picture without an anomaly.
    pub specificity: Option<f64>,
    /// The set that the two figures were measured on: `brain-mri/lgg-flair val`.
    pub set: String,
    pub images: Option<u32>,
    pub patients: Option<u32>,
    /// Whether the threshold was chosen on that set, so that the figures are optimistic.
    pub chosen_on_it: bool,
}

impl From<&domain::OperatingPoint> for OperatingPoint {
    fn from(point: &domain::OperatingPoint) -> Self {
        Self {
            name: point.name.clone(),
            threshold: point.threshold,
            sensitivity: point.sensitivity.value,
            specificity: point.specificity.map(|estimate| estimate.value),
            set: point.set.to_string(),
            images: point.set.images,
            patients: point.set.patients,
            chosen_on_it: point.chosen_on_it,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ModelInfo {
    pub name: String,
    pub version: Option<String>,
    pub title: Option<String>,
    /// Whether its files are whole.
    pub ok: bool,
    /// What keeps it from answering.
    pub problem: Option<Failure>,
    /// Whether a key that the program trusts signed it.
    pub signed: bool,
    pub active: bool,
    /// `shipped` or `installed`.
    pub origin: String,
    pub weights_sha256: Option<String>,
    pub manifest_sha256: Option<String>,
    /// Hash of the manifest that was activated: the activation holds for these files only.
    pub activated_manifest_sha256: Option<String>,
    pub intended_use: Option<String>,
    pub operating_points: Vec<OperatingPoint>,
    pub data_licences: Vec<String>,
    /// MODEL_CARD.md
    pub card: Option<String>,
    /// data_license.txt
    pub data_licence_text: Option<String>,
    pub figures: Vec<ModelFigure>,
    pub history: Vec<ModelUse>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ModelFigure {
    pub name: String,
    pub value: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub set: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ModelUse {
    pub version: String,
    pub weights_sha256: String,
    pub first_used_at: String,
    pub analyses: u64,
    pub state: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Verification {
    pub ok: bool,
    pub libtorch: Option<String>,
    pub problems: Vec<String>,
}
