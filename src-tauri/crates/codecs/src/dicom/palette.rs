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
        None => expand(
            &words(set.bytes(tag::SEGMENTED_RED_PALETTE_DATA + channel)?, set.encoding),
            entries,
        )?,
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

/// Segments (C.7.9.2): 0 discrete values, 1 a straight line to a value, 2 earlier segments again.
fn expand(data: &[u16], entries: usize) -> Option<Vec<u16>> {
    let mut values: Vec<u16> = Vec::new();
    let mut segments = Vec::new();
    let mut at = 0;
    while at < data.len() && values.len() < entries {
        segments.push(at);
        at = segment(data, at, &mut values, entries)?;
        if data.get(*segments.last()?) == Some(&2) {
            let &[_, count, low, high] = data.get(*segments.last()?..)?.first_chunk::<4>()?;
            // The offset counts bytes from the beginning of the data.
            let offset = (usize::from(high) << 16 | usize::from(low)) / 2;
            let first = segments.iter().position(|start| *start == offset)?;
            for again in segments.get(first..first + usize::from(count))?.to_vec() {
                segment(data, again, &mut values, entries)?;
            }
        }
    }
    Some(values)
}

/// Writes one segment and returns where the next begins. Of an indirect one only the length counts here.
fn segment(data: &[u16], at: usize, values: &mut Vec<u16>, entries: usize) -> Option<usize> {
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
        2 => Some(at + 4),
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
        assert_eq!(expand(&data, 12), Some(vec![1, 2, 4, 6, 8, 10, 1, 2, 4, 6, 8, 10]));
    }

    #[test]
    fn broken_segments_give_nothing() {
        for data in [&[0, 9, 1][..], &[1, 4, 10], &[2, 1, 99, 0], &[7, 1, 1], &[0, 60000, 1]] {
            assert_eq!(expand(data, 100), None, "{data:?}");
        }
    }
}
