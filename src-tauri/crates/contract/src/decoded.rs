//! What `decode --json` prints of a file: its header, and what is known of its images beyond it.

use std::path::PathBuf;

use domain::{
    Header, ImageAttributes, ImageFacts, Instance, MeasuredRegion, OrderRule, OverlayPlane, Palette, Patient, Plane,
    PlaneFacts, Rescale, Series, Shutter, SpacingBasis, Stack, Study, Uid, VoiChoice, VoiFunction, grey::Statistics,
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
    pub dtype: domain::SampleType,
    pub sha256_raw: String,
    pub min: f64,
    pub max: f64,
    pub mean: f64,
    /// Of the modality values of each grey frame, without padding and what is no number; empty of colour.
    pub statistics: Vec<Statistics>,
    /// The modality values of all frames, where they were asked for or slope and intercept do not tell them; `null`
    /// where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modality_values: Option<Vec<Option<f64>>>,
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
    /// Frames (from 0) along their normal, where they lie one above the other in the patient.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame_order: Option<Vec<u32>>,
}

impl DecodedHeader {
    /// Of a file with this header and these facts.
    pub fn new(header: Header, facts: &ImageFacts) -> Self {
        let facts = facts.without_bulk();
        let first = Plane::of(&header, &facts, 0);
        let frames = (0..facts.frames.len()).filter_map(|frame| u32::try_from(frame).ok());
        Self {
            frame_order: frame_order(&header, &facts),
            frames: frames.map(|frame| facts.of_frame(frame)).collect(),
            patient: header.patient,
            study: header.study,
            series: header.series,
            instance: header.instance,
            image: DecodedImage::new(header.image, facts, first),
        }
    }
}

fn frame_order(header: &Header, facts: &ImageFacts) -> Option<Vec<u32>> {
    let stack = Stack::of(&header.series.series_instance_uid, [(header, facts)]);
    (stack.order.rule == OrderRule::AlongNormal).then(|| stack.slices.iter().map(|slice| slice.at.frame).collect())
}

/// A window of the file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WindowWire {
    pub center: f64,
    pub width: f64,
    /// As the file calls it.
    pub name: Option<String>,
    /// `null` where the file names none: then it is LINEAR.
    pub function: Option<VoiFunction>,
}

/// A table of the file that stands for a window.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VoiLutWire {
    pub name: Option<String>,
    /// Modality value of its first entry.
    pub first: i32,
    pub entries: u64,
    pub bits: u16,
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
    pub windows: Vec<WindowWire>,
    pub pixel_spacing_mm: Option<[f64; 2]>,
    pub position_mm: Option<[f64; 3]>,
    pub orientation: Option<[f64; 6]>,
    pub frame_of_reference_uid: Option<Uid>,
    pub slice_thickness_mm: Option<f64>,
    pub lossy: bool,
    pub burned_in_annotation: Option<bool>,
    pub palette: Option<Palette>,
    /// Tables of the file that stand before its windows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub voi_luts: Vec<VoiLutWire>,
    /// Of the modality values; `unspecified` where nothing is known of it.
    pub unit: String,
    /// What the spacing rests on.
    pub pixel_spacing_basis: Option<SpacingBasis>,
    /// Height of a pixel over its width, where no spacing is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pixel_aspect: Option<f64>,
    /// Regions with axes of their own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<MeasuredRegion>,
    /// Stored values from the first to the second are no part of the image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub padding: Option<[f64; 2]>,
    /// Overlay planes, without their bitmaps.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overlays: Vec<OverlayPlane>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shutter: Option<Shutter>,
    /// `L`, `R`, `B` or `U` of the body part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub laterality: Option<String>,
}

impl DecodedImage {
    fn new(image: ImageAttributes, facts: ImageFacts, first: Plane) -> Self {
        let ImageAttributes {
            frames,
            rows,
            cols,
            samples,
            photometric_interpretation,
            bits_allocated,
            bits_stored,
            rescale,
            windows: _,
            pixel_spacing_mm,
            position_mm,
            orientation,
            frame_of_reference_uid,
            slice_thickness_mm,
            lossy,
            burned_in_annotation,
            palette,
        } = image;
        let (luts, windows): (Vec<VoiChoice>, _) = first.windows.into_iter().partition(|choice| choice.table.is_some());
        Self {
            frames,
            rows,
            cols,
            samples,
            photometric_interpretation,
            bits_allocated,
            bits_stored,
            rescale,
            windows: windows.into_iter().map(WindowWire::from).collect(),
            pixel_spacing_mm,
            position_mm,
            orientation,
            frame_of_reference_uid,
            slice_thickness_mm,
            lossy,
            burned_in_annotation,
            palette,
            voi_luts: luts.into_iter().filter_map(VoiLutWire::of).collect(),
            unit: first.unit.unwrap_or_else(|| "unspecified".to_owned()),
            pixel_spacing_basis: first.pixel_spacing_basis,
            pixel_aspect: facts.pixel_aspect,
            regions: facts.regions,
            padding: facts.padding,
            overlays: facts.overlays,
            shutter: facts.shutter,
            laterality: first.laterality,
        }
    }
}

impl From<VoiChoice> for WindowWire {
    fn from(choice: VoiChoice) -> Self {
        Self {
            center: choice.center,
            width: choice.width,
            name: choice.name,
            function: choice.function,
        }
    }
}

impl VoiLutWire {
    fn of(choice: VoiChoice) -> Option<Self> {
        let table = choice.table?;
        Some(Self {
            name: choice.name,
            first: table.first,
            // The entries themselves are not here.
            entries: choice.width as u64,
            bits: table.bits,
        })
    }
}
