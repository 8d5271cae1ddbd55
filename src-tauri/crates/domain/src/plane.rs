//! One frame as the standard describes it: every fact that may differ from frame to frame of one file.

use serde::{Deserialize, Serialize};

use crate::value::is_value;
use crate::{
    Header, ImageFacts, LookupTable, Photometric, PlaneFacts, Rescale, SourceFormat, SpacingBasis, Uid, VoiChoice,
};

/// What a frame says of itself, without its pixels. Lengths are millimetres of the patient (PS3.3 C.7.6.2).
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// Height in pixels; 0 in headers stored before this was kept.
    pub rows: u32,
    /// Width in pixels; 0 in headers stored before this was kept.
    pub cols: u32,
    /// What its samples mean.
    pub colour: Colour,
    /// Bits Stored (0028,0101).
    pub bits_stored: u16,
    /// From stored values to modality values.
    pub rescale: Rescale,
    /// Modality LUT: stands in place of the rescale.
    pub modality_table: Option<LookupTable>,
    /// Stored values from the first to the second are no part of the image.
    pub padding: Option<[f64; 2]>,
    /// Unit of the modality values, such as `HU`; `None` where nothing is known of it.
    pub unit: Option<String>,
    /// The tables and windows that the file offers, the one to begin with first.
    pub windows: Vec<VoiChoice>,
    /// Which end of the shown window is bright.
    pub polarity: Polarity,
    /// From pixel centre to pixel centre: between rows, between columns.
    pub pixel_spacing_mm: Option<[f64; 2]>,
    /// What the spacing rests on; `None` where nothing is known of it, or of a file read before this was kept.
    pub pixel_spacing_basis: Option<SpacingBasis>,
    /// Height of a pixel over its width, where no spacing is known.
    pub pixel_aspect: Option<f64>,
    /// Centre of the first pixel (Image Position (Patient)).
    pub position_mm: Option<[f64; 3]>,
    /// How it lies in the patient.
    pub orientation: Option<Orientation>,
    /// What positions are measured in: frames that share it can be laid on each other.
    pub frame_of_reference_uid: Option<Uid>,
    /// Slice Thickness (0018,0050).
    pub slice_thickness_mm: Option<f64>,
    /// Since the first frame of its file in milliseconds.
    pub time_ms: Option<f64>,
    /// `L`, `R`, `B` or `U` of the body part.
    pub laterality: Option<String>,
}

/// What the samples of a pixel mean once they are decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// One sample, a grey value.
    Grey,
    /// Red, green and blue.
    Rgb,
    /// PS3.3 C.7.6.3.1.2: luma and chroma over 0 to 255.
    YbrFull,
    /// Luma over 16 to 235, chroma over 16 to 240.
    YbrPartial,
    /// The header's palette gives the colours.
    Palette,
    /// Greys below the first entry of the header's palette, its colours from there on (PS3.3 C.7.6.19).
    Supplemental,
}

/// Whether high or low values are bright, once the window has spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polarity {
    /// MONOCHROME2.
    BrightIsHigh,
    /// MONOCHROME1.
    BrightIsLow,
}

/// Direction cosines in the patient (Image Orientation (Patient)).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Orientation {
    /// Along a row, to the right of the image.
    pub row: [f64; 3],
    /// Along a column, downwards.
    pub column: [f64; 3],
}

impl Plane {
    /// What a file says of one of its frames (0 is the first): its facts, and where they are silent its header.
    pub fn of(header: &Header, facts: &ImageFacts, frame: u32) -> Self {
        let image = &header.image;
        let own = facts.of_frame(frame);
        let photometric = image.photometric_interpretation.as_str();
        let known = Photometric::parse(photometric);
        let orientation = own.orientation.or(image.orientation);
        Self {
            rows: image.rows,
            cols: image.cols,
            colour: match (image.samples, photometric) {
                (1, grey) if image.palette.is_some() && grey.starts_with("MONOCHROME") => Colour::Supplemental,
                (1, _) if image.palette.is_some() => Colour::Palette,
                (3.., _) if matches!(known, Some(Photometric::YbrPartial422 | Photometric::YbrPartial420)) => {
                    Colour::YbrPartial
                }
                // Transforms of JPEG 2000 that the codec undid carry the name RGB already.
                (3.., other) if other.starts_with("YBR") => Colour::YbrFull,
                (3.., _) => Colour::Rgb,
                _ => Colour::Grey,
            },
            bits_stored: image.bits_stored,
            rescale: own.rescale.unwrap_or(image.rescale),
            padding: facts.padding,
            unit: unit(header, &own),
            windows: own
                .windows
                .unwrap_or_else(|| image.windows.iter().copied().map(VoiChoice::plain).collect()),
            polarity: if known == Some(Photometric::Monochrome1) || facts.inverse {
                Polarity::BrightIsLow
            } else {
                Polarity::BrightIsHigh
            },
            pixel_spacing_mm: own.pixel_spacing_mm.or(image.pixel_spacing_mm),
            pixel_spacing_basis: own.pixel_spacing_basis,
            pixel_aspect: facts.pixel_aspect,
            position_mm: own.position_mm.or(image.position_mm),
            orientation: orientation.map(|[a, b, c, x, y, z]| Orientation {
                row: [a, b, c],
                column: [x, y, z],
            }),
            frame_of_reference_uid: image.frame_of_reference_uid.clone(),
            slice_thickness_mm: own.slice_thickness_mm.or(image.slice_thickness_mm),
            time_ms: own.time_ms,
            laterality: own.laterality,
            modality_table: own.modality_table,
        }
    }

