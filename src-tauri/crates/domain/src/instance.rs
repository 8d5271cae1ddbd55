//! What a scan says of itself: the patient, study, series and instance attributes that the
//! application uses. Field names are DICOM keywords (PS3.6) in snake case.

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;
use crate::{Sentence, SentenceCode, Sex, Uid, sop_class};

/// The person who was examined, as one file names them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Patient {
    /// Empty when the file names no patient (PNG, JPEG, …).
    pub patient_id: String,
    /// Who gave that number (Issuer of Patient ID): two hospitals may give the same to two people. Headers stored
    /// before this was kept lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub issuer: Option<String>,
    /// Who gave it, by a name that no other has: Universal Entity ID and its type, such as `1.2.3 (ISO)` (Issuer of
    /// Patient ID Qualifiers Sequence, PS3.3 10.14). Headers stored before this was kept lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub issuer_id: Option<String>,
    /// DICOM person name as it stands in the file (`Family^Given^…`), decoded to Unicode.
    pub patient_name: String,
    /// `YYYYMMDD`.
    pub birth_date: Option<String>,
    /// As the file says: a code of [`Sex`](crate::Sex), or another text.
    pub sex: Option<String>,
}

impl Patient {
    /// `None` where the file says nothing, or what is no code of the standard.
    pub fn known_sex(&self) -> Option<Sex> {
        self.sex.as_deref().map(str::trim).and_then(Sex::parse)
    }
}

/// One examination, as one file describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Study {
    /// Derived from the file's content where it names none.
    pub study_instance_uid: Uid,
    /// `YYYYMMDD`.
    pub date: Option<String>,
    /// `HHMMSS` with an optional fraction.
    pub time: Option<String>,
    /// Number of the order.
    pub accession_number: Option<String>,
    /// Study Description.
    pub description: Option<String>,
    /// DICOM person name as it stands in the file, decoded to Unicode.
    pub referring_physician: Option<String>,
    /// DICOM age string, such as `034Y`.
    pub patient_age: Option<String>,
}

/// Images of a study that were made together, as one file describes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Series {
    /// Derived from the file's content where it names none.
    pub series_instance_uid: Uid,
    /// DICOM modality code; `OT` for an image file that says nothing of its origin.
    pub modality: String,
    /// Series Number.
    pub number: Option<i32>,
    /// Series Description.
    pub description: Option<String>,
    /// Protocol Name.
    pub protocol_name: Option<String>,
    /// Body Part Examined, such as `HEAD`.
    pub body_part_examined: Option<String>,
    /// View Position of a projection, such as `PA` or `MLO`.
    pub view_position: Option<String>,
    /// Maker of the device.
    pub manufacturer: Option<String>,
}

closed_set! {
    /// What kind of file an instance came in.
    pub enum SourceFormat {
        /// DICOM (PS3.10), with or without its preamble.
        Dicom = "dicom",
        /// PNG.
        Png = "png",
        /// JPEG (JFIF, Exif).
        Jpeg = "jpeg",
        /// TIFF or BigTIFF.
        Tiff = "tiff",
        /// Windows bitmap.
        Bmp = "bmp",
        /// WebP.
        Webp = "webp",
        /// JPEG-LS by itself.
        JpegLs = "jpeg_ls",
        /// JPEG 2000 or HTJ2K by itself.
        Jpeg2000 = "jpeg2000",
        /// JPEG XL by itself.
        JpegXl = "jpeg_xl",
        /// NIfTI-1 or NIfTI-2, as it is or in gzip.
        Nifti = "nifti",
        /// NRRD, with its data or beside them.
        Nrrd = "nrrd",
        /// MetaImage, with its data or beside them.
        MetaImage = "meta_image",
    }
}

/// One object of a series: an image with one or many frames, or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Instance {
    /// Derived from the file's content where it names none.
    pub sop_instance_uid: Uid,
    /// What kind of object it is; `None` for an image file.
    pub sop_class_uid: Option<Uid>,
    /// How it was encoded; `None` where the file does not say.
    pub transfer_syntax_uid: Option<Uid>,
    /// Instance Number.
    pub number: Option<i32>,
    /// What kind of file it came in.
    pub format: SourceFormat,
}

