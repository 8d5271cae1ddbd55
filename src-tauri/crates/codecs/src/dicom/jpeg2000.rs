//! JPEG 2000 (ISO/IEC 15444-1) as it lies in DICOM.

use jpeg2k::{DecodeParameters, Image};

use super::shape::Shape;
use crate::jpeg2000_stream::{Siz, is_whole, siz};
use decode::DecodeError;

/// Checks one frame against what the data set declares, before it is decoded.
pub(super) fn check(frame: &[u8], shape: &Shape) -> Result<Siz, DecodeError> {
    let siz = siz(frame).ok_or_else(|| {
        DecodeError::corrupt(
            "a frame is no JPEG 2000 code stream, though the file says so: it is damaged or mislabelled",
        )
    })?;
    let declared = (shape.rows, shape.cols, shape.samples);
    let found = (siz.rows, siz.cols, u32::from(siz.components));
    if declared != found {
        return Err(DecodeError::corrupt(format!(
            "the JPEG 2000 frame has {} x {} pixels of {} samples, but the file declares {} x {} of {}",
            found.0, found.1, found.2, declared.0, declared.1, declared.2
        )));
    }
    if siz.precision > shape.bits_allocated {
        return Err(DecodeError::corrupt(format!(
            "the JPEG 2000 frame has {} bits a sample, but the file allocates {}",
            siz.precision, shape.bits_allocated
        )));
    }
    Ok(siz)
}

/// Decodes one frame, checked before, into `out` (little-endian samples, interleaved). A code stream that
/// ends early is an error, for the missing detail would not show.
pub(super) fn decode_frame(frame: &[u8], siz: Siz, shape: &Shape, out: &mut [u8]) -> Result<(), DecodeError> {
    if !is_whole(frame) {
        return Err(DecodeError::truncated(
            "a JPEG 2000 frame lacks parts of its tiles: the file is truncated; copy it again from its source",
        ));
    }
    let parameters = DecodeParameters::new().strict(true).ignore_pclr_cmap_cdef();
    let image = Image::from_bytes_with(frame, parameters)
        .map_err(|error| DecodeError::corrupt(format!("a JPEG 2000 frame is damaged or truncated: {error}")))?;
    let components = image.components();
    let same_size = components
        .iter()
        .all(|c| (c.width(), c.height()) == (shape.cols, shape.rows));
    if components.len() != shape.samples as usize || !same_size {
        return Err(DecodeError::unsupported(
            "JPEG 2000 with components of different sizes is not decoded",
        ));
    }
    let (width, step) = (
        shape.sample_type.bytes(),
        shape.samples as usize * shape.sample_type.bytes(),
    );
    // Where code stream and data set disagree about the sign, the data set wins: the bits are read again.
    let unused = 32 - siz.precision.clamp(1, 32);
    for (at, component) in components.iter().enumerate() {
        for (to, value) in out.chunks_exact_mut(step).zip(component.data()) {
            let value = match (siz.signed, shape.signed) {
                (false, true) => (*value << unused) >> unused,
                (true, false) => (value.cast_unsigned() << unused >> unused).cast_signed(),
                _ => *value,
            };
            to[at * width..(at + 1) * width].copy_from_slice(&value.to_le_bytes()[..width]);
        }
    }
    Ok(())
}
