//! What kind of image a file says that it holds: sequence of an MR image, plane, part of the body, age.
//!
//! Rules on the words and numbers of a header alone. Where they are silent or contradict each other, a person is asked
//! and nothing is guessed.

mod contrast;
mod part;
mod sequence;
mod stated;
#[cfg(test)]
mod tests;
mod words;

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;
use crate::geometry::normal;
use crate::{Header, ImageFacts, Orientation, Plane, SourceFormat};

pub use part::{BodyPart, Part};
pub use stated::{Stated, StatedSequence, StatedView, age_of, sequence_of, view_of};
use words::Words;

/// How an image was made, as far as it tells what it shows. Texts are as the file says them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Acquisition {
    /// Image Type (0008,0008), and of an enhanced object Frame Type.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub image_type: Vec<String>,
    /// Scanning Sequence (0018,0020), such as `SE` and `IR`; of an enhanced object what stands for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scanning: Vec<String>,
    /// Sequence Variant (0018,0021), such as `SP` and `MP`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub variant: Vec<String>,
    /// Sequence Name (0018,0024).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence_name: Option<String>,
    /// Echo Time (0018,0081).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub echo_ms: Option<f64>,
    /// Repetition Time (0018,0080).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repetition_ms: Option<f64>,
    /// Inversion Time (0018,0082).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inversion_ms: Option<f64>,
    /// Diffusion b-value (0018,9087), s/mm2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub b_value: Option<f64>,
    /// Temporal Position Identifier (0020,0100), of an enhanced object Temporal Position Index (0020,9128).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temporal_position: Option<i32>,
    /// Contrast/Bolus Agent (0018,0010).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Meanings of the codes of the Anatomic Region Sequence (0008,2218).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub anatomy: Vec<String>,
    /// The file says that it is a FLAIR phantom of the program's own generator: it shows no patient, and has no age.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub phantom: bool,
}

/// What files of the program's own generator say of themselves, in the comment that their format has.
pub const PHANTOM_COMMENT: &str = "Synthetic phantom, not a patient";

impl Acquisition {
    /// Whether the file says nothing of it.
    pub fn is_silent(&self) -> bool {
        *self == Self::default()
    }

    /// These, and where they say nothing those of `other`.
    pub fn or(self, other: &Self) -> Self {
        let list = |own: Vec<String>, other: &Vec<String>| if own.is_empty() { other.clone() } else { own };
        Self {
            image_type: list(self.image_type, &other.image_type),
            scanning: list(self.scanning, &other.scanning),
            variant: list(self.variant, &other.variant),
            sequence_name: self.sequence_name.or_else(|| other.sequence_name.clone()),
            echo_ms: self.echo_ms.or(other.echo_ms),
            repetition_ms: self.repetition_ms.or(other.repetition_ms),
            inversion_ms: self.inversion_ms.or(other.inversion_ms),
            b_value: self.b_value.or(other.b_value),
            temporal_position: self.temporal_position.or(other.temporal_position),
            agent: self.agent.or_else(|| other.agent.clone()),
            anatomy: list(self.anatomy, &other.anatomy),
            phantom: self.phantom || other.phantom,
        }
    }
}

