//! Tags that are read, as group << 16 | element, named by their DICOM keyword (PS3.6).

pub(super) const MEDIA_STORAGE_SOP_CLASS_UID: u32 = 0x0002_0002;
pub(super) const MEDIA_STORAGE_SOP_INSTANCE_UID: u32 = 0x0002_0003;
pub(super) const TRANSFER_SYNTAX_UID: u32 = 0x0002_0010;

pub(super) const SPECIFIC_CHARACTER_SET: u32 = 0x0008_0005;
pub(super) const IMAGE_TYPE: u32 = 0x0008_0008;
pub(super) const SOP_CLASS_UID: u32 = 0x0008_0016;
pub(super) const SOP_INSTANCE_UID: u32 = 0x0008_0018;
pub(super) const STUDY_DATE: u32 = 0x0008_0020;
pub(super) const SERIES_DATE: u32 = 0x0008_0021;
pub(super) const ACQUISITION_DATE: u32 = 0x0008_0022;
pub(super) const CONTENT_DATE: u32 = 0x0008_0023;
pub(super) const STUDY_TIME: u32 = 0x0008_0030;
pub(super) const SERIES_TIME: u32 = 0x0008_0031;
pub(super) const ACQUISITION_TIME: u32 = 0x0008_0032;
pub(super) const CONTENT_TIME: u32 = 0x0008_0033;
pub(super) const ACCESSION_NUMBER: u32 = 0x0008_0050;
pub(super) const MODALITY: u32 = 0x0008_0060;
pub(super) const MANUFACTURER: u32 = 0x0008_0070;
pub(super) const REFERRING_PHYSICIAN_NAME: u32 = 0x0008_0090;
pub(super) const CODE_VALUE: u32 = 0x0008_0100;
pub(super) const CODE_MEANING: u32 = 0x0008_0104;
pub(super) const STUDY_DESCRIPTION: u32 = 0x0008_1030;
pub(super) const SERIES_DESCRIPTION: u32 = 0x0008_103E;
pub(super) const PIXEL_PRESENTATION: u32 = 0x0008_9205;
pub(super) const RECOMMENDED_DISPLAY_FRAME_RATE: u32 = 0x0008_2144;
pub(super) const ANATOMIC_REGION_SEQUENCE: u32 = 0x0008_2218;
pub(super) const FRAME_TYPE: u32 = 0x0008_9007;

pub(super) const PATIENT_NAME: u32 = 0x0010_0010;
pub(super) const PATIENT_ID: u32 = 0x0010_0020;
pub(super) const ISSUER_OF_PATIENT_ID: u32 = 0x0010_0021;
pub(super) const ISSUER_OF_PATIENT_ID_QUALIFIERS_SEQUENCE: u32 = 0x0010_0024;
pub(super) const PATIENT_BIRTH_DATE: u32 = 0x0010_0030;
pub(super) const PATIENT_SEX: u32 = 0x0010_0040;
pub(super) const OTHER_PATIENT_IDS: u32 = 0x0010_1000;
pub(super) const OTHER_PATIENT_IDS_SEQUENCE: u32 = 0x0010_1002;
pub(super) const PATIENT_AGE: u32 = 0x0010_1010;
pub(super) const PATIENT_COMMENTS: u32 = 0x0010_4000;

