use domain::Palette;

use super::{data_set::DataSet, data_set::Encoding, tag};

const MAX_ENTRIES: usize = 1 << 16;

/// Palette Color Lookup Tables (PS3.3 C.7.6.3.1.5), plain or segmented (C.7.9.2); `None` when a table is
/// missing or unreadable. Colours of 8 bits are widened to 16.
pub(super) fn palette(set: &DataSet<'_>, signed: bool) -> Option<Palette> {
    let tables: Vec<Vec<u16>> = (0..3).map(|channel| table(set, channel)).collect::<Option<_>>()?;
    let [_, first, _] = descriptor(set, 0)?;
    let entries = tables.iter().map(Vec::len).min()?;
    let colours = (0..entries)
        .map(|i| [tables[0][i], tables[1][i], tables[2][i]])
        .collect();
    let first = if signed {
        i32::from(first as i16)
    } else {
        i32::from(first)
    };
    Some(Palette { first, colours })
}

/// Whether the palette colours the greatest values of a grey image (Supplemental Palette Color LUT, C.7.6.19; Pixel
/// Presentation, C.8.16.2.1.1.1).
pub(super) fn is_supplemental(set: &DataSet<'_>) -> bool {
    let grey = matches!(
        set.code(tag::PHOTOMETRIC_INTERPRETATION),
        Some("MONOCHROME1" | "MONOCHROME2")
    );
    grey && matches!(set.code(tag::PIXEL_PRESENTATION), Some("COLOR" | "MIXED"))
}

/// Number of entries, first stored value, bits of an entry.
fn descriptor(set: &DataSet<'_>, channel: u32) -> Option<[u16; 3]> {
    let bytes = set.bytes(tag::RED_PALETTE_DESCRIPTOR + channel)?.first_chunk::<6>()?;
    let words = words(bytes, set.encoding);
    words.try_into().ok()
}

fn words(bytes: &[u8], encoding: Encoding) -> Vec<u16> {
    bytes.as_chunks::<2>().0.iter().map(|b| encoding.u16(*b)).collect()
}

fn table(set: &DataSet<'_>, channel: u32) -> Option<Vec<u16>> {
    let [entries, _, bits] = descriptor(set, channel)?;
    // 65,536 does not fit the field and is written as 0.
    let entries = if entries == 0 {
        MAX_ENTRIES
    } else {
        usize::from(entries)
    };
    let mut values = match set.bytes(tag::RED_PALETTE_DATA + channel) {
        // 8-bit entries lie two to a word, or one to a word in files that break the rule.
        Some(bytes) if bits <= 8 && bytes.len() < entries * 2 => {
            let swap = set.encoding.big_endian;
            (0..bytes.len())
                .filter_map(|i| bytes.get(if swap { i ^ 1 } else { i }))
                .map(|b| u16::from(*b))
                .collect()
        }
        Some(bytes) => words(bytes, set.encoding),
        None => segmented(set, channel, bits, entries)?,
    };
    if values.len() < entries {
        return None;
    }
    values.truncate(entries);
    if bits <= 8 {
        values.iter_mut().for_each(|v| *v = (*v & 0xff) * 257);
    }
    Some(values)
}

/// Of segmented tables of 8 bits everything is bytes (C.7.9.2); files that break the rule write words.
fn segmented(set: &DataSet<'_>, channel: u32, bits: u16, entries: usize) -> Option<Vec<u16>> {
    let bytes = set.bytes(tag::SEGMENTED_RED_PALETTE_DATA + channel)?;
    let in_words = || expand(&words(bytes, set.encoding), entries, Units::Words);
    if bits > 8 {
        return in_words();
    }
    let swap = set.encoding.big_endian;
    let single: Vec<u16> = (0..bytes.len())
        .filter_map(|at| bytes.get(if swap { at ^ 1 } else { at }))
        .map(|byte| u16::from(*byte))
        .collect();
    let whole = |values: &Vec<u16>| values.len() == entries;
    expand(&single, entries, Units::Bytes)
        .filter(whole)
        .or_else(|| in_words().filter(whole))
}

/// What opcodes, lengths and values of a segmented table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Units {
    Bytes,
    Words,
}

impl Units {
    /// Of an indirect segment, whose offset has 32 bits.
    fn of_indirect(self) -> usize {
        match self {
            Units::Bytes => 6,
            Units::Words => 4,
        }
    }

    /// The first segment of an indirect one, as a place in the data; it is written as bytes from their beginning, the
    /// lowest part first.
    fn offset(self, segment: &[u16]) -> Option<usize> {
        let parts = segment.get(2..self.of_indirect())?.iter().rev();
        let bits = if self == Units::Bytes { 8 } else { 16 };
        let bytes = parts.fold(0, |offset: u64, part| offset << bits | u64::from(*part));
        usize::try_from(if self == Units::Bytes { bytes } else { bytes / 2 }).ok()
    }
}

/// Segments (C.7.9.2): 0 discrete values, 1 a straight line to a value, 2 earlier segments again.
fn expand(data: &[u16], entries: usize, units: Units) -> Option<Vec<u16>> {
    let mut values: Vec<u16> = Vec::new();
    let mut segments = Vec::new();
    let mut at = 0;
    while at < data.len() && values.len() < entries {
        segments.push(at);
        at = segment(data, at, &mut values, entries, units)?;
        if data.get(*segments.last()?) == Some(&2) {
            let indirect = data.get(*segments.last()?..)?;
            let (count, offset) = (*indirect.get(1)?, units.offset(indirect)?);
            let first = segments.iter().position(|start| *start == offset)?;
            for again in segments.get(first..first + usize::from(count))?.to_vec() {
                segment(data, again, &mut values, entries, units)?;
            }
        }
    }
    Some(values)
}

