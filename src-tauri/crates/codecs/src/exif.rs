//! What an image file says beside its pixels in the tags of TIFF (TIFF 6.0) or Exif (CIPA DC-008): how it is to be
//! turned, and the size of a pixel.

use decode::sniff::Kind;

/// Of the first page.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Tags {
    /// 1 to 8; 1 where the file does not say.
    pub orientation: u8,
    /// Pixels for each unit, along columns and down rows.
    pub resolution: [Option<f64>; 2],
    /// 2 inch, 3 centimetre.
    pub unit: Option<u16>,
    /// ImageDescription, where ImageJ writes its own facts.
    pub description: String,
}

/// Longest description that is looked at.
const MOST_TEXT: usize = 1 << 20;

/// The tags of a file of this kind; `None` where it has none.
pub(crate) fn tags(kind: Kind, bytes: &[u8]) -> Option<Tags> {
    match kind {
        Kind::Tiff => Directory::first(bytes)?.tags(),
        Kind::Jpeg => Directory::first(of_jpeg(bytes)?)?.tags(),
        Kind::Png => Directory::first(of_png(bytes)?)?.tags(),
        _ => None,
    }
}

/// The TIFF structure of the first APP1 segment with Exif, before the scan.
fn of_jpeg(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes.strip_prefix(&[0xFF, 0xD8])?;
    loop {
        let (&[mark, kind], after) = rest.split_first_chunk::<2>()?;
        match (mark, kind) {
            // A fill byte before a marker.
            (0xFF, 0xFF) => {
                rest = rest.get(1..)?;
                continue;
            }
            (0xFF, 0xDA | 0xD9) => return None,
            (0xFF, _) => {}
            _ => return None,
        }
        let length = usize::from(u16::from_be_bytes(*after.first_chunk()?));
        let segment = after.get(2..length)?;
        if kind == 0xE1
            && let Some(exif) = segment.strip_prefix(b"Exif\0\0")
        {
            return Some(exif);
        }
        rest = after.get(length..)?;
    }
}

/// The eXIf chunk.
fn of_png(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes.get(8..)?;
    loop {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let body = after.get(4..)?.get(..length)?;
        match after.first_chunk::<4>()? {
            b"eXIf" => return Some(body),
            b"IEND" => return None,
            _ => rest = after.get(4 + length + 4..)?,
        }
    }
}

/// One directory of a TIFF or BigTIFF structure.
struct Directory<'a> {
    all: &'a [u8],
    big_endian: bool,
    /// BigTIFF: counts and offsets have eight bytes.
    wide: bool,
    entries: &'a [u8],
}

impl<'a> Directory<'a> {
    fn first(all: &'a [u8]) -> Option<Self> {
        let (order, _) = all.split_first_chunk::<2>()?;
        let big_endian = match order {
            b"II" => false,
            b"MM" => true,
            _ => return None,
        };
        let mut directory = Self {
            all,
            big_endian,
            wide: false,
            entries: &[],
        };
        directory.wide = match directory.number(2, 2)? {
            42 => false,
            43 => true,
            _ => return None,
        };
        let (at, count_bytes) = match directory.wide {
            true => (directory.number(8, 8)?, 8),
            false => (directory.number(4, 4)?, 2),
        };
        let at = usize::try_from(at).ok()?;
        let count = usize::try_from(directory.number(at, count_bytes)?).ok()?;
        let start = at.checked_add(count_bytes)?;
        directory.entries = all.get(start..start.checked_add(count.checked_mul(directory.entry_bytes())?)?)?;
        Some(directory)
    }

    fn entry_bytes(&self) -> usize {
        if self.wide { 20 } else { 12 }
    }

    fn number(&self, at: usize, bytes: usize) -> Option<u64> {
        let bytes = self.all.get(at..at.checked_add(bytes)?)?;
        Some(self.of(bytes))
    }

    fn of(&self, bytes: &[u8]) -> u64 {
        let join = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        match self.big_endian {
            true => bytes.iter().fold(0, join),
            false => bytes.iter().rev().fold(0, join),
        }
    }

