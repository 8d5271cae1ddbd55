use domain::identity::folded_name;
use domain::{Header, ImageAttributes, ImageFacts, Instance, Patient, Series, SourceFormat, Study, Uid, VoiChoice};

use super::{
    data_set::DataSet,
    identity::{Uids, issuer_id, printable},
    palette::{is_supplemental, palette},
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
    facts: &ImageFacts,
) -> Header {
    let uids = Uids::of(set, file);
    let charset = CharacterSet::of(set);
    let text = |tag: u32| {
        set.bytes(tag)
            .map(|bytes| printable(&charset.decode(bytes)))
            .filter(|text| !text.is_empty())
    };
    let name = |tag: u32| {
        let name = set.bytes(tag).map(|bytes| printable(&charset.name(bytes)));
        // Delimiters alone name nobody.
        name.filter(|name| !folded_name(name).is_empty())
    };
    let code = |tag: u32| charset.code(set, tag);
    let uid = |tag: u32| set.code(tag).and_then(|text| Uid::parse(text).ok());
    let date = |tag: u32| set.code(tag).and_then(date);
    let time = |tag: u32| set.code(tag).and_then(time);
    Header {
        patient: Patient {
            patient_id: text(tag::PATIENT_ID).unwrap_or_default(),
            issuer: text(tag::ISSUER_OF_PATIENT_ID),
            issuer_id: issuer_id(set),
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
        image: image(set, shape, photometric, lossy_codec, facts),
    }
}

fn image(
    set: &DataSet<'_>,
    shape: Option<&Shape>,
    photometric: String,
    lossy_codec: bool,
    facts: &ImageFacts,
) -> ImageAttributes {
    // Of all frames, or of the first.
    let first = facts.of_frame(0);
    let windows = first.windows.unwrap_or_default();
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
        rescale: first.rescale.unwrap_or_default(),
        windows: windows
            .iter()
            .filter(|choice| choice.table.is_none())
            .map(VoiChoice::window)
            .collect(),
        pixel_spacing_mm: first.pixel_spacing_mm,
        position_mm: first.position_mm,
        orientation: first.orientation,
        frame_of_reference_uid: set
            .code(tag::FRAME_OF_REFERENCE_UID)
            .and_then(|text| Uid::parse(text).ok()),
        slice_thickness_mm: first.slice_thickness_mm,
        lossy: lossy_codec || set.code(tag::LOSSY_IMAGE_COMPRESSION) == Some("01"),
        burned_in_annotation: set.code(tag::BURNED_IN_ANNOTATION).and_then(|said| {
            match said.to_ascii_uppercase().as_str() {
                "YES" => Some(true),
                "NO" => Some(false),
                _ => None,
            }
        }),
        palette: (photometric == "PALETTE COLOR" || is_supplemental(set))
            .then(|| palette(set, shape?.signed))
            .flatten(),
        photometric_interpretation: photometric,
    }
}
