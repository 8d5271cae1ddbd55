//! DICOM files (PS3.5, PS3.10): stored pixel values and the attributes that are used.
//!
//! Our own reader of data sets rather than a general one: it allocates nothing by a declared length,
//! bounds the depth of sequences, and passes over what is damaged but not needed.

mod acquisition;
mod data_set;
mod encapsulated;
mod facts;
mod fragments;
mod header;
mod identity;
mod index;
mod jpeg;
mod jpeg2000;
mod jpeg_ls;
mod jpeg_xl;
mod lut;
mod marks;
mod native;
mod open;
mod palette;
mod parse;
mod real_world;
mod rle;
mod scaling;
mod shape;
mod spacing;
mod tag;
mod text;
mod times;
mod told;
mod transfer_syntax;

pub(crate) use index::names;

use domain::{Decoded, Header, ImageFacts, PixelArray, PixelData, Uid, sop_class};

use crate::{
    frames::Frames,
    note::{self, Notes},
};
use data_set::{DataSet, Encoding, Value};
use decode::{DecodeError, Limits, limits::OnDeclared, protocol::Wanted};
use marks::Words;
use open::Media;
use shape::Shape;
use transfer_syntax::Codec;

pub(crate) fn decode(
    bytes: &[u8],
    limits: &Limits,
    wanted: &Wanted,
    on_declared: OnDeclared<'_>,
) -> Result<Decoded, DecodeError> {
    let opened = open::open(bytes, limits)?;
    let set = parse::parse(&opened.data_set, opened.syntax.encoding, limits.max_sequence_depth)?;
    let uid = opened.transfer_syntax_uid.as_deref();
    let found = [tag::PIXEL_DATA, tag::FLOAT_PIXEL_DATA, tag::DOUBLE_FLOAT_PIXEL_DATA]
        .into_iter()
        .find_map(|tag| set.find(tag));
    let Some(pixels) = found else {
        return without_picture(&set, uid, &opened.media, bytes);
    };
    let codec = opened.syntax.codec.map_err(|name| {
        DecodeError::unsupported(format!("pixel data in the transfer syntax {name} are not decoded"))
    })?;
    let declared = shape::shape(&set, pixels.tag, limits)?;
    // Of native pixel data every byte must be there.
    if opened.syntax.deflated || codec != Codec::Native {
        limits.check_ratio(&declared.declared, bytes.len() as u64)?;
    }
    let mut notes = Notes::default();
    let (streams, there) = match (&pixels.value, codec) {
        (Value::Bytes(stored), Codec::Native) => {
            native::check(stored, &declared)?;
            (vec![], native::frames_in(stored, &declared))
        }
        (
            Value::Fragments {
                offsets,
                fragments,
                partial,
            },
            codec,
        ) if codec != Codec::Native || opened.syntax.encapsulated => {
            let frames = (declared.frames, declared.frame_bytes());
            let streams = fragments::frames_of(&set, offsets, (fragments, *partial), frames, codec)?;
            let there = streams.len() as u64;
            (streams, there)
        }
        (Value::Fragments { .. }, _) => {
            return Err(DecodeError::corrupt(
                "the pixel data are encapsulated, though the transfer syntax says they are not",
            ));
        }
        _ => {
            return Err(DecodeError::corrupt(
                "the pixel data are not encapsulated, though the transfer syntax says they are",
            ));
        }
    };
    let whole = only_whole(&declared, there, &mut notes);
    let slide = (set.uint(tag::TOTAL_PIXEL_MATRIX_ROWS)).zip(set.uint(tag::TOTAL_PIXEL_MATRIX_COLUMNS));
    if let Some((rows, cols)) = slide.filter(|slide| *slide != (declared.rows, declared.cols)) {
        notes.add(note::slide_in_tiles(rows, cols));
    }
    let frames = Frames::of(wanted, whole.frames)?;
    let shape = whole.of_frames(frames.keep.end - frames.keep.start);
    let mut lossy = opened.syntax.lossy;
    let (mut in_words, mut kept) = (true, true);
    let (samples, photometric) = match &pixels.value {
        Value::Bytes(stored) => {
            let words = &pixels.vr != b"OB";
            let encoding = match opened.syntax.big_endian_pixels {
                true => Encoding::IMPLICIT_BIG_ENDIAN,
                false => set.encoding,
            };
            native(stored, &whole, &frames, (encoding, words), on_declared)?
        }
        _ => {
            let told = (on_declared, &mut notes);
            let of_planes = marks::Embedded::of(&set, &whole);
            let samples = encapsulated::decode(&streams, (&whole, of_planes), &frames, (codec, !lossy), told)?;
            lossy |= samples.lossy;
            (in_words, kept) = (samples.words, samples.whole_words);
            (samples.bytes, samples.photometric)
        }
    };
    let photometric = match whole.samples {
        3 => colours(photometric, &mut notes),
        _ => photometric,
    };
    let words = Words {
        // What most codecs give has nothing of what lay beside the stored bits.
        bytes: if kept { &samples } else { &[] },
        first: frames.keep.start,
        kept,
    };
    let facts = facts::facts(&set, &whole, &words);
    let data = shape
        .samples_of(samples, in_words)
        .ok_or_else(|| DecodeError::corrupt("the pixel data are incomplete"))?;
    let pixels = PixelArray {
        frames: shape.frames,
        rows: shape.rows,
        cols: shape.cols,
        samples: shape.samples,
        data,
    };
    let mut header = header::header(&set, Some(&shape), photometric, uid, lossy, bytes, &facts);
    header.image.frames = whole.frames;
    let mut decoded = with_notes(&set, &opened.media, header, facts, pixels);
    decoded.facts.notes.extend(notes.into_vec());
    Ok(decoded)
}

