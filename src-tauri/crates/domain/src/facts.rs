//! What a file says of its images beyond its [`Header`]: what differs from frame to frame, and what is to be told.

use serde::{Deserialize, Serialize};

use crate::{Header, PixelArray, Rescale, Sentence, Window};

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
    /// The windows that the file offers, the one to begin with first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub windows: Option<Vec<Window>>,
    /// From pixel centre to pixel centre: between rows, between columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pixel_spacing_mm: Option<[f64; 2]>,
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
}

impl ImageFacts {
    /// What is known of one frame of the file (0 is the first): its own facts, else those of all frames.
    pub fn of_frame(&self, frame: u32) -> PlaneFacts {
        match self.frames.get(frame as usize) {
            Some(own) => own.clone().or(&self.shared),
            None => self.shared.clone(),
        }
    }
}

impl PlaneFacts {
    /// These facts, and where they say nothing those of `other`.
    pub fn or(self, other: &Self) -> Self {
        Self {
            rescale: self.rescale.or(other.rescale),
            windows: self.windows.or_else(|| other.windows.clone()),
            pixel_spacing_mm: self.pixel_spacing_mm.or(other.pixel_spacing_mm),
            position_mm: self.position_mm.or(other.position_mm),
            orientation: self.orientation.or(other.orientation),
            slice_thickness_mm: self.slice_thickness_mm.or(other.slice_thickness_mm),
            time_ms: self.time_ms.or(other.time_ms),
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
            notes: vec![],
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
