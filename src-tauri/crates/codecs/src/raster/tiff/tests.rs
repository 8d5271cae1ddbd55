//! Files of every kind, written here bit by bit, against the values that went in.

use std::io::{Cursor, Write};

use super::*;
use crate::decode_bytes::decode_in_process;
use domain::FailureCode;
use tiff::encoder::{TiffEncoder, colortype};

mod told;

type Done = Result<(), Box<dyn std::error::Error>>;

/// Tag, kind, values; kind 3 is two bytes, 4 four, 5 a fraction in eighths, 2 a text.
type Entries = Vec<(u16, u16, Vec<u64>)>;

/// A file of one page whose parts lie behind one another.
fn file(big_endian: bool, mut entries: Entries, parts: &[Vec<u8>], tiled: bool) -> Vec<u8> {
    let number = |value: u64, width: usize| -> Vec<u8> {
        let bytes = value.to_le_bytes();
        let mut bytes = bytes[..width].to_vec();
        if big_endian {
            bytes.reverse();
        }
        bytes
    };
    let mut bytes = if big_endian { b"MM".to_vec() } else { b"II".to_vec() };
    bytes.extend(number(42, 2));
    bytes.extend(number(0, 4));
    let (mut offsets, mut counts) = (vec![], vec![]);
    for part in parts {
        offsets.push(bytes.len() as u64);
        counts.push(part.len() as u64);
        bytes.extend(part);
    }
    let tags = if tiled { (324, 325) } else { (273, 279) };
    entries.push((tags.0, 4, offsets));
    entries.push((tags.1, 4, counts));
    entries.sort();
    let mut places = vec![];
    for (_, kind, values) in &entries {
        let raw: Vec<u8> = match kind {
            2 => values.iter().map(|byte| *byte as u8).collect(),
            3 => values.iter().flat_map(|value| number(*value, 2)).collect(),
            5 => values
                .iter()
                .flat_map(|value| [number(*value, 4), number(8, 4)].concat())
                .collect(),
            _ => values.iter().flat_map(|value| number(*value, 4)).collect(),
        };
        if raw.len() <= 4 {
            let mut inline = raw;
            inline.resize(4, 0);
            places.push(inline);
        } else {
            places.push(number(bytes.len() as u64, 4));
            bytes.extend(raw);
        }
    }
    let directory = bytes.len() as u64;
    bytes.extend(number(entries.len() as u64, 2));
    for ((tag, kind, values), place) in entries.iter().zip(places) {
        bytes.extend([number(u64::from(*tag), 2), number(u64::from(*kind), 2)].concat());
        bytes.extend(number(values.len() as u64, 4));
        bytes.extend(place);
    }
    bytes.extend(number(0, 4));
    bytes[4..8].copy_from_slice(&number(directory, 4));
    bytes
}

fn size(rows: u64, cols: u64, samples: u64, bits: u64, photometric: u64) -> Entries {
    vec![
        (256, 4, vec![cols]),
        (257, 4, vec![rows]),
        (258, 3, vec![bits; samples as usize]),
        (262, 3, vec![photometric]),
        (277, 3, vec![samples]),
    ]
}

