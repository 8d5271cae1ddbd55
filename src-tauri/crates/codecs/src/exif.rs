//! What an image file says beside its pixels in the tags of TIFF (TIFF 6.0) or Exif (CIPA DC-008): how it is to be
//! turned, and the size of a pixel.

use decode::sniff::Kind;

use crate::{density, jpeg_stream};

/// Of the first page.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Tags {
    /// 1 to 8; 1 where the file does not say.
    pub orientation: u8,
    /// Pixels for each unit, along columns and down rows.
    pub resolution: [Option<f64>; 2],
    /// 1 none, 2 inch, 3 centimetre; inches where it is not said (TIFF 6.0, tag 296).
    pub unit: Option<u16>,
    /// ImageDescription, where ImageJ writes its own facts.
    pub description: String,
}

/// Longest description that is looked at.
const MOST_TEXT: usize = 1 << 20;

/// The tags of a file of this kind, and the density that its container states where no tag does; `None` where it has
/// neither.
pub(crate) fn tags(kind: Kind, bytes: &[u8]) -> Option<Tags> {
    let own = match kind {
        Kind::Tiff => Directory::of_image(bytes),
        Kind::Jpeg => of_jpeg(bytes).and_then(Directory::first),
        Kind::Png => density::png_chunk(bytes, b"eXIf").and_then(Directory::first),
        Kind::WebP => of_webp(bytes).and_then(Directory::first),
        _ => None,
    };
    let own = own.and_then(|directory| directory.tags());
    if let Some(own) = own.as_ref().filter(|own| own.resolution != [None; 2]) {
        return Some(own.clone());
    }
    let Some((resolution, unit)) = density::stated(kind, bytes) else {
        return own;
    };
    Some(Tags {
        resolution: resolution.map(Some),
        unit: Some(unit),
        ..own.unwrap_or(Tags {
            orientation: 1,
            ..Tags::default()
        })
    })
}

/// How many images a multi-picture JPEG file holds by its index (CIPA DC-007, tag B001); `None` where it has none.
pub(crate) fn images_of_index(jpeg: &[u8]) -> Option<usize> {
    let mut segments = jpeg_stream::segments(jpeg).filter(|(marker, _)| *marker == 0xe2);
    let index = segments.find_map(|(_, body)| body.strip_prefix(b"MPF\0"))?;
    let directory = Directory::first(index)?;
    let (_, count) = directory.values(0xb001)?;
    usize::try_from(directory.of(count.get(..4)?)).ok()
}

/// The TIFF structure of the first APP1 segment with Exif, before the scan.
fn of_jpeg(bytes: &[u8]) -> Option<&[u8]> {
    jpeg_stream::segments(bytes)
        .filter(|(marker, _)| *marker == 0xe1)
        .find_map(|(_, body)| body.strip_prefix(b"Exif\0\0"))
}

/// The EXIF chunk of the RIFF container.
fn of_webp(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes.get(12..)?;
    loop {
        let (name, after) = rest.split_first_chunk::<4>()?;
        let (length, after) = after.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let body = after.get(..length)?;
        if name == b"EXIF" {
            // Some writers keep the name that it has in JPEG.
            return Some(body.strip_prefix(b"Exif\0\0").unwrap_or(body));
        }
        rest = after.get(length.checked_next_multiple_of(2)?..)?;
    }
}

/// One directory of a TIFF or BigTIFF structure.
struct Directory<'a> {
    all: &'a [u8],
    big_endian: bool,
    /// BigTIFF: counts and offsets have eight bytes.
    wide: bool,
    entries: &'a [u8],
    /// Where the next one lies; 0 for none.
    next: u64,
}

/// Directories that are looked through for one of an image that is not reduced.
const MOST_DIRECTORIES: usize = 100;

impl<'a> Directory<'a> {
    /// The first that describes no thumbnail, otherwise the first.
    fn of_image(all: &'a [u8]) -> Option<Self> {
        let mut next = Self::first(all);
        for _ in 0..MOST_DIRECTORIES {
            let Some(directory) = next else { break };
            if directory.short(254).unwrap_or(0) & 1 == 0 && directory.short(255) != Some(2) {
                return Some(directory);
            }
            next = directory.at(directory.next);
        }
        Self::first(all)
    }

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
            next: 0,
        };
        directory.wide = match directory.number(2, 2)? {
            42 => false,
            43 => true,
            _ => return None,
        };
        let at = match directory.wide {
            true => directory.number(8, 8)?,
            false => directory.number(4, 4)?,
        };
        directory.at(at)
    }

    /// The one at a place of the same structure.
    fn at(&self, at: u64) -> Option<Self> {
        let at = usize::try_from(at).ok().filter(|at| *at > 0)?;
        let (count_bytes, place_bytes) = if self.wide { (8, 8) } else { (2, 4) };
        let count = usize::try_from(self.number(at, count_bytes)?).ok()?;
        let start = at.checked_add(count_bytes)?;
        let end = start.checked_add(count.checked_mul(self.entry_bytes())?)?;
        Some(Self {
            entries: self.all.get(start..end)?,
            next: self.number(end, place_bytes).unwrap_or(0),
            ..*self
        })
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