pub(super) const CONTRAST_BOLUS_AGENT: u32 = 0x0018_0010;
pub(super) const CONTRAST_BOLUS_AGENT_SEQUENCE: u32 = 0x0018_0012;
pub(super) const BODY_PART_EXAMINED: u32 = 0x0018_0015;
pub(super) const SCANNING_SEQUENCE: u32 = 0x0018_0020;
pub(super) const SEQUENCE_VARIANT: u32 = 0x0018_0021;
pub(super) const SEQUENCE_NAME: u32 = 0x0018_0024;
pub(super) const SLICE_THICKNESS: u32 = 0x0018_0050;
pub(super) const REPETITION_TIME: u32 = 0x0018_0080;
pub(super) const ECHO_TIME: u32 = 0x0018_0081;
pub(super) const INVERSION_TIME: u32 = 0x0018_0082;
pub(super) const SPACING_BETWEEN_SLICES: u32 = 0x0018_0088;
pub(super) const CINE_RATE: u32 = 0x0018_0040;
pub(super) const FRAME_TIME: u32 = 0x0018_1063;
pub(super) const FRAME_TIME_VECTOR: u32 = 0x0018_1065;
pub(super) const DISTANCE_SOURCE_TO_DETECTOR: u32 = 0x0018_1110;
pub(super) const DISTANCE_SOURCE_TO_PATIENT: u32 = 0x0018_1111;
pub(super) const ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR: u32 = 0x0018_1114;
pub(super) const PROTOCOL_NAME: u32 = 0x0018_1030;
pub(super) const IMAGER_PIXEL_SPACING: u32 = 0x0018_1164;
pub(super) const SHUTTER_SHAPE: u32 = 0x0018_1600;
pub(super) const SHUTTER_LEFT_VERTICAL_EDGE: u32 = 0x0018_1602;
pub(super) const SHUTTER_RIGHT_VERTICAL_EDGE: u32 = 0x0018_1604;
pub(super) const SHUTTER_UPPER_HORIZONTAL_EDGE: u32 = 0x0018_1606;
pub(super) const SHUTTER_LOWER_HORIZONTAL_EDGE: u32 = 0x0018_1608;
pub(super) const CENTER_OF_CIRCULAR_SHUTTER: u32 = 0x0018_1610;
pub(super) const RADIUS_OF_CIRCULAR_SHUTTER: u32 = 0x0018_1612;
pub(super) const VERTICES_OF_POLYGONAL_SHUTTER: u32 = 0x0018_1620;
pub(super) const SHUTTER_PRESENTATION_VALUE: u32 = 0x0018_1622;
pub(super) const SHUTTER_OVERLAY_GROUP: u32 = 0x0018_1623;
pub(super) const NOMINAL_SCANNED_PIXEL_SPACING: u32 = 0x0018_2010;
pub(super) const VIEW_POSITION: u32 = 0x0018_5101;
pub(super) const SEQUENCE_OF_ULTRASOUND_REGIONS: u32 = 0x0018_6011;
pub(super) const REGION_FLAGS: u32 = 0x0018_6016;
pub(super) const REGION_LOCATION_MIN_X0: u32 = 0x0018_6018;
pub(super) const REGION_LOCATION_MIN_Y0: u32 = 0x0018_601A;
pub(super) const REGION_LOCATION_MAX_X1: u32 = 0x0018_601C;
pub(super) const REGION_LOCATION_MAX_Y1: u32 = 0x0018_601E;
pub(super) const PHYSICAL_UNITS_X: u32 = 0x0018_6024;
pub(super) const PHYSICAL_UNITS_Y: u32 = 0x0018_6026;
pub(super) const PHYSICAL_DELTA_X: u32 = 0x0018_602C;
pub(super) const PHYSICAL_DELTA_Y: u32 = 0x0018_602E;
pub(super) const PULSE_SEQUENCE_NAME: u32 = 0x0018_9005;
pub(super) const ECHO_PULSE_SEQUENCE: u32 = 0x0018_9008;
pub(super) const INVERSION_RECOVERY: u32 = 0x0018_9009;
pub(super) const SPOILING: u32 = 0x0018_9016;
pub(super) const ECHO_PLANAR_PULSE_SEQUENCE: u32 = 0x0018_9018;
pub(super) const FRAME_ACQUISITION_DATE_TIME: u32 = 0x0018_9074;
pub(super) const INVERSION_TIMES: u32 = 0x0018_9079;
pub(super) const EFFECTIVE_ECHO_TIME: u32 = 0x0018_9082;
pub(super) const DIFFUSION_B_VALUE: u32 = 0x0018_9087;
pub(super) const MR_TIMING_AND_RELATED_PARAMETERS_SEQUENCE: u32 = 0x0018_9112;
pub(super) const MR_ECHO_SEQUENCE: u32 = 0x0018_9114;
pub(super) const MR_MODIFIER_SEQUENCE: u32 = 0x0018_9115;
pub(super) const MR_DIFFUSION_SEQUENCE: u32 = 0x0018_9117;
pub(super) const FRAME_REFERENCE_DATE_TIME: u32 = 0x0018_9151;
pub(super) const MR_IMAGE_FRAME_TYPE_SEQUENCE: u32 = 0x0018_9226;
pub(super) const CT_IMAGE_FRAME_TYPE_SEQUENCE: u32 = 0x0018_9329;
pub(super) const PROJECTION_PIXEL_CALIBRATION_SEQUENCE: u32 = 0x0018_9401;
pub(super) const DISTANCE_SOURCE_TO_ISOCENTER: u32 = 0x0018_9402;
pub(super) const OBJECT_PIXEL_SPACING_IN_CENTER_OF_BEAM: u32 = 0x0018_9404;
pub(super) const FRAME_PIXEL_DATA_PROPERTIES_SEQUENCE: u32 = 0x0028_9443;
pub(super) const FRAME_DISPLAY_SHUTTER_SEQUENCE: u32 = 0x0018_9472;
pub(super) const X_RAY_GEOMETRY_SEQUENCE: u32 = 0x0018_9476;

