//! What `decode --json` prints of a file: its header, and what is known of its images beyond it.

use std::path::PathBuf;

use domain::{
    Header, ImageAttributes, ImageFacts, Instance, Palette, Patient, PlaneFacts, Rescale, Series, Study, Uid, Window,
};
use serde::Serialize;

/// A file as `decode --json` prints it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DecodedWire {
    pub file: PathBuf,
    pub header: DecodedHeader,
    /// What a person should know of how the file was read, a sentence each.
    pub notes: Vec<String>,
    pub shape: String,
    pub dtype: String,
    pub sha256_raw: String,
    pub min: f64,
    pub max: f64,
    pub mean: f64,
    pub milliseconds: f64,
}

/// The header with the facts of images beside the attributes that they concern.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DecodedHeader {
    pub patient: Patient,
    pub study: Study,
    pub series: Series,
    pub instance: Instance,
    pub image: DecodedImage,
    /// One for each frame of the file, where frames differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub frames: Vec<PlaneFacts>,
}

impl DecodedHeader {
    /// Of a file with this header and these facts.
    pub fn new(header: Header, facts: &ImageFacts) -> Self {
        let frames = (0..facts.frames.len()).filter_map(|frame| u32::try_from(frame).ok());
        Self {
            patient: header.patient,
            study: header.study,
            series: header.series,
            instance: header.instance,
            image: DecodedImage::new(header.image),
            frames: frames.map(|frame| facts.of_frame(frame)).collect(),
        }
    }
}

/// [`ImageAttributes`] with what is known beyond them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DecodedImage {
    pub frames: u32,
    pub rows: u32,
    pub cols: u32,
    pub samples: u32,
    pub photometric_interpretation: String,
    pub bits_allocated: u16,
    pub bits_stored: u16,
    pub rescale: Rescale,
    pub windows: Vec<Window>,
    pub pixel_spacing_mm: Option<[f64; 2]>,
    pub position_mm: Option<[f64; 3]>,
    pub orientation: Option<[f64; 6]>,
    pub frame_of_reference_uid: Option<Uid>,
    pub slice_thickness_mm: Option<f64>,
    pub lossy: bool,
    pub burned_in_annotation: Option<bool>,
    pub palette: Option<Palette>,
}

impl DecodedImage {
    fn new(image: ImageAttributes) -> Self {
        let ImageAttributes {
            frames,
            rows,
            cols,
            samples,
            photometric_interpretation,
            bits_allocated,
            bits_stored,
            rescale,
            windows,
            pixel_spacing_mm,
            position_mm,
            orientation,
            frame_of_reference_uid,
            slice_thickness_mm,
            lossy,
            burned_in_annotation,
            palette,
        } = image;
        Self {
            frames,
            rows,
            cols,
            samples,
            photometric_interpretation,
            bits_allocated,
            bits_stored,
            rescale,
            windows,
            pixel_spacing_mm,
            position_mm,
            orientation,
            frame_of_reference_uid,
            slice_thickness_mm,
            lossy,
            burned_in_annotation,
            palette,
        }
    }
}
