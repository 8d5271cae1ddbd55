//! Overlay planes in the bits beside the stored ones, through whole files and their codecs (PS3.5 8.1.1, 8.1.2).

use charls::{CharLS, FrameInfo};
use domain::{Decoded, PixelData};

use super::*;
use crate::decode_bytes::decode_in_process;
use decode::Limits;

const ROWS: usize = 6;
const COLS: usize = 8;

fn fragment(bytes: &[u8]) -> Vec<u8> {
    let pad = bytes.len() % 2;
    let length = (bytes.len() + pad) as u32;
    [&[0xFE, 0xFF, 0x00, 0xE0], &length.to_le_bytes()[..], bytes, &[0][..pad]].concat()
}

/// `precision`: of the code stream; an RLE frame has all bits.
fn stream(words: &[u16], syntax: &str, precision: i32) -> Result<Vec<u8>, charls::Error> {
    if syntax.ends_with(".5") {
        // Literal runs of the high bytes, then of the low ones (PS3.5 annex G).
        let plane = |shift: u32| [vec![47], words.iter().map(|word| (word >> shift) as u8).collect()].concat();
        let mut frame = vec![0; 64];
        frame[0] = 2;
        frame[4] = 64;
        frame[8] = 64 + 50;
        return Ok([frame, plane(8), vec![128], plane(0)].concat());
    }
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
    let info = FrameInfo {
        width: COLS as u32,
        height: ROWS as u32,
        bits_per_sample: precision,
        component_count: 1,
    };
    CharLS::default().encode(info, 0, &bytes)
}

/// A grey image of 16 allocated bits; `overlay` is the declared bit.
fn file(words: &[u16], syntax: &str, (stored, signed): (u16, bool), overlay: Option<u16>, precision: i32) -> Vec<u8> {
    let meta = element(tag::TRANSFER_SYNTAX_UID, b"UI", format!("{syntax}\0").as_bytes());
    let mut bytes = [vec![0; 128], b"DICM".to_vec(), meta].concat();
    for (tag, value) in [
        (tag::SAMPLES_PER_PIXEL, 1),
        (tag::ROWS, ROWS as u16),
        (tag::COLUMNS, COLS as u16),
        (tag::BITS_ALLOCATED, 16),
        (tag::BITS_STORED, stored),
        (tag::HIGH_BIT, stored - 1),
        (tag::PIXEL_REPRESENTATION, u16::from(signed)),
    ] {
        bytes.extend(short(tag, value));
    }
    bytes.extend(element(tag::PHOTOMETRIC_INTERPRETATION, b"CS", b"MONOCHROME2 "));
    if let Some(bit) = overlay {
        bytes.extend([short(0x6000_0100, 16), short(0x6000_0102, bit)].concat());
    }
    let frame = stream(words, syntax, precision).unwrap_or_default();
    bytes.extend(b"\xE0\x7F\x10\x00OB\0\0\xFF\xFF\xFF\xFF\xFE\xFF\x00\xE0\0\0\0\0");
    bytes.extend([fragment(&frame), b"\xFE\xFF\xDD\xE0\0\0\0\0".to_vec()].concat());
    bytes
}

fn values(decoded: &Decoded) -> Vec<i32> {
    match &decoded.pixels.data {
        PixelData::U16(values) => values.iter().map(|v| i32::from(*v)).collect(),
        PixelData::I16(values) => values.iter().map(|v| i32::from(*v)).collect(),
        _ => vec![],
    }
}

fn codes(decoded: &Decoded) -> Vec<&str> {
    let codes = decoded.facts.notes.iter().filter_map(|note| note.code_name());
    codes.filter(|code| *code != "file.no_uid").collect()
}

const RLE: &str = "1.2.840.10008.1.2.5";
const JPEG_LS: &str = "1.2.840.10008.1.2.4.80";

/// Every number of stored bits, every bit beside them, with and without a sign: values without the plane, the plane
/// without the values, and no word of damage.
#[test]
fn a_plane_comes_out_of_lossless_code_streams() -> Done {
    let set = |at: usize| at.is_multiple_of(7);
    for (syntax, stored, signed) in [RLE, JPEG_LS]
        .into_iter()
        .flat_map(|syntax| [8_u16, 10, 12, 15].map(|stored| (syntax, stored)))
        .flat_map(|(syntax, stored)| [false, true].map(|signed| (syntax, stored, signed)))
    {
        for bit in stored..16 {
            let mask = (1_u32 << stored) - 1;
            let value = |at: usize| (at as u32).wrapping_mul(2_654_435_761) >> 7 & mask;
            let word = |at: usize| value(at) as u16 | u16::from(set(at)) << bit;
            let words: Vec<u16> = (0..ROWS * COLS).map(word).collect();
            let decoded = decode_in_process(
                &file(&words, syntax, (stored, signed), Some(bit), 16),
                &Limits::default(),
            )?;
            let what = format!("{syntax}: {stored} bits, signed {signed}, overlay in {bit}");
            let wanted: Vec<i32> = (0..ROWS * COLS)
                .map(|at| {
                    let value = value(at) as i32;
                    let negative = signed && value >> (stored - 1) == 1;
                    if negative { value - (1 << stored) } else { value }
                })
                .collect();
            assert_eq!(values(&decoded), wanted, "{what}");
            let [plane] = decoded.facts.overlays.as_slice() else {
                return Err(format!("{what}: not one plane").into());
            };
            let places: Vec<usize> = plane
                .pixels(0)
                .map(|[row, col]| row as usize * COLS + col as usize)
                .collect();
            assert_eq!(
                places,
                (0..ROWS * COLS).filter(|at| set(*at)).collect::<Vec<_>>(),
                "{what}"
            );
            assert_eq!(codes(&decoded), Vec::<&str>::new(), "{what}");
        }
    }
    Ok(())
}