    /// Type and bytes of the values of a tag.
    fn values(&self, tag: u64) -> Option<(u64, &'a [u8])> {
        let entry = self
            .entries
            .chunks_exact(self.entry_bytes())
            .find(|entry| entry.get(..2).is_some_and(|bytes| self.of(bytes) == tag))?;
        let kind = self.of(entry.get(2..4)?);
        let size = match kind {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 => 4,
            5 | 10 | 12 | 16 => 8,
            _ => return None,
        };
        let width = if self.wide { 8 } else { 4 };
        let count = usize::try_from(self.of(entry.get(4..4 + width)?)).ok()?;
        let place = entry.get(4 + width..)?;
        let length = count.checked_mul(size)?;
        if length <= width {
            return Some((kind, place.get(..length)?));
        }
        let at = usize::try_from(self.of(place)).ok()?;
        Some((kind, self.all.get(at..at.checked_add(length)?)?))
    }

    fn short(&self, tag: u64) -> Option<u16> {
        let (kind, bytes) = self.values(tag)?;
        let bytes = bytes.get(..if kind == 4 { 4 } else { 2 })?;
        u16::try_from(self.of(bytes)).ok()
    }

    fn ratio(&self, tag: u64) -> Option<f64> {
        let (5, bytes) = self.values(tag)? else {
            return None;
        };
        let part = |range: std::ops::Range<usize>| Some(self.of(bytes.get(range)?) as f64);
        let ratio = part(0..4)? / part(4..8)?;
        (ratio.is_finite() && ratio > 0.0).then_some(ratio)
    }

    fn tags(&self) -> Option<Tags> {
        let description = self.values(270).map(|(_, bytes)| bytes).unwrap_or_default();
        let description = description.get(..description.len().min(MOST_TEXT)).unwrap_or_default();
        let orientation = self.short(274).and_then(|turn| u8::try_from(turn).ok());
        Some(Tags {
            orientation: orientation.filter(|turn| (1..=8).contains(turn)).unwrap_or(1),
            resolution: [self.ratio(282), self.ratio(283)],
            unit: self.short(296),
            description: String::from_utf8_lossy(description).trim_matches('\0').to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory with these entries: tag, type, count, and the four bytes of its place.
    fn tiff(big: bool, entries: &[(u16, u16, u32, [u8; 4])], rest: &[u8]) -> Vec<u8> {
        let two = |v: u16| if big { v.to_be_bytes() } else { v.to_le_bytes() };
        let four = |v: u32| if big { v.to_be_bytes() } else { v.to_le_bytes() };
        let mut bytes = if big { b"MM".to_vec() } else { b"II".to_vec() };
        bytes.extend(two(42));
        bytes.extend(four(8));
        bytes.extend(two(entries.len() as u16));
        for (tag, kind, count, place) in entries {
            bytes.extend([two(*tag), two(*kind)].concat());
            bytes.extend(four(*count));
            bytes.extend(place);
        }
        bytes.extend([0; 4]);
        bytes.extend(rest);
        bytes
    }

    #[test]
    fn tags_are_read_in_both_orders_and_no_cut_harms() {
        for big in [false, true] {
            let two = |v: u16| if big { v.to_be_bytes() } else { v.to_le_bytes() };
            let four = |v: u32| if big { v.to_be_bytes() } else { v.to_le_bytes() };
            let [a, b] = two(6);
            let at = 8 + 2 + 3 * 12 + 4;
            let rest = [four(254), four(10)].concat();
            let entries = [(270, 2, 4, *b"abc\0"), (274, 3, 1, [a, b, 0, 0]), (282, 5, 1, four(at))];
            let bytes = tiff(big, &entries, &rest);
            let seen = tags(Kind::Tiff, &bytes);
            let expected = Tags {
                orientation: 6,
                resolution: [Some(25.4), None],
                unit: None,
                description: "abc".into(),
            };
            assert_eq!(seen, Some(expected.clone()));
            let exif = [b"Exif\0\0", bytes.as_slice()].concat();
            let length = (exif.len() as u16 + 2).to_be_bytes();
            let jpeg = [&[0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 1, 0xFF, 0xE1][..], &length, &exif].concat();
            assert_eq!(tags(Kind::Jpeg, &jpeg), Some(expected.clone()));
            let chunk = [&(bytes.len() as u32).to_be_bytes()[..], b"eXIf", &bytes, &[0; 4]].concat();
            let png = [&[0; 8][..], &chunk].concat();
            assert_eq!(tags(Kind::Png, &png), Some(expected));
            for cut in 0..jpeg.len() {
                tags(Kind::Jpeg, jpeg.get(..cut).unwrap_or_default());
                tags(Kind::Tiff, bytes.get(..cut).unwrap_or_default());
                tags(Kind::Png, png.get(..cut).unwrap_or_default());
            }
        }
    }
}
