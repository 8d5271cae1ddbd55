//! MR Image Storage (PS3.3 A.4), Explicit VR Little Endian, 12 of 16 bits stored.

use dicom_core::value::PrimitiveValue;
use dicom_core::{DataElement, Tag, VR, dicom_value};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use domain::Uid;

use super::COMMENT;
use crate::uid::derived_uid;
use crate::{Slice, THICKNESS_MM};

/// What a file says of its patient, study and series.
pub struct SeriesAttributes {
    pub patient_id: String,
    pub patient_name: String,
    pub study_id: String,
    pub study_instance_uid: Uid,
    pub series_instance_uid: Uid,
    pub frame_of_reference_uid: Uid,
    /// Centre to centre.
    pub spacing_between_slices_mm: f32,
}

const FIXED_DATE: &str = "20250101";
const FIXED_TIME: &str = "120000";

/// The bytes of one file. `instance_number` begins at 1. The error is the library's sentence.
pub fn bytes(
    slice: &Slice,
    series: &SeriesAttributes,
    sop_instance_uid: &Uid,
    instance_number: u32,
) -> Result<Vec<u8>, String> {
    let mut object = InMemDicomObject::new_empty();
    for (tag, vr, text) in texts(slice, series, sop_instance_uid, instance_number) {
        object.put(DataElement::new(tag, vr, dicom_value!(Str, text)));
    }
    for (tag, number) in numbers(slice)? {
        object.put(DataElement::new(tag, VR::US, PrimitiveValue::from(number)));
    }
    object.put(DataElement::new(
        tags::PIXEL_DATA,
        VR::OW,
        PrimitiveValue::U16(slice.values.iter().copied().collect()),
    ));

    let meta = FileMetaTableBuilder::new()
        .media_storage_sop_class_uid(uids::MR_IMAGE_STORAGE)
        .media_storage_sop_instance_uid(sop_instance_uid.as_str())
        .transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN)
        // Our own, so that a new release of the library leaves the files as they are.
        .implementation_class_uid(derived_uid(&["implementation"]).as_str())
        .implementation_version_name("OVERREAD_SAMPLES");
    let object = object.with_meta(meta).map_err(|e| e.to_string())?;
    let mut bytes = Vec::with_capacity(slice.values.len() * 2 + 4096);
    object.write_all(&mut bytes).map_err(|e| e.to_string())?;
    Ok(bytes)
}

