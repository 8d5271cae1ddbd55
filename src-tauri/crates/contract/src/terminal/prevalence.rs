//! What `models prevalence` answers.

use domain::Prevalence;
use serde::Serialize;

use crate::window::PrevalenceEstimate;

/// How frequent what a bundle looks for is among the images of a site.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PrevalenceWire {
    pub bundle: String,
    pub version: String,
    /// Among the images that calibrated the scores; `null` where the bundle does not say.
    pub calibrated_at: Option<Prevalence>,
    /// At which scores are told here; `null`: at that of the calibration.
    pub stated: Option<Prevalence>,
    /// `null` as long as nobody stated anything.
    pub changed_at: Option<String>,
    pub changed_by: Option<String>,
    /// Of the scores that this vault holds, where it was asked for. A person may state it; by itself it changes nothing.
    pub estimate: Option<PrevalenceEstimate>,
}