/// Marsaglia's xorshift.
fn noise(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// Rows of values as bits in a text, highest first, and that text as bytes.
fn packed(rows: &[Vec<u64>], bits: usize) -> Vec<u8> {
    rows.iter()
        .flat_map(|row| {
            let mut text: String = row.iter().map(|value| format!("{value:0bits$b}")).collect();
            while !text.len().is_multiple_of(8) {
                text.push('0');
            }
            (0..text.len() / 8).map(move |at| u8::from_str_radix(&text[at * 8..at * 8 + 8], 2).unwrap_or(0))
        })
        .collect()
}

fn values(data: &PixelData) -> Vec<i64> {
    match data {
        PixelData::U8(v) => v.iter().map(|v| i64::from(*v)).collect(),
        PixelData::I8(v) => v.iter().map(|v| i64::from(*v)).collect(),
        PixelData::U16(v) => v.iter().map(|v| i64::from(*v)).collect(),
        PixelData::I16(v) => v.iter().map(|v| i64::from(*v)).collect(),
        PixelData::U32(v) => v.iter().map(|v| i64::from(*v)).collect(),
        PixelData::I32(v) => v.iter().map(|v| i64::from(*v)).collect(),
        PixelData::F32(_) | PixelData::F64(_) => vec![],
    }
}

#[test]
fn samples_of_every_depth_sign_and_order_of_bits_come_back() -> Done {
    let (rows, cols) = (5, 7);
    let mut state = 0x9e37_79b9_7f4a_7c15;
    let mut files = 0;
    for bits in 1..=32_usize {
        for signed in [false, true] {
            for (big_endian, low_bit_first) in [(false, false), (true, false), (false, true)] {
                let stored: Vec<Vec<u64>> = (0..rows)
                    .map(|_| (0..cols).map(|_| noise(&mut state) >> (64 - bits)).collect())
                    .collect();
                let whole = bits.is_multiple_of(8);
                let mut part = packed(&stored, bits);
                if whole && !big_endian {
                    part.chunks_exact_mut(bits / 8).for_each(<[u8]>::reverse);
                }
                if low_bit_first {
                    part.iter_mut().for_each(|byte| *byte = byte.reverse_bits());
                }
                let mut entries = size(rows, cols, 1, bits as u64, 1);
                entries.push((266, 3, vec![if low_bit_first { 2 } else { 1 }]));
                entries.push((339, 3, vec![if signed { 2 } else { 1 }]));
                let decoded = decode_in_process(&file(big_endian, entries, &[part], false), &Limits::default())?;
                let sign = 1_i64 << (bits - 1);
                let expected = stored.concat().into_iter().map(|value| {
                    let value = value as i64;
                    if signed && value >= sign {
                        value - 2 * sign
                    } else {
                        value
                    }
                });
                let what =
                    format!("{bits} bits, signed {signed}, big endian {big_endian}, low bit first {low_bit_first}");
                assert_eq!(values(&decoded.pixels.data), expected.collect::<Vec<_>>(), "{what}");
                files += 1;
            }
        }
    }
    assert_eq!(files, 32 * 6);
    Ok(())
}

fn pack(kind: u64, bytes: &[u8]) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    Ok(match kind {
        5 => weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8).encode(bytes)?,
        8 => {
            let mut encoder = flate2::write::ZlibEncoder::new(vec![], flate2::Compression::fast());
            encoder.write_all(bytes)?;
            encoder.finish()?
        }
        32_773 => bytes
            .chunks(128)
            .flat_map(|run| [&[run.len() as u8 - 1], run].concat())
            .collect(),
        50_000 => zstd::stream::encode_all(bytes, 1)?,
        _ => bytes.to_vec(),
    })
}

/// An image in strips or tiles, in planes or not, with differences or not, by each packing.
#[test]
fn every_packing_part_plane_and_predictor_comes_back() -> Done {
    let (rows, cols, samples) = (21_usize, 37_usize, 3_usize);
    let mut state = 77;
    let image: Vec<u16> = (0..rows * cols * samples)
        .map(|at| (at * 13) as u16 ^ (noise(&mut state) >> 60) as u16)
        .collect();
    let value = |row: usize, col: usize, sample: usize| {
        let inside = row < rows && col < cols;
        if inside {
            image[(row * cols + col) * samples + sample]
        } else {
            0
        }
    };
    let mut files = 0;
    for packing in [1, 5, 8, 32_773, 50_000] {
        for planar in [false, true] {
            for (part_rows, part_cols, tiled) in [(rows, cols, false), (4, cols, false), (16, 16, true)] {
                for difference in [false, true] {
                    let mut parts = vec![];
                    for plane in 0..if planar { samples } else { 1 } {
                        for top in (0..rows).step_by(part_rows) {
                            for left in (0..cols).step_by(part_cols) {
                                let bottom = if tiled {
                                    top + part_rows
                                } else {
                                    rows.min(top + part_rows)
                                };
                                let bytes = (top..bottom).flat_map(|row| {
                                    (left..left + part_cols).flat_map(move |col| {
                                        let own = if planar { plane..plane + 1 } else { 0..samples };
                                        own.map(move |sample| {
                                            let before = if difference && col > left {
                                                value(row, col - 1, sample)
                                            } else {
                                                0
                                            };
                                            value(row, col, sample).wrapping_sub(before)
                                        })
                                    })
                                });
                                let bytes: Vec<u8> = bytes.flat_map(u16::to_le_bytes).collect();
                                parts.push(pack(packing, &bytes)?);
                            }
                        }
                    }
                    let mut entries = size(rows as u64, cols as u64, samples as u64, 16, 2);
                    entries.push((259, 3, vec![packing]));
                    entries.push((284, 3, vec![if planar { 2 } else { 1 }]));
                    entries.push((317, 3, vec![if difference { 2 } else { 1 }]));
                    if tiled {
                        entries.extend([(322, 3, vec![part_cols as u64]), (323, 3, vec![part_rows as u64])]);
                    } else {
                        entries.push((278, 3, vec![part_rows as u64]));
                    }
                    let bytes = file(false, entries, &parts, tiled);
                    let what = format!(
                        "packing {packing}, planes {planar}, {part_rows} x {part_cols}, difference {difference}"
                    );
                    let decoded = decode_in_process(&bytes, &Limits::default()).map_err(|e| format!("{what}: {e}"))?;
                    assert_eq!(decoded.pixels.data, PixelData::U16(image.clone()), "{what}");
                    files += 1;
                }
            }
        }
    }
    assert_eq!(files, 60);
    Ok(())
}