fn texts(slice: &Slice, series: &SeriesAttributes, sop_instance_uid: &Uid, number: u32) -> Vec<(Tag, VR, String)> {
    let [x, y, z] = slice.position_mm;
    let [row_mm, col_mm] = slice.pixel_spacing_mm;
    let (low, high) = window(slice);
    let text = str::to_owned;
    vec![
        (tags::SPECIFIC_CHARACTER_SET, VR::CS, text("ISO_IR 192")),
        (tags::IMAGE_TYPE, VR::CS, text("DERIVED\\SECONDARY\\OTHER")),
        (tags::SOP_CLASS_UID, VR::UI, text(uids::MR_IMAGE_STORAGE)),
        (tags::SOP_INSTANCE_UID, VR::UI, sop_instance_uid.to_string()),
        (tags::STUDY_DATE, VR::DA, text(FIXED_DATE)),
        (tags::SERIES_DATE, VR::DA, text(FIXED_DATE)),
        (tags::CONTENT_DATE, VR::DA, text(FIXED_DATE)),
        (tags::STUDY_TIME, VR::TM, text(FIXED_TIME)),
        (tags::SERIES_TIME, VR::TM, text(FIXED_TIME)),
        (tags::CONTENT_TIME, VR::TM, text(FIXED_TIME)),
        (tags::ACCESSION_NUMBER, VR::SH, series.study_id.clone()),
        (tags::MODALITY, VR::CS, text("MR")),
        (tags::MANUFACTURER, VR::LO, text("Overread sample generator")),
        (tags::REFERRING_PHYSICIAN_NAME, VR::PN, String::new()),
        (tags::STUDY_DESCRIPTION, VR::LO, text("SYNTHETIC head phantom")),
        (tags::SERIES_DESCRIPTION, VR::LO, text("SYNTHETIC FLAIR phantom")),
        (tags::MANUFACTURER_MODEL_NAME, VR::LO, text("3-D head phantom")),
        (tags::PATIENT_NAME, VR::PN, series.patient_name.clone()),
        (tags::PATIENT_ID, VR::LO, series.patient_id.clone()),
        (tags::PATIENT_BIRTH_DATE, VR::DA, String::new()),
        (tags::PATIENT_SEX, VR::CS, text("O")),
        (tags::BODY_PART_EXAMINED, VR::CS, text("HEAD")),
        (tags::SCANNING_SEQUENCE, VR::CS, text("SE\\IR")),
        (tags::SEQUENCE_VARIANT, VR::CS, text("SK")),
        (tags::SCAN_OPTIONS, VR::CS, String::new()),
        (tags::MR_ACQUISITION_TYPE, VR::CS, text("2D")),
        (tags::SLICE_THICKNESS, VR::DS, decimal(f64::from(THICKNESS_MM))),
        (tags::REPETITION_TIME, VR::DS, text("9000")),
        (tags::ECHO_TIME, VR::DS, text("120")),
        (tags::INVERSION_TIME, VR::DS, text("2500")),
        (
            tags::SPACING_BETWEEN_SLICES,
            VR::DS,
            decimal(f64::from(series.spacing_between_slices_mm)),
        ),
        (tags::ECHO_TRAIN_LENGTH, VR::IS, text("16")),
        (tags::PROTOCOL_NAME, VR::LO, text("SYNTHETIC FLAIR")),
        (tags::PATIENT_POSITION, VR::CS, text("HFS")),
        (tags::STUDY_INSTANCE_UID, VR::UI, series.study_instance_uid.to_string()),
        (
            tags::SERIES_INSTANCE_UID,
            VR::UI,
            series.series_instance_uid.to_string(),
        ),
        (tags::STUDY_ID, VR::SH, series.study_id.clone()),
        (tags::SERIES_NUMBER, VR::IS, text("1")),
        (tags::INSTANCE_NUMBER, VR::IS, number.to_string()),
        (tags::IMAGE_POSITION_PATIENT, VR::DS, [x, y, z].map(decimal).join("\\")),
        (tags::IMAGE_ORIENTATION_PATIENT, VR::DS, text("1\\0\\0\\0\\1\\0")),
        (
            tags::FRAME_OF_REFERENCE_UID,
            VR::UI,
            series.frame_of_reference_uid.to_string(),
        ),
        (tags::POSITION_REFERENCE_INDICATOR, VR::LO, String::new()),
        (tags::SLICE_LOCATION, VR::DS, decimal(z)),
        (tags::IMAGE_COMMENTS, VR::LT, text(COMMENT)),
        (tags::PHOTOMETRIC_INTERPRETATION, VR::CS, text("MONOCHROME2")),
        (tags::PIXEL_SPACING, VR::DS, [row_mm, col_mm].map(decimal).join("\\")),
        (tags::BURNED_IN_ANNOTATION, VR::CS, text("YES")),
        (tags::WINDOW_CENTER, VR::DS, decimal((low + high) / 2.0)),
        (tags::WINDOW_WIDTH, VR::DS, decimal(high - low)),
        (tags::LOSSY_IMAGE_COMPRESSION, VR::CS, text("00")),
    ]
}

fn numbers(slice: &Slice) -> Result<[(Tag, u16); 7], String> {
    let side = |length: u32| u16::try_from(length).map_err(|_| format!("a side of {length} pixels is over 65535"));
    Ok([
        (tags::SAMPLES_PER_PIXEL, 1),
        (tags::ROWS, side(slice.rows)?),
        (tags::COLUMNS, side(slice.cols)?),
        (tags::BITS_ALLOCATED, 16),
        (tags::BITS_STORED, 12),
        (tags::HIGH_BIT, 11),
        (tags::PIXEL_REPRESENTATION, 0),
    ])
}

/// A window that shows the brain: from nothing to the value that 3 % of the pixels exceed.
fn window(slice: &Slice) -> (f64, f64) {
    let mut values = slice.values.clone();
    let place = values.len() - 1 - values.len() * 3 / 100;
    let (_, high, _) = values.select_nth_unstable(place);
    (0.0, f64::from((*high).max(256)))
}

/// A decimal string of at most 16 characters (PS3.5 section 6.2).
fn decimal(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_short_and_lose_no_zero_before_the_point() {
        assert_eq!(decimal(120.0), "120");
        assert_eq!(decimal(0.89844), "0.8984");
        assert_eq!(decimal(-119.53126), "-119.5313");
    }
}
