//! JPEG-LS (ISO/IEC 14495-1) as it lies in DICOM.

use super::shape::Shape;
use crate::jpeg_ls_stream::{self, Head};
use decode::DecodeError;

/// Checks one frame against what the data set declares, before it is decoded.
pub(super) fn check(stream: &[u8], shape: &Shape) -> Result<Head, DecodeError> {
    let head = jpeg_ls_stream::head(stream).ok_or_else(|| {
        DecodeError::corrupt("a frame is no JPEG-LS code stream, though the file says so: it is damaged or mislabelled")
    })?;
    let declared = (shape.rows, shape.cols, shape.samples);
    let found = (u32::from(head.rows), u32::from(head.cols), u32::from(head.components));
    if declared != found {
        return Err(DecodeError::corrupt(format!(
            "the JPEG-LS frame has {} x {} pixels of {} samples, but the file declares {} x {} of {}",
            found.0, found.1, found.2, declared.0, declared.1, declared.2
        )));
    }
    if u32::from(head.precision).div_ceil(8) * 8 > shape.bits_allocated.max(8) {
        return Err(DecodeError::corrupt(format!(
            "the JPEG-LS frame has {} bits a sample, but the file allocates {}",
            head.precision, shape.bits_allocated
        )));
    }
    Ok(head)
}

/// Decodes one frame, checked before, into `out` (little-endian samples, interleaved).
pub(super) fn decode_frame(stream: &[u8], head: Head, shape: &Shape, out: &mut [u8]) -> Result<(), DecodeError> {
    let samples = jpeg_ls_stream::decode(stream, head)?;
    // A stream of fewer bits than are stored knows no sign: its highest bit is it.
    let bits = u32::from(head.precision);
    let above = match shape.signed && bits < shape.bits_stored {
        true => u32::MAX.checked_shl(bits).unwrap_or(0),
        false => 0,
    };
    let signed = |value: u16| {
        let value = u32::from(value);
        if value >> bits.saturating_sub(1) & 1 == 1 {
            value | above
        } else {
            value
        }
    };
    super::jpeg::spread(samples.into_iter().map(signed), shape, out);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use charls::{CharLS, FrameInfo};
    use decode::limits::Declared;
    use domain::SampleType;

    /// Values of a few bits in two's complement, where the file stores more.
    #[test]
    fn the_highest_bit_of_a_stream_is_the_sign_of_a_signed_image() -> Result<(), Box<dyn std::error::Error>> {
        for (bits, stored, signed) in [
            (12_u8, 16_u32, true),
            (12, 16, false),
            (13, 16, true),
            (9, 12, true),
            (15, 16, true),
            (12, 12, true),
            (16, 16, true),
        ] {
            let top = u32::from(u16::MAX) >> (16 - bits);
            let values: Vec<u32> = (0..64)
                .map(|at| (at * 1009) & top)
                .chain([0, top, top >> 1, (top >> 1) + 1])
                .collect();
            let bytes: Vec<u8> = values.iter().flat_map(|value| (*value as u16).to_ne_bytes()).collect();
            let info = FrameInfo {
                width: 4,
                height: 17,
                bits_per_sample: bits.into(),
                component_count: 1,
            };
            let stream = CharLS::default().encode(info, 0, &bytes)?;
            let shape = Shape {
                frames: 1,
                rows: 17,
                cols: 4,
                samples: 1,
                bits_allocated: 16,
                bits_stored: stored,
                signed,
                shift: 0,
                planar: false,
                photometric: "MONOCHROME2".into(),
                sample_type: if signed { SampleType::I16 } else { SampleType::U16 },
                declared: Declared::frame(17, 4, 1),
                total_bytes: 136,
            };
            let mut out = vec![0; 136];
            decode_frame(&stream, check(&stream, &shape)?, &shape, &mut out)?;
            let fill = signed && u32::from(bits) < stored;
            let want = values.iter().map(|value| match fill && value >> (bits - 1) == 1 {
                true => *value as u16 | u16::MAX << bits,
                false => *value as u16,
            });
            let got = out.as_chunks().0.iter().map(|two| u16::from_le_bytes(*two));
            assert!(got.eq(want), "{bits} of {stored} bits, signed: {signed}");
        }
        Ok(())
    }
}
