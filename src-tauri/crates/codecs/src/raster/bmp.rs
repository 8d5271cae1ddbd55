//! Windows bitmaps, as RGB.

use std::io::Cursor;

use domain::{Decoded, PixelData, SourceFormat};
use image::{ColorType, ImageDecoder, ImageError, codecs::bmp::BmpDecoder, error::UnsupportedErrorKind};

use super::header::{Picture, Samples};
use crate::frames::Frames;
use decode::{
    DecodeError, Limits,
    limits::{Declared, OnDeclared, in_memory},
    protocol::Wanted,
};

pub(crate) fn decode(
    bytes: &[u8],
    limits: &Limits,
    wanted: &Wanted,
    on_declared: OnDeclared<'_>,
) -> Result<Decoded, DecodeError> {
    let decoder = BmpDecoder::new(Cursor::new(bytes)).map_err(|e| damaged(&e))?;
    let frames = Frames::of(wanted, 1)?;
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
    let total = limits.check(&Declared::frame(rows, cols, samples), bytes.len() as u64)?;
    let mut data = vec![];
    if !frames.is_none() {
        on_declared(total);
        data = vec![0; in_memory(total)?];
        decoder.read_image(&mut data).map_err(|e| damaged(&e))?;
    }
    let said = Samples {
        photometric,
        bits_allocated: 8,
        bits_stored: 8,
        lossy: false,
        palette: None,
    };
    Ok(Picture {
        format: SourceFormat::Bmp,
        frames: 1,
        kept: u32::from(!frames.is_none()),
        rows,
        cols,
        samples,
        data: PixelData::U8(data),
        notes: vec![],
    }
    .decoded(bytes, said))
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