pub(super) const STUDY_INSTANCE_UID: u32 = 0x0020_000D;
pub(super) const SERIES_INSTANCE_UID: u32 = 0x0020_000E;
pub(super) const STUDY_ID: u32 = 0x0020_0010;
pub(super) const SERIES_NUMBER: u32 = 0x0020_0011;
pub(super) const INSTANCE_NUMBER: u32 = 0x0020_0013;
pub(super) const FRAME_OF_REFERENCE_UID: u32 = 0x0020_0052;
pub(super) const IMAGE_POSITION_PATIENT: u32 = 0x0020_0032;
pub(super) const IMAGE_ORIENTATION_PATIENT: u32 = 0x0020_0037;
pub(super) const LATERALITY: u32 = 0x0020_0060;
pub(super) const IMAGE_LATERALITY: u32 = 0x0020_0062;
pub(super) const TEMPORAL_POSITION_IDENTIFIER: u32 = 0x0020_0100;
pub(super) const IMAGE_COMMENTS: u32 = 0x0020_4000;
pub(super) const FRAME_ANATOMY_SEQUENCE: u32 = 0x0020_9071;
pub(super) const FRAME_LATERALITY: u32 = 0x0020_9072;
pub(super) const FRAME_CONTENT_SEQUENCE: u32 = 0x0020_9111;
pub(super) const PLANE_POSITION_SEQUENCE: u32 = 0x0020_9113;
pub(super) const PLANE_ORIENTATION_SEQUENCE: u32 = 0x0020_9116;
pub(super) const IMAGE_POSITION_VOLUME: u32 = 0x0020_9301;
pub(super) const IMAGE_ORIENTATION_VOLUME: u32 = 0x0020_9302;
pub(super) const TEMPORAL_POSITION_TIME_OFFSET: u32 = 0x0020_930D;
pub(super) const TEMPORAL_POSITION_INDEX: u32 = 0x0020_9128;
pub(super) const PLANE_POSITION_VOLUME_SEQUENCE: u32 = 0x0020_930E;
pub(super) const PLANE_ORIENTATION_VOLUME_SEQUENCE: u32 = 0x0020_930F;
pub(super) const TEMPORAL_POSITION_SEQUENCE: u32 = 0x0020_9310;
pub(super) const CONCATENATION_UID: u32 = 0x0020_9161;
pub(super) const IN_CONCATENATION_NUMBER: u32 = 0x0020_9162;
pub(super) const IN_CONCATENATION_TOTAL_NUMBER: u32 = 0x0020_9163;

