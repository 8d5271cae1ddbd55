//! Uncompressed pixel data (PS3.5 section 8).

use std::{borrow::Cow, ops::Range};

use super::{data_set::Encoding, shape::Shape};
use decode::{DecodeError, limits::in_memory};

/// All frames as little-endian samples, interleaved. `words`: the element's VR is OW, so that in a
/// big-endian file 8-bit samples lie two to a swapped word.
pub(super) fn decode(bytes: &[u8], shape: &Shape, encoding: Encoding, words: bool) -> Result<Vec<u8>, DecodeError> {
    check(bytes, shape)?;
    let (subsampled, needed) = stored_as(bytes, shape);
    let Some(stored) = bytes.get(..needed) else {
        return Err(DecodeError::truncated(format!(
            "the pixel data hold {} bytes, but {needed} are needed for {} frames of {} x {} pixels",
            bytes.len(),
            shape.frames,
            shape.rows,
            shape.cols
        )));
    };
    let narrow = shape.sample_type.bytes() == 1 || shape.bits_allocated == 12;
    let swapped = encoding.big_endian && words && narrow;
    // The last sample may lie in the second half of its word.
    let stored = match swapped {
        true => bytes.get(..needed.next_multiple_of(2)).unwrap_or(stored),
        false => stored,
    };
    if shape.bits_allocated == 1 {
        return Ok(unpack_bits(&unswapped(stored, swapped), in_memory(shape.total_bytes)?));
    }
    if shape.bits_allocated == 12 {
        let mut samples = unpack_12(&unswapped(stored, swapped), in_memory(shape.total_bytes)?);
        if shape.planar {
            interleave(&mut samples, shape);
        }
        return Ok(samples);
    }
    if subsampled {
        return Ok(upsample_422(&unswapped(stored, swapped)));
    }
    let mut samples = stored.to_vec();
    if encoding.big_endian {
        let width = if shape.sample_type.bytes() == 1 && words {
            2
        } else {
            shape.sample_type.bytes()
        };
        samples.chunks_exact_mut(width).for_each(<[u8]>::reverse);
    }
    samples.truncate(needed);
    if shape.planar {
        interleave(&mut samples, shape);
    }
    Ok(samples)
}

/// Bytes that lie two to a swapped word, in their order.
fn unswapped(bytes: &[u8], swapped: bool) -> Cow<'_, [u8]> {
    if !swapped {
        return Cow::Borrowed(bytes);
    }
    let mut turned = bytes.to_vec();
    turned.as_chunks_mut::<2>().0.iter_mut().for_each(|pair| pair.reverse());
    Cow::Owned(turned)
}

/// Whether the colour is subsampled, and how many bytes the whole picture takes in the file.
fn stored_as(bytes: &[u8], shape: &Shape) -> (bool, usize) {
    // Some files declare 4:2:2 and store every sample.
    let subsampled = matches!(shape.photometric.as_str(), "YBR_FULL_422" | "YBR_PARTIAL_422")
        && shape.bits_allocated == 8
        && shape.samples == 3
        && (bytes.len() as u64) < shape.total_bytes;
    let needed = match shape.bits_allocated {
        1 => shape.total_bytes.div_ceil(8),
        12 => (shape.total_bytes / 2 * 12).div_ceil(8),
        // Two samples a pixel (PS3.3 C.7.6.3.1.2); widths are even then.
        _ if subsampled => shape.total_bytes / 3 * 2,
        _ => shape.total_bytes,
    };
    (subsampled, usize::try_from(needed).unwrap_or(usize::MAX))
}

/// Refuses what has no defined order of its samples.
pub(super) fn check(bytes: &[u8], shape: &Shape) -> Result<(), DecodeError> {
    let (subsampled, _) = stored_as(bytes, shape);
    if subsampled && !shape.cols.is_multiple_of(2) {
        return Err(DecodeError::unsupported(format!(
            "the colours are subsampled ({}) over {} columns; DICOM allows an even number alone, so export the image as RGB",
            shape.photometric, shape.cols
        )));
    }
    Ok(())
}

