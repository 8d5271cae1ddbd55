//! JPEG streams (ISO/IEC 10918-1 annex B) up to their first scan: what they say, and how they are put right for the
//! codec.

use crate::turbojpeg::{self, Decoded, Layout, Surplus};
use decode::DecodeError;

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
const END_OF_IMAGE: [u8; 2] = [0xff, 0xd9];

/// The coded data behind the first start of scan.
fn coded(stream: &[u8]) -> Option<&[u8]> {
    let start = stream.as_ptr() as usize;
    let (_, scan) = segments(stream).find(|(marker, _)| *marker == START_OF_SCAN)?;
    stream.get(scan.as_ptr() as usize - start + scan.len()..)
}

/// The number of lines that stands behind the first scan.
fn lines(stream: &[u8]) -> Option<u16> {
    let coded = coded(stream)?;
    let at = coded.windows(4).position(|four| four == [0xff, 0xdc, 0, 4])?;
    coded
        .get(at + 4..)?
        .first_chunk()
        .map(|lines| u16::from_be_bytes(*lines))
}

/// Whether an end-of-image marker stands behind the first scan. (Within coded data 0xFF is always
/// followed by 0 or a restart marker; a thumbnail's own end lies before the scan.)
pub(crate) fn is_complete(stream: &[u8]) -> bool {
    coded(stream).is_some_and(|coded| coded.windows(2).any(|pair| pair == END_OF_IMAGE))
}

/// How many whole streams stand behind the end of the first one.
pub(crate) fn images_behind(stream: &[u8]) -> usize {
    let (mut rest, mut count) = (behind(stream), 0);
    while let Some(at) = rest.windows(3).position(|three| three == [0xff, 0xd8, 0xff]) {
        let next = rest.get(at..).unwrap_or_default();
        if frame_header(next).is_some() && is_complete(next) {
            count += 1;
            rest = behind(next);
        } else {
            rest = next.get(3..).unwrap_or_default();
        }
    }
    count
}

/// The bytes behind the end of the first image.
fn behind(stream: &[u8]) -> &[u8] {
    let coded = coded(stream).unwrap_or_default();
    let end = coded.windows(2).position(|pair| pair == END_OF_IMAGE);
    end.and_then(|end| coded.get(end + 2..)).unwrap_or_default()
}

/// What the markers up to the first scan say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameHeader {
    /// The SOF marker's low nibble: 0, 1 and 2 are DCT, 3 is lossless, 9 and 10 the arithmetic kinds of 1 and 2.
    pub process: u8,
    pub precision: u8,
    pub rows: u16,
    pub cols: u16,
    pub components: u8,
    /// How three components are coded where a marker says so.
    pub rgb: Option<bool>,
    /// Which marker says so; `None` where the names of the components do, or nothing.
    pub told_by: Option<ToldBy>,
    /// Whether the components are called R, G and B.
    pub named_rgb: bool,
    /// Whether Adobe's marker is there: then four components are stored inverted.
    pub adobe: bool,
    /// Whether the first scan holds all components and all their detail.
    pub single_scan: bool,
    /// A sequential scan that declares spectral selection 0 to 0 where 0 to 63 belongs, as some archives write it.
    pub wrong_selection: bool,
    /// Whether restart markers stand between its parts.
    pub restarts: bool,
}

/// A marker that tells how three components are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ToldBy {
    Jfif,
    Adobe,
}

impl FrameHeader {
    pub(crate) fn is_lossless(&self) -> bool {
        self.process == 3
    }
}

