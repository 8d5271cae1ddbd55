//! JPEG-LS files: grey or RGB as stored.

use domain::{Decoded, PixelData, SourceFormat};

use super::header::{Asked, Samples, Single};
use crate::jpeg_ls_stream::{self, Head};
use decode::DecodeError;

pub(crate) fn decode(asked: &Asked<'_>, head: Head) -> Result<Decoded, DecodeError> {
    let (photometric, samples) = match head.components {
        1 => ("MONOCHROME2", 1),
        3 => ("RGB", 3),
        other => {
            return Err(DecodeError::unsupported(format!(
                "JPEG-LS files with {other} samples a pixel are not read; 1 and 3 are"
            )));
        }
    };
    let bits = u16::from(head.precision);
    let image = Single {
        format: SourceFormat::JpegLs,
        rows: u32::from(head.rows),
        cols: u32::from(head.cols),
        samples,
        stored_samples: samples,
        notes: vec![],
    };
    let said = Samples {
        photometric,
        bits_allocated: bits.next_multiple_of(8),
        bits_stored: bits,
        lossy: head.near > 0,
        palette: None,
    };
    asked.single(image, said, |_| {
        let words = jpeg_ls_stream::decode(asked.bytes, head)?;
        #[allow(clippy::cast_possible_truncation, reason = "of at most 8 bits")]
        let narrow = |words: Vec<u16>| words.into_iter().map(|word| word as u8).collect();
        Ok(match bits {
            ..=8 => PixelData::U8(narrow(words)),
            _ => PixelData::U16(words),
        })
    })
}
