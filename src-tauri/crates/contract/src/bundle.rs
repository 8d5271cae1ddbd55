//! What is told of a bundle in every shell.

use domain::{BundleOrigin, CommercialUse, Says};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a bundle says of itself, and where it comes from; a damaged one says little.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct BundleFacts {
    pub name: String,
    pub version: Option<String>,
    pub title: Option<String>,
    pub weights_sha256: Option<String>,
    pub data_licences: Vec<String>,
    /// Whether it may be used in paid work; of a damaged one nobody knows.
    pub commercial_use: CommercialUse,
    /// sha256 of the manifest, which holds the hash of every other file.
    pub manifest_sha256: Option<String>,
    /// Whether a key that the program trusts signed it.
    pub signed: bool,
    /// What it may tell of an image at its first operating point; of a router and a damaged bundle nothing.
    pub says: Option<Says>,
    pub origin: BundleOrigin,
}
