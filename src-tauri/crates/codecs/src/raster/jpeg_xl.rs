//! JPEG XL files: grey or RGB, upright as the file says; transparency is left out.

use domain::{Decoded, PixelData, SourceFormat};

use super::header::{Picture, Samples};
use crate::{
    frames::Frames,
    jpeg_xl_stream::{self, head},
    note::{self, Notes},
};
use decode::{
    DecodeError, Limits,
    limits::{Declared, OnDeclared},
    protocol::Wanted,
};

pub(crate) fn decode(
    bytes: &[u8],
    limits: &Limits,
    wanted: &Wanted,
    on_declared: OnDeclared<'_>,
) -> Result<Decoded, DecodeError> {
    let head = head(bytes, true)?;
    let frames = Frames::of(wanted, 1)?;
    let bits = u16::from(head.bits);
    let declared = Declared {
        bits: u64::from(bits),
        ..Declared::frame(head.rows, head.cols, head.samples)
    };
    let total = limits.check(&declared, bytes.len() as u64)?;
    let mut notes = Notes::default();
    if head.animated {
        notes.add(note::animation());
    }
    let mut data = PixelData::U8(vec![]);
    if !frames.is_none() {
        on_declared(total);
        data = match jpeg_xl_stream::decode(bytes, head, true)? {
            jpeg_xl_stream::Samples::Bytes(bytes) => PixelData::U8(bytes),
            jpeg_xl_stream::Samples::Words(words) => PixelData::U16(words),
            jpeg_xl_stream::Samples::Floats(floats) => PixelData::F32(floats),
        };
    }
    let said = Samples {
        photometric: if head.samples == 1 { "MONOCHROME2" } else { "RGB" },
        bits_allocated: bits.next_multiple_of(8),
        bits_stored: bits,
        lossy: head.lossy,
        palette: None,
    };
    Ok(Picture {
        format: SourceFormat::JpegXl,
        frames: 1,
        kept: u32::from(!frames.is_none()),
        rows: head.rows,
        cols: head.cols,
        samples: head.samples,
        data,
        notes: notes.into_vec(),
    }
    .decoded(bytes, said))
}
