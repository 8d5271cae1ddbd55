//! `metadata.json`: what a bundle says of itself. Unknown fields are refused, so that a newer
//! bundle is never half understood.

use domain::{FailureCode, ModelVersion, OperatingPoint};
use serde::{Deserialize, Serialize};

use super::damaged;
use crate::error::EngineError;

/// 2: the gate reads the photometric interpretation.
pub const BUNDLE_FORMAT: u32 = 2;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    pub format: u32,
    pub name: String,
    pub version: String,
    pub title: String,
    pub intended_use: String,
    pub network: NetworkSpec,
    pub input: InputSpec,
    /// Label of a finding, then of one of the unknown-anomaly head, where there is one.
    pub labels: Vec<String>,
    /// Kinds that the class head tells apart, in the order of its outputs after the first.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Of a router: the bundle that each class output stands for. A router reads no pictures itself.
    #[serde(default)]
    pub routes: Vec<String>,
    pub region: RegionSpec,
    pub calibration: Calibration,
    /// The first is the default.
    pub operating_points: Vec<OperatingPoint>,
    pub gate: Option<GateSpec>,
    pub data: Vec<DataSource>,
    /// Figures on the set each names; the card tells them in words.
    pub metrics: Vec<Metric>,
    pub training: Training,
}

/// Shape of the network; `torch` builds it and refuses weights that do not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkSpec {
    /// The family, `res-unet-pcam`.
    pub family: String,
    /// Channels of each encoder stage; each stage after the first halves the picture.
    pub widths: Vec<u32>,
    /// Maps of the decoder, in the order of its outputs. Empty: the network has no decoder.
    #[serde(default = "lesion_map")]
    pub maps: Vec<MapKind>,
    /// Outputs of the class head. The first is "abnormal"; the bundle's kinds follow.
    #[serde(default = "one")]
    pub classes: u32,
    /// Whether an uncertainty autoencoder of normal pictures stands beside it.
    #[serde(default)]
    pub autoencoder: bool,
    /// Networks trained from different seeds, whose answers are averaged.
    #[serde(default = "one")]
    pub members: u32,
}

/// What a map of the decoder shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MapKind {
    /// Lesions as the training data outlines them.
    Lesion,
    /// What does not belong into a picture of this kind; learned from pasted patches.
    Foreign,
}

impl NetworkSpec {
    /// Place of a map among the decoder's outputs.
    pub fn map(&self, kind: MapKind) -> Option<usize> {
        self.maps.iter().position(|map| *map == kind)
    }
}

fn lesion_map() -> Vec<MapKind> {
    vec![MapKind::Lesion]
}

fn one() -> u32 {
    1
}

/// How a frame becomes the network's input, and what the header must say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSpec {
    /// Side of the square input, pixels.
    pub size: u32,
    /// Grey values are clipped to this range of percentiles, 0..=100.
    pub percentiles: [f32; 2],
    /// After clipping to 0..=1, pixels above this belong to the body; mean and deviation are taken there.
    pub body_threshold: f32,
    /// DICOM modalities the model was made for. A picture file without a header is left to the learned gate.
    pub modalities: Vec<String>,
    /// Accepted values of Photometric Interpretation (PS3.3 C.7.6.3.1.2): a colour picture is not what a model
    /// of grey pictures was made for, whatever its header says else. Empty: any.
    #[serde(default)]
    pub photometric: Vec<String>,
    /// Accepted values of Body Part Examined, where the file has one.
    pub body_parts: Vec<String>,
    /// Youngest and oldest patients in whole years, where the model was made for some only.
    #[serde(default)]
    pub ages: Option<[u32; 2]>,
    /// Accepted values of View Position, where the file has one. Empty: any.
    #[serde(default)]
    pub views: Vec<String>,
    /// What the model expects, in words for a refusal: `axial FLAIR MR slices of an adult's head`.
    pub description: String,
}

/// From the map to a score and to regions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionSpec {
    /// The score of a picture or region is the mean of this many highest map values (input pixels).
    pub top_pixels: u32,
    /// A region is where the map is at or above this, 0..1.
    pub map_threshold: f32,
    /// Smaller regions are dropped (input pixels).
    pub min_pixels: u32,
    /// Average over the picture and its mirror image; of several members every other one sees the
    /// mirror image instead.
    pub mirror: bool,
    /// Share of the class head's logit in the score, 0..=1; the rest is that of the highest map values.
    #[serde(default)]
    pub class_share: f32,
}