/// Reads the markers up to the first scan. `None` when there is no frame header and scan.
pub(crate) fn frame_header(stream: &[u8]) -> Option<FrameHeader> {
    let (mut rgb, mut adobe, mut found, mut restarts) = (None, false, None, false);
    let (mut told_by, mut named_rgb) = (None, false);
    for (marker, body) in segments(stream) {
        match marker {
            // DHT, JPG and DAC lie in the same range and are no frame headers.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let &[precision, r0, r1, c0, c1, components, ..] = body else {
                    return None;
                };
                let ids = [6, 9, 12].map(|at| body.get(at).copied());
                named_rgb = ids == [Some(b'R'), Some(b'G'), Some(b'B')];
                if rgb.is_none() && named_rgb {
                    rgb = Some(true);
                }
                let (rows, cols) = (u16::from_be_bytes([r0, r1]), u16::from_be_bytes([c0, c1]));
                found = Some((marker & 0x0f, precision, rows, cols, components));
            }
            // The restart interval.
            0xdd => restarts = body.iter().any(|byte| *byte != 0),
            0xe0 if body.starts_with(b"JFIF\0") => {
                rgb = Some(false);
                told_by = Some(ToldBy::Jfif);
            }
            // The transform flag of Adobe's marker: 0 none, 1 YCbCr.
            0xee if body.starts_with(b"Adobe") => {
                adobe = true;
                if let Some(transform) = body.get(11) {
                    rgb = Some(*transform == 0);
                    told_by = Some(ToldBy::Adobe);
                }
            }
            START_OF_SCAN => {
                let (process, precision, rows, cols, components) = found?;
                // Behind the first scan stands what was not known before (DNL, B.2.5).
                let rows = if rows == 0 { lines(stream).unwrap_or(0) } else { rows };
                let selection = body.get(body.len().checked_sub(3)?..body.len().checked_sub(1)?)?;
                let sequential = matches!(process, 0 | 1 | 9);
                return Some(FrameHeader {
                    process,
                    precision,
                    rows,
                    cols,
                    components,
                    rgb,
                    told_by,
                    named_rgb,
                    adobe,
                    single_scan: body.first() == Some(&components) && (sequential || process == 3),
                    wrong_selection: process == 1 && selection == [0, 0],
                    restarts,
                });
            }
            _ => {}
        }
    }
    None
}

/// What becomes of three components.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    /// As they were coded, whatever the markers say of them.
    AsCoded,
    /// Shown as RGB, as viewers of image files do.
    Shown,
    /// YCbCr, whatever the markers say of them, and shown as RGB.
    FromYCbCr,
}

/// Decodes a stream of which `head` was read. A stream of several scans must have its end, for without a scan it would
/// only be coarser; one of a single scan is whole when its last pixel is.
pub(crate) fn decode(stream: &[u8], head: &FrameHeader, colour: Colour) -> Result<Decoded, DecodeError> {
    if !head.single_scan && !is_complete(stream) {
        return Err(DecodeError::truncated(
            "a JPEG stream ends before its last scan: it is truncated; copy the file again from its source",
        ));
    }
    let layout = Layout::of(head.components).ok_or_else(|| {
        DecodeError::unsupported(format!(
            "JPEG with {} samples a pixel is not decoded; 1, 3 or 4 are",
            head.components
        ))
    })?;
    let size = (usize::from(head.rows), usize::from(head.cols));
    let prepared = prepared(stream, head, colour);
    let surplus = if head.single_scan && !head.restarts {
        Surplus::Padding
    } else {
        Surplus::Damage
    };
    turbojpeg::decode(&prepared, layout, size, (head.precision, surplus))
}