pub(super) const SAMPLES_PER_PIXEL: u32 = 0x0028_0002;
pub(super) const PHOTOMETRIC_INTERPRETATION: u32 = 0x0028_0004;
pub(super) const PLANAR_CONFIGURATION: u32 = 0x0028_0006;
pub(super) const NUMBER_OF_FRAMES: u32 = 0x0028_0008;
pub(super) const FRAME_INCREMENT_POINTER: u32 = 0x0028_0009;
pub(super) const ROWS: u32 = 0x0028_0010;
pub(super) const COLUMNS: u32 = 0x0028_0011;
pub(super) const PIXEL_SPACING: u32 = 0x0028_0030;
pub(super) const PIXEL_ASPECT_RATIO: u32 = 0x0028_0034;
pub(super) const BITS_ALLOCATED: u32 = 0x0028_0100;
pub(super) const BITS_STORED: u32 = 0x0028_0101;
pub(super) const HIGH_BIT: u32 = 0x0028_0102;
pub(super) const PIXEL_REPRESENTATION: u32 = 0x0028_0103;
pub(super) const PIXEL_PADDING_VALUE: u32 = 0x0028_0120;
pub(super) const PIXEL_PADDING_RANGE_LIMIT: u32 = 0x0028_0121;
pub(super) const FLOAT_PIXEL_PADDING_VALUE: u32 = 0x0028_0122;
pub(super) const DOUBLE_FLOAT_PIXEL_PADDING_VALUE: u32 = 0x0028_0123;
pub(super) const FLOAT_PIXEL_PADDING_RANGE_LIMIT: u32 = 0x0028_0124;
pub(super) const DOUBLE_FLOAT_PIXEL_PADDING_RANGE_LIMIT: u32 = 0x0028_0125;
pub(super) const BURNED_IN_ANNOTATION: u32 = 0x0028_0301;
pub(super) const PIXEL_SPACING_CALIBRATION_TYPE: u32 = 0x0028_0A02;
pub(super) const WINDOW_CENTER: u32 = 0x0028_1050;
pub(super) const WINDOW_WIDTH: u32 = 0x0028_1051;
pub(super) const RESCALE_INTERCEPT: u32 = 0x0028_1052;
pub(super) const RESCALE_SLOPE: u32 = 0x0028_1053;
pub(super) const RESCALE_TYPE: u32 = 0x0028_1054;
pub(super) const WINDOW_EXPLANATION: u32 = 0x0028_1055;
pub(super) const VOI_LUT_FUNCTION: u32 = 0x0028_1056;
pub(super) const RED_PALETTE_DESCRIPTOR: u32 = 0x0028_1101;
pub(super) const RED_PALETTE_DATA: u32 = 0x0028_1201;
pub(super) const SEGMENTED_RED_PALETTE_DATA: u32 = 0x0028_1221;
pub(super) const LOSSY_IMAGE_COMPRESSION: u32 = 0x0028_2110;
pub(super) const RECOMMENDED_VIEWING_MODE: u32 = 0x0028_1090;
pub(super) const MODALITY_LUT_SEQUENCE: u32 = 0x0028_3000;
pub(super) const LUT_DESCRIPTOR: u32 = 0x0028_3002;
pub(super) const LUT_EXPLANATION: u32 = 0x0028_3003;
pub(super) const MODALITY_LUT_TYPE: u32 = 0x0028_3004;
pub(super) const LUT_DATA: u32 = 0x0028_3006;
pub(super) const VOI_LUT_SEQUENCE: u32 = 0x0028_3010;
pub(super) const MASK_SUBTRACTION_SEQUENCE: u32 = 0x0028_6100;
pub(super) const PIXEL_MEASURES_SEQUENCE: u32 = 0x0028_9110;
pub(super) const FRAME_VOI_LUT_SEQUENCE: u32 = 0x0028_9132;
pub(super) const PIXEL_VALUE_TRANSFORMATION_SEQUENCE: u32 = 0x0028_9145;

pub(super) const TOTAL_PIXEL_MATRIX_COLUMNS: u32 = 0x0048_0006;
pub(super) const TOTAL_PIXEL_MATRIX_ROWS: u32 = 0x0048_0007;
pub(super) const ENERGY_WINDOW_VECTOR: u32 = 0x0054_0010;
pub(super) const DETECTOR_VECTOR: u32 = 0x0054_0020;
pub(super) const DETECTOR_INFORMATION_SEQUENCE: u32 = 0x0054_0022;
pub(super) const UNITS: u32 = 0x0054_1001;

pub(super) const PRESENTATION_LUT_SHAPE: u32 = 0x2050_0020;

pub(super) const IMAGE_PLANE_PIXEL_SPACING: u32 = 0x3002_0011;
pub(super) const RADIATION_MACHINE_SAD: u32 = 0x3002_0022;
pub(super) const RT_IMAGE_SID: u32 = 0x3002_0026;

pub(super) const DOSE_UNITS: u32 = 0x3004_0002;
pub(super) const GRID_FRAME_OFFSET_VECTOR: u32 = 0x3004_000C;
pub(super) const DOSE_GRID_SCALING: u32 = 0x3004_000E;

pub(super) const SHARED_FUNCTIONAL_GROUPS_SEQUENCE: u32 = 0x5200_9229;
pub(super) const PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE: u32 = 0x5200_9230;

