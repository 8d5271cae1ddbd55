//! Windows bitmaps, as RGB.

use std::io::Cursor;

use domain::{Decoded, SourceFormat};
use image::codecs::bmp::BmpDecoder;

use super::jpeg::{damaged, decode_8_bit};
use decode::{DecodeError, Limits, limits::OnDeclared, protocol::Wanted};

pub(crate) fn decode(
    bytes: &[u8],
    limits: &Limits,
    wanted: &Wanted,
    on_declared: OnDeclared<'_>,
) -> Result<Decoded, DecodeError> {
    let decoder = BmpDecoder::new(Cursor::new(bytes)).map_err(|e| damaged("BMP", &e))?;
    decode_8_bit(bytes, SourceFormat::Bmp, "BMP", decoder, (limits, wanted), on_declared)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode_bytes::decode_in_process;
    use domain::FailureCode;
    use domain::PixelData;

    #[test]
    fn a_bitmap_is_read_top_down_and_a_cut_one_refused() -> Result<(), Box<dyn std::error::Error>> {
        let rgb: Vec<u8> = (0..3 * 2 * 3).collect();
        let mut file = Vec::new();
        image::codecs::bmp::BmpEncoder::new(&mut file).encode(&rgb, 3, 2, image::ExtendedColorType::Rgb8)?;
        let decoded = decode_in_process(&file, &Limits::default())?;
        assert_eq!(decoded.pixels.data, PixelData::U8(rgb));
        assert_eq!(
            (decoded.pixels.rows, decoded.pixels.cols, decoded.pixels.samples),
            (2, 3, 3)
        );
        assert_eq!(decoded.header.instance.format, SourceFormat::Bmp);
        let cut = decode_in_process(&file[..file.len() - 9], &Limits::default()).map_err(|e| e.code);
        assert_eq!(cut.err(), Some(FailureCode::Truncated));
        Ok(())
    }
}