/// A bit that no plane declares is damage still, beside one that is; and a plane that the codec left out is told.
#[test]
fn other_bits_are_damage_and_lost_planes_are_told() -> Done {
    let damaged: Vec<u16> = (0..ROWS * COLS).map(|at| at as u16 | 1 << 13 | 1 << 14).collect();
    for syntax in [RLE, JPEG_LS] {
        for overlay in [None, Some(14)] {
            let decoded = decode_in_process(&file(&damaged, syntax, (12, false), overlay, 16), &Limits::default())?;
            assert_eq!(codes(&decoded), ["file.beyond_stored_bits"], "{syntax} {overlay:?}");
        }
    }
    // A plane that names a stored bit means the only other one.
    let misnamed: Vec<u16> = (0..ROWS * COLS)
        .map(|at| at as u16 | u16::from(at % 7 == 0) << 13)
        .collect();
    let decoded = decode_in_process(&file(&misnamed, RLE, (12, false), Some(0), 16), &Limits::default())?;
    assert_eq!(codes(&decoded), Vec::<&str>::new());
    assert_eq!(decoded.facts.overlays.first().map(|plane| plane.set), Some(7));
    let plain: Vec<u16> = (0..ROWS * COLS).map(|at| at as u16).collect();
    let decoded = decode_in_process(&file(&plain, JPEG_LS, (12, false), Some(14), 12), &Limits::default())?;
    assert_eq!(codes(&decoded), ["told.overlay_lost"]);
    assert_eq!(
        values(&decoded),
        plain.iter().map(|v| i32::from(*v)).collect::<Vec<_>>()
    );
    Ok(())
}

/// Of words whose stored bits lie at the top, with a plane below them: a stream of all bits has both, one of just the
/// stored bits the values alone.
#[test]
fn a_plane_below_the_stored_bits_comes_out_of_whole_words_alone() -> Done {
    let set = |at: usize| at.is_multiple_of(5);
    for (stored, signed) in [9_u16, 10, 12, 15]
        .into_iter()
        .flat_map(|stored| [(stored, false), (stored, true)])
    {
        let mask = (1_u32 << stored) - 1;
        let value = |at: usize| ((at as u32).wrapping_mul(2_654_435_761) >> 7 & mask) as u16;
        let wanted: Vec<i32> = (0..ROWS * COLS)
            .map(|at| {
                let value = i32::from(value(at));
                let negative = signed && value >> (stored - 1) == 1;
                if negative { value - (1 << stored) } else { value }
            })
            .collect();
        for bit in 0..16 - stored {
            let word = |at: usize| value(at) << (16 - stored) | u16::from(set(at)) << bit;
            let whole: Vec<u16> = (0..ROWS * COLS).map(word).collect();
            let values_alone: Vec<u16> = (0..ROWS * COLS).map(value).collect();
            let high = |file: Vec<u8>| {
                let at = file.windows(6).position(|six| six == b"\x28\0\x02\x01US");
                let mut file = file;
                if let Some(at) = at {
                    file[at + 8] = 15;
                }
                file
            };
            for (syntax, words, precision, planes) in [
                (RLE, &whole, 16, 1),
                (JPEG_LS, &whole, 16, 1),
                (JPEG_LS, &values_alone, i32::from(stored), 0),
            ] {
                let file = high(file(words, syntax, (stored, signed), Some(bit), precision));
                let decoded = decode_in_process(&file, &Limits::default())?;
                let what = format!("{syntax} {precision}: {stored} bits, signed {signed}, overlay in {bit}");
                assert_eq!(values(&decoded), wanted, "{what}");
                let found: u64 = decoded.facts.overlays.iter().map(|plane| plane.set).sum();
                assert_eq!(
                    found,
                    planes * (0..ROWS * COLS).filter(|at| set(*at)).count() as u64,
                    "{what}"
                );
                let told: &[&str] = if planes == 0 { &["told.overlay_lost"] } else { &[] };
                assert_eq!(codes(&decoded), told, "{what}");
            }
        }
    }
    Ok(())
}