    /// What the header of a file says of all its frames.
    pub fn of_header(header: &Header) -> Self {
        Self::of(header, &ImageFacts::default(), 0)
    }

    /// Height of a pixel over its width: by its spacing, else as the file says it; 1 where nothing is known of it.
    pub fn aspect(&self) -> f64 {
        let spacing = self.pixel_spacing_mm.map(|[row, column]| row / column);
        spacing.or(self.pixel_aspect).unwrap_or(1.0)
    }

    /// The modality value of a stored one (PS3.3 C.11.1); `None` where it is no part of the image.
    pub fn modality(&self, stored: f64) -> Option<f64> {
        if self.padding.is_some_and(|[low, high]| (low..=high).contains(&stored)) || !is_value(stored) {
            return None;
        }
        let value = match &self.modality_table {
            Some(table) => f64::from(table.at(stored)),
            None => stored * self.rescale.slope + self.rescale.intercept,
        };
        Some(value).filter(|value| is_value(*value))
    }
}

/// As the file says it. Where it says nothing, modality values of a grey CT image are Hounsfield units (PS3.3 C.8.2.1),
/// and of others nothing is known.
fn unit(header: &Header, own: &PlaneFacts) -> Option<String> {
    if let Some(unit) = &own.unit {
        return Some(unit.clone()).filter(|unit| !unit.is_empty());
    }
    let grey = header.image.photometric_interpretation.starts_with("MONOCHROME");
    let dicom = header.instance.format == SourceFormat::Dicom;
    (dicom && grey && header.series.modality == "CT").then(|| "HU".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Palette;
    use crate::testing::header;

    #[test]
    fn samples_mean_what_photometric_interpretation_and_palette_say() {
        let palette = Palette {
            first: 0,
            colours: vec![[1, 2, 3]],
        };
        for (samples, photometric, palette, colour) in [
            (1, "MONOCHROME2", None, Colour::Grey),
            (1, "PALETTE COLOR", Some(&palette), Colour::Palette),
            (1, "MONOCHROME2", Some(&palette), Colour::Supplemental),
            (1, "MONOCHROME1", Some(&palette), Colour::Supplemental),
            (2, "MONOCHROME2", None, Colour::Grey),
            (3, "RGB", None, Colour::Rgb),
            (3, "YBR_RCT", None, Colour::YbrFull),
            (3, "YBR_FULL_422", None, Colour::YbrFull),
            (3, "YBR_PARTIAL_420", None, Colour::YbrPartial),
            (4, "RGB", Some(&palette), Colour::Rgb),
        ] {
            let mut header = header();
            header.image.samples = samples;
            header.image.photometric_interpretation = photometric.into();
            header.image.palette = palette.cloned();
            assert_eq!(Plane::of_header(&header).colour, colour, "{samples} {photometric}");
        }
    }

    #[test]
    fn values_of_a_grey_ct_image_are_hounsfield_units() {
        let unit = |format, modality: &str, photometric: &str| {
            let mut header = header();
            header.instance.format = format;
            header.series.modality = modality.into();
            header.image.photometric_interpretation = photometric.into();
            Plane::of_header(&header).unit
        };
        assert_eq!(unit(SourceFormat::Dicom, "CT", "MONOCHROME2").as_deref(), Some("HU"));
        assert_eq!(unit(SourceFormat::Dicom, "MR", "MONOCHROME2"), None);
        assert_eq!(unit(SourceFormat::Dicom, "CT", "RGB"), None);
        assert_eq!(unit(SourceFormat::Png, "CT", "MONOCHROME2"), None);
    }

    #[test]
    fn low_values_are_bright_in_monochrome_1_and_cosines_are_told_apart() {
        let mut header = header();
        assert_eq!(Plane::of_header(&header).polarity, Polarity::BrightIsHigh);
        header.image.photometric_interpretation = "MONOCHROME1".into();
        header.image.orientation = Some([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let plane = Plane::of_header(&header);
        assert_eq!(plane.polarity, Polarity::BrightIsLow);
        let cosines = plane.orientation.map(|one| (one.row, one.column));
        assert_eq!(cosines, Some(([1.0, 2.0, 3.0], [4.0, 5.0, 6.0])));
    }
}
