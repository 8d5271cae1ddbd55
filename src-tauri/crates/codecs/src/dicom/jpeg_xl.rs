//! JPEG XL as it lies in DICOM.

use super::shape::Shape;
use crate::jpeg_xl_stream::{self, Head, Samples};
use decode::DecodeError;

/// Checks one frame against what the data set declares, before it is decoded.
pub(super) fn check(stream: &[u8], shape: &Shape) -> Result<Head, DecodeError> {
    let head = jpeg_xl_stream::head(stream, false)?;
    let declared = (shape.rows, shape.cols, shape.samples);
    let found = (head.rows, head.cols, head.samples);
    if declared != found {
        return Err(DecodeError::corrupt(format!(
            "the JPEG XL frame has {} x {} pixels of {} samples, but the file declares {} x {} of {}",
            found.0, found.1, found.2, declared.0, declared.1, declared.2
        )));
    }
    if head.float {
        return Err(DecodeError::unsupported(
            "JPEG XL with floating point samples is not decoded in DICOM",
        ));
    }
    if u32::from(head.bits).div_ceil(8) * 8 > shape.bits_allocated.max(8) {
        return Err(DecodeError::corrupt(format!(
            "the JPEG XL frame has {} bits a sample, but the file allocates {}",
            head.bits, shape.bits_allocated
        )));
    }
    Ok(head)
}

/// Decodes one frame, checked before, into `out` (little-endian samples, interleaved).
pub(super) fn decode_frame(stream: &[u8], head: Head, shape: &Shape, out: &mut [u8]) -> Result<(), DecodeError> {
    match jpeg_xl_stream::decode(stream, head, false)? {
        Samples::Bytes(bytes) => super::jpeg::spread(bytes.into_iter().map(u32::from), shape, out),
        Samples::Words(words) => super::jpeg::spread(words.into_iter().map(u32::from), shape, out),
        Samples::Floats(_) => return Err(DecodeError::corrupt("the JPEG XL data changed their kind")),
    }
    Ok(())
}