/// Group of the first of the overlay planes, which have every second group up to [`LAST_OVERLAY`].
pub(super) const FIRST_OVERLAY: u32 = 0x6000;
pub(super) const LAST_OVERLAY: u32 = 0x601E;
pub(super) const OVERLAY_ROWS: u32 = 0x0010;
pub(super) const OVERLAY_COLUMNS: u32 = 0x0011;
pub(super) const NUMBER_OF_FRAMES_IN_OVERLAY: u32 = 0x0015;
pub(super) const OVERLAY_DESCRIPTION: u32 = 0x0022;
pub(super) const OVERLAY_TYPE: u32 = 0x0040;
pub(super) const OVERLAY_ORIGIN: u32 = 0x0050;
pub(super) const IMAGE_FRAME_ORIGIN: u32 = 0x0051;
pub(super) const OVERLAY_BITS_ALLOCATED: u32 = 0x0100;
pub(super) const OVERLAY_BIT_POSITION: u32 = 0x0102;
pub(super) const OVERLAY_LABEL: u32 = 0x1500;
pub(super) const OVERLAY_DATA: u32 = 0x3000;

pub(super) const MEASUREMENT_UNITS_CODE_SEQUENCE: u32 = 0x0040_08EA;
pub(super) const REAL_WORLD_VALUE_MAPPING_SEQUENCE: u32 = 0x0040_9096;
pub(super) const REAL_WORLD_VALUE_LUT_DATA: u32 = 0x0040_9212;
pub(super) const REAL_WORLD_VALUE_INTERCEPT: u32 = 0x0040_9224;
pub(super) const REAL_WORLD_VALUE_SLOPE: u32 = 0x0040_9225;
pub(super) const UNIVERSAL_ENTITY_ID: u32 = 0x0040_0032;
pub(super) const UNIVERSAL_ENTITY_ID_TYPE: u32 = 0x0040_0033;

pub(super) const EXTENDED_OFFSET_TABLE: u32 = 0x7FE0_0001;
pub(super) const FLOAT_PIXEL_DATA: u32 = 0x7FE0_0008;
pub(super) const DOUBLE_FLOAT_PIXEL_DATA: u32 = 0x7FE0_0009;
pub(super) const PIXEL_DATA: u32 = 0x7FE0_0010;

pub(super) const ITEM: u32 = 0xFFFE_E000;
pub(super) const ITEM_DELIMITATION: u32 = 0xFFFE_E00D;
pub(super) const SEQUENCE_DELIMITATION: u32 = 0xFFFE_E0DD;

/// Sequences whose items are read; of all others only the extent matters.
const SEQUENCES: [u32; 33] = [
    MASK_SUBTRACTION_SEQUENCE,
    CT_IMAGE_FRAME_TYPE_SEQUENCE,
    TEMPORAL_POSITION_SEQUENCE,
    ANATOMIC_REGION_SEQUENCE,
    CONTRAST_BOLUS_AGENT_SEQUENCE,
    MR_TIMING_AND_RELATED_PARAMETERS_SEQUENCE,
    MR_ECHO_SEQUENCE,
    MR_MODIFIER_SEQUENCE,
    MR_DIFFUSION_SEQUENCE,
    MR_IMAGE_FRAME_TYPE_SEQUENCE,
    MEASUREMENT_UNITS_CODE_SEQUENCE,
    REAL_WORLD_VALUE_MAPPING_SEQUENCE,
    ISSUER_OF_PATIENT_ID_QUALIFIERS_SEQUENCE,
    OTHER_PATIENT_IDS_SEQUENCE,
    SEQUENCE_OF_ULTRASOUND_REGIONS,
    PROJECTION_PIXEL_CALIBRATION_SEQUENCE,
    FRAME_PIXEL_DATA_PROPERTIES_SEQUENCE,
    FRAME_DISPLAY_SHUTTER_SEQUENCE,
    X_RAY_GEOMETRY_SEQUENCE,
    FRAME_ANATOMY_SEQUENCE,
    FRAME_CONTENT_SEQUENCE,
    PLANE_POSITION_SEQUENCE,
    PLANE_ORIENTATION_SEQUENCE,
    PLANE_POSITION_VOLUME_SEQUENCE,
    PLANE_ORIENTATION_VOLUME_SEQUENCE,
    MODALITY_LUT_SEQUENCE,
    VOI_LUT_SEQUENCE,
    PIXEL_MEASURES_SEQUENCE,
    FRAME_VOI_LUT_SEQUENCE,
    PIXEL_VALUE_TRANSFORMATION_SEQUENCE,
    DETECTOR_INFORMATION_SEQUENCE,
    SHARED_FUNCTIONAL_GROUPS_SEQUENCE,
    PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
];

