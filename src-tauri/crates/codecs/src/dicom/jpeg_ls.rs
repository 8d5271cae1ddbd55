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
