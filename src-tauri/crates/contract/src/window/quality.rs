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
    /// Studies that "read first" hides from the person who asks: none of the figures counts them.
    #[ts(type = "number")]
    pub studies_hidden: u64,
}