/// The stream without what does not belong to its samples, with an end behind what was cut off, and with a spectral
/// selection that its process allows.
///
/// The codec turns YCbCr into RGB and has no switch against it: for samples as coded the markers that speak of colour
/// go, and one that says "no transform" comes.
fn prepared(stream: &[u8], head: &FrameHeader, colour: Colour) -> Vec<u8> {
    let mut out = Vec::with_capacity(stream.len() + 32);
    out.extend([0xff, 0xd8]);
    if colour != Colour::Shown && head.components > 1 {
        out.extend(b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00");
        out.push(u8::from(colour == Colour::FromYCbCr));
    }
    for (marker, body) in segments(stream) {
        let of_colour = matches!(marker, 0xe0 | 0xee) && colour == Colour::Shown;
        // Comments, profiles, thumbnails.
        if matches!(marker, 0xe0..=0xef | 0xfe) && !of_colour {
            continue;
        }
        #[allow(clippy::cast_possible_truncation, reason = "read from two bytes")]
        let length = body.len() as u16 + 2;
        out.extend([0xff, marker]);
        out.extend(length.to_be_bytes());
        out.extend(body);
        // The codec wants the lines where it begins.
        let of_frame = matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
        if of_frame
            && body.get(1..3) == Some(&[0, 0])
            && let Some(start) = out.len().checked_sub(body.len() - 1)
            && let Some(lines) = out.get_mut(start..start + 2)
        {
            lines.copy_from_slice(&head.rows.to_be_bytes());
        }
        if marker == START_OF_SCAN
            && head.wrong_selection
            && let Some(end) = out.len().checked_sub(2)
            && let Some(last) = out.get_mut(end)
        {
            *last = 63;
        }
    }
    out.extend(coded(stream).unwrap_or_default());
    out.extend(END_OF_IMAGE);
    out
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

    /// Lossless, grey, 16 bits, after a JFIF marker, a table and a fill byte.
    fn lossless() -> Vec<u8> {
        [
            &b"\xff\xd8\xff\xe0\0\x07JFIF\0\xff\xc4\0\x02\xff"[..],
            b"\xff\xc3\0\x0b\x10\x01\0\x02\0\x01\x01\x11\0",
            b"\xff\xda\0\x08\x01\x01\0\x01\0\0",
        ]
        .concat()
    }

    #[test]
    fn the_frame_header_is_found_behind_other_markers() {
        let stream = lossless();
        let head = frame_header(&stream);
        assert_eq!(
            head,
            Some(FrameHeader {
                process: 3,
                precision: 16,
                rows: 256,
                cols: 512,
                components: 1,
                rgb: Some(false),
                told_by: Some(ToldBy::Jfif),
                named_rgb: false,
                adobe: false,
                single_scan: true,
                wrong_selection: false,
                restarts: false,
            })
        );
        for cut in 0..stream.len() {
            assert!(frame_header(&stream[..cut]).is_none(), "{cut} bytes");
        }
    }

    #[test]
    fn a_sequential_scan_of_no_frequencies_is_put_right() {
        let sof = b"\xff\xc1\0\x0b\x0c\0\x08\0\x08\x01\x01\x11\0";
        let stream = [&b"\xff\xd8"[..], sof, b"\xff\xda\0\x08\x01\x01\0\0\0\0\x55"].concat();
        let head = frame_header(&stream).map(|head| (head, prepared(&stream, &head, Colour::AsCoded)));
        let Some((head, prepared)) = head else {
            unreachable!("the header is whole")
        };
        assert!(head.wrong_selection);
        assert!(prepared.ends_with(b"\x01\x01\0\0\x3f\0\x55\xff\xd9"));
        assert_eq!(prepared.len(), stream.len() + 2);
    }

    #[test]
    fn markers_of_colour_go_where_samples_are_wanted_as_coded() {
        let stream = [&b"\xff\xd8\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\x01"[..], &lossless()[2..]].concat();
        let Some(head) = frame_header(&stream) else {
            unreachable!("the header is whole")
        };
        let colours = FrameHeader { components: 3, ..head };
        let coded = prepared(&stream, &colours, Colour::AsCoded);
        let of_adobe: Vec<_> = segments(&coded).filter(|(marker, _)| *marker == 0xee).collect();
        assert!(matches!(of_adobe[..], [(_, body)] if body.last() == Some(&0)));
        assert!(segments(&coded).all(|(marker, _)| marker != 0xe0));
        let shown = prepared(&stream, &colours, Colour::Shown);
        assert_eq!(
            segments(&shown)
                .filter(|(marker, _)| matches!(marker, 0xe0 | 0xee))
                .count(),
            2
        );
    }

    /// A stream whose frame header has no lines has them in a DNL segment behind its first scan (B.2.5).
    #[test]
    fn lines_that_stand_behind_the_scan_are_put_into_the_head() {
        let stream = |rows: [u8; 2], dnl: &[u8]| {
            [
                &b"\xff\xd8\xff\xc0\0\x0b\x08"[..],
                &rows,
                b"\0\x08\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0\0\x3f\0\x55\xff\0\x56",
                dnl,
                b"\xff\xd9",
            ]
            .concat()
        };
        for rows in [1_u16, 8, 255, 256, 4096] {
            let late = stream([0, 0], &[&b"\xff\xdc\0\x04"[..], &rows.to_be_bytes()].concat());
            let early = stream(rows.to_be_bytes(), &[]);
            let heads = [&late, &early].map(|stream| frame_header(stream));
            assert_eq!(heads[0], heads[1]);
            let [Some(head), _] = heads else {
                unreachable!("the header is whole")
            };
            assert_eq!(head.rows, rows);
            let prepared = prepared(&late, &head, Colour::AsCoded);
            assert_eq!(frame_header(&prepared), Some(head));
            let head_of = &prepared[..early.len() - 6];
            assert_eq!(head_of, &early[..early.len() - 6]);
        }
        // None at all.
        assert_eq!(frame_header(&stream([0, 0], &[])).map(|head| head.rows), Some(0));
    }
}