/// How many whole frames so many bytes hold.
pub(super) fn frames_in(bytes: &[u8], shape: &Shape) -> u64 {
    let (_, all) = stored_as(bytes, shape);
    let have = bytes.len() as u64;
    if have >= all as u64 {
        let one = (all as u64).div_ceil(u64::from(shape.frames));
        // What is behind tiny frames is padding.
        let more = if one > 2 { (have - all as u64) / one } else { 0 };
        return u64::from(shape.frames) + more;
    }
    let one = match shape.bits_allocated {
        bits @ (1 | 12) => shape.frame_samples() as u64 * u64::from(bits),
        _ => (all / shape.frames as usize) as u64 * 8,
    };
    have * 8 / one.max(1)
}

/// The bytes of some frames; `None` where frames do not begin at a byte, or at a word of a big-endian file, and
/// where the file is too short for all of them.
pub(super) fn frames_of<'a>(
    bytes: &'a [u8],
    shape: &Shape,
    encoding: Encoding,
    words: bool,
    frames: &Range<u32>,
) -> Option<&'a [u8]> {
    let (_, needed) = stored_as(bytes, shape);
    let of = shape.frames as usize;
    let one = needed / of;
    let bits = shape.frame_samples() as u64 * u64::from(shape.bits_allocated);
    let at_a_byte = needed.is_multiple_of(of) && bits.is_multiple_of(8);
    let at_a_word = !(encoding.big_endian && words) || one.is_multiple_of(2);
    let all = bytes.get(..needed).filter(|_| at_a_byte && at_a_word)?;
    all.get(frames.start as usize * one..frames.end as usize * one)
}

/// The first pixel is the lowest bit (PS3.5 8.2); frames follow one another without padding.
fn unpack_bits(bytes: &[u8], count: usize) -> Vec<u8> {
    (0..count).map(|i| bytes[i / 8] >> (i % 8) & 1).collect()
}

/// Two samples in three bytes, the lowest bit first, as `count` bytes of samples of 16 bits.
fn unpack_12(bytes: &[u8], count: usize) -> Vec<u8> {
    let pair = |three: &[u8]| {
        let at = |place: usize| u16::from(three.get(place).copied().unwrap_or(0));
        [at(0) | (at(1) & 15) << 8, at(1) >> 4 | at(2) << 4]
    };
    let samples = bytes.chunks(3).flat_map(pair);
    samples.flat_map(u16::to_le_bytes).take(count).collect()
}

/// `Y1 Y2 Cb Cr` becomes two pixels of Y Cb Cr.
fn upsample_422(bytes: &[u8]) -> Vec<u8> {
    bytes
        .as_chunks::<4>()
        .0
        .iter()
        .flat_map(|[y1, y2, cb, cr]| [*y1, *cb, *cr, *y2, *cb, *cr])
        .collect()
}

