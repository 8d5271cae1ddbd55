//! How the models and the readers did.

use domain::numbers::ModelQuality;
use domain::quality::BundleQuality;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Quality {
    /// By version.
    pub bundles: Vec<ModelQuality>,
    /// What is to be said of each bundle over all its versions, in the same order.
    pub told: Vec<BundleQuality>,
}
