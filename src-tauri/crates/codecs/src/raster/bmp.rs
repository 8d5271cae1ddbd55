//! Windows bitmaps, as RGB.

use std::io::Cursor;

use domain::{Decoded, PixelData, SourceFormat};
use image::{ColorType, ImageDecoder, ImageError, codecs::bmp::BmpDecoder, error::UnsupportedErrorKind};

use super::header::{Asked, Samples, Single};
use decode::{DecodeError, limits::in_memory};

pub(crate) fn decode(asked: &Asked<'_>) -> Result<Decoded, DecodeError> {
    let decoder = BmpDecoder::new(Cursor::new(asked.bytes)).map_err(|e| damaged(&e))?;
    let (cols, rows) = decoder.dimensions();
    let (photometric, samples) = match decoder.color_type() {
        ColorType::L8 => ("MONOCHROME2", 1),
        ColorType::Rgb8 => ("RGB", 3),
        ColorType::Rgba8 => ("RGB", 4),
        other => {
            return Err(DecodeError::unsupported(format!(
                "BMP images of type {other:?} are not read"
            )));
        }
    };
    let image = Single {
        format: SourceFormat::Bmp,
        rows,
        cols,
        samples,
        stored_samples: samples,
        notes: vec![],
    };
    asked.single(image, Samples::of_bytes(photometric, false), |total| {
        let mut data = vec![0; in_memory(total)?];
        decoder.read_image(&mut data).map_err(|e| damaged(&e))?;
        Ok(PixelData::U8(data))
    })
}

fn damaged(error: &ImageError) -> DecodeError {
    match error {
        ImageError::Unsupported(what) if !matches!(what.kind(), UnsupportedErrorKind::GenericFeature(_)) => {
            DecodeError::unsupported(format!("this kind of BMP file is not read: {what}"))
        }
        ImageError::Limits(what) => DecodeError::limit(format!("the BMP file is too large: {what}")),
        ImageError::IoError(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => {
            DecodeError::truncated("the BMP file ends early: it is truncated; copy it again from its source")
        }
        other => DecodeError::corrupt(format!("the BMP file is damaged: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode_bytes::decode_in_process;
    use decode::Limits;
    use domain::FailureCode;

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
