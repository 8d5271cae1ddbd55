//! JPEG 2000 (ISO/IEC 15444-1) as it lies in DICOM.

use jpeg2k::{DecodeParameters, Image};

use super::shape::Shape;
use decode::DecodeError;

/// Image and tile size marker (SIZ) of a code stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Siz {
    pub rows: u32,
    pub cols: u32,
    pub components: u16,
    /// Whether the first component is signed, and its bits.
    pub signed: bool,
    pub precision: u32,
    /// Whether colour went through the multiple component transform, which decoding undoes.
    pub colour_transform: bool,
    /// Whether the wavelet loses nothing (5-3) or rounds (9-7).
    pub reversible: bool,
}

/// Reads the size marker; the code stream may lie in a JP2 file. `None` when there is none.
pub(super) fn siz(frame: &[u8]) -> Option<Siz> {
    let start = if frame.starts_with(&[0, 0, 0, 12, b'j', b'P']) {
        frame
            .windows(4)
            .take(4096)
            .position(|w| w == [0xff, 0x4f, 0xff, 0x51])?
    } else {
        0
    };
    let body = frame.get(start..)?.strip_prefix(&[0xff, 0x4f, 0xff, 0x51])?;
    let word = |at: usize| body.get(at..at + 4)?.first_chunk().map(|b| u32::from_be_bytes(*b));
    let (x1, y1, x0, y0) = (word(4)?, word(8)?, word(12)?, word(16)?);
    let components = body.get(36..38)?.first_chunk().map(|b| u16::from_be_bytes(*b))?;
    let depth = *body.get(38)?;
    // Coding style default: Scod, progression, layers (2), then the component transform.
    let cod = body.windows(2).position(|w| w == [0xff, 0x52])?;
    let colour_transform = *body.get(cod + 8)? != 0;
    let reversible = *body.get(cod + 13)? == 1;
    Some(Siz {
        rows: y1.checked_sub(y0)?,
        cols: x1.checked_sub(x0)?,
        components,
        signed: depth & 0x80 != 0,
        precision: u32::from(depth & 0x7f) + 1,
        colour_transform,
        reversible,
    })
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_marker_is_read() {
        let mut stream = b"\xff\x4f\xff\x51\0\x29\0\0".to_vec();
        for word in [300_u32, 200, 44, 0, 256, 256, 0, 0] {
            stream.extend(word.to_be_bytes());
        }
        stream.extend(b"\0\x01\x8b\x01\x01\xff\x52\0\x0c\0\0\0\x01\x01\x05\x04\x04\0\x01");
        let expected = Siz {
            rows: 200,
            cols: 256,
            components: 1,
            signed: true,
            precision: 12,
            colour_transform: true,
            reversible: true,
        };
        assert_eq!(siz(&stream), Some(expected));
        let jp2 = [b"\0\0\0\x0cjP  \r\n\x87\n".as_slice(), &stream].concat();
        assert_eq!(siz(&jp2), Some(expected));
        assert_eq!(siz(&stream[..40]), None);
    }
}
