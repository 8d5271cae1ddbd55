//! What a file says of its images beyond its [`Header`]: what differs from frame to frame, what lies over the image,
//! what is to be told.

use serde::{Deserialize, Serialize};

use crate::{
    Acquisition, Header, LookupTable, MeasuredRegion, OverlayPlane, PixelArray, Plane, Rescale, Sentence, Shutter,
    ShutterShape, SpacingBasis, Stated, VoiChoice,
};

/// Facts of a file's images. A reader of a format fills in what the format knows; all of it may be absent, and then
/// the [`Header`] speaks for every frame.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImageFacts {
    /// Of every frame that does not say otherwise.
    pub shared: PlaneFacts,
    /// One for each frame of the file, in its order; empty where no frame differs from `shared`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub frames: Vec<PlaneFacts>,
    /// Stored values from the first to the second are no part of the image: Pixel Padding Value (0028,0120) and
    /// Pixel Padding Range Limit (0028,0121).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub padding: Option<[f64; 2]>,
    /// Presentation LUT Shape (2050,0020) is INVERSE.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub inverse: bool,
    /// Height of a pixel over its width, where that alone is known (Pixel Aspect Ratio).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pixel_aspect: Option<f64>,
    /// Regions with axes of their own; the first one that holds a place counts there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<MeasuredRegion>,
    /// Bitmaps over the image.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overlays: Vec<OverlayPlane>,
    /// Parts of every frame that are not to be seen, where it has no shutter of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shutter: Option<Shutter>,
    /// How the images were made. Facts stored before this was kept lack it.
    #[serde(skip_serializing_if = "Acquisition::is_silent")]
    pub acquisition: Acquisition,
    /// What a person said at the import of what the file does not say.
    #[serde(skip_serializing_if = "Stated::is_silent")]
    pub stated: Stated,
    /// What a person should know of how the file was read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Sentence>,
}

/// Facts of one frame, or of all; what is `None` was not said. Lengths are millimetres of the patient.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlaneFacts {
    /// From stored values to modality values (PS3.3 C.11.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rescale: Option<Rescale>,
    /// Modality LUT: stands in place of the rescale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modality_table: Option<LookupTable>,
    /// Unit of the modality values as the file says it; empty where it says that they have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The tables and windows that the file offers, the one to begin with first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub windows: Option<Vec<VoiChoice>>,
    /// From pixel centre to pixel centre: between rows, between columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pixel_spacing_mm: Option<[f64; 2]>,
    /// What the spacing rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pixel_spacing_basis: Option<SpacingBasis>,
    /// Centre of the first pixel (Image Position (Patient)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position_mm: Option<[f64; 3]>,
    /// Direction cosines of a row, then of a column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orientation: Option<[f64; 6]>,
    /// Slice Thickness (0018,0050).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slice_thickness_mm: Option<f64>,
    /// Since the first frame in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_ms: Option<f64>,
    /// `L`, `R`, `B` or `U` of the body part (Image Laterality, Laterality, Frame Laterality).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub laterality: Option<String>,
    /// Parts of this frame that are not to be seen (Frame Display Shutter).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shutter: Option<Shutter>,
    /// How this frame was made, where it was made in another way than the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acquisition: Option<Box<Acquisition>>,
}

impl ImageFacts {
    /// What is known of one frame of the file (0 is the first): its own facts, else those of all frames.
    pub fn of_frame(&self, frame: u32) -> PlaneFacts {
        match self.frames.get(frame as usize) {
            Some(own) => own.clone().or(&self.shared),
            None => self.shared.clone(),
        }
    }

    /// How one frame of the file (0 is the first) was made.
    pub fn acquisition_of(&self, frame: u32) -> Acquisition {
        match self
            .frames
            .get(frame as usize)
            .and_then(|own| own.acquisition.as_deref())
        {
            Some(own) => own.clone().or(&self.acquisition),
            None => self.acquisition.clone(),
        }
    }

    /// The shutter of one frame of the file (0 is the first).
    pub fn shutter_of(&self, frame: u32) -> Option<&Shutter> {
        let own = self.frames.get(frame as usize).and_then(|own| own.shutter.as_ref());
        own.or(self.shutter.as_ref())
    }

