//! JPEG 2000 code streams (ISO/IEC 15444-1 annex A), bare or in a JP2 file: what their markers say.

/// How many code streams a JP2 or JPX file holds, by its boxes (ISO/IEC 15444-1 I.4); a bare code stream is one.
pub(crate) fn code_streams(file: &[u8]) -> usize {
    let (mut rest, mut count) = (file, 0);
    while let Some((&[l0, l1, l2, l3, a, b, c, d], after)) = rest.split_first_chunk::<8>() {
        count += usize::from([a, b, c, d] == *b"jp2c");
        let length = match u32::from_be_bytes([l0, l1, l2, l3]) {
            // Up to the end of the file; or eight bytes say it.
            0 => break,
            1 => after.first_chunk().map_or(u64::MAX, |long| u64::from_be_bytes(*long)),
            length => u64::from(length),
        };
        let length = usize::try_from(length.max(8)).unwrap_or(usize::MAX);
        rest = rest.get(length..).unwrap_or_default();
    }
    count
}

/// Image and tile size marker (SIZ) of a code stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Siz {
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

/// Where the code stream begins: at once, or within a JP2 file.
fn start_of(frame: &[u8]) -> Option<usize> {
    if !frame.starts_with(&[0, 0, 0, 12, b'j', b'P']) {
        return Some(0);
    }
    frame.windows(4).take(4096).position(|w| w == [0xff, 0x4f, 0xff, 0x51])
}

/// Reads the size marker; the code stream may lie in a JP2 file. `None` when there is none.
pub(crate) fn siz(frame: &[u8]) -> Option<Siz> {
    let start = start_of(frame)?;
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

/// Whether every part of every tile is there (A.4.2): the codec makes an image of those that are, and leaves the rest
/// blank.
pub(crate) fn is_whole(frame: &[u8]) -> bool {
    tiles_are_whole(frame).unwrap_or(false)
}

fn tiles_are_whole(frame: &[u8]) -> Option<bool> {
    let stream = frame.get(start_of(frame)?..)?;
    let word = |at: usize| {
        stream
            .get(at..at.checked_add(2)?)?
            .first_chunk()
            .map(|b| u16::from_be_bytes(*b))
    };
    let long = |at: usize| {
        stream
            .get(at..at.checked_add(4)?)?
            .first_chunk()
            .map(|b| u32::from_be_bytes(*b))
    };
    // Of the image and of the grid of tiles: right and lower end, beginning, size, beginning.
    let tiles = |end: usize, size: usize, offset: usize| {
        let (end, size, offset) = (long(end)?, long(size)?, long(offset)?);
        end.checked_sub(offset)?
            .checked_add(size.checked_sub(1)?)?
            .checked_div(size)
    };
    let count = u64::from(tiles(8, 24, 32)?) * u64::from(tiles(12, 28, 36)?);
    // The main header's segments up to the first tile part.
    let mut at = 2;
    while word(at)? != START_OF_TILE_PART {
        at += 2 + usize::from(word(at + 2)?);
    }
    let mut seen = std::collections::BTreeMap::<u16, (u32, u8)>::new();
    while at < stream.len() && word(at) == Some(START_OF_TILE_PART) {
        let (index, length) = (word(at + 4)?, long(at + 6)? as usize);
        let parts = *stream.get(at + 11)?;
        let tile = seen.entry(index).or_default();
        tile.0 += 1;
        tile.1 = tile.1.max(parts);
        // The last part may leave its length open: up to the end of the stream.
        if length == 0 {
            at = stream.len();
            break;
        }
        at = at.checked_add(length)?;
    }
    let parts = seen
        .values()
        .all(|(found, declared)| *declared == 0 || *found == u32::from(*declared));
    Some(at <= stream.len() && seen.len() as u64 == count && parts)
}

const START_OF_TILE_PART: u16 = 0xff90;

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
