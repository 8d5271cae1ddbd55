//! Tags that are read, as group << 16 | element, named by their DICOM keyword (PS3.6).

pub(super) const TRANSFER_SYNTAX_UID: u32 = 0x0002_0010;

pub(super) const SPECIFIC_CHARACTER_SET: u32 = 0x0008_0005;
pub(super) const SOP_CLASS_UID: u32 = 0x0008_0016;
pub(super) const SOP_INSTANCE_UID: u32 = 0x0008_0018;
pub(super) const STUDY_DATE: u32 = 0x0008_0020;
pub(super) const STUDY_TIME: u32 = 0x0008_0030;
pub(super) const ACCESSION_NUMBER: u32 = 0x0008_0050;
pub(super) const MODALITY: u32 = 0x0008_0060;
pub(super) const MANUFACTURER: u32 = 0x0008_0070;
pub(super) const REFERRING_PHYSICIAN_NAME: u32 = 0x0008_0090;
pub(super) const STUDY_DESCRIPTION: u32 = 0x0008_1030;
pub(super) const SERIES_DESCRIPTION: u32 = 0x0008_103E;

pub(super) const PATIENT_NAME: u32 = 0x0010_0010;
pub(super) const PATIENT_ID: u32 = 0x0010_0020;
pub(super) const ISSUER_OF_PATIENT_ID: u32 = 0x0010_0021;
pub(super) const PATIENT_BIRTH_DATE: u32 = 0x0010_0030;
pub(super) const PATIENT_SEX: u32 = 0x0010_0040;
pub(super) const PATIENT_AGE: u32 = 0x0010_1010;

pub(super) const BODY_PART_EXAMINED: u32 = 0x0018_0015;
pub(super) const SLICE_THICKNESS: u32 = 0x0018_0050;
pub(super) const PROTOCOL_NAME: u32 = 0x0018_1030;
pub(super) const IMAGER_PIXEL_SPACING: u32 = 0x0018_1164;
pub(super) const VIEW_POSITION: u32 = 0x0018_5101;

pub(super) const STUDY_INSTANCE_UID: u32 = 0x0020_000D;
pub(super) const SERIES_INSTANCE_UID: u32 = 0x0020_000E;
pub(super) const STUDY_ID: u32 = 0x0020_0010;
pub(super) const SERIES_NUMBER: u32 = 0x0020_0011;
pub(super) const INSTANCE_NUMBER: u32 = 0x0020_0013;
pub(super) const FRAME_OF_REFERENCE_UID: u32 = 0x0020_0052;
pub(super) const IMAGE_POSITION_PATIENT: u32 = 0x0020_0032;
pub(super) const IMAGE_ORIENTATION_PATIENT: u32 = 0x0020_0037;
pub(super) const PLANE_POSITION_SEQUENCE: u32 = 0x0020_9113;
pub(super) const PLANE_ORIENTATION_SEQUENCE: u32 = 0x0020_9116;

pub(super) const SAMPLES_PER_PIXEL: u32 = 0x0028_0002;
pub(super) const PHOTOMETRIC_INTERPRETATION: u32 = 0x0028_0004;
pub(super) const PLANAR_CONFIGURATION: u32 = 0x0028_0006;
pub(super) const NUMBER_OF_FRAMES: u32 = 0x0028_0008;
pub(super) const ROWS: u32 = 0x0028_0010;
pub(super) const COLUMNS: u32 = 0x0028_0011;
pub(super) const PIXEL_SPACING: u32 = 0x0028_0030;
pub(super) const BITS_ALLOCATED: u32 = 0x0028_0100;
pub(super) const BITS_STORED: u32 = 0x0028_0101;
pub(super) const HIGH_BIT: u32 = 0x0028_0102;
pub(super) const PIXEL_REPRESENTATION: u32 = 0x0028_0103;
pub(super) const BURNED_IN_ANNOTATION: u32 = 0x0028_0301;
pub(super) const WINDOW_CENTER: u32 = 0x0028_1050;
pub(super) const WINDOW_WIDTH: u32 = 0x0028_1051;
pub(super) const RESCALE_INTERCEPT: u32 = 0x0028_1052;
pub(super) const RESCALE_SLOPE: u32 = 0x0028_1053;
pub(super) const RED_PALETTE_DESCRIPTOR: u32 = 0x0028_1101;
pub(super) const RED_PALETTE_DATA: u32 = 0x0028_1201;
pub(super) const SEGMENTED_RED_PALETTE_DATA: u32 = 0x0028_1221;
pub(super) const LOSSY_IMAGE_COMPRESSION: u32 = 0x0028_2110;
pub(super) const PIXEL_MEASURES_SEQUENCE: u32 = 0x0028_9110;
pub(super) const FRAME_VOI_LUT_SEQUENCE: u32 = 0x0028_9132;
pub(super) const PIXEL_VALUE_TRANSFORMATION_SEQUENCE: u32 = 0x0028_9145;

pub(super) const TOTAL_PIXEL_MATRIX_COLUMNS: u32 = 0x0048_0006;
pub(super) const TOTAL_PIXEL_MATRIX_ROWS: u32 = 0x0048_0007;

pub(super) const SHARED_FUNCTIONAL_GROUPS_SEQUENCE: u32 = 0x5200_9229;
pub(super) const PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE: u32 = 0x5200_9230;

pub(super) const EXTENDED_OFFSET_TABLE: u32 = 0x7FE0_0001;
pub(super) const FLOAT_PIXEL_DATA: u32 = 0x7FE0_0008;
pub(super) const DOUBLE_FLOAT_PIXEL_DATA: u32 = 0x7FE0_0009;
pub(super) const PIXEL_DATA: u32 = 0x7FE0_0010;

pub(super) const ITEM: u32 = 0xFFFE_E000;
pub(super) const ITEM_DELIMITATION: u32 = 0xFFFE_E00D;
pub(super) const SEQUENCE_DELIMITATION: u32 = 0xFFFE_E0DD;

/// Sequences whose items are read; of all others only the extent matters.
const SEQUENCES: [u32; 7] = [
    PLANE_POSITION_SEQUENCE,
    PLANE_ORIENTATION_SEQUENCE,
    PIXEL_MEASURES_SEQUENCE,
    FRAME_VOI_LUT_SEQUENCE,
    PIXEL_VALUE_TRANSFORMATION_SEQUENCE,
    SHARED_FUNCTIONAL_GROUPS_SEQUENCE,
    PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
];

pub(super) fn is_read_sequence(tag: u32) -> bool {
    SEQUENCES.contains(&tag)
}

/// Whether an element is kept. The rest is walked over, so that a file of a million private
/// elements costs no memory.
pub(super) fn is_read(tag: u32) -> bool {
    matches!(
        tag >> 16,
        0x0002 | 0x0008 | 0x0010 | 0x0018 | 0x0020 | 0x0028 | 0x0048 | 0x7FE0
    ) || is_read_sequence(tag)
}

/// `(gggg,eeee)`, as the standard writes a tag.
pub(super) fn show(tag: u32) -> String {
    format!("({:04X},{:04X})", tag >> 16, tag & 0xFFFF)
}
