//! JPEG (ISO/IEC 10918-1) as it lies in DICOM: samples as they were coded, without the change of colour that a viewer
//! makes.

use super::shape::Shape;
use crate::{
    jpeg_stream::{self, Colour, FrameHeader, frame_header},
    turbojpeg::Decoded,
};
use decode::DecodeError;

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
    let precise = match head.process {
        // Huffman and arithmetic coding, sequential and progressive.
        0 | 1 | 2 | 9 | 10 => matches!(head.precision, 8 | 12),
        3 => (2..=16).contains(&head.precision),
        _ => false,
    };
    if !precise {
        return Err(DecodeError::unsupported(format!(
            "JPEG with {} bits a sample in the process SOF{} is not decoded; 8 and 12 bits, or lossless of 2 to 16, are",
            head.precision, head.process
        )));
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
    match jpeg_stream::decode(stream, &head, Colour::AsCoded)? {
        Decoded::Bytes(bytes) if shape.sample_type.bytes() == 1 => out.copy_from_slice(&bytes),
        Decoded::Bytes(bytes) => spread(bytes.into_iter().map(u32::from), shape, out),
        Decoded::Words(words) => spread(words.into_iter().map(u32::from), shape, out),
    }
    Ok(())
}

/// Values into samples of the width that the data set allocates.
pub(super) fn spread(values: impl Iterator<Item = u32>, shape: &Shape, out: &mut [u8]) {
    let width = shape.sample_type.bytes();
    for (to, value) in out.chunks_exact_mut(width).zip(values) {
        to.iter_mut().zip(value.to_le_bytes()).for_each(|(to, byte)| *to = byte);
    }
}
