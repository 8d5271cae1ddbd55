//! The marker segments of a JPEG file before its first scan (ISO/IEC 10918-1 annex B).

/// Marker and body of each segment up to, and with, the first start of scan (0xDA). Ends early at
/// anything that is no segment.
pub(crate) fn segments(stream: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = stream.strip_prefix(&[0xff, 0xd8]).unwrap_or_default();
    std::iter::from_fn(move || {
        // Any number of fill bytes may stand before a marker.
        while let [0xff, 0xff, ..] = rest {
            rest = &rest[1..];
        }
        let &[0xff, marker, high, low, ..] = rest else {
            return None;
        };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let body = rest.get(4..2 + length)?;
        rest = if marker == START_OF_SCAN {
            &[]
        } else {
            &rest[2 + length..]
        };
        Some((marker, body))
    })
}

const START_OF_SCAN: u8 = 0xda;

/// Whether an end-of-image marker stands behind the first scan. (Within coded data 0xFF is always
/// followed by 0 or a restart marker; a thumbnail's own end lies before the scan.)
pub(crate) fn is_complete(file: &[u8]) -> bool {
    let mut scan = None;
    // Two bytes of marker before each body and two of length; fill bytes only move the start forward.
    let mut start = 2;
    for (marker, body) in segments(file) {
        start += 4 + body.len();
        if marker == START_OF_SCAN {
            scan = file.get(start..);
        }
    }
    scan.is_some_and(|coded| coded.windows(2).any(|pair| pair == [0xff, 0xd9]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_counts_only_behind_the_scan() {
        let head = b"\xff\xd8\xff\xe1\0\x06\xff\xd8\xff\xd9\xff\xda\0\x02";
        assert!(!is_complete(head));
        assert!(!is_complete(&[head.as_slice(), b"\x01\x02\xff\0"].concat()));
        assert!(is_complete(&[head.as_slice(), b"\x01\x02\xff\xd9"].concat()));
        assert!(!is_complete(b"\xff\xd8\xff\xd9"));
    }
}
