//! JPEG XL files: grey or RGB, upright as the file says; transparency is left out.

use domain::{Decoded, PixelData, SourceFormat};

use super::header::{Asked, Samples, Single};
use crate::{
    jpeg_xl_stream::{self, head},
    note,
    opacity::Beside,
};
use decode::DecodeError;

pub(crate) fn decode(asked: &Asked<'_>) -> Result<Decoded, DecodeError> {
    let head = head(asked.bytes, true)?;
    let bits = u16::from(head.bits);
    let mut notes: Vec<_> = head.animated.then(note::animation).into_iter().collect();
    if head.others {
        notes.push(Beside::Unknown.note());
    }
    let image = Single {
        format: SourceFormat::JpegXl,
        rows: head.rows,
        cols: head.cols,
        samples: head.samples,
        stored_samples: head.samples,
        notes,
    };
    let said = Samples {
        photometric: if head.samples == 1 { "MONOCHROME2" } else { "RGB" },
        bits_allocated: bits.next_multiple_of(8),
        bits_stored: bits,
        lossy: head.lossy,
        palette: None,
    };
    let mut opaque = true;
    let mut decoded = asked.single(image, said, |_| {
        let (samples, all_opaque) = jpeg_xl_stream::decode_with_opacity(asked.bytes, head, true)?;
        opaque = all_opaque;
        Ok(match samples {
            jpeg_xl_stream::Samples::Bytes(bytes) => PixelData::U8(bytes),
            jpeg_xl_stream::Samples::Words(words) => PixelData::U16(words),
            jpeg_xl_stream::Samples::Floats(floats) => PixelData::F32(floats),
        })
    })?;
    if !opaque {
        let beside = match head.premultiplied {
            Some(true) => Beside::Premultiplied,
            _ => Beside::Opacity,
        };
        decoded.facts.notes.push(beside.note());
    }
    Ok(decoded)
}