#[test]
fn colours_come_by_table_by_ink_and_by_subsampled_ycbcr() -> Done {
    let mut entries = size(1, 3, 1, 4, 3);
    let table: Vec<u64> = (0..48).map(|at| at * 1000).collect();
    entries.push((320, 3, table));
    let decoded = decode_in_process(&file(true, entries, &[vec![0x0f, 0x10]], false), &Limits::default())?;
    assert_eq!(decoded.pixels.data, PixelData::U8(vec![0, 15, 1]));
    let colours = decoded
        .header
        .image
        .palette
        .map(|palette| palette.colours)
        .unwrap_or_default();
    assert_eq!((colours.len(), colours[15]), (16, [15_000, 31_000, 47_000]));
    let inks = file(false, size(1, 2, 4, 8, 5), &[vec![0, 255, 255, 0, 0, 0, 0, 255]], false);
    let decoded = decode_in_process(&inks, &Limits::default())?;
    assert_eq!(decoded.pixels.data, PixelData::U8(vec![255, 0, 0, 0, 0, 0]));
    assert_eq!(
        (
            decoded.pixels.samples,
            decoded.header.image.photometric_interpretation.as_str()
        ),
        (3, "RGB")
    );
    // Two units of 2 x 2 pixels for 2 rows of 3: greys, and one colour for the last column.
    let mut entries = size(2, 3, 3, 8, 6);
    entries.push((530, 3, vec![2, 2]));
    let units = vec![10, 20, 30, 40, 128, 128, 76, 0, 76, 0, 85, 255];
    let decoded = decode_in_process(&file(false, entries, &[units], false), &Limits::default())?;
    let PixelData::U8(rgb) = decoded.pixels.data else {
        return Err("bytes".into());
    };
    assert_eq!(rgb[..6], [10, 10, 10, 20, 20, 20]);
    assert_eq!(rgb[9..15], [30, 30, 30, 40, 40, 40]);
    assert!(rgb[6] >= 253 && rgb[7] <= 2 && rgb[8] <= 2, "{:?}", &rgb[6..9]);
    Ok(())
}

