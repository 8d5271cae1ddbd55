//! A study's images and what the model said of each.

use domain::{
    Analysis, Finding, ImageAttributes, Instance, MeasuredRegion, Orientation, Review, Says, Sentence, Series, Sides,
    SpacingBasis, Timestamp, Uid, VoiChoice,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SeriesWire {
    #[serde(flatten)]
    pub series: Series,
    pub instances: Vec<InstanceWire>,
    /// The frames of those that hold an image, in the order in which they are shown everywhere.
    pub slices: Vec<SliceWire>,
}

/// One frame in its series, with what may differ from frame to frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SliceWire {
    pub sop_instance_uid: Uid,
    /// 0 is the first.
    pub frame: u32,
    /// What a reader calls it: the frame of a file of many, else the number of the instance, else its place.
    pub name: i64,
    /// Unit of the modality values: `HU`, or none.
    pub unit: Option<String>,
    /// Those of the file, the one to begin with first.
    pub windows: Vec<VoiChoice>,
    /// Between rows, between columns.
    pub pixel_spacing_mm: Option<[f64; 2]>,
    /// What lengths rest on.
    pub pixel_spacing_basis: Option<SpacingBasis>,
    /// Height of a pixel over its width, where no spacing is known.
    pub pixel_aspect: Option<f64>,
    /// Regions with axes of their own; within them lengths are theirs.
    pub regions: Vec<MeasuredRegion>,
    /// `L`, `R`, `B` or `U` of the body part.
    pub laterality: Option<String>,
    /// Centre of the first pixel, in the patient: x to the left, y to the back, z to the head.
    pub position_mm: Option<[f64; 3]>,
    pub orientation: Option<Orientation>,
    /// Letters of the patient's sides at the edges of the image, before it is turned.
    pub sides: Option<Sides>,
    pub slice_thickness_mm: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct InstanceWire {
    #[serde(flatten)]
    pub instance: Instance,
    /// Without its palette: the core makes the colours.
    #[serde(flatten)]
    pub image: ImageAttributes,
    pub file_name: Option<String>,
    pub bytes: u64,
    pub content_sha256: String,
    pub imported_at: Timestamp,
    pub imported_by: String,
    /// Why there is no image.
    pub no_picture: Option<Sentence>,
    /// What is to be told of how the file was read.
    pub notes: Vec<Sentence>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AnalysisWire {
    #[serde(flatten)]
    pub analysis: Analysis<FindingWire>,
    /// What the model may tell of the image.
    pub says: Says,
    pub flagged: bool,
    /// Its regions are offered by a model that says where and not whether.
    pub outlined: bool,
    /// What `input.reason` says, with its code.
    pub reason: Option<Sentence>,
    pub has_map: bool,
    pub analysed_at: Timestamp,
    pub analysed_by: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FindingWire {
    #[serde(flatten)]
    pub finding: Finding,
    /// Longest diameter of the outline; none without pixel spacing.
    pub diameter_mm: Option<f64>,
    /// The decision that stands.
    pub review: Option<Review>,
    /// The signed-in reader's own words, typed before a decision.
    pub note_draft: Option<String>,
}
