//! Whole files of native pixel data, through the decoder.

use domain::{Decoded, FailureCode, PixelData, SpacingBasis};

use super::super::tag;
use crate::decode_bytes::decode_in_process;
use decode::{DecodeError, Limits};

type Element = (u32, &'static [u8; 2], Vec<u8>);

fn short(tag: u32, value: u16) -> Element {
    (tag, b"US", value.to_le_bytes().to_vec())
}

fn words(tag: u32, vr: &'static [u8; 2], value: impl AsRef<[u8]>) -> Element {
    let mut value = value.as_ref().to_vec();
    if value.len() % 2 == 1 {
        value.push(b' ');
    }
    (tag, vr, value)
}

fn written((tag, vr, value): &Element, explicit: bool) -> Vec<u8> {
    let head = [(tag >> 16) as u16, *tag as u16].map(u16::to_le_bytes).concat();
    let long = (value.len() as u32).to_le_bytes();
    match explicit {
        false => [&head[..], &long, value].concat(),
        true if matches!(*vr, b"SQ" | b"OW" | b"OB") => [&head[..], &vr[..], &[0, 0], &long, value].concat(),
        true => [&head[..], &vr[..], &(value.len() as u16).to_le_bytes(), value].concat(),
    }
}

fn sequence(tag: u32, items: &[Vec<Element>]) -> Element {
    let item = |item: &Vec<Element>| {
        let inner: Vec<u8> = item.iter().flat_map(|element| written(element, true)).collect();
        [
            &[0xFE, 0xFF, 0x00, 0xE0],
            &(inner.len() as u32).to_le_bytes()[..],
            &inner,
        ]
        .concat()
    };
    (tag, b"SQ", items.iter().flat_map(item).collect())
}

/// Shape and pixel data of an image of 4 rows.
fn image(cols: u16, samples: u16, bits: u16, pixels: Vec<u8>) -> Vec<Element> {
    vec![
        short(tag::SAMPLES_PER_PIXEL, samples),
        short(tag::ROWS, 4),
        short(tag::COLUMNS, cols),
        short(tag::BITS_ALLOCATED, bits),
        short(tag::BITS_STORED, bits),
        short(tag::HIGH_BIT, bits - 1),
        short(tag::PIXEL_REPRESENTATION, 0),
        words(tag::PIXEL_DATA, b"OW", pixels),
    ]
}

fn file(syntax: &str, body: &[u8]) -> Vec<u8> {
    let mut uid = syntax.as_bytes().to_vec();
    uid.resize(uid.len().next_multiple_of(2), 0);
    let meta = written(&(tag::TRANSFER_SYNTAX_UID, b"UI", uid), true);
    [vec![0; 128], b"DICM".to_vec(), meta, body.to_vec()].concat()
}

const EXPLICIT: &str = "1.2.840.10008.1.2.1";

fn decoded(elements: &[Element]) -> Result<Decoded, DecodeError> {
    let mut all = elements.to_vec();
    all.sort_by_key(|(tag, ..)| *tag);
    let body: Vec<u8> = all.iter().flat_map(|element| written(element, true)).collect();
    decode_in_process(&file(EXPLICIT, &body), &Limits::default())
}

fn told(decoded: &Decoded) -> Vec<&str> {
    let codes = decoded.facts.notes.iter().filter_map(|note| note.code_name());
    codes.filter(|code| code.starts_with("told.")).collect()
}

fn grey() -> Vec<Element> {
    let mut all = image(4, 1, 16, vec![7; 32]);
    all.push(words(tag::PHOTOMETRIC_INTERPRETATION, b"CS", "MONOCHROME2"));
    all
}

/// Codes and short texts follow the character set; a unit that is another one is never that of CT.
#[test]
fn a_unit_and_a_body_part_are_read_in_the_character_set_of_the_file() -> Result<(), DecodeError> {
    for text in ["mg/cm³", "10^-6 mm²/s", "µg/mL", "HU", "Ω"] {
        for set in ["ISO_IR 100", "ISO_IR 192", ""] {
            let bytes = match set {
                "ISO_IR 192" => text.as_bytes().to_vec(),
                _ if text == "Ω" => continue,
                _ => encoding_rs::WINDOWS_1252.encode(text).0.into_owned(),
            };
            for modality in ["CT", "MR"] {
                let mut all = grey();
                all.extend([
                    words(tag::SPECIFIC_CHARACTER_SET, b"CS", set),
                    words(tag::MODALITY, b"CS", modality),
                    words(tag::RESCALE_SLOPE, b"DS", "2"),
                    words(tag::RESCALE_INTERCEPT, b"DS", "0"),
                    words(tag::RESCALE_TYPE, b"LO", &bytes),
                    words(tag::BODY_PART_EXAMINED, b"CS", &bytes),
                ]);
                let image = decoded(&all)?;
                let wanted = if (text, modality) == ("HU", "MR") { "" } else { text };
                let what = format!("{text} {set} {modality}");
                assert_eq!(image.facts.shared.unit.as_deref(), Some(wanted), "{what}");
                assert_eq!(image.header.series.body_part_examined.as_deref(), Some(text), "{what}");
            }
        }
    }
    Ok(())
}

/// A letter beyond ASCII in one value of an Image Type loses none of the others.
#[test]
fn a_scout_is_one_whatever_letters_stand_beside_it() -> Result<(), DecodeError> {
    for (kinds, unit) in [
        ("ORIGINAL\\PRIMARY\\LOCALIZER\\SCHÄDEL", ""),
        ("ORIGINAL\\PRIMARY\\AXIAL\\SCHÄDEL", "HU"),
        ("ORIGINAL\\PRIMARY\\AXIAL\\M\\MOSAÏC", "HU"),
    ] {
        let mut all = grey();
        all.extend([
            words(tag::SPECIFIC_CHARACTER_SET, b"CS", "ISO_IR 100"),
            words(tag::MODALITY, b"CS", "CT"),
            words(tag::RESCALE_SLOPE, b"DS", "1"),
            words(tag::RESCALE_INTERCEPT, b"DS", "-1024"),
            words(tag::IMAGE_TYPE, b"CS", encoding_rs::WINDOWS_1252.encode(kinds).0),
        ]);
        let image = decoded(&all)?;
        assert_eq!(image.facts.shared.unit.as_deref(), Some(unit), "{kinds}");
        let found = image.facts.acquisition.image_type.join("\\");
        assert_eq!(found, kinds);
    }
    Ok(())
}

/// Colours that the file calls transformed, and are not, are the RGB that lies there, and told.
#[test]
fn native_colours_went_through_no_transform_of_a_code_stream() -> Result<(), DecodeError> {
    let pixels: Vec<u8> = (0..48).map(|at| at * 5).collect();
    for (said, shown, notes) in [
        ("RGB", "RGB", &[][..]),
        ("YBR_FULL", "YBR_FULL", &[]),
        ("YBR_RCT", "RGB", &["told.plain_rgb"]),
        ("YBR_ICT", "RGB", &["told.plain_rgb"]),
        ("XYB", "RGB", &["told.plain_rgb"]),
    ] {
        let mut all = image(4, 3, 8, pixels.clone());
        all.push(words(tag::PHOTOMETRIC_INTERPRETATION, b"CS", said));
        let image = decoded(&all)?;
        assert_eq!(image.header.image.photometric_interpretation, shown, "{said}");
        assert_eq!(told(&image), notes, "{said}");
        assert_eq!(image.pixels.data, PixelData::U8(pixels.clone()), "{said}");
    }
    Ok(())
}

#[test]
fn subsampled_colours_of_odd_rows_are_refused_by_name() {
    for cols in 1..=8_u16 {
        for photometric in ["YBR_FULL_422", "YBR_PARTIAL_422"] {
            for length in [8 * cols, 4 * (2 * cols).next_multiple_of(4)] {
                let mut all = image(cols, 3, 8, vec![9; usize::from(length)]);
                all.push(words(tag::PHOTOMETRIC_INTERPRETATION, b"CS", photometric));
                let found = decoded(&all).map(|image| image.pixels.data.len());
                match cols % 2 {
                    0 => assert_eq!(found, Ok(12 * usize::from(cols)), "{cols}"),
                    _ => assert_eq!(
                        found.map_err(|e| e.code).err().filter(|_| length < 12 * cols),
                        (length < 12 * cols).then_some(FailureCode::Unsupported),
                        "{cols}"
                    ),
                }
            }
        }
    }
}

/// Frames with a place in the patient are planes in it, whatever made them.
#[test]
fn the_spacing_of_planes_in_the_patient_is_no_projection() -> Result<(), DecodeError> {
    let place = sequence(
        tag::PLANE_POSITION_SEQUENCE,
        &[vec![words(tag::IMAGE_POSITION_PATIENT, b"DS", "0\\0\\5")]],
    );
    let lies = sequence(
        tag::PLANE_ORIENTATION_SEQUENCE,
        &[vec![words(tag::IMAGE_ORIENTATION_PATIENT, b"DS", "1\\0\\0\\0\\1\\0")]],
    );
    let spacing = sequence(
        tag::PIXEL_MEASURES_SEQUENCE,
        &[vec![words(tag::PIXEL_SPACING, b"DS", "0.1\\0.1")]],
    );
    for modality in ["MG", "XA", "DX", "CT"] {
        for (shared, own) in [
            (vec![spacing.clone(), lies.clone()], vec![place.clone()]),
            (vec![lies.clone()], vec![place.clone(), spacing.clone()]),
            (vec![spacing.clone()], vec![place.clone(), lies.clone()]),
            (vec![spacing.clone()], vec![]),
        ] {
            let flat = own.is_empty() && modality != "CT";
            let mut all = grey();
            all.push(words(tag::MODALITY, b"CS", modality));
            all.push(sequence(tag::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, &[shared]));
            all.push(sequence(tag::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, &[own]));
            let wanted = if flat {
                SpacingBasis::Projection
            } else {
                SpacingBasis::Patient
            };
            let found = decoded(&all)?.facts.shared.pixel_spacing_basis;
            assert_eq!(found, Some(wanted), "{modality}");
        }
    }
    Ok(())
}

/// Pixel data of GE's own syntax are big endian in a data set that is not; Papyrus is implicit; deflated with a header.
#[test]
fn syntaxes_of_makers_and_a_zlib_header_give_the_same_values() -> Result<(), Box<dyn std::error::Error>> {
    let values: Vec<u16> = (0..16).map(|at| at * 1001).collect();
    let pixels = |big: bool| -> Vec<u8> {
        let bytes = |v: &u16| if big { v.to_be_bytes() } else { v.to_le_bytes() };
        values.iter().flat_map(bytes).collect()
    };
    let body = |big: bool, explicit: bool| -> Vec<u8> {
        let mut all = image(4, 1, 16, pixels(big));
        all.push(words(tag::PHOTOMETRIC_INTERPRETATION, b"CS", "MONOCHROME2"));
        all.sort_by_key(|(tag, ..)| *tag);
        all.iter().flat_map(|element| written(element, explicit)).collect()
    };
    let mut packed = flate2::write::ZlibEncoder::new(vec![], flate2::Compression::best());
    std::io::Write::write_all(&mut packed, &body(false, true))?;
    for (syntax, body) in [
        ("1.2.840.113619.5.2", body(true, false)),
        ("1.2.840.10008.1.20", body(false, false)),
        ("1.2.840.10008.1.2", body(false, false)),
        ("1.2.840.10008.1.2.1.99", packed.finish()?),
    ] {
        let image = decode_in_process(&file(syntax, &body), &Limits::default())?;
        assert_eq!(image.pixels.data, PixelData::U16(values.clone()), "{syntax}");
    }
    Ok(())
}

/// The circle of a shutter follows the shape of a pixel.
#[test]
fn a_circle_knows_the_shape_of_a_pixel() -> Result<(), DecodeError> {
    for (tag, value, wanted) in [
        (tag::PIXEL_SPACING, "1\\1", None),
        (tag::PIXEL_SPACING, "1\\0.5", Some(2.0)),
        (tag::PIXEL_SPACING, "0.5\\1", Some(0.5)),
    ] {
        let mut all = grey();
        all.extend([
            words(tag, b"DS", value),
            words(tag::SHUTTER_SHAPE, b"CS", "CIRCULAR"),
            words(tag::CENTER_OF_CIRCULAR_SHUTTER, b"IS", "2\\2"),
            words(tag::RADIUS_OF_CIRCULAR_SHUTTER, b"IS", "2"),
        ]);
        let shutter = decoded(&all)?.facts.shutter.unwrap_or_default();
        let aspects = shutter.shapes.iter().map(|shape| match shape {
            domain::ShutterShape::Circular { pixel_aspect, .. } => *pixel_aspect,
            _ => Some(-1.0),
        });
        assert_eq!(aspects.collect::<Vec<_>>(), [wanted], "{value}");
    }
    Ok(())
}