/// What three samples mean that the file says went through a transform which only some code streams have (PS3.3
/// C.7.6.3.1.2), where these did not: they are RGB.
fn colours(photometric: String, notes: &mut Notes) -> String {
    match photometric.as_str() {
        "YBR_RCT" | "YBR_ICT" | "XYB" => {
            notes.add(note::plain_rgb(&photometric));
            "RGB".to_owned()
        }
        _ => photometric,
    }
}

/// The frames that are there, of those that are declared; what is missing or too much is said. Where not even one is
/// whole, the declared shape stays, and decoding says what is missing.
fn only_whole(declared: &Shape, there: u64, notes: &mut Notes) -> Shape {
    match u32::try_from(there) {
        Ok(whole) if (1..declared.frames).contains(&whole) => {
            notes.add(note::frames_missing(whole, declared.frames));
            declared.of_frames(whole)
        }
        _ => {
            if there > u64::from(declared.frames) {
                notes.add(note::frames_surplus(
                    there - u64::from(declared.frames),
                    declared.frames,
                ));
            }
            declared.clone()
        }
    }
}

/// What was decoded, and what is to be told of its identity.
fn with_notes(set: &DataSet<'_>, media: &Media, header: Header, mut facts: ImageFacts, pixels: PixelArray) -> Decoded {
    facts.notes.extend(identity::notes(set, media));
    Decoded {
        facts,
        ..Decoded::new(header, pixels)
    }
}

/// Its header alone, with no frames: a report, a plan, a document, or a picture whose pixel data did
/// not come with it. What does not say of which class and which study it is, is no such object.
fn without_picture(
    set: &DataSet<'_>,
    transfer_syntax: Option<&str>,
    media: &Media,
    file: &[u8],
) -> Result<Decoded, DecodeError> {
    let class = set.code(tag::SOP_CLASS_UID).and_then(|text| Uid::parse(text).ok());
    if !class.as_ref().is_some_and(sop_class::is_stored) || !identity::names_its_study(set) {
        let modality = set.code(tag::MODALITY).unwrap_or("unknown");
        let class = class.map_or_else(|| "unknown".to_owned(), |uid| uid.to_string());
        return Err(DecodeError::unsupported(format!(
            "the DICOM file holds no image (modality {modality}, SOP class {class})"
        )));
    }
    let pixels = PixelArray {
        frames: 0,
        rows: 0,
        cols: 0,
        samples: 1,
        data: PixelData::U8(vec![]),
    };
    let facts = ImageFacts::default();
    let header = header::header(set, None, String::new(), transfer_syntax, false, file, &facts);
    Ok(with_notes(set, media, header, facts, pixels))
}

/// Samples of the frames that are kept, and what they mean once decoded. Every byte of the image must be there.
fn native(
    stored: &[u8],
    whole: &Shape,
    frames: &Frames,
    (encoding, words): (Encoding, bool),
    on_declared: OnDeclared<'_>,
) -> Result<(Vec<u8>, String), DecodeError> {
    // Subsampled colour comes out with every sample.
    let photometric = if whole.photometric == "YBR_FULL_422" {
        "YBR_FULL"
    } else {
        &whole.photometric
    };
    let samples = match native::frames_of(stored, whole, encoding, words, &frames.keep) {
        _ if frames.is_none() => vec![],
        Some(kept) => {
            let shape = whole.of_frames(frames.keep.end - frames.keep.start);
            on_declared(shape.total_bytes);
            native::decode(kept, &shape, encoding, words)?
        }
        // They cannot be entered, or it is too short, which is said here.
        None => {
            on_declared(whole.total_bytes);
            let mut samples = native::decode(stored, whole, encoding, words)?;
            samples.truncate(frames.keep.end as usize * whole.frame_bytes());
            samples.drain(..frames.keep.start as usize * whole.frame_bytes());
            samples
        }
    };
    Ok((samples, photometric.to_owned()))
}

#[cfg(test)]
mod tests {
    mod through;

    use super::*;
    use domain::FailureCode;

