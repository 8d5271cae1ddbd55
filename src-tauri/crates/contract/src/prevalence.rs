//! How frequent what a bundle looks for is at a site, for window and terminal.

use domain::{Prevalence, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How frequent what a bundle looks for is among the images of this site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SitePrevalence {
    /// Among the images that calibrated the scores.
    pub calibrated_at: Prevalence,
    /// At which scores are told here; `None`: at that of the calibration.
    pub stated: Option<Prevalence>,
    /// `None` as long as nobody stated anything.
    pub changed_at: Option<Timestamp>,
    pub changed_by: Option<String>,
}

/// A prevalence that the scores of a vault speak for. A person may state it; by itself it changes nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PrevalenceEstimate {
    pub value: Prevalence,
    /// Bounds of the interval that holds it in 95 of 100 cases, by study.
    pub low: Prevalence,
    pub high: Prevalence,
    pub images: u64,
    pub studies: u64,
}

/// What `models prevalence` answers.
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