/// Modality LUT in its linear form (PS3.3 C.11.1): value = slope * stored + intercept.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Rescale {
    /// Modality value for each step of a stored one.
    pub slope: f64,
    /// Modality value of the stored value 0.
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
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Window {
    /// Window Center.
    pub center: f64,
    /// Window Width.
    pub width: f64,
}

/// Shape and meaning of the stored values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ImageAttributes {
    /// 0 when the object holds no image. Headers stored before this was kept say 1.
    #[serde(default = "one")]
    pub frames: u32,
    /// 0 in headers stored before this was kept.
    #[serde(default)]
    pub rows: u32,
    /// 0 in headers stored before this was kept.
    #[serde(default)]
    pub cols: u32,
    /// Of each pixel: 1 for grey, 3 for colour, one more with transparency.
    #[serde(default = "one")]
    pub samples: u32,
    /// Photometric Interpretation of the samples as they were stored, such as `MONOCHROME1`: a code of
    /// [`Photometric`](crate::Photometric), or another text.
    pub photometric_interpretation: String,
    /// Of each sample in the file.
    pub bits_allocated: u16,
    /// Of each sample that mean something.
    pub bits_stored: u16,
    /// From stored values to modality values.
    pub rescale: Rescale,
    /// The file's own windows, its first choice first.
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
    /// Slice Thickness.
    pub slice_thickness_mm: Option<f64>,
    /// Whether the pixels went through lossy compression.
    pub lossy: bool,
    /// Whether the file says that text is burned into the image.
    pub burned_in_annotation: Option<bool>,
    /// Colours of the stored values when the photometric interpretation is `PALETTE COLOR`; with greys, of those from
    /// its first entry on.
    #[cfg_attr(feature = "typescript", ts(skip))]
    pub palette: Option<Palette>,
}

fn one() -> u32 {
    1
}

/// Palette colour lookup table (PS3.3 C.7.6.3.1.5): `colours[stored - first]`, 16 bits a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Palette {
    /// The stored value that the first colour belongs to.
    pub first: i32,
    /// Red, green and blue, 0..=65535.
    pub colours: Vec<[u16; 3]>,
}

impl Palette {
    /// Whether it has a colour for this stored value, or one past its last.
    pub fn holds(&self, stored: f64) -> bool {
        stored >= f64::from(self.first)
    }

    /// Values before the first entry take the first colour, values past the last take the last.
    pub fn colour(&self, stored: f64) -> [u16; 3] {
        let last = self.colours.len().saturating_sub(1) as f64;
        let index = (stored - f64::from(self.first)).clamp(0.0, last);
        self.colours.get(index as usize).copied().unwrap_or_default()
    }
}

/// All that a file says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Who was examined.
    pub patient: Patient,
    /// The examination.
    pub study: Study,
    /// The series of the image.
    pub series: Series,
    /// The object itself.
    pub instance: Instance,
    /// Its pixels.
    pub image: ImageAttributes,
}

impl Header {
    /// Whether the object has at least one frame.
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
            Sentence::new(SentenceCode::ObjectUnknown, [], words)
        }))
    }
}

/// `034Y`, `011M`, `003W` or `010D` in years.
pub(crate) fn years_of(age: &str) -> Option<f32> {
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

#[cfg(test)]
mod age_tests {
    use super::{Patient, years_of};
    use crate::Sex;

    #[test]
    fn a_sex_is_known_by_its_code_alone() {
        let of = |sex: &str| {
            let patient = Patient {
                sex: Some(sex.to_owned()),
                ..Patient::default()
            };
            patient.known_sex().map(Sex::in_words)
        };
        assert_eq!(
            (of("F"), of("M "), of("O")),
            (Some("female"), Some("male"), Some("other"))
        );
        for other in ["", "m", "X", "female"] {
            assert_eq!(of(other), None, "{other}");
        }
        assert_eq!(Patient::default().known_sex(), None);
    }

    #[test]
    fn age_strings_become_years() {
        assert_eq!((years_of("034Y"), years_of("006M")), (Some(34.0), Some(0.5)));
        assert!(years_of("010D").is_some_and(|years| years < 0.03));
        for bad in ["", "34", "34Y", "abcY", "034X", "\u{e4}\u{e4}"] {
            assert_eq!(years_of(bad), None, "{bad}");
        }
    }
}
