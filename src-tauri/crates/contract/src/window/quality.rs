//! How the models and the readers did.

use domain::numbers::{DayQuality, ModelQuality};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Quality {
    pub bundles: Vec<ModelQuality>,
    /// Days with analyses, oldest first.
    pub days: Vec<DayQuality>,
}
