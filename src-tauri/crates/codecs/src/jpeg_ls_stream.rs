//! JPEG-LS streams (ISO/IEC 14495-1), in DICOM and as files, by CharLS.

use charls::CharLS;

use crate::jpeg_stream::{is_complete, segments};
use decode::DecodeError;

/// What the markers up to the first scan say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub precision: u8,
    pub rows: u16,
    pub cols: u16,
    pub components: u8,
    /// The largest error that was allowed; 0 is lossless.
    pub near: u8,
    /// Whether each component has a scan of its own: the codec gives planes then.
    pub planar: bool,
}

/// `None` when the stream is no JPEG-LS.
pub(crate) fn head(stream: &[u8]) -> Option<Head> {
    let mut frame: Option<[u8; 6]> = None;
    for (marker, body) in segments(stream) {
        match (marker, frame) {
            (0xf7, _) => frame = body.first_chunk::<6>().copied(),
            (0xda, Some([precision, r0, r1, c0, c1, components])) => {
                // NEAR, interleave mode, point transform.
                let &[near, interleave, _] = body.last_chunk::<3>()?;
                return Some(Head {
                    precision,
                    rows: u16::from_be_bytes([r0, r1]),
                    cols: u16::from_be_bytes([c0, c1]),
                    components,
                    near,
                    planar: components > 1 && interleave == 0,
                });
            }
            _ => {}
        }
    }
    None
}

/// All samples, interleaved.
pub(crate) fn decode(stream: &[u8], head: Head) -> Result<Vec<u16>, DecodeError> {
    // Of a stream that is cut CharLS may look for more without end; in coded data this marker cannot stand.
    if !is_complete(stream) {
        return Err(DecodeError::truncated(
            "the JPEG-LS data end early: the file is truncated; copy it again from its source",
        ));
    }
    let pixels = usize::from(head.rows) * usize::from(head.cols);
    let count = pixels * usize::from(head.components);
    let bytes = CharLS::default()
        .decode(stream)
        .map_err(|error| DecodeError::corrupt(format!("the JPEG-LS data are damaged or truncated: {error}")))?;
    let samples: Vec<u16> = if head.precision <= 8 {
        bytes.into_iter().map(u16::from).collect()
    } else {
        bytes
            .as_chunks::<2>()
            .0
            .iter()
            .map(|b| u16::from_ne_bytes(*b))
            .collect()
    };
    if samples.len() != count {
        return Err(DecodeError::corrupt(format!(
            "the JPEG-LS data give {} samples where {count} belong: they are damaged",
            samples.len()
        )));
    }
    if !head.planar {
        return Ok(samples);
    }
    let planes: Vec<&[u16]> = samples.chunks_exact(pixels.max(1)).collect();
    Ok((0..pixels)
        .flat_map(|pixel| planes.iter().filter_map(move |plane| plane.get(pixel).copied()))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use charls::{FrameInfo, InterleaveMode};

    type Done = Result<(), Box<dyn std::error::Error>>;

    const ROWS: u16 = 17;
    const COLS: u16 = 23;

    /// Smooth with noise, full range, as samples of `bits`.
    fn samples(bits: u8, components: usize) -> Vec<u16> {
        let top = (1_u32 << bits) - 1;
        let count = usize::from(ROWS) * usize::from(COLS) * components;
        let mut state = 12_345_u32;
        (0..count)
            .map(|at| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let smooth = (at as u32 * top / count as u32 + (state >> 28)) % (top + 1);
                smooth as u16
            })
            .collect()
    }

    fn encoded(bits: u8, components: usize, near: i32, mode: InterleaveMode) -> Result<Vec<u8>, charls::Error> {
        let samples = samples(bits, components);
        let pixels = usize::from(ROWS) * usize::from(COLS);
        // The encoder takes planes where it writes planes.
        let ordered: Vec<u16> = match mode {
            InterleaveMode::None => (0..components)
                .flat_map(|plane| (0..pixels).map(move |pixel| (plane, pixel)))
                .map(|(plane, pixel)| samples[pixel * components + plane])
                .collect(),
            _ => samples,
        };
        let bytes: Vec<u8> = if bits <= 8 {
            ordered.iter().map(|v| *v as u8).collect()
        } else {
            ordered.iter().flat_map(|v| v.to_ne_bytes()).collect()
        };
        let mut codec = CharLS::default();
        if components > 1 {
            codec.set_interleave_mode(mode)?;
        }
        let info = FrameInfo {
            width: u32::from(COLS),
            height: u32::from(ROWS),
            bits_per_sample: i32::from(bits),
            component_count: components as i32,
        };
        codec.encode(info, near, &bytes)
    }

    #[test]
    fn every_precision_error_and_interleave_comes_back() -> Done {
        let mut streams = 0;
        for bits in 2..=16_u8 {
            for near in [0, 1, 3] {
                for (components, mode) in [
                    (1, InterleaveMode::None),
                    (3, InterleaveMode::None),
                    (3, InterleaveMode::Line),
                    (3, InterleaveMode::Sample),
                ] {
                    if near > 0 && bits < 4 {
                        continue;
                    }
                    let what = format!("{bits} bits, near {near}, {components} components, {mode:?}");
                    let stream = encoded(bits, components, near, mode)?;
                    let head = head(&stream).ok_or("no header")?;
                    assert_eq!((head.precision, i32::from(head.near)), (bits, near), "{what}");
                    let back = decode(&stream, head)?;
                    let wrong = back
                        .iter()
                        .zip(samples(bits, components))
                        .filter(|(a, b)| i32::from(a.abs_diff(*b)) > near);
                    assert_eq!(
                        (back.len(), wrong.count()),
                        (samples(bits, components).len(), 0),
                        "{what}"
                    );
                    streams += 1;
                }
            }
        }
        assert!(streams > 150, "{streams} streams");
        Ok(())
    }

    #[test]
    fn every_cut_is_refused() -> Done {
        let stream = encoded(12, 1, 0, InterleaveMode::None)?;
        for cut in 0..stream.len() - 2 {
            let read = head(&stream[..cut]).is_some_and(|head| decode(&stream[..cut], head).is_ok());
            assert!(!read, "{cut} of {} bytes", stream.len());
        }
        Ok(())
    }
}
