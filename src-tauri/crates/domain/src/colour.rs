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
    let bits = u32::from(plane.bits_stored);
    let ybr = matches!(plane.colour, Colour::YbrFull | Colour::YbrPartial);
    let unsigned = matches!(pixels.data, PixelData::U8(_) | PixelData::U16(_) | PixelData::U32(_));
    if ybr && unsigned && (1..=32).contains(&bits) && bits != 8 {
        // Cut to eight bits first, a step of chroma would be several of colour.
        let mut samples = stored_integers(&pixels.data, frame)?;
        while let Some(first) = samples.next() {
            let pixel = [
                first,
                samples.next().unwrap_or_default(),
                samples.next().unwrap_or_default(),
            ];
            samples.by_ref().take(stride.saturating_sub(3)).for_each(drop);
            colours.extend(rgb_of_bits(pixel, bits, plane.colour == Colour::YbrPartial));
        }
        return Ok(colours);
    }
    let bytes = to_bytes(&pixels.data, frame, bits)?;
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

/// The eight highest of so many stored bits; fewer are stretched to eight.
fn cut(value: i64, bits: u32) -> u8 {
    let greatest = || (1_i64 << bits) - 1;
    let level = match bits {
        1..8 => (value.clamp(0, greatest()) * 255 + greatest() / 2) / greatest(),
        _ => value >> bits.saturating_sub(8),
    };
    level.clamp(0, 255) as u8
}

/// As [`cut`]; fractional samples over their own range.
fn to_bytes(data: &PixelData, frame: Range<usize>, bits_stored: u32) -> Result<Cow<'_, [u8]>, NoRoom> {
    let cut = |value: i64, signed: bool| {
        let middle = if signed { 1 << (bits_stored.max(1) - 1) } else { 0 };
        cut(value + middle, bits_stored)
    };
    Ok(Cow::Owned(match data {
        PixelData::U8(values) if !(1..8).contains(&bits_stored) => return Ok(Cow::Borrowed(&values[frame])),
        PixelData::U8(values) => gathered(values[frame].iter().map(|v| cut(i64::from(*v), false)))?,
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

/// PS3.3 C.7.6.3.1.2 in so many bits, whose middle is that of chroma.
fn rgb_of_bits(pixel: [i64; 3], bits: u32, partial: bool) -> [u8; 3] {
    let (middle, greatest) = ((1_u64 << (bits - 1)) as f64, ((1_u64 << bits) - 1) as f64);
    let [y, cb, cr] = pixel.map(|v| v as f64);
    let (luma, chroma) = match partial {
        // Of 256 levels luma has 219 from 16 on, and chroma 224.
        true => ((y - middle / 8.0) * 255.0 / 219.0, 255.0 / 224.0),
        false => (y, 1.0),
    };
    let (cb, cr) = ((cb - middle) * chroma, (cr - middle) * chroma);
    let rgb = [
        luma + 1.402 * cr,
        luma - 0.344_136 * cb - 0.714_136 * cr,
        luma + 1.772 * cb,
    ];
    rgb.map(|v| cut(v.round().clamp(0.0, greatest) as i64, bits))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PixelArray, testing::header};

    fn of(data: PixelData, bits: u16, photometric: &str) -> Result<Vec<u8>, NotShown> {
        let mut header = header();
        header.image.bits_stored = bits;
        header.image.samples = 3;
        header.image.photometric_interpretation = photometric.into();
        let pixels = PixelArray {
            frames: 1,
            rows: 1,
            cols: (data.len() / 3) as u32,
            samples: 3,
            data,
        };
        let decoded = Decoded::new(header, pixels);
        let all = 0..decoded.pixels.data.len();
        rgb(&decoded, &decoded.plane(0), all)
    }

    /// The least and the greatest of the stored values are black and white, in whatever word they lie.
    #[test]
    fn colours_of_any_number_of_bits_are_stretched_over_all_levels() -> Result<(), NotShown> {
        for bits in 1..=16_u16 {
            let greatest = ((1_u32 << bits) - 1) as u16;
            let values = [0, greatest, greatest / 2];
            let mut words = vec![PixelData::U16(values.to_vec())];
            if bits <= 8 {
                words.push(PixelData::U8(values.map(|v| v as u8).to_vec()));
            }
            for data in words {
                let half = match bits {
                    ..8 => (f64::from(greatest / 2) * 255.0 / f64::from(greatest)).round() as u8,
                    _ => ((greatest / 2) >> (bits - 8)) as u8,
                };
                assert_eq!(of(data, bits, "RGB")?, [0, 255, half], "{bits}");
            }
        }
        Ok(())
    }

    /// Every grey stays what it is, and a step of chroma is not lost in deep samples.
    #[test]
    fn deep_luma_and_chroma_are_converted_before_they_are_cut() -> Result<(), NotShown> {
        for bits in [9_u16, 10, 12, 16] {
            let middle = 1_u16 << (bits - 1);
            let greatest = ((1_u32 << bits) - 1) as u16;
            for y in [0, middle / 3, middle, greatest] {
                let grey = (y >> (bits - 8)) as u8;
                assert_eq!(
                    of(PixelData::U16(vec![y, middle, middle]), bits, "YBR_FULL")?,
                    [grey; 3]
                );
            }
            for (cb, cr) in [(middle / 2, middle), (middle, middle + middle / 3), (0, greatest)] {
                let (y, middle) = (f64::from(middle), f64::from(middle));
                let (b, r) = (f64::from(cb) - middle, f64::from(cr) - middle);
                let wanted = [y + 1.402 * r, y - 0.344_136 * b - 0.714_136 * r, y + 1.772 * b];
                let wanted = wanted.map(|v| (v.round().clamp(0.0, f64::from(greatest)) as u32 >> (bits - 8)) as u8);
                let seen = of(PixelData::U16(vec![1 << (bits - 1), cb, cr]), bits, "YBR_FULL")?;
                assert_eq!(seen, wanted, "{bits} {cb} {cr}");
            }
        }
        Ok(())
    }
}