/// Planes of each frame to interleaved samples.
fn interleave(samples: &mut [u8], shape: &Shape) {
    let width = shape.sample_type.bytes();
    let (pixels, planes) = (shape.frame_pixels(), shape.samples as usize);
    let mut planar = vec![0; shape.frame_bytes()];
    for frame in samples.chunks_exact_mut(shape.frame_bytes()) {
        planar.copy_from_slice(frame);
        for (plane, values) in planar.chunks_exact(pixels * width).enumerate() {
            for (pixel, value) in values.chunks_exact(width).enumerate() {
                let to = (pixel * planes + plane) * width;
                frame[to..to + width].copy_from_slice(value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::FailureCode;

    use super::*;
    use decode::limits::Declared;
    use domain::SampleType;

    fn shape(bits: u32, samples: u32, sample_type: SampleType) -> Shape {
        let total = 2 * 2 * 2 * u64::from(samples) * sample_type.bytes() as u64;
        Shape {
            frames: 2,
            rows: 2,
            cols: 2,
            samples,
            bits_allocated: bits,
            bits_stored: bits,
            signed: false,
            shift: 0,
            planar: samples > 1,
            photometric: "RGB".into(),
            sample_type,
            declared: Declared::frame(2, 2, samples),
            total_bytes: total,
        }
    }

    #[test]
    fn planes_become_pixels_frame_by_frame() -> Result<(), DecodeError> {
        let stored = b"rstuRSTUrrrr12345678abcd";
        let shape = Shape {
            total_bytes: 24,
            ..shape(8, 3, SampleType::U8)
        };
        assert_eq!(
            decode(stored, &shape, Encoding::EXPLICIT, false)?,
            b"rRrsSrtTruUr15a26b37c48d"
        );
        Ok(())
    }

    #[test]
    fn words_of_a_big_endian_file_are_turned() -> Result<(), DecodeError> {
        let big = Encoding::EXPLICIT_BIG_ENDIAN;
        let wide = Shape {
            total_bytes: 16,
            ..shape(16, 1, SampleType::U16)
        };
        assert_eq!(decode(b"abcdefghijklmnop", &wide, big, true)?, b"badcfehgjilknmpo");
        let narrow = Shape {
            total_bytes: 8,
            ..shape(8, 1, SampleType::U8)
        };
        assert_eq!(decode(b"abcdefgh", &narrow, big, true)?, b"badcfehg");
        assert_eq!(decode(b"abcdefgh", &narrow, big, false)?, b"abcdefgh");
        // The pad of an odd number of samples stands before the last of them.
        let odd = Shape {
            rows: 1,
            cols: 3,
            frames: 1,
            total_bytes: 3,
            ..shape(8, 1, SampleType::U8)
        };
        assert_eq!(decode(b"ba0c", &odd, big, true)?, b"abc");
        Ok(())
    }

    #[test]
    fn bits_and_subsampled_colour_are_spread_out() -> Result<(), DecodeError> {
        let bits = Shape {
            planar: false,
            ..shape(1, 1, SampleType::U8)
        };
        assert_eq!(
            decode(&[0b1000_0101], &bits, Encoding::EXPLICIT, false)?,
            [1, 0, 1, 0, 0, 0, 0, 1]
        );
        let two = Shape {
            frames: 4,
            total_bytes: 16,
            ..bits.clone()
        };
        assert_eq!(
            decode(&[0xff, 0b1000_0101], &two, Encoding::EXPLICIT_BIG_ENDIAN, true)?,
            [1, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1]
        );
        let ybr = Shape {
            photometric: "YBR_FULL_422".into(),
            planar: false,
            ..shape(8, 3, SampleType::U8)
        };
        let stored = b"12bc34de56fg78hi";
        assert_eq!(
            decode(stored, &ybr, Encoding::EXPLICIT, false)?,
            b"1bc2bc3de4de5fg6fg7hi8hi"
        );
        Ok(())
    }

    /// Every number of samples, even and odd, in both orders, frames of half a byte too.
    #[test]
    fn samples_of_twelve_bits_lie_one_behind_the_other() -> Result<(), Box<dyn std::error::Error>> {
        for (cols, frames) in [(1, 1), (2, 1), (3, 1), (3, 2), (3, 3), (4, 3)] {
            let values: Vec<u16> = (0..cols * frames).map(|at| (0x5A1 * (at as u16 + 1)) & 0xFFF).collect();
            let mut packed = vec![0_u8; (values.len() * 12).div_ceil(8).next_multiple_of(2)];
            for (at, value) in values.iter().enumerate() {
                for bit in (0..12).filter(|bit| value >> bit & 1 == 1) {
                    packed[(at * 12 + bit) / 8] |= 1 << ((at * 12 + bit) % 8);
                }
            }
            let shape = Shape {
                rows: 1,
                cols: cols as u32,
                frames: frames as u32,
                total_bytes: 2 * values.len() as u64,
                ..shape(12, 1, SampleType::U16)
            };
            let wanted: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
            assert_eq!(
                decode(&packed, &shape, Encoding::EXPLICIT, true)?,
                wanted,
                "{cols} {frames}"
            );
            assert_eq!(frames_in(&packed, &shape), frames as u64);
            if let Some(last) = frames_of(
                &packed,
                &shape,
                Encoding::EXPLICIT,
                true,
                &(frames as u32 - 1..frames as u32),
            ) {
                let one = decode(last, &shape.of_frames(1), Encoding::EXPLICIT, true)?;
                assert_eq!(one, wanted[wanted.len() - 2 * cols..]);
            }
            packed.as_chunks_mut::<2>().0.iter_mut().for_each(|pair| pair.reverse());
            assert_eq!(decode(&packed, &shape, Encoding::EXPLICIT_BIG_ENDIAN, true)?, wanted);
        }
        let signed = Shape {
            signed: true,
            frames: 1,
            ..shape(12, 1, SampleType::I16)
        };
        let samples = signed.samples_of([0x0FFF_u16, 0x07FF].map(u16::to_le_bytes).concat(), true);
        assert_eq!(samples, Some(domain::PixelData::I16(vec![-1, 2047])));
        Ok(())
    }

    #[test]
    fn signed_samples_carry_their_sign_to_the_top() -> Result<(), Box<dyn std::error::Error>> {
        let shape = Shape {
            bits_stored: 12,
            signed: true,
            ..shape(16, 1, SampleType::I16)
        };
        let stored: Vec<u8> = [0x0fff_u16, 0x0800, 0x07ff, 0xf001]
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect();
        let samples = shape.samples_of(stored, true).ok_or("the bytes are whole samples")?;
        assert_eq!(samples, domain::PixelData::I16(vec![-1, -2048, 2047, 1]));
        Ok(())
    }

    /// Every width, place and sign of the stored bits in a word, with whatever lies beside them.
    #[test]
    fn only_the_stored_bits_count_wherever_they_lie() -> Result<(), Box<dyn std::error::Error>> {
        for (allocated, unsigned, signed) in [
            (8, SampleType::U8, SampleType::I8),
            (16, SampleType::U16, SampleType::I16),
            (32, SampleType::U32, SampleType::I32),
        ] {
            for stored in 1..=allocated {
                for shift in 0..=allocated - stored {
                    let mask = u64::MAX >> (64 - stored);
                    let values = [0, 1, mask / 3, mask / 2, mask / 2 + 1, mask];
                    let dirt = [0, 0x5555_5555_u64, u64::MAX];
                    for (value, dirt) in values.iter().flat_map(|value| dirt.map(|dirt| (*value & mask, dirt))) {
                        let word = (value << shift) | (dirt & !(mask << shift));
                        let bytes = word.to_le_bytes()[..allocated as usize / 8].to_vec();
                        let with = |sample_type, is_signed| Shape {
                            bits_stored: stored,
                            shift,
                            signed: is_signed,
                            ..shape(allocated, 1, sample_type)
                        };
                        let plain = i64::try_from(value)?;
                        let below = plain - if value > mask / 2 { 1 << stored } else { 0 };
                        let seen =
                            |shape: Shape| shape.samples_of(bytes.clone(), true).map(|data| data.range_and_mean());
                        let what = format!("{value} of {stored} bits at {shift} of {allocated}, beside it {dirt:x}");
                        assert_eq!(
                            seen(with(unsigned, false)).map(|seen| seen.0),
                            Some(plain as f64),
                            "{what}"
                        );
                        assert_eq!(
                            seen(with(signed, true)).map(|seen| seen.0),
                            Some(below as f64),
                            "{what}"
                        );
                    }
                }
            }
        }
        Ok(())
    }

    #[test]
    fn too_few_bytes_are_truncated() {
        let shape = shape(16, 1, SampleType::U16);
        let short = decode(&[0; 15], &shape, Encoding::EXPLICIT, false).map_err(|e| e.code);
        assert_eq!(short, Err(FailureCode::Truncated));
    }
}
