//! 8-bit grey PNG with a text chunk.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

use super::COMMENT;
use crate::Slice;

/// Length of the signature and of the header chunk, after which text may stand (PNG 3rd edition, 5.6).
const AFTER_HEADER: usize = 8 + 25;

/// The bytes of one file: stored values divided by 16.
pub fn bytes(slice: &Slice) -> Result<Vec<u8>, String> {
    let grey: Vec<u8> = slice.values.iter().map(|value| (value >> 4).min(255) as u8).collect();
    let mut bytes = Vec::new();
    // `Fast` has its own deflate; the others take whichever one the build unified on, with other bytes.
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Adaptive)
        .write_image(&grey, slice.cols, slice.rows, ExtendedColorType::L8)
        .map_err(|e| e.to_string())?;
    let text = chunk(b"tEXt", format!("Comment\0{COMMENT}").as_bytes());
    bytes.splice(AFTER_HEADER..AFTER_HEADER, text);
    Ok(bytes)
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut body = kind.to_vec();
    body.extend_from_slice(data);
    let mut chunk = (data.len() as u32).to_be_bytes().to_vec();
    chunk.extend_from_slice(&body);
    chunk.extend_from_slice(&crc32(&body).to_be_bytes());
    chunk
}

/// CRC-32 as PNG uses it (PNG 3rd edition, annex D).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b"IEND"), 0xae42_6082);
    }
}
