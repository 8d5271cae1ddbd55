//! A study's pictures and what the model said of each.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{OperatingPoint, ReviewWire, Sentence};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SeriesWire {
    pub series_instance_uid: String,
    pub modality: String,
    pub number: Option<i32>,
    pub description: Option<String>,
    pub protocol_name: Option<String>,
    pub body_part_examined: Option<String>,
    pub view_position: Option<String>,
    pub manufacturer: Option<String>,
    /// The files, those without an image too.
    pub instances: Vec<InstanceWire>,
    /// The frames of those that hold an image, in the order in which they are shown everywhere.
    pub slices: Vec<SliceWire>,
}

/// One frame in its series, with what may differ from frame to frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SliceWire {
    pub sop_instance_uid: String,
    /// 0 is the first.
    pub frame: u32,
    /// What a reader calls it: the frame of a file of many, else the number of the instance, else its place.
    pub name: i64,
    /// Unit of the modality values: `HU`, or none.
    pub unit: Option<String>,
    /// Those of the file, the one to begin with first.
    pub windows: Vec<WindowWire>,
    /// Between rows, between columns.
    pub pixel_spacing_mm: Option<[f64; 2]>,
    /// Centre of the first pixel, in the patient: x to the left, y to the back, z to the head.
    pub position_mm: Option<[f64; 3]>,
    pub orientation: Option<domain::Orientation>,
    /// Letters of the patient's sides at the edges of the image, before it is turned.
    pub sides: Option<domain::Sides>,
    pub slice_thickness_mm: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct InstanceWire {
    pub sop_instance_uid: String,
    pub number: Option<i32>,
    pub file_name: Option<String>,
    /// `dicom`, `png`, `jpeg`, `tiff` or `bmp`.
    pub format: String,
    pub bytes: u64,
    pub content_sha256: String,
    pub imported_at: String,
    pub imported_by: String,
    /// 0 when the file holds no picture.
    pub frames: u32,
    /// Why there is none.
    pub no_picture: Option<Sentence>,
    pub rows: u32,
    pub cols: u32,
    pub samples: u32,
    pub photometric_interpretation: String,
    pub bits_stored: u32,
    pub lossy: bool,
    pub sop_class_uid: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct WindowWire {
    pub center: f64,
    pub width: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AnalysisWire {
    pub sop_instance_uid: String,
    pub frame: u32,
    pub bundle: String,
    pub version: String,
    pub weights_sha256: String,
    pub input: InputWire,
    /// None when the input gate refused.
    pub score: Option<f32>,
    pub flagged: bool,
    pub operating_point: OperatingPoint,
    pub findings: Vec<FindingWire>,
    pub has_map: bool,
    pub device: String,
    pub precision: String,
    pub milliseconds: MillisecondsWire,
    pub analysed_at: String,
    pub analysed_by: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct MillisecondsWire {
    pub decode: f64,
    pub preprocess: f64,
    pub infer: f64,
    pub post: f64,
    pub total: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct InputWire {
    pub verdict: InputVerdict,
    pub reason: Option<Sentence>,
    pub score: Option<f32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum InputVerdict {
    InRange,
    OutOfRange,
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FindingWire {
    pub id: String,
    pub label: String,
    pub score: f32,
    /// x, y, width, height in pixels of the original.
    #[serde(rename = "box")]
    pub bounds: [u32; 4],
    pub peak: [u32; 2],
    pub area_px: u32,
    pub area_mm2: Option<f64>,
    /// Longest diameter of the outline; none without pixel spacing.
    pub diameter_mm: Option<f64>,
    /// Closed polygons along pixel edges; (0, 0) is the top left corner of the top left pixel.
    pub outlines: Vec<Vec<[u32; 2]>>,
    pub review: Option<ReviewWire>,
    /// The signed-in reader's own words, typed before a decision.
    pub note_draft: Option<String>,
}
