//! RLE Lossless (PS3.5 annex G): PackBits over byte planes.

use super::shape::Shape;
use decode::DecodeError;

/// A run of 128 equal bytes takes two.
const MAX_RATIO: u64 = 64;

/// Refuses a picture that cannot possibly come out of so few bytes, before it is allocated.
pub(super) fn check(frames: &[impl AsRef<[u8]>], declared: u64) -> Result<(), DecodeError> {
    let stored: u64 = frames.iter().map(|f| f.as_ref().len() as u64).sum();
    if declared > stored.saturating_mul(MAX_RATIO) {
        return Err(DecodeError::truncated(format!(
            "{stored} bytes of RLE data cannot hold an image of {declared} bytes: the file is truncated or damaged"
        )));
    }
    Ok(())
}

/// Decodes one frame into `out` (little-endian samples, interleaved).
pub(super) fn decode_frame(frame: &[u8], shape: &Shape, out: &mut [u8]) -> Result<(), DecodeError> {
    let header = frame
        .first_chunk::<64>()
        .ok_or_else(|| DecodeError::truncated("an RLE frame is shorter than its header"))?;
    let words: Vec<usize> = header
        .as_chunks::<4>()
        .0
        .iter()
        .map(|b| u32::from_le_bytes(*b) as usize)
        .collect();
    let width = shape.sample_type.bytes();
    let segments = shape.samples as usize * width;
    if words[0] != segments || segments > 15 {
        return Err(DecodeError::corrupt(format!(
            "an RLE frame has {} segments where {segments} belong",
            words[0]
        )));
    }
    for segment in 0..segments {
        let start = words[1 + segment];
        let end = if segment + 1 < segments {
            words[2 + segment]
        } else {
            frame.len()
        };
        let packed = frame
            .get(start..end)
            .filter(|_| start >= 64)
            .ok_or_else(|| DecodeError::corrupt("an RLE segment lies outside its frame: the file is damaged"))?;
        // The planes of a sample run from its highest byte to its lowest (G.2).
        let (sample, byte) = (segment / width, width - 1 - segment % width);
        if shape.bits_allocated == 1 {
            unpack_bits(packed, &mut out[sample..], segments, shape.frame_pixels())?;
            continue;
        }
        unpack(
            packed,
            &mut out[sample * width + byte..],
            segments,
            shape.frame_pixels(),
        )?;
    }
    Ok(())
}

/// Of single bits eight lie in a byte, the first pixel lowest (PS3.5 8.1.1); some writers give each a byte.
fn unpack_bits(packed: &[u8], out: &mut [u8], step: usize, count: usize) -> Result<(), DecodeError> {
    let mut bytes = vec![0; count];
    if count > 8 && unpack(packed, &mut bytes, 1, count).is_ok() {
        out.iter_mut()
            .step_by(step)
            .zip(bytes)
            .for_each(|(to, byte)| *to = byte & 1);
        return Ok(());
    }
    unpack(packed, &mut bytes, 1, count.div_ceil(8))?;
    let bits = bytes.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1));
    out.iter_mut()
        .step_by(step)
        .zip(bits)
        .take(count)
        .for_each(|(to, bit)| *to = bit);
    Ok(())
}

/// Writes `count` bytes to every `step`-th place of `out`.
fn unpack(packed: &[u8], out: &mut [u8], step: usize, count: usize) -> Result<(), DecodeError> {
    let mut places = out.iter_mut().step_by(step).take(count);
    let mut left = count;
    let mut rest = packed;
    while left > 0 {
        let Some((&control, tail)) = rest.split_first() else {
            return Err(ends_early(left));
        };
        let length = match control {
            0..=127 => {
                let length = usize::from(control) + 1;
                let literal = tail
                    .get(..length)
                    .or_else(|| (length > left).then(|| tail.get(..left)).flatten());
                let literal = literal.ok_or_else(|| ends_early(left))?;
                literal.iter().zip(&mut places).for_each(|(from, to)| *to = *from);
                rest = &tail[literal.len()..];
                length
            }
            128 => {
                rest = tail;
                0
            }
            _ => {
                let length = 257 - usize::from(control);
                let (&value, after) = tail.split_first().ok_or_else(|| ends_early(left))?;
                places.by_ref().take(length).for_each(|to| *to = value);
                rest = after;
                length
            }
        };
        left = left.saturating_sub(length);
    }
    Ok(())
}

fn ends_early(left: usize) -> DecodeError {
    DecodeError::truncated(format!(
        "an RLE segment ends {left} bytes early: the file is truncated or damaged"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::FailureCode;

    #[test]
    fn runs_and_literals_unpack() -> Result<(), DecodeError> {
        // The example of the TIFF 6.0 specification, section 9.
        let packed = [
            0xfe, 0xaa, 0x02, 0x80, 0x00, 0x2a, 0xfd, 0xaa, 0x03, 0x80, 0x00, 0x2a, 0x22, 0xf7, 0xaa,
        ];
        let plain = [
            0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0xaa, 0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0x22, 0xaa, 0xaa, 0xaa, 0xaa,
            0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
        ];
        let mut out = [0; 24];
        unpack(&packed, &mut out, 1, 24)?;
        assert_eq!(out, plain);
        let mut spread = [0; 48];
        unpack(&packed, &mut spread, 2, 24)?;
        assert!(spread.iter().step_by(2).eq(&plain));
        assert!(spread.iter().skip(1).step_by(2).all(|b| *b == 0));
        Ok(())
    }

    #[test]
    fn single_bits_are_spread_out_and_bytes_of_one_bit_kept() -> Result<(), DecodeError> {
        let mut out = [9; 12];
        unpack_bits(&[0x01, 0b1000_0101, 0b0000_1010], &mut out, 1, 12)?;
        assert_eq!(out, [1, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 1]);
        unpack_bits(&[0xff, 1, 0xf7, 0], &mut out, 1, 12)?;
        assert_eq!(out, [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert!(unpack_bits(&[0x00, 1], &mut out, 1, 12).is_err());
        Ok(())
    }

    #[test]
    fn every_cut_is_noticed() {
        let packed = [0xfe, 0xaa, 0x02, 0x80, 0x00, 0x2a];
        for cut in 0..packed.len() {
            let code = unpack(&packed[..cut], &mut [0; 6], 1, 6).map_err(|e| e.code);
            assert_eq!(code, Err(FailureCode::Truncated), "{cut} bytes");
        }
    }
}