pub(super) fn is_read_sequence(tag: u32) -> bool {
    SEQUENCES.contains(&tag)
}

/// Tags whose values are binary numbers of one VR. A data set with implicit VR, or a sequence that became UN, does not
/// say so, and as text they would be lost. Elements of overlay planes stand by their number alone.
const BINARY: [([u8; 2], &[u32]); 6] = [
    (
        *b"US",
        &[
            SHUTTER_PRESENTATION_VALUE,
            SHUTTER_OVERLAY_GROUP,
            PHYSICAL_UNITS_X,
            PHYSICAL_UNITS_Y,
            SAMPLES_PER_PIXEL,
            PLANAR_CONFIGURATION,
            ROWS,
            COLUMNS,
            BITS_ALLOCATED,
            BITS_STORED,
            HIGH_BIT,
            PIXEL_REPRESENTATION,
            ENERGY_WINDOW_VECTOR,
            DETECTOR_VECTOR,
            IN_CONCATENATION_NUMBER,
            IN_CONCATENATION_TOTAL_NUMBER,
            OVERLAY_ROWS,
            OVERLAY_COLUMNS,
            IMAGE_FRAME_ORIGIN,
            OVERLAY_BITS_ALLOCATED,
            OVERLAY_BIT_POSITION,
        ],
    ),
    (
        *b"UL",
        &[
            TEMPORAL_POSITION_INDEX,
            REGION_FLAGS,
            REGION_LOCATION_MIN_X0,
            REGION_LOCATION_MIN_Y0,
            REGION_LOCATION_MAX_X1,
            REGION_LOCATION_MAX_Y1,
            TOTAL_PIXEL_MATRIX_COLUMNS,
            TOTAL_PIXEL_MATRIX_ROWS,
        ],
    ),
    (*b"SS", &[OVERLAY_ORIGIN]),
    (*b"AT", &[FRAME_INCREMENT_POINTER]),
    (
        *b"FL",
        &[
            DISTANCE_SOURCE_TO_ISOCENTER,
            OBJECT_PIXEL_SPACING_IN_CENTER_OF_BEAM,
            FLOAT_PIXEL_PADDING_VALUE,
            FLOAT_PIXEL_PADDING_RANGE_LIMIT,
        ],
    ),
    (
        *b"FD",
        &[
            PHYSICAL_DELTA_X,
            PHYSICAL_DELTA_Y,
            INVERSION_TIMES,
            EFFECTIVE_ECHO_TIME,
            DIFFUSION_B_VALUE,
            IMAGE_POSITION_VOLUME,
            IMAGE_ORIENTATION_VOLUME,
            TEMPORAL_POSITION_TIME_OFFSET,
            DOUBLE_FLOAT_PIXEL_PADDING_VALUE,
            DOUBLE_FLOAT_PIXEL_PADDING_RANGE_LIMIT,
            REAL_WORLD_VALUE_LUT_DATA,
            REAL_WORLD_VALUE_INTERCEPT,
            REAL_WORLD_VALUE_SLOPE,
        ],
    ),
];

/// The VR of an element that is read, where its values are binary numbers of one VR (PS3.6).
pub(super) fn binary_vr(tag: u32) -> Option<[u8; 2]> {
    let tag = if is_overlay(tag >> 16) { tag & 0xFFFF } else { tag };
    let of_vr = BINARY.iter().find(|(_, tags)| tags.contains(&tag));
    of_vr.map(|(vr, _)| *vr)
}

/// Whether a group holds a curve, which older files have (retired in 2004).
pub(super) fn is_curve(group: u32) -> bool {
    (0x5000..=0x501E).contains(&group) && group.is_multiple_of(2)
}

/// Whether a group is one of the overlay planes.
pub(super) fn is_overlay(group: u32) -> bool {
    (FIRST_OVERLAY..=LAST_OVERLAY).contains(&group) && group.is_multiple_of(2)
}

/// Whether an element is kept. The rest is walked over, so that a file of a million private
/// elements costs no memory.
pub(super) fn is_read(tag: u32) -> bool {
    let group = tag >> 16;
    matches!(
        group,
        0x0002 | 0x0008 | 0x0010 | 0x0018 | 0x0020 | 0x0028 | 0x0048 | 0x0054 | 0x2050 | 0x3002 | 0x3004 | 0x7FE0
    ) || is_overlay(group)
        || is_curve(group)
        || is_read_sequence(tag)
        || matches!(
            tag,
            UNIVERSAL_ENTITY_ID
                | UNIVERSAL_ENTITY_ID_TYPE
                | REAL_WORLD_VALUE_LUT_DATA
                | REAL_WORLD_VALUE_INTERCEPT
                | REAL_WORLD_VALUE_SLOPE
        )
}

