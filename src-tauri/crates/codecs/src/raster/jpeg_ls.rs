//! JPEG-LS files: grey or RGB as stored.

use domain::{Decoded, PixelData, SourceFormat};

use super::header::{Picture, Samples};
use crate::{
    frames::Frames,
    jpeg_ls_stream::{self, Head},
};
use decode::{
    DecodeError, Limits,
    limits::{Declared, OnDeclared},
    protocol::Wanted,
};

pub(crate) fn decode(
    bytes: &[u8],
    head: Head,
    limits: &Limits,
    wanted: &Wanted,
    on_declared: OnDeclared<'_>,
) -> Result<Decoded, DecodeError> {
    let frames = Frames::of(wanted, 1)?;
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
    let (rows, cols) = (u32::from(head.rows), u32::from(head.cols));
    let declared = Declared {
        bits: u64::from(bits),
        ..Declared::frame(rows, cols, samples)
    };
    let total = limits.check(&declared, bytes.len() as u64)?;
    let mut data = PixelData::U8(vec![]);
    if !frames.is_none() {
        on_declared(total);
        let words = jpeg_ls_stream::decode(bytes, head)?;
        data = if bits <= 8 {
            #[allow(clippy::cast_possible_truncation, reason = "of at most 8 bits")]
            PixelData::U8(words.into_iter().map(|word| word as u8).collect())
        } else {
            PixelData::U16(words)
        };
    }
    let said = Samples {
        photometric,
        bits_allocated: bits.next_multiple_of(8),
        bits_stored: bits,
        lossy: head.near > 0,
        palette: None,
    };
    Ok(Picture {
        format: SourceFormat::JpegLs,
        frames: 1,
        kept: u32::from(!frames.is_none()),
        rows,
        cols,
        samples,
        data,
        notes: vec![],
    }
    .decoded(bytes, said))
}
