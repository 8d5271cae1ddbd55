//! Bundles and what they were measured to do.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use domain::{BundleDeed, BundleState, Failure, Timestamp};

use crate::BundleFacts;
use crate::prevalence::SitePrevalence;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ModelInfo {
    #[serde(flatten)]
    pub bundle: BundleFacts,
    pub operating_points: Vec<domain::OperatingPoint>,
    /// Whether its files are whole.
    pub ok: bool,
    /// What keeps it from answering.
    pub problem: Option<Failure>,
    pub active: bool,
    /// What may be done with it, the first thing first.
    pub deeds: Vec<BundleDeed>,
    /// Hash of the manifest that was activated: the activation holds for these files only.
    pub activated_manifest_sha256: Option<String>,
    /// At which its scores are told; `None` where its scores are no probabilities.
    pub prevalence: Option<SitePrevalence>,
    pub intended_use: Option<String>,
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
    #[serde(flatten)]
    pub estimate: FigureValue,
    /// What it was measured on.
    pub set: String,
}

/// A figure with the interval that holds its true value in 95 of 100 cases.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct FigureValue {
    pub value: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ModelUse {
    pub version: String,
    pub weights_sha256: String,
    pub first_used_at: Timestamp,
    pub analyses: u64,
    pub state: Option<BundleState>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Verification {
    pub ok: bool,
    pub libtorch: Option<String>,
    pub problems: Vec<String>,
}
