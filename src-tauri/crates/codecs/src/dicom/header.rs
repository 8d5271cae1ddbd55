use domain::{Header, ImageAttributes, Instance, Patient, Rescale, Series, SourceFormat, Study, Uid, Window};

use super::{
    data_set::DataSet,
    identity::Uids,
    palette::palette,
    shape::Shape,
    tag,
    text::{CharacterSet, date, time},
};

/// Everything the file says of itself that is used. A bad optional attribute is left out.
///
/// `photometric` describes the samples as returned, `shape` is there when there are any; the content
/// of `file` gives the UIDs that it lacks.
pub(super) fn header(
    set: &DataSet<'_>,
    shape: Option<&Shape>,
    photometric: String,
    transfer_syntax_uid: Option<&str>,
    lossy_codec: bool,
    file: &[u8],
) -> Header {
    let uids = Uids::of(set, file);
    let charset = CharacterSet::of(set);
    let text = |tag: u32| {
        set.bytes(tag)
            .map(|bytes| charset.decode(bytes))
            .filter(|text| !text.is_empty())
    };
    let name = |tag: u32| {
        let name = set.bytes(tag).map(|bytes| charset.name(bytes));
        name.filter(|name| !name.is_empty())
    };
    let code = |tag: u32| set.code(tag).map(str::to_owned);
    let uid = |tag: u32| set.code(tag).and_then(|text| Uid::parse(text).ok());
    let date = |tag: u32| set.code(tag).and_then(date);
    let time = |tag: u32| set.code(tag).and_then(time);
    Header {
        patient: Patient {
            patient_id: text(tag::PATIENT_ID).unwrap_or_default(),
            issuer: text(tag::ISSUER_OF_PATIENT_ID),
            patient_name: name(tag::PATIENT_NAME).unwrap_or_default(),
            birth_date: date(tag::PATIENT_BIRTH_DATE),
            sex: code(tag::PATIENT_SEX),
        },
        study: Study {
            study_instance_uid: uids.study,
            date: date(tag::STUDY_DATE),
            time: time(tag::STUDY_TIME),
            accession_number: text(tag::ACCESSION_NUMBER),
            description: text(tag::STUDY_DESCRIPTION),
            referring_physician: name(tag::REFERRING_PHYSICIAN_NAME),
            patient_age: code(tag::PATIENT_AGE),
        },
        series: Series {
            series_instance_uid: uids.series,
            modality: code(tag::MODALITY).unwrap_or_else(|| "OT".to_owned()),
            number: set.int(tag::SERIES_NUMBER),
            description: text(tag::SERIES_DESCRIPTION),
            protocol_name: text(tag::PROTOCOL_NAME),
            body_part_examined: code(tag::BODY_PART_EXAMINED),
            view_position: code(tag::VIEW_POSITION),
            manufacturer: text(tag::MANUFACTURER),
        },
        instance: Instance {
            sop_instance_uid: uids.instance,
            sop_class_uid: uid(tag::SOP_CLASS_UID),
            transfer_syntax_uid: transfer_syntax_uid.and_then(|text| Uid::parse(text).ok()),
            number: set.int(tag::INSTANCE_NUMBER),
            format: SourceFormat::Dicom,
        },
        image: image(set, shape, photometric, lossy_codec),
    }
}

fn image(set: &DataSet<'_>, shape: Option<&Shape>, photometric: String, lossy_codec: bool) -> ImageAttributes {
    let measures = set.functional_group(tag::PIXEL_MEASURES_SEQUENCE);
    let position = set.functional_group(tag::PLANE_POSITION_SEQUENCE);
    let orientation = set.functional_group(tag::PLANE_ORIENTATION_SEQUENCE);
    let positive = |spacing: &[f64; 2]| spacing.iter().all(|v| *v > 0.0);
    #[allow(clippy::cast_possible_truncation, reason = "a sample has at most 64 bits")]
    let bits = |bits: u32| bits as u16;
    ImageAttributes {
        // The shape is filled in from the decoded pixels, for every format in one place.
        frames: 0,
        rows: 0,
        cols: 0,
        samples: 1,
        bits_allocated: shape.map_or(0, |shape| bits(shape.bits_allocated)),
        bits_stored: shape.map_or(0, |shape| bits(shape.bits_stored)),
        rescale: rescale(set),
        windows: windows(set),
        pixel_spacing_mm: set
            .array(tag::PIXEL_SPACING)
            .or_else(|| measures?.array(tag::PIXEL_SPACING))
            .filter(positive)
            .or_else(|| set.array(tag::IMAGER_PIXEL_SPACING).filter(positive)),
        position_mm: set
            .array(tag::IMAGE_POSITION_PATIENT)
            .or_else(|| position?.array(tag::IMAGE_POSITION_PATIENT)),
        orientation: set
            .array(tag::IMAGE_ORIENTATION_PATIENT)
            .or_else(|| orientation?.array(tag::IMAGE_ORIENTATION_PATIENT)),
        frame_of_reference_uid: set
            .code(tag::FRAME_OF_REFERENCE_UID)
            .and_then(|text| Uid::parse(text).ok()),
        slice_thickness_mm: set
            .number(tag::SLICE_THICKNESS)
            .or_else(|| measures?.number(tag::SLICE_THICKNESS)),
        lossy: lossy_codec || set.code(tag::LOSSY_IMAGE_COMPRESSION) == Some("01"),
        burned_in_annotation: match set.code(tag::BURNED_IN_ANNOTATION) {
            Some("YES") => Some(true),
            Some("NO") => Some(false),
            _ => None,
        },
        palette: (photometric == "PALETTE COLOR")
            .then(|| palette(set, shape?.signed))
            .flatten(),
        photometric_interpretation: photometric,
    }
}

/// Of the data set, else of the Pixel Value Transformation macro. A slope of zero would erase the picture.
fn rescale(set: &DataSet<'_>) -> Rescale {
    let read = |set: &DataSet<'_>| {
        let slope = set.number(tag::RESCALE_SLOPE).filter(|slope| *slope != 0.0)?;
        Some(Rescale {
            slope,
            intercept: set.number(tag::RESCALE_INTERCEPT).unwrap_or(0.0),
        })
    };
    read(set)
        .or_else(|| read(set.functional_group(tag::PIXEL_VALUE_TRANSFORMATION_SEQUENCE)?))
        .unwrap_or_default()
}

fn windows(set: &DataSet<'_>) -> Vec<Window> {
    let read = |set: &DataSet<'_>| -> Vec<Window> {
        let (centers, widths) = (set.numbers(tag::WINDOW_CENTER), set.numbers(tag::WINDOW_WIDTH));
        let pairs = centers.into_iter().zip(widths);
        pairs
            .filter(|(_, width)| *width > 0.0)
            .map(|(center, width)| Window { center, width })
            .collect()
    };
    let own = read(set);
    if !own.is_empty() {
        return own;
    }
    set.functional_group(tag::FRAME_VOI_LUT_SEQUENCE)
        .map(read)
        .unwrap_or_default()
}
