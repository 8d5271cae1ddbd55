//! Bundles and what they were measured to do.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use domain::{Failure, OperatingPoint, Timestamp};

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
    pub first_used_at: Timestamp,
    pub analyses: u64,
    pub state: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Verification {
    pub ok: bool,
    pub libtorch: Option<String>,
    pub problems: Vec<String>,
}