/// Writes one segment and returns where the next begins. Of an indirect one only the length counts here.
fn segment(data: &[u16], at: usize, values: &mut Vec<u16>, entries: usize, units: Units) -> Option<usize> {
    let &[kind, length] = data.get(at..)?.first_chunk::<2>()?;
    let length = usize::from(length);
    if kind < 2 && values.len() + length > entries {
        return None;
    }
    match kind {
        0 => {
            values.extend(data.get(at + 2..at + 2 + length)?);
            Some(at + 2 + length)
        }
        1 => {
            let to = i64::from(*data.get(at + 2)?);
            let from = i64::from(*values.last()?);
            // Rounded to the nearest.
            let steps = i64::try_from(length).ok()?;
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between two values of 16 bits"
            )]
            values.extend(
                (1..=steps).map(|i| (from + ((to - from) * i * 2 + steps * (to - from).signum()) / (steps * 2)) as u16),
            );
            Some(at + 3)
        }
        2 => Some(at + units.of_indirect()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_expand() {
        // Two values, a line of four steps to 10, then the first two segments again.
        let data = [0, 2, 1, 2, 1, 4, 10, 2, 2, 0, 0];
        assert_eq!(
            expand(&data, 12, Units::Words),
            Some(vec![1, 2, 4, 6, 8, 10, 1, 2, 4, 6, 8, 10])
        );
    }

    #[test]
    fn broken_segments_give_nothing() {
        for data in [&[0, 9, 1][..], &[1, 4, 10], &[2, 1, 99, 0], &[7, 1, 1], &[0, 60000, 1]] {
            assert_eq!(expand(data, 100, Units::Words), None, "{data:?}");
            assert_eq!(expand(data, 100, Units::Bytes), None, "{data:?}");
        }
    }

    fn element(encoding: Encoding, tag: u32, vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
        let word = |word: u16| match encoding.big_endian {
            true => word.to_be_bytes(),
            false => word.to_le_bytes(),
        };
        let mut bytes = [(tag >> 16) as u16, tag as u16].map(word).concat();
        bytes.extend(vr);
        if vr == b"OW" {
            let length = value.len() as u32;
            bytes.extend([0; 2]);
            bytes.extend(if encoding.big_endian {
                length.to_be_bytes()
            } else {
                length.to_le_bytes()
            });
        } else {
            bytes.extend(word(value.len() as u16));
        }
        bytes.extend(value);
        bytes
    }

    /// A set with three tables of this data.
    fn set_of(encoding: Encoding, descriptor: [u16; 3], data: &[u8]) -> Vec<u8> {
        let word = |word: u16| match encoding.big_endian {
            true => word.to_be_bytes(),
            false => word.to_le_bytes(),
        };
        let descriptor = descriptor.map(word).concat();
        (0..3)
            .flat_map(|channel| {
                let descriptor = element(encoding, tag::RED_PALETTE_DESCRIPTOR + channel, b"US", &descriptor);
                let data = element(encoding, tag::SEGMENTED_RED_PALETTE_DATA + channel, b"OW", data);
                [descriptor, data].concat()
            })
            .collect()
    }

    /// Segments of 8 bits (PS3.3 C.7.9.2): discrete, a line, and both again; as bytes, as words that break the rule, and
    /// in swapped words of a big-endian file.
    #[test]
    fn segments_of_eight_bits_are_bytes() -> Result<(), decode::DecodeError> {
        for (start, to, length) in (0..=255_u16)
            .step_by(17)
            .flat_map(|start| [(start, 255 - start, 11), (start, 7, 201)])
        {
            // By hand, in fractions: (to - start) / length a step, rounded.
            let line = (1..=length).map(|at| {
                let step = (f64::from(to) - f64::from(start)) / f64::from(length);
                (f64::from(start) + step * f64::from(at)).round() as u16
            });
            let once: Vec<u16> = [9, start].into_iter().chain(line).collect();
            let wanted: Vec<u16> = [once.clone(), once].concat();
            let bytes = [0, 2, 9, start as u8, 1, length as u8, to as u8, 2, 2, 0, 0, 0, 0, 0];
            let words = [0, 2, 9, start, 1, length, to, 2, 2, 0, 0];
            let entries = wanted.len() as u16;
            let mut swapped = bytes;
            swapped
                .as_chunks_mut::<2>()
                .0
                .iter_mut()
                .for_each(|pair| pair.reverse());
            let written = [
                (Encoding::EXPLICIT, bytes.to_vec()),
                (Encoding::EXPLICIT, words.map(u16::to_le_bytes).concat()),
                (Encoding::EXPLICIT_BIG_ENDIAN, swapped.to_vec()),
            ];
            for (encoding, data) in written {
                let file = set_of(encoding, [entries, 5, 8], &data);
                let set = super::super::parse::parse(&file, encoding, 8)?;
                let read = palette(&set, false).unwrap_or(Palette {
                    first: 0,
                    colours: vec![],
                });
                let reds: Vec<u16> = read.colours.iter().map(|[red, _, _]| *red).collect();
                let wide: Vec<u16> = wanted.iter().map(|value| value * 257).collect();
                assert_eq!(
                    (read.first, reds),
                    (5, wide),
                    "{encoding:?} from {start} to {to} in {length}"
                );
            }
        }
        Ok(())
    }
}