#[test]
fn a_stack_of_imagej_has_its_frames_and_a_cut_one_says_so() -> Done {
    let text = b"ImageJ=1.54f\nimages=3\nslices=3\nspacing=2.5\nunit=mm\n\0";
    let mut entries = size(2, 2, 1, 16, 1);
    entries.push((270, 2, text.iter().map(|byte| u64::from(*byte)).collect()));
    // The directory names the first frame alone; here it stands behind all of them.
    let frames: Vec<u8> = (0..12_u16).flat_map(u16::to_le_bytes).collect();
    let mut bytes = file(false, entries.clone(), &[frames], false);
    let decoded = decode_in_process(&bytes, &Limits::default())?;
    assert_eq!(
        (decoded.pixels.frames, values(&decoded.pixels.data)),
        (3, (0..12).collect())
    );
    assert!(decoded.facts.notes.is_empty());
    // As ImageJ writes it: the directory first, and the frames up to the end.
    entries.push((273, 4, vec![400]));
    entries.push((279, 4, vec![8]));
    let head = file(
        false,
        entries
            .into_iter()
            .filter(|(tag, ..)| !matches!(tag, 273 | 279))
            .collect(),
        &[],
        false,
    );
    bytes = head;
    let at = bytes
        .windows(4)
        .position(|w| w == [0x11, 0x01, 4, 0])
        .ok_or("the tag is there")?;
    bytes[at + 4..at + 12].copy_from_slice(&[1, 0, 0, 0, 0x90, 1, 0, 0]);
    let at = bytes
        .windows(4)
        .position(|w| w == [0x17, 0x01, 4, 0])
        .ok_or("the tag is there")?;
    bytes[at + 4..at + 12].copy_from_slice(&[1, 0, 0, 0, 8, 0, 0, 0]);
    bytes.resize(400, 0);
    bytes.extend((0..10_u16).flat_map(u16::to_le_bytes));
    let decoded = decode_in_process(&bytes, &Limits::default())?;
    assert_eq!(
        (decoded.pixels.frames, values(&decoded.pixels.data)),
        (2, (0..8).collect())
    );
    assert_eq!(
        decoded.facts.notes.first().and_then(|note| note.code_name()),
        Some("file.frames_missing")
    );
    Ok(())
}

#[test]
fn pages_like_the_first_are_frames_and_others_are_named() -> Done {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes)?;
    encoder.write_image::<colortype::GrayI16>(2, 2, &[-1, 2, -3, 4])?;
    encoder.write_image::<colortype::GrayI16>(2, 2, &[5, -6, 7, i16::MIN])?;
    let decoded = decode_in_process(bytes.get_ref(), &Limits::default())?;
    assert_eq!((decoded.pixels.frames, decoded.facts.notes.len()), (2, 0));
    assert_eq!(
        decoded.pixels.data,
        PixelData::I16(vec![-1, 2, -3, 4, 5, -6, 7, i16::MIN])
    );
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new_big(&mut bytes)?;
    encoder.write_image::<colortype::Gray32Float>(2, 1, &[0.5, 1e9])?;
    encoder.write_image::<colortype::Gray32Float>(1, 1, &[0.5])?;
    encoder.write_image::<colortype::Gray32Float>(2, 1, &[0.0, -1.0])?;
    let decoded = decode_in_process(bytes.get_ref(), &Limits::default())?;
    assert_eq!(
        (decoded.pixels.frames, decoded.pixels.data),
        (2, PixelData::F32(vec![0.5, 1e9, 0.0, -1.0]))
    );
    let told = decoded
        .facts
        .notes
        .first()
        .map(|note| note.words.as_str())
        .unwrap_or_default();
    assert!(told.starts_with("1 of 3 pages"), "{told}");
    Ok(())
}

#[test]
fn what_is_not_read_is_named_and_a_cut_is_told() -> Done {
    let code = |bytes: &[u8]| {
        decode_in_process(bytes, &Limits::default())
            .map_err(|e| (e.code, e.message))
            .err()
    };
    for (packing, name) in [(6, "JPEG"), (34_887, "LERC"), (50_001, "WebP"), (7_777, "7777")] {
        let mut entries = size(2, 2, 1, 8, 1);
        entries.push((259, 3, vec![packing]));
        let told = code(&file(false, entries, &[vec![1, 2, 3, 4]], false));
        assert!(
            told.as_ref()
                .is_some_and(|(code, words)| *code == FailureCode::Unsupported && words.contains(name)),
            "{told:?}"
        );
    }
    let whole = file(false, size(2, 2, 1, 8, 1), &[vec![1, 2, 3, 4]], false);
    assert!(decode_in_process(&whole, &Limits::default()).is_ok());
    for cut in 0..whole.len() - 4 {
        assert!(code(&whole[..cut]).is_some(), "{cut} of {} bytes", whole.len());
    }
    Ok(())
}
