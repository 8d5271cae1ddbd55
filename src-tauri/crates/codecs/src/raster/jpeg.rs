//! JPEG files (JFIF, Exif): grey or RGB, as viewers show them, with the orientation as stored.

use std::io::Cursor;

use domain::{Decoded, PixelArray, PixelData, SourceFormat};
use image::{ColorType, ImageDecoder, ImageError, codecs::jpeg::JpegDecoder, error::UnsupportedErrorKind};

use super::header::{Samples, header};
use crate::{frames::Frames, jpeg_markers};
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
    // The codec fills what is missing with grey, which must not pass for tissue.
    if !jpeg_markers::is_complete(bytes) {
        return Err(DecodeError::truncated(
            "the JPEG file ends early: it is truncated; copy it again from its source",
        ));
    }
    let decoder = JpegDecoder::new(Cursor::new(bytes)).map_err(|e| damaged("JPEG", &e))?;
    decode_8_bit(
        bytes,
        SourceFormat::Jpeg,
        "JPEG",
        decoder,
        (limits, wanted),
        on_declared,
    )
}

/// The part that JPEG and BMP have in common.
pub(super) fn decode_8_bit(
    bytes: &[u8],
    format: SourceFormat,
    name: &str,
    decoder: impl ImageDecoder,
    (limits, wanted): (&Limits, &Wanted),
    on_declared: OnDeclared<'_>,
) -> Result<Decoded, DecodeError> {
    let frames = Frames::of(wanted, 1)?;
    let (cols, rows) = decoder.dimensions();
    let (photometric, samples) = match decoder.color_type() {
        ColorType::L8 => ("MONOCHROME2", 1),
        ColorType::Rgb8 => ("RGB", 3),
        ColorType::Rgba8 => ("RGB", 4),
        other => {
            return Err(DecodeError::unsupported(format!(
                "{name} images of type {other:?} are not read"
            )));
        }
    };
    let total = limits.check(&Declared::frame(rows, cols, samples), bytes.len() as u64)?;
    let mut data = vec![];
    if !frames.is_none() {
        on_declared(total);
        data = vec![0; in_memory(total)?];
        decoder.read_image(&mut data).map_err(|e| damaged(name, &e))?;
    }
    let lossy = format == SourceFormat::Jpeg;
    let said = Samples {
        photometric,
        bits_allocated: 8,
        bits_stored: 8,
        lossy,
        palette: None,
    };
    let header = header(bytes, format, said, 1);
    Ok(Decoded::new(
        header,
        PixelArray {
            frames: u32::from(!frames.is_none()),
            rows,
            cols,
            samples,
            data: PixelData::U8(data),
        },
    ))
}

pub(super) fn damaged(name: &str, error: &ImageError) -> DecodeError {
    match error {
        ImageError::Unsupported(what) if !matches!(what.kind(), UnsupportedErrorKind::GenericFeature(_)) => {
            DecodeError::unsupported(format!("this kind of {name} file is not read: {what}"))
        }
        ImageError::Limits(what) => DecodeError::limit(format!("the {name} file is too large: {what}")),
        ImageError::IoError(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => DecodeError::truncated(format!(
            "the {name} file ends early: it is truncated; copy it again from its source"
        )),
        other => DecodeError::corrupt(format!("the {name} file is damaged: {other}")),
    }
}