/// `(gggg,eeee)`, as the standard writes a tag.
pub(super) fn show(tag: u32) -> String {
    format!("({:04X},{:04X})", tag >> 16, tag & 0xFFFF)
}

#[cfg(test)]
pub(super) mod tests {
    use dicom_core::Tag;
    use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
    use dicom_dictionary_std::StandardDataDictionary;

    /// Names that are shorter here than the keywords of the standard.
    const SHORTER: [(&str, &str); 8] = [
        ("VERTICES_OF_POLYGONAL_SHUTTER", "VerticesOfThePolygonalShutter"),
        ("PHYSICAL_UNITS_X", "PhysicalUnitsXDirection"),
        ("PHYSICAL_UNITS_Y", "PhysicalUnitsYDirection"),
        ("WINDOW_EXPLANATION", "WindowCenterWidthExplanation"),
        ("RED_PALETTE_DESCRIPTOR", "RedPaletteColorLookupTableDescriptor"),
        ("RED_PALETTE_DATA", "RedPaletteColorLookupTableData"),
        ("SEGMENTED_RED_PALETTE_DATA", "SegmentedRedPaletteColorLookupTableData"),
        ("BURNED_IN", "BurnedInAnnotation"),
    ];

    /// Names and numbers of the constants above; those of overlay planes in their first group.
    pub(in crate::dicom) fn all() -> Vec<(&'static str, u32)> {
        let constants = include_str!("tag.rs").lines().filter_map(|line| {
            let line = line.strip_prefix("pub(super) const ")?;
            let (name, number) = line.split_once(": u32 = 0x")?;
            let number = u32::from_str_radix(&number.trim_end_matches(';').replace('_', ""), 16).ok()?;
            let of_overlay = number <= 0xffff && !name.ends_with("_OVERLAY");
            Some((
                name,
                if of_overlay {
                    super::FIRST_OVERLAY << 16 | number
                } else {
                    number
                },
            ))
        });
        constants
            .filter(|(_, number)| (0x1_0000..0xfffe_0000).contains(number))
            .collect()
    }

    /// A number of an element without a VR is read by this table.
    #[test]
    fn each_binary_number_has_the_vr_of_the_standard() {
        let (mut wrong, mut binary) = (vec![], 0);
        for (name, number) in all() {
            let entry = StandardDataDictionary.by_tag(Tag((number >> 16) as u16, number as u16));
            let vr = entry
                .and_then(|entry| entry.vr().exact())
                .map_or("", |vr| vr.to_string());
            let wanted = ["FL", "FD", "UL", "SL", "US", "SS", "AT", "SV", "UV"].contains(&vr);
            let found = super::binary_vr(number).map(|vr| String::from_utf8_lossy(&vr).into_owned());
            if found.as_deref() != Some(vr).filter(|_| wanted) {
                wrong.push(format!("{name} is {vr}, not {found:?}"));
            }
            binary += usize::from(wanted);
        }
        assert!(wrong.is_empty() && binary > 40, "{binary} numbers; {wrong:#?}");
    }

    /// A wrong digit would read nothing of any file, and a test that uses the same constant would not see it.
    #[test]
    fn each_tag_is_that_of_the_standard() {
        let (mut wrong, mut seen) = (vec![], 0);
        // Elements of groups that repeat are named by the group in the dictionary.
        for (name, number) in all().into_iter().filter(|(_, number)| !super::is_overlay(number >> 16)) {
            seen += 1;
            let tag = Tag((number >> 16) as u16, number as u16);
            let keyword = StandardDataDictionary.by_tag(tag).map_or("none", |entry| entry.alias());
            let longer = SHORTER.iter().find(|(short, _)| *short == name).map(|(_, long)| *long);
            let plain = name.replace('_', "");
            if !longer.map_or(plain.eq_ignore_ascii_case(keyword), |long| long == keyword) {
                wrong.push(format!("{name} {tag} is {keyword}"));
            }
        }
        assert!(wrong.is_empty() && seen > 150, "{seen} tags; {wrong:#?}");
    }
}