closed_set! {
    /// What an MR image shows, by how it was made.
    pub enum Sequence {
        /// T2-weighted with the water of the ventricles inverted away.
        Flair = "FLAIR",
        /// T1-weighted after a contrast agent.
        T1Contrast = "T1 + contrast",
        /// T1-weighted before one.
        T1 = "T1 native",
        /// T1-weighted with an inversion that is meant for the contrast of grey and white matter.
        T1Flair = "T1 FLAIR",
        /// T2-weighted.
        T2 = "T2",
        /// T2*-weighted.
        T2Star = "T2*",
        /// Proton density.
        ProtonDensity = "proton density",
        /// Fat inverted away.
        Stir = "STIR",
        /// Diffusion.
        Diffusion = "diffusion",
        /// Functional imaging.
        Bold = "BOLD",
        /// Perfusion, of any method.
        Perfusion = "perfusion",
        /// Echo planar, of no known purpose.
        EchoPlanar = "echo planar",
        /// Susceptibility.
        Susceptibility = "SWI",
        /// Vessels.
        Angiography = "angiography",
        /// Spectroscopy.
        Spectroscopy = "spectroscopy",
        /// A survey by which the slices were planned.
        Localizer = "localizer",
        /// Computed: ADC, FA, T1 times and the like.
        Map = "derived map",
        /// A projection of many slices.
        Projection = "MIP",
        /// Phase instead of magnitude.
        Phase = "phase",
        /// One image less another.
        Subtraction = "subtraction",
        /// What a person says that it is when it is none that a model was made for.
        Other = "other",
    }
}

/// What the header of an MR image says of its sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaidSequence {
    /// Plainly this one.
    Is(Sequence),
    /// T1, and not whether with a contrast agent.
    AgentUnknown,
    /// Nothing that tells it.
    Unknown,
    /// The name and the times of the acquisition speak of two.
    Contradiction {
        /// By its name.
        name: Sequence,
        /// By its times.
        times: Sequence,
    },
    /// Images of one series speak of two.
    Mixed(Sequence, Sequence),
}

closed_set! {
    /// How a slice lies in the patient.
    pub enum SlicePlane {
        /// Across the body: its normal lies within 30 degrees of the line from foot to head.
        Axial = "axial",
        /// Seen from the side.
        Sagittal = "sagittal",
        /// Seen from the front.
        Coronal = "coronal",
        /// Further than 30 degrees from all of them.
        Oblique = "oblique",
    }
}

impl SlicePlane {
    /// By Image Orientation (Patient); `None` where the two directions span no plane.
    pub fn of(orientation: &Orientation) -> Option<Self> {
        const WITHIN_30_DEGREES: f64 = 0.866;
        let [x, y, z] = normal(orientation)?.map(f64::abs);
        Some(match () {
            () if z >= WITHIN_30_DEGREES => Self::Axial,
            () if x >= WITHIN_30_DEGREES => Self::Sagittal,
            () if y >= WITHIN_30_DEGREES => Self::Coronal,
            () => Self::Oblique,
        })
    }
}

/// What a file says of one of its frames.
#[derive(Debug, Clone, PartialEq)]
pub struct SaidKind {
    /// Of an MR image; `None` of others.
    pub sequence: Option<SaidSequence>,
    /// Of a slice.
    pub plane: Option<SlicePlane>,
    /// Which part of the body it shows.
    pub part: Part,
}

impl SaidKind {
    /// What the file says of its frame (0 is the first).
    pub fn of(header: &Header, facts: &ImageFacts, frame: u32) -> Self {
        let made = facts.acquisition_of(frame);
        let text = |text: &Option<String>| Words::of(text.as_deref().unwrap_or_default());
        let series = text(&header.series.description);
        let protocol = text(&header.series.protocol_name);
        // The description of an image file is its name, which a person gave it and not a device.
        let dicom = header.instance.format == SourceFormat::Dicom;
        let study = if dicom {
            text(&header.study.description)
        } else {
            Words::default()
        };
        let plane = Plane::of(header, facts, frame).orientation;
        Self {
            sequence: match (made.phantom, header.series.modality.as_str()) {
                (true, _) => Some(SaidSequence::Is(Sequence::Flair)),
                (false, "MR") => Some(sequence::sequence(&made, &series, &protocol)),
                (false, _) => None,
            },
            plane: plane.as_ref().and_then(SlicePlane::of).or_else(|| series.plane()),
            part: match made.phantom {
                true => Part::Is(BodyPart::Head),
                false => part::part(
                    header.series.body_part_examined.as_deref(),
                    &made.anatomy,
                    &[&series, &protocol, &study],
                ),
            },
        }
    }
}
