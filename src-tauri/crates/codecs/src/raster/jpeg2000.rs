//! JPEG 2000 files and bare code streams, HTJ2K too: grey, RGB or YCbCr, palettes applied.

use domain::{Decoded, PixelData, SourceFormat};
use jpeg2k::{ColorSpace, DecodeParameters, Image};

use super::header::{Asked, Picture, Samples};
use crate::{
    frames::Frames,
    jpeg2000_stream::{code_streams, is_whole, siz},
    note,
    opacity::Beside,
};
use decode::{DecodeError, limits::Declared};

pub(crate) fn decode(asked: &Asked<'_>) -> Result<Decoded, DecodeError> {
    let bytes = asked.bytes;
    let size = siz(bytes)
        .ok_or_else(|| DecodeError::corrupt("the JPEG 2000 file has no code stream: it is truncated or damaged"))?;
    if size.precision > 16 {
        return Err(DecodeError::unsupported(format!(
            "JPEG 2000 files of {} bits a sample are not read; up to 16 bits are",
            size.precision
        )));
    }
    let frames = Frames::of(asked.wanted, 1)?;
    let declared = Declared {
        bits: u64::from(size.precision),
        // A palette makes three samples of one.
        ..Declared::frame(size.rows, size.cols, u32::from(size.components).max(3))
    };
    let total = asked.limits.check(&declared, bytes.len() as u64)?;
    if !is_whole(bytes) {
        return Err(DecodeError::truncated(
            "the JPEG 2000 file lacks parts of its tiles: it is truncated; copy it again from its source",
        ));
    }
    (asked.on_declared)(total);
    // What it holds is known when it is decoded: a palette, transparency.
    let image = Image::from_bytes_with(bytes, DecodeParameters::new().strict(true))
        .map_err(|error| DecodeError::corrupt(format!("the JPEG 2000 file is damaged or truncated: {error}")))?;
    let components = image.components();
    let alike = components
        .first()
        .map(|first| (first.width(), first.height(), first.precision(), first.is_signed()));
    let Some((cols, rows, precision, signed)) = alike.filter(|first| {
        let others = components
            .iter()
            .map(|c| (c.width(), c.height(), c.precision(), c.is_signed()));
        others.into_iter().all(|other| other == *first)
    }) else {
        return Err(DecodeError::unsupported(
            "JPEG 2000 files with components of different sizes or depths are not read",
        ));
    };
    let photometric = match (components.len(), image.color_space()) {
        (1 | 2, _) => "MONOCHROME2",
        (3, ColorSpace::SYCC) => "YBR_FULL",
        (3 | 4, ColorSpace::SRGB | ColorSpace::Unspecified | ColorSpace::Unknown) => "RGB",
        (count, space) => {
            return Err(DecodeError::unsupported(format!(
                "JPEG 2000 files of {count} components in the colour space {space:?} are not read; grey and RGB are"
            )));
        }
    };
    let count = components.len();
    let pixels = rows as usize * cols as usize;
    let values = (0..pixels).flat_map(|pixel| {
        components
            .iter()
            .map(move |component| component.data().get(pixel).copied().unwrap_or(0))
    });
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "of at most so many bits"
    )]
    let data = match (signed, precision) {
        _ if frames.is_none() => PixelData::U8(vec![]),
        (false, ..=8) => PixelData::U8(values.map(|v| v as u8).collect()),
        (true, ..=8) => PixelData::I8(values.map(|v| v as i8).collect()),
        (false, _) => PixelData::U16(values.map(|v| v as u16).collect()),
        (true, _) => PixelData::I16(values.map(|v| v as i16).collect()),
    };
    let bits = u16::try_from(precision).unwrap_or(16);
    let more = code_streams(bytes).saturating_sub(1);
    let mut notes: Vec<_> = (more > 0).then(|| note::more_images(more)).into_iter().collect();
    // By the channel definitions of JP2 (ISO/IEC 15444-1 I.5.3.6), which a bare code stream has not.
    let beside = match components.last().is_some_and(|last| last.is_alpha()) {
        true => Beside::Opacity,
        false => Beside::Unknown,
    };
    notes.extend(beside.told(&data, u32::try_from(count).unwrap_or(1), bits));
    let said = Samples {
        photometric,
        bits_allocated: bits.next_multiple_of(8),
        bits_stored: bits,
        lossy: !size.reversible,
        palette: None,
    };
    Ok(Picture {
        format: SourceFormat::Jpeg2000,
        frames: 1,
        kept: u32::from(!frames.is_none()),
        rows,
        cols,
        samples: u32::try_from(count).unwrap_or(1),
        data,
        notes,
    }
    .decoded(bytes, said))
}