/// Platt scaling: `score = sigmoid(slope * logit(raw) + intercept)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    pub slope: f32,
    pub intercept: f32,
}

/// Gate statistics lie in `gate.safetensors`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateSpec {
    /// Length of a feature vector.
    pub features: u32,
    /// Kinds of training pictures that are in range.
    pub centres: u32,
    /// Mahalanobis distance at which a picture is out of range.
    pub limit: f32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSource {
    pub name: String,
    pub licence: String,
    pub citation: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    pub name: String,
    pub value: f64,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub set: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    pub command: String,
    pub seed: u64,
    pub epochs: u32,
    pub manifest_sha256: String,
    pub code_version: String,
    pub images: u32,
    pub synthetic_images: u32,
    /// The bundle whose weights the training began with, where these were not random.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<ModelVersion>,
}

impl Metadata {
    /// Whether it tells which bundle a picture is for, instead of reading it.
    pub fn is_router(&self) -> bool {
        !self.routes.is_empty()
    }

    pub(super) fn parse(bytes: &[u8], bundle: &str) -> Result<Self, EngineError> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let Format { format } =
            serde_json::from_slice(bytes).map_err(|error| damaged(bundle, format!("metadata.json: {error}")))?;
        if format > BUNDLE_FORMAT {
            return Err(EngineError::new(
                FailureCode::BundleTooNew,
                format!(
                    "the bundle '{bundle}' has format {format}, and this version reads up to {BUNDLE_FORMAT}; update Overread"
                ),
            ));
        }
        let metadata: Self =
            serde_json::from_slice(bytes).map_err(|error| damaged(bundle, format!("metadata.json: {error}")))?;
        metadata
            .check()
            .map_err(|what| damaged(bundle, format!("metadata.json: {what}")))?;
        Ok(metadata)
    }

    fn check(&self) -> Result<(), String> {
        let strides = 1u32
            .checked_shl(self.network.widths.len().saturating_sub(1) as u32)
            .unwrap_or(0);
        if self.network.widths.len() < 2 || self.network.widths.iter().any(|w| !(1..=2048).contains(w)) {
            return Err(format!("network widths {:?} are not usable", self.network.widths));
        }
        if !(1..=64).contains(&self.network.classes) || !(1..=8).contains(&self.network.members) {
            return Err(format!(
                "a network with {} class outputs and {} members is not usable",
                self.network.classes, self.network.members
            ));
        }
        if self.network.maps.len() > 2 || self.network.maps.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(format!("the maps {:?} are not distinct", self.network.maps));
        }
        if self.input.size == 0 || self.input.size > 2048 || strides == 0 || !self.input.size.is_multiple_of(strides) {
            return Err(format!(
                "input size {} does not fit {} stages",
                self.input.size,
                self.network.widths.len()
            ));
        }
        if !self.routes.is_empty() && self.routes.len() != self.network.classes as usize {
            return Err(format!(
                "{} routes do not fit {} class outputs",
                self.routes.len(),
                self.network.classes
            ));
        }
        if self.labels.is_empty() || self.operating_points.is_empty() {
            return Err("labels and operating points must not be empty".into());
        }
        let [low, high] = self.input.percentiles;
        if !(0.0 <= low && low < high && high <= 100.0) {
            return Err(format!("percentiles {low} and {high} are not in order"));
        }
        let thresholds = self
            .operating_points
            .iter()
            .map(|p| p.threshold)
            .chain([self.region.map_threshold]);
        for threshold in thresholds {
            if !(0.0..=1.0).contains(&threshold) {
                return Err(format!("the threshold {threshold} is not within 0 and 1"));
            }
        }
        if !(self.calibration.slope.is_finite()
            && self.calibration.slope > 0.0
            && self.calibration.intercept.is_finite())
        {
            return Err(format!(
                "calibration {:?} does not keep the order of scores",
                self.calibration
            ));
        }
        if !(0.0..=1.0).contains(&self.region.class_share) {
            return Err(format!(
                "the class head's share {} is not within 0 and 1",
                self.region.class_share
            ));
        }
        if self.region.top_pixels == 0 {
            return Err("top_pixels must be at least 1".into());
        }
        Ok(())
    }
}