    /// Whether an overlay plane is the bitmap of the shutter, and no drawing.
    pub fn hides_by(&self, overlay: &OverlayPlane) -> bool {
        let of_frames = self.frames.iter().filter_map(|frame| frame.shutter.as_ref());
        let shapes = self.shutter.iter().chain(of_frames).flat_map(|shutter| &shutter.shapes);
        shapes
            .into_iter()
            .any(|shape| matches!(shape, ShutterShape::Bitmap { group } if *group == overlay.group))
    }

    /// Without what only the pixels need: entries of tables and bitmaps.
    pub fn without_bulk(&self) -> Self {
        let light = |facts: &PlaneFacts| PlaneFacts {
            modality_table: None,
            windows: facts.windows.as_ref().map(|choices| {
                let light = |choice: &VoiChoice| VoiChoice {
                    table: choice.table.as_ref().map(|table| LookupTable {
                        values: vec![],
                        ..*table
                    }),
                    ..choice.clone()
                };
                choices.iter().map(light).collect()
            }),
            ..facts.clone()
        };
        Self {
            shared: light(&self.shared),
            frames: self.frames.iter().map(light).collect(),
            overlays: self.overlays.iter().map(OverlayPlane::described).collect(),
            ..self.clone()
        }
    }
}

impl PlaneFacts {
    /// These facts, and where they say nothing those of `other`.
    pub fn or(self, other: &Self) -> Self {
        Self {
            rescale: self.rescale.or(other.rescale),
            modality_table: self.modality_table.or_else(|| other.modality_table.clone()),
            unit: self.unit.or_else(|| other.unit.clone()),
            windows: self.windows.or_else(|| other.windows.clone()),
            pixel_spacing_mm: self.pixel_spacing_mm.or(other.pixel_spacing_mm),
            pixel_spacing_basis: self.pixel_spacing_basis.or(other.pixel_spacing_basis),
            position_mm: self.position_mm.or(other.position_mm),
            orientation: self.orientation.or(other.orientation),
            slice_thickness_mm: self.slice_thickness_mm.or(other.slice_thickness_mm),
            time_ms: self.time_ms.or(other.time_ms),
            laterality: self.laterality.or_else(|| other.laterality.clone()),
            shutter: self.shutter.or_else(|| other.shutter.clone()),
            acquisition: self.acquisition.or_else(|| other.acquisition.clone()),
        }
    }
}

/// One decoded file: what it says of itself and its stored pixel values.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// What the file says of itself.
    pub header: Header,
    /// What it says of its images beyond that.
    pub facts: ImageFacts,
    /// Number in the file of the first frame of `pixels`; 0 is the file's first.
    pub first_frame: u32,
    /// Its stored values, or those of the frames that were asked for.
    pub pixels: PixelArray,
}

impl Decoded {
    /// Of a file that says nothing beyond its header, with all its frames.
    pub fn new(header: Header, pixels: PixelArray) -> Self {
        Self {
            header,
            facts: ImageFacts::default(),
            first_frame: 0,
            pixels,
        }
    }

    /// What is known of a frame of `pixels`, counted from the first that is there.
    pub fn plane(&self, at: u32) -> Plane {
        Plane::of(&self.header, &self.facts, self.first_frame.saturating_add(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_s_own_facts_stand_before_those_of_all_frames() {
        let at = |z: f64| PlaneFacts {
            position_mm: Some([0.0, 0.0, z]),
            ..PlaneFacts::default()
        };
        let facts = ImageFacts {
            shared: PlaneFacts {
                slice_thickness_mm: Some(2.0),
                ..at(-1.0)
            },
            frames: vec![at(0.0), PlaneFacts::default()],
            ..ImageFacts::default()
        };
        let z = |frame| facts.of_frame(frame).position_mm.map(|[_, _, z]| z);
        assert_eq!([0, 1, 2].map(z), [Some(0.0), Some(-1.0), Some(-1.0)]);
        assert_eq!(facts.of_frame(0).slice_thickness_mm, Some(2.0));
    }

    #[test]
    fn a_thousand_frames_stay_small() -> Result<(), serde_json::Error> {
        let frame = |at: u32| PlaneFacts {
            position_mm: Some([-120.5, -98.25, 0.625 * f64::from(at)]),
            time_ms: Some(f64::from(at) * 40.0),
            ..PlaneFacts::default()
        };
        let facts = ImageFacts {
            frames: (0..1000).map(frame).collect(),
            ..ImageFacts::default()
        };
        let text = serde_json::to_string(&facts)?;
        assert!(text.len() < 100_000, "{}", text.len());
        assert_eq!(serde_json::from_str::<ImageFacts>(&text)?, facts);
        Ok(())
    }
}
