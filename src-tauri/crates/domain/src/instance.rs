//! What a scan says of itself: the patient, study, series and instance attributes that the
//! application uses. Field names are DICOM keywords (PS3.6) in snake case.

use serde::{Deserialize, Serialize};

use crate::{PixelArray, Sentence, Uid, sop_class};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patient {
    /// Empty when the file names no patient (PNG, JPEG, …).
    pub patient_id: String,
    /// DICOM person name as it stands in the file (`Family^Given^…`), decoded to Unicode.
    pub patient_name: String,
    /// `YYYYMMDD`.
    pub birth_date: Option<String>,
    pub sex: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Study {
    pub study_instance_uid: Uid,
    /// `YYYYMMDD`.
    pub date: Option<String>,
    /// `HHMMSS` with an optional fraction.
    pub time: Option<String>,
    pub accession_number: Option<String>,
    pub description: Option<String>,
    pub referring_physician: Option<String>,
    /// DICOM age string, such as `034Y`.
    pub patient_age: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    pub series_instance_uid: Uid,
    /// DICOM modality code; `OT` for an image file that says nothing of its origin.
    pub modality: String,
    pub number: Option<i32>,
    pub description: Option<String>,
    pub protocol_name: Option<String>,
    pub body_part_examined: Option<String>,
    pub view_position: Option<String>,
    pub manufacturer: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceFormat {
    Dicom,
    Png,
    Jpeg,
    Tiff,
    Bmp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    pub sop_instance_uid: Uid,
    pub sop_class_uid: Option<Uid>,
    pub transfer_syntax_uid: Option<Uid>,
    pub number: Option<i32>,
    pub format: SourceFormat,
}

/// Modality LUT in its linear form (PS3.3 C.11.1): value = slope * stored + intercept.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rescale {
    pub slope: f64,
    pub intercept: f64,
}

impl Default for Rescale {
    fn default() -> Self {
        Self {
            slope: 1.0,
            intercept: 0.0,
        }
    }
}

/// Window center and width in modality values (PS3.3 C.11.2).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Window {
    pub center: f64,
    pub width: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageAttributes {
    /// 0 when the object holds no image. Headers stored before this was kept say 1.
    #[serde(default = "one")]
    pub frames: u32,
    /// 0 in headers stored before this was kept.
    #[serde(default)]
    pub rows: u32,
    #[serde(default)]
    pub cols: u32,
    #[serde(default = "one")]
    pub samples: u32,
    /// Photometric Interpretation of the samples as they were stored, such as `MONOCHROME1`.
    pub photometric_interpretation: String,
    pub bits_allocated: u16,
    pub bits_stored: u16,
    pub rescale: Rescale,
    pub windows: Vec<Window>,
    /// Row spacing, column spacing.
    pub pixel_spacing_mm: Option<[f64; 2]>,
    /// Image Position (Patient): centre of the first pixel.
    pub position_mm: Option<[f64; 3]>,
    /// Image Orientation (Patient): direction cosines of a row, then of a column.
    pub orientation: Option<[f64; 6]>,
    /// What positions are measured in; studies that share it can be laid on each other. Headers stored
    /// before this was kept lack it.
    #[serde(default)]
    pub frame_of_reference_uid: Option<Uid>,
    pub slice_thickness_mm: Option<f64>,
    /// Whether the pixels went through lossy compression.
    pub lossy: bool,
    /// Whether the file says that text is burned into the image.
    pub burned_in_annotation: Option<bool>,
    /// Colours of the stored values when the photometric interpretation is `PALETTE COLOR`.
    pub palette: Option<Palette>,
}

fn one() -> u32 {
    1
}

/// Palette colour lookup table (PS3.3 C.7.6.3.1.5): `colours[stored - first]`, 16 bits a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Palette {
    pub first: i32,
    pub colours: Vec<[u16; 3]>,
}

impl Palette {
    /// Values before the first entry take the first colour, values past the last take the last.
    pub fn colour(&self, stored: f64) -> [u16; 3] {
        let last = self.colours.len().saturating_sub(1) as f64;
        let index = (stored - f64::from(self.first)).clamp(0.0, last);
        self.colours.get(index as usize).copied().unwrap_or_default()
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    pub patient: Patient,
    pub study: Study,
    pub series: Series,
    pub instance: Instance,
    pub image: ImageAttributes,
}

impl Header {
    /// Age of the patient at the study: as the file says it (PS3.5 6.2, VR AS), or from the dates of
    /// birth and study.
    pub fn age_years(&self) -> Option<f32> {
        let said = self.study.patient_age.as_deref().and_then(years_of);
        said.or_else(|| {
            let (born, seen) = (self.patient.birth_date.as_deref()?, self.study.date.as_deref()?);
            let year_and_day = |date: &str| -> Option<(i32, u32)> {
                let digits = date.len() == 8 && date.bytes().all(|b| b.is_ascii_digit());
                digits.then(|| Some((date[..4].parse().ok()?, date[4..].parse().ok()?)))?
            };
            let ((born, birthday), (seen, day)) = (year_and_day(born)?, year_and_day(seen)?);
            let years = seen - born - i32::from(day < birthday);
            (years >= 0).then_some(years as f32)
        })
    }

    pub fn holds_picture(&self) -> bool {
        self.image.frames > 0
    }

    /// What the object is and holds instead of an image, in words; `None` when it holds one.
    pub fn no_picture(&self) -> Option<Sentence> {
        if self.holds_picture() {
            return None;
        }
        let named = self
            .instance
            .sop_class_uid
            .as_ref()
            .map(|uid| sop_class::without_picture(uid).unwrap_or_else(|| sop_class::without_pixel_data(uid)));
        Some(named.unwrap_or_else(|| {
            let words = "a DICOM object of an unknown kind: it contains no image";
            Sentence::new("object.unknown", [], words)
        }))
    }
}

/// `034Y`, `011M`, `003W` or `010D` in years.
fn years_of(age: &str) -> Option<f32> {
    let (number, unit) = age.trim().split_at_checked(3)?;
    let number: u16 = number.parse().ok()?;
    let in_a_year = match unit {
        "Y" => 1.0,
        "M" => 12.0,
        "W" => 52.18,
        "D" => 365.25,
        _ => return None,
    };
    Some(f32::from(number) / in_a_year)
}

/// One decoded file: what it says of itself and its stored pixel values.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    pub header: Header,
    pub pixels: PixelArray,
}

#[cfg(test)]
mod age_tests {
    use super::years_of;

    #[test]
    fn age_strings_become_years() {
        assert_eq!((years_of("034Y"), years_of("006M")), (Some(34.0), Some(0.5)));
        assert!(years_of("010D").is_some_and(|years| years < 0.03));
        for bad in ["", "34", "34Y", "abcY", "034X", "\u{e4}\u{e4}"] {
            assert_eq!(years_of(bad), None, "{bad}");
        }
    }
}
