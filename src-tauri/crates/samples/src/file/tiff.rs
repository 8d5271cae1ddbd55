//! 16-bit grey TIFF 6.0, little endian, one strip, not compressed.

use super::COMMENT;
use crate::Slice;

/// Field types of TIFF 6.0, section 2.
#[derive(Clone, Copy)]
enum Kind {
    Ascii = 2,
    Short = 3,
    Long = 4,
    Rational = 5,
}

const ENTRIES: u16 = 14;
const DIRECTORY_AT: u32 = 8;
const AFTER_DIRECTORY: u32 = DIRECTORY_AT + 2 + ENTRIES as u32 * 12 + 4;

/// The bytes of one file: the stored values as they are, 0..=4095.
pub fn bytes(slice: &Slice) -> Vec<u8> {
    let mut description = format!("{COMMENT}\0").into_bytes();
    if description.len() % 2 == 1 {
        description.push(0);
    }
    let description_len = description.len() as u32;
    let resolution_at = AFTER_DIRECTORY + description_len;
    let pixels_at = resolution_at + 16;
    let pixels_len = slice.rows * slice.cols * 2;
    let fields: [(u16, Kind, u32, u32); ENTRIES as usize] = [
        (254, Kind::Long, 1, 0),
        (256, Kind::Long, 1, slice.cols),
        (257, Kind::Long, 1, slice.rows),
        (258, Kind::Short, 1, 16),
        (259, Kind::Short, 1, 1),
        (262, Kind::Short, 1, 1),
        (270, Kind::Ascii, description_len, AFTER_DIRECTORY),
        (273, Kind::Long, 1, pixels_at),
        (277, Kind::Short, 1, 1),
        (278, Kind::Long, 1, slice.rows),
        (279, Kind::Long, 1, pixels_len),
        (282, Kind::Rational, 1, resolution_at),
        (283, Kind::Rational, 1, resolution_at + 8),
        // Resolution counts per centimetre.
        (296, Kind::Short, 1, 3),
    ];

    let mut bytes = Vec::with_capacity((pixels_at + pixels_len) as usize);
    bytes.extend_from_slice(b"II*\0");
    bytes.extend_from_slice(&DIRECTORY_AT.to_le_bytes());
    bytes.extend_from_slice(&ENTRIES.to_le_bytes());
    for (tag, kind, count, value) in fields {
        bytes.extend_from_slice(&tag.to_le_bytes());
        bytes.extend_from_slice(&(kind as u16).to_le_bytes());
        bytes.extend_from_slice(&count.to_le_bytes());
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    bytes.extend_from_slice(&0_u32.to_le_bytes());
    bytes.extend_from_slice(&description);
    let [row_mm, col_mm] = slice.pixel_spacing_mm;
    for spacing_mm in [col_mm, row_mm] {
        bytes.extend_from_slice(&((10_000.0 / spacing_mm) as u32).to_le_bytes());
        bytes.extend_from_slice(&1000_u32.to_le_bytes());
    }
    bytes.extend(slice.values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}