    /// A file with Explicit VR Little Endian by its looks: short elements in the order given.
    fn file(elements: &[(u32, &[u8; 2], &str)]) -> Vec<u8> {
        let mut bytes = vec![0; 128];
        bytes.extend_from_slice(b"DICM");
        for (tag, vr, text) in elements {
            let mut value = text.as_bytes().to_vec();
            if !value.len().is_multiple_of(2) {
                value.push(if *vr == b"UI" { 0 } else { b' ' });
            }
            bytes.extend_from_slice(&((tag >> 16) as u16).to_le_bytes());
            bytes.extend_from_slice(&((tag & 0xFFFF) as u16).to_le_bytes());
            bytes.extend_from_slice(*vr);
            bytes.extend_from_slice(&(value.len() as u16).to_le_bytes());
            bytes.extend_from_slice(&value);
        }
        bytes
    }

    #[test]
    fn a_meta_header_of_another_data_set_is_told_and_the_data_set_counts() -> Result<(), DecodeError> {
        const CLASS: &str = "1.2.840.10008.5.1.4.1.1.88.33";
        const UID: &str = "1.2.3.4";
        let differ = |class: &str, instance: &str| {
            let mut elements: Vec<(u32, &[u8; 2], &str)> = vec![
                (tag::SOP_CLASS_UID, b"UI", CLASS),
                (tag::SOP_INSTANCE_UID, b"UI", UID),
                (tag::STUDY_INSTANCE_UID, b"UI", "1.2.3"),
                (tag::SERIES_INSTANCE_UID, b"UI", "1.2.3.2"),
            ];
            let meta = [
                (tag::MEDIA_STORAGE_SOP_CLASS_UID, class),
                (tag::MEDIA_STORAGE_SOP_INSTANCE_UID, instance),
            ];
            for (tag, said) in meta.into_iter().rev().filter(|(_, said)| !said.is_empty()) {
                elements.insert(0, (tag, b"UI", said));
            }
            let decoded = crate::decode_bytes::decode_in_process(&file(&elements), &Limits::default())?;
            assert_eq!(decoded.header.instance.sop_instance_uid.as_str(), UID);
            let told = decoded.facts.notes.into_iter().filter_map(|note| note.coded);
            let told = told.filter(|coded| coded.code == "file.meta_differs");
            Ok::<_, DecodeError>(told.map(|coded| coded.values["field"].clone()).collect::<Vec<_>>())
        };
        let (class, instance) = ("SOP Class UID".into(), "SOP Instance UID".into());
        assert_eq!(differ(CLASS, UID)?, []);
        assert_eq!(differ("", "")?, []);
        assert_eq!(differ(CLASS, "1.2.3.40")?, [instance]);
        assert_eq!(differ("1.2.840.10008.5.1.4.1.1.2", UID)?, [class]);
        assert_eq!(differ("1.2.840.10008.5.1.4.1.1.2", "1.2.3.")?.len(), 2);
        Ok(())
    }

    #[test]
    fn what_holds_no_picture_is_a_header_and_what_belongs_nowhere_is_refused() -> Result<(), DecodeError> {
        let of = |class: &str, study: &str| {
            file(&[
                (tag::SOP_CLASS_UID, b"UI", class),
                (tag::SOP_INSTANCE_UID, b"UI", "1.2.3.4"),
                (tag::MODALITY, b"CS", "SR"),
                (tag::PATIENT_ID, b"LO", "P-7"),
                (tag::STUDY_INSTANCE_UID, b"UI", study),
                (tag::SERIES_INSTANCE_UID, b"UI", "1.2.3.2"),
            ])
        };
        let report =
            crate::decode_bytes::decode_in_process(&of("1.2.840.10008.5.1.4.1.1.88.33", "1.2.3"), &Limits::default())?;
        assert_eq!((report.pixels.frames, report.header.image.frames), (0, 0));
        assert_eq!(report.header.patient.patient_id, "P-7");
        let told = report.header.no_picture();
        assert!(told.is_some_and(|told| told.words.contains("Comprehensive SR")));
        let capture =
            crate::decode_bytes::decode_in_process(&of("1.2.840.10008.5.1.4.1.1.7", "1.2.3"), &Limits::default())?;
        assert_eq!((capture.pixels.frames, capture.header.image.frames), (0, 0));
        let told = capture.header.no_picture().map(|told| told.words).unwrap_or_default();
        assert!(
            told.contains("a secondary capture whose pixel data are missing"),
            "{told}"
        );
        for (class, study) in [
            ("1.2.840.10008.5.1.4.1.1.2", ""),
            ("1.2.840.10008.1.3.10", "1.2.3"),
            ("", "1.2.3"),
        ] {
            let refused = crate::decode_bytes::decode_in_process(&of(class, study), &Limits::default());
            assert_eq!(
                refused.map_err(|e| e.code).err(),
                Some(FailureCode::Unsupported),
                "{class}"
            );
        }
        Ok(())
    }
}
