//! Any colour image as RGB of 8 bits a channel, as it is seen. Transparency is ignored: what the
//! model saw is what is shown.

use std::borrow::Cow;
use std::ops::Range;

use crate::not_shown::NotShown;
use crate::room::{NoRoom, gathered, room_for};
use crate::{Colour, Decoded, PixelData, Plane};

/// Red, green, blue of each pixel of `frame`, whose place in the samples is given.
pub(crate) fn rgb(decoded: &Decoded, plane: &Plane, frame: Range<usize>) -> Result<Vec<u8>, NotShown> {
    let pixels = &decoded.pixels;
    if let (Colour::Palette, Some(palette)) = (plane.colour, &decoded.header.image.palette) {
        let table: Vec<[u8; 3]> = palette.colours.iter().map(|c| c.map(|v| (v >> 8) as u8)).collect();
        let last = table.len().saturating_sub(1) as i64;
        let first = i64::from(palette.first);
        let colour = |stored: i64| {
            let place = (stored - first).clamp(0, last) as usize;
            table.get(place).copied().unwrap_or_default()
        };
        let mut colours = room_for(3 * frame.len())?;
        stored_integers(&pixels.data, frame)?.for_each(|stored| colours.extend(colour(stored)));
        return Ok(colours);
    }
    let stride = pixels.samples as usize;
    let mut colours = room_for(frame.len() / stride * 3)?;
    let bytes = to_bytes(&pixels.data, frame, u32::from(plane.bits_stored))?;
    let rgb: fn([u8; 3]) -> [u8; 3] = match plane.colour {
        Colour::YbrPartial => rgb_from_partial,
        Colour::YbrFull => rgb_from_full,
        _ => |colour| colour,
    };
    let pixels = bytes.chunks_exact(stride).filter_map(|pixel| pixel.first_chunk::<3>());
    pixels.for_each(|pixel| colours.extend(rgb(*pixel)));
    Ok(colours)
}

fn stored_integers(data: &PixelData, frame: Range<usize>) -> Result<Box<dyn Iterator<Item = i64> + '_>, NotShown> {
    Ok(match data {
        PixelData::U8(values) => Box::new(values[frame].iter().map(|v| i64::from(*v))),
        PixelData::I8(values) => Box::new(values[frame].iter().map(|v| i64::from(*v))),
        PixelData::U16(values) => Box::new(values[frame].iter().map(|v| i64::from(*v))),
        PixelData::I16(values) => Box::new(values[frame].iter().map(|v| i64::from(*v))),
        PixelData::U32(values) => Box::new(values[frame].iter().map(|v| i64::from(*v))),
        PixelData::I32(values) => Box::new(values[frame].iter().map(|v| i64::from(*v))),
        PixelData::F32(_) | PixelData::F64(_) => return Err(NotShown::PaletteOfFractions),
    })
}

/// The eight highest of the stored bits; fractional samples over their own range.
fn to_bytes(data: &PixelData, frame: Range<usize>, bits_stored: u32) -> Result<Cow<'_, [u8]>, NoRoom> {
    let shift = bits_stored.saturating_sub(8);
    let cut = |value: i64, signed: bool| {
        let value = if signed {
            value + (1 << (bits_stored.max(1) - 1))
        } else {
            value
        };
        (value >> shift).clamp(0, 255) as u8
    };
    Ok(Cow::Owned(match data {
        PixelData::U8(values) => return Ok(Cow::Borrowed(&values[frame])),
        PixelData::I8(values) => gathered(values[frame].iter().map(|v| cut(i64::from(*v), true)))?,
        PixelData::U16(values) => gathered(values[frame].iter().map(|v| cut(i64::from(*v), false)))?,
        PixelData::I16(values) => gathered(values[frame].iter().map(|v| cut(i64::from(*v), true)))?,
        PixelData::U32(values) => gathered(values[frame].iter().map(|v| cut(i64::from(*v), false)))?,
        PixelData::I32(values) => gathered(values[frame].iter().map(|v| cut(i64::from(*v), true)))?,
        PixelData::F32(values) => stretched(values[frame].iter().map(|v| f64::from(*v)))?,
        PixelData::F64(values) => stretched(values[frame].iter().copied())?,
    }))
}

fn stretched(values: impl ExactSizeIterator<Item = f64> + Clone) -> Result<Vec<u8>, NoRoom> {
    let finite = values.clone().filter(|v| v.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let span = if high > low { high - low } else { 1.0 };
    let shown = |v: f64| {
        if v.is_nan() {
            0
        } else {
            ((v - low) / span * 255.0).clamp(0.0, 255.0).round() as u8
        }
    };
    gathered(values.map(shown))
}

/// PS3.3 C.7.6.3.1.2, YBR_FULL.
fn rgb_from_full([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    mixed(f32::from(y), f32::from(cb) - 128.0, f32::from(cr) - 128.0)
}

/// PS3.3 C.7.6.3.1.2, YBR_PARTIAL: luma 16..=235, chroma 16..=240.
fn rgb_from_partial([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    let chroma = |v: u8| (f32::from(v) - 128.0) * 255.0 / 224.0;
    mixed((f32::from(y) - 16.0) * 255.0 / 219.0, chroma(cb), chroma(cr))
}

fn mixed(y: f32, cb: f32, cr: f32) -> [u8; 3] {
    [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb].map(|v| v.round().clamp(0.0, 255.0) as u8)
}
