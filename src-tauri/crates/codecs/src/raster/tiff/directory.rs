//! The directories of a TIFF or BigTIFF file (TIFF 6.0 section 2): tags to values. Nothing is allocated by a declared
//! count that does not lie in the file.

use std::collections::BTreeSet;

use decode::DecodeError;

/// A file and how its numbers are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct File<'a> {
    pub bytes: &'a [u8],
    pub big_endian: bool,
    /// BigTIFF: 64-bit offsets.
    big: bool,
}

/// Kind of its values and where they lie.
#[derive(Debug, Clone, Copy)]
struct Entry<'a> {
    tag: u16,
    kind: u16,
    values: &'a [u8],
}

/// One directory, which describes one page.
#[derive(Debug, Clone)]
pub(super) struct Directory<'a> {
    entries: Vec<Entry<'a>>,
    big_endian: bool,
}

impl<'a> File<'a> {
    /// Reads the header; the place of the first directory comes with it.
    pub(super) fn open(bytes: &'a [u8]) -> Result<(Self, u64), DecodeError> {
        let big_endian = bytes.starts_with(b"MM");
        let file = |big| Self { bytes, big_endian, big };
        let first = match file(false).number(2, 2) {
            Some(42) => file(false).number(4, 4).map(|first| (file(false), first)),
            Some(43) => file(true).number(8, 8).map(|first| (file(true), first)),
            _ => None,
        };
        first.ok_or_else(ends_early)
    }

    /// An unsigned number of so many bytes at a place in the file.
    fn number(&self, at: u64, width: usize) -> Option<u64> {
        let at = usize::try_from(at).ok()?;
        Some(number(self.bytes.get(at..at.checked_add(width)?)?, self.big_endian))
    }

    /// All directories in the order of the file, at most so many. A chain that bites its tail ends there.
    pub(super) fn directories(&self, first: u64, most: u32) -> Result<Vec<Directory<'a>>, DecodeError> {
        let mut seen = BTreeSet::new();
        let mut all = Vec::new();
        let mut at = first;
        while at != 0 && seen.insert(at) {
            if all.len() >= most as usize {
                return Err(DecodeError::limit(format!(
                    "the TIFF file has more than {most} pages, which are not read"
                )));
            }
            let (directory, next) = self.directory(at)?;
            all.push(directory);
            at = next;
        }
        if all.is_empty() {
            return Err(DecodeError::corrupt("the TIFF file has no page"));
        }
        Ok(all)
    }

    /// The directory at a place, and where the next one lies.
    pub(super) fn directory(&self, at: u64) -> Result<(Directory<'a>, u64), DecodeError> {
        // Of the count, of an entry, of a value that lies in its entry.
        let (head, size, inline) = if self.big { (8, 20, 8) } else { (2, 12, 4) };
        let count = self.number(at, head).ok_or_else(ends_early)?;
        let start = at + head as u64;
        let end = count
            .checked_mul(size)
            .and_then(|length| start.checked_add(length))
            .ok_or_else(ends_early)?;
        if end > self.bytes.len() as u64 {
            return Err(ends_early());
        }
        let mut entries = Vec::new();
        for entry in 0..count {
            let place = start + entry * size;
            let (Some(tag), Some(kind)) = (self.number(place, 2), self.number(place + 2, 2)) else {
                return Err(ends_early());
            };
            let of_kind = match kind {
                1 | 2 | 6 | 7 => 1,
                3 | 8 => 2,
                4 | 9 | 11 | 13 => 4,
                5 | 10 | 12 | 16 | 17 | 18 => 8,
                _ => continue,
            };
            let count = self.number(place + 4, inline).ok_or_else(ends_early)?;
            let length = count.checked_mul(of_kind).ok_or_else(ends_early)?;
            let values = if length <= inline as u64 {
                place + 4 + inline as u64
            } else {
                self.number(place + 4 + inline as u64, inline).ok_or_else(ends_early)?
            };
            let range = usize::try_from(values).ok().zip(usize::try_from(length).ok());
            let values = range.and_then(|(at, length)| self.bytes.get(at..at.checked_add(length)?));
            // Values outside of the file: of a tag that is needed its absence is said.
            let Some(values) = values else { continue };
            #[allow(clippy::cast_possible_truncation, reason = "read from two bytes")]
            entries.push(Entry {
                tag: tag as u16,
                kind: kind as u16,
                values,
            });
        }
        let next = self.number(end, inline).unwrap_or(0);
        let directory = Directory {
            entries,
            big_endian: self.big_endian,
        };
        Ok((directory, next))
    }
}

impl<'a> Directory<'a> {
    fn find(&self, tag: u16) -> Option<&Entry<'a>> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }

    /// Unsigned numbers; empty where the tag is absent or holds others.
    pub(super) fn numbers(&self, tag: u16) -> Vec<u64> {
        let Some(entry) = self.find(tag) else {
            return vec![];
        };
        let width = match entry.kind {
            1 | 7 => 1,
            3 => 2,
            4 | 13 => 4,
            16 | 18 => 8,
            _ => return vec![],
        };
        entry
            .values
            .chunks_exact(width)
            .map(|bytes| number(bytes, self.big_endian))
            .collect()
    }

    /// The first of [`Self::numbers`].
    pub(super) fn number(&self, tag: u16) -> Option<u64> {
        self.numbers(tag).first().copied()
    }

    /// Fractions of unsigned numbers; one without a denominator is left out.
    pub(super) fn fractions(&self, tag: u16) -> Vec<f64> {
        let Some(entry) = self.find(tag).filter(|entry| entry.kind == 5) else {
            return vec![];
        };
        let pairs = entry
            .values
            .chunks_exact(8)
            .filter_map(|bytes| bytes.split_at_checked(4));
        pairs
            .map(|(above, below)| {
                (
                    number(above, self.big_endian) as f64,
                    number(below, self.big_endian) as f64,
                )
            })
            .filter(|(_, below)| *below != 0.0)
            .map(|(above, below)| above / below)
            .collect()
    }

    /// The first number of a tag, of whichever type, to be shown to a person.
    pub(super) fn shown(&self, tag: u16) -> Option<f64> {
        let entry = self.find(tag)?;
        let width = match entry.kind {
            1 | 6 => 1,
            3 | 8 => 2,
            4 | 9 | 11 => 4,
            12 | 16 | 17 => 8,
            _ => return self.fractions(tag).first().copied(),
        };
        let bits = number(entry.values.get(..width)?, self.big_endian);
        #[allow(clippy::cast_possible_truncation, reason = "of so many bytes")]
        Some(match (entry.kind, width) {
            (11, _) => f64::from(f32::from_bits(bits as u32)),
            (12, _) => f64::from_bits(bits),
            (6, _) => f64::from((bits as u8).cast_signed()),
            (8, _) => f64::from((bits as u16).cast_signed()),
            (9, _) => f64::from((bits as u32).cast_signed()),
            (17, _) => bits.cast_signed() as f64,
            _ => bits as f64,
        })
    }

    /// The value's bytes as they stand in the file.
    pub(super) fn bytes(&self, tag: u16) -> &'a [u8] {
        self.find(tag).map_or(&[], |entry| entry.values)
    }

    /// A text up to its first NUL.
    pub(super) fn text(&self, tag: u16) -> String {
        let bytes = self.bytes(tag);
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
    }
}

fn number(bytes: &[u8], big_endian: bool) -> u64 {
    let add = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
    if big_endian {
        bytes.iter().fold(0, add)
    } else {
        bytes.iter().rev().fold(0, add)
    }
}

pub(super) fn ends_early() -> DecodeError {
    DecodeError::truncated("the TIFF file ends early: it is truncated; copy it again from its source")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::FailureCode;

    #[test]
    fn values_lie_in_their_entry_or_elsewhere_and_never_outside() -> Result<(), DecodeError> {
        let mut bytes = b"II\x2a\0\x08\0\0\0\x03\0".to_vec();
        // Two shorts in place, one fraction elsewhere, and a list that goes beyond the file.
        bytes.extend(b"\x00\x01\x03\0\x02\0\0\0\x05\0\x06\0");
        bytes.extend(b"\x1a\x01\x05\0\x01\0\0\0\x32\0\0\0");
        bytes.extend(b"\x11\x01\x04\0\xff\xff\xff\xff\x08\0\0\0");
        bytes.extend(b"\0\0\0\0\x03\0\0\0\x02\0\0\0");
        let (file, first) = File::open(&bytes)?;
        let pages = file.directories(first, 9)?;
        let [page] = &pages[..] else {
            return Err(DecodeError::corrupt("one page"));
        };
        assert_eq!(page.numbers(256), [5, 6]);
        assert_eq!(page.fractions(282), [1.5]);
        assert_eq!(page.number(273), None);
        Ok(())
    }

    #[test]
    fn a_chain_that_bites_its_tail_ends_and_one_that_leaves_the_file_is_refused() {
        let mut bytes = b"MM\0\x2a\0\0\0\x08\0\0\0\0\0\x08".to_vec();
        let pages = |bytes: &[u8]| {
            let (file, first) = File::open(bytes)?;
            file.directories(first, 9).map(|pages| pages.len())
        };
        assert_eq!(pages(&bytes), Ok(1));
        bytes[13] = 99;
        assert_eq!(pages(&bytes).map_err(|e| e.code), Err(FailureCode::Truncated));
    }
}
