//! JPEG baseline, extended (8 bit) and lossless (ISO/IEC 10918-1) as they lie in DICOM: samples as they
//! were coded, without the change of colour that a viewer makes.

use jpeg_decoder::{ColorTransform, Decoder};

use super::shape::Shape;
use crate::jpeg_markers;
use decode::DecodeError;

/// What a frame header (SOF) and the application markers before it say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FrameHeader {
    /// The SOF marker's low nibble: 0, 1 and 2 are DCT, 3 is lossless.
    pub process: u8,
    pub precision: u8,
    pub rows: u16,
    pub cols: u16,
    pub components: u8,
    /// How three components are coded where a marker says so.
    pub rgb: Option<bool>,
}

/// Reads the markers up to the frame header. `None` when there is none.
pub(super) fn frame_header(stream: &[u8]) -> Option<FrameHeader> {
    let mut rgb = None;
    for (marker, body) in jpeg_markers::segments(stream) {
        match marker {
            // DHT, JPG and DAC lie in the same range and are no frame headers.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let &[precision, r0, r1, c0, c1, components, ..] = body else {
                    return None;
                };
                let ids = [6, 9, 12].map(|at| body.get(at).copied());
                if rgb.is_none() && ids == [Some(b'R'), Some(b'G'), Some(b'B')] {
                    rgb = Some(true);
                }
                let (rows, cols) = (u16::from_be_bytes([r0, r1]), u16::from_be_bytes([c0, c1]));
                return Some(FrameHeader {
                    process: marker & 0x0f,
                    precision,
                    rows,
                    cols,
                    components,
                    rgb,
                });
            }
            0xe0 if body.starts_with(b"JFIF\0") => rgb = Some(false),
            // The transform flag of Adobe's marker: 0 none, 1 YCbCr.
            0xee if body.starts_with(b"Adobe") => rgb = body.get(11).map(|transform| *transform == 0).or(rgb),
            _ => {}
        }
    }
    None
}

/// Checks one frame against what the data set declares, before it is decoded.
pub(super) fn check(stream: &[u8], shape: &Shape) -> Result<FrameHeader, DecodeError> {
    let head = frame_header(stream).ok_or_else(|| {
        DecodeError::corrupt("a frame is no JPEG code stream, though the file says so: it is damaged or mislabelled")
    })?;
    let declared = (shape.rows, shape.cols, shape.samples);
    let found = (u32::from(head.rows), u32::from(head.cols), u32::from(head.components));
    if declared != found {
        return Err(DecodeError::corrupt(format!(
            "the JPEG frame has {} x {} pixels of {} samples, but the file declares {} x {} of {}",
            found.0, found.1, found.2, declared.0, declared.1, declared.2
        )));
    }
    if head.process > 3 || (head.process < 3 && head.precision != 8) {
        return Err(DecodeError::unsupported(format!(
            "JPEG with {} bits a sample (process {}) is not decoded; 8 bits, or lossless, are",
            head.precision, head.process
        )));
    }
    if !matches!(head.components, 1 | 3) {
        let message = format!(
            "JPEG with {} samples a pixel is not decoded; 1 or 3 are",
            head.components
        );
        return Err(DecodeError::unsupported(message));
    }
    if u32::from(head.precision).div_ceil(8) * 8 > shape.bits_allocated.max(8) {
        return Err(DecodeError::corrupt(format!(
            "the JPEG frame has {} bits a sample, but the file allocates {}",
            head.precision, shape.bits_allocated
        )));
    }
    Ok(head)
}

/// Decodes one frame, checked before, into `out` (little-endian samples, interleaved).
pub(super) fn decode_frame(stream: &[u8], head: FrameHeader, shape: &Shape, out: &mut [u8]) -> Result<(), DecodeError> {
    let mut decoder = Decoder::new(stream);
    if head.components == 3 {
        // Leaves the samples as they are; `None` would leave each line in planes.
        decoder.set_color_transform(ColorTransform::RGB);
    }
    decoder.set_max_decoding_buffer_size(shape.frame_samples() * 2);
    let decoded = decoder.decode().map_err(|error| damaged(&error))?;
    // Of lossless streams only those of exactly 8 bits come as bytes, all others as native 16-bit words.
    let wide = head.process == 3 && head.precision != 8;
    let expected = shape.frame_samples() * if wide { 2 } else { 1 };
    if decoded.len() != expected {
        return Err(DecodeError::truncated(format!(
            "a JPEG frame gives {} bytes where {expected} belong: the file is truncated or damaged",
            decoded.len()
        )));
    }
    let width = shape.sample_type.bytes();
    match (wide, width) {
        (false, 1) => out.copy_from_slice(&decoded),
        (false, _) => out.chunks_exact_mut(width).zip(&decoded).for_each(|(to, from)| {
            to.fill(0);
            to[0] = *from;
        }),
        (true, _) => out
            .chunks_exact_mut(width)
            .zip(decoded.as_chunks::<2>().0)
            .for_each(|(to, from)| {
                let value = u32::from(u16::from_ne_bytes(*from)).to_le_bytes();
                to.copy_from_slice(&value[..width.min(4)]);
            }),
    }
    Ok(())
}

fn damaged(error: &jpeg_decoder::Error) -> DecodeError {
    match error {
        jpeg_decoder::Error::Unsupported(feature) => {
            DecodeError::unsupported(format!("this kind of JPEG is not decoded: {feature:?}"))
        }
        jpeg_decoder::Error::Io(_) => {
            DecodeError::truncated("a JPEG frame ends early: the file is truncated; copy it again from its source")
        }
        other => DecodeError::corrupt(format!("a JPEG frame is damaged: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frame_header_is_found_behind_other_markers() {
        let sof = b"\xff\xc3\0\x0b\x10\x01\0\x02\0\x01\x01\x11\0";
        let stream = [&b"\xff\xd8\xff\xe0\0\x07JFIF\0\xff\xc4\0\x02"[..], &b"\xff"[..], sof].concat();
        let head = frame_header(&stream);
        assert_eq!(
            head,
            Some(FrameHeader {
                process: 3,
                precision: 16,
                rows: 256,
                cols: 512,
                components: 1,
                rgb: Some(false)
            })
        );
        for cut in 0..stream.len() {
            assert!(frame_header(&stream[..cut]).is_none(), "{cut} bytes");
        }
    }
}
