use std::borrow::Cow;

use super::{data_set::DataSet, tag, transfer_syntax::Codec};
use decode::DecodeError;

/// Fragments to frames (PS3.5 A.4): one code stream a frame, as many as there are. Fewer than declared where the file
/// ends early, then only those of which every fragment is there; more where the file declares too few.
///
/// What tells them apart, in this order: a codec whose frames have one fragment each (A.4.2, A.4.11, A.4.12), as many
/// fragments as frames, the Extended or Basic Offset Table, the start of a code stream in a fragment. `partial` is what
/// a cut left of the last one, `declared` the number of frames and the bytes of a decoded one.
pub(super) fn frames_of<'a>(
    set: &DataSet<'_>,
    offsets: &'a [u8],
    (fragments, partial): (&[&'a [u8]], Option<&[u8]>),
    declared: (u32, usize),
    codec: Codec,
) -> Result<Vec<Cow<'a, [u8]>>, DecodeError> {
    let (frames, frame_bytes) = (declared.0 as usize, declared.1);
    let with_first: Vec<&[u8]>;
    // The item of the table is missing where the first one holds a stream (A.4 makes it mandatory): a table begins
    // with an offset of 0.
    let (offsets, fragments) = match codec {
        Codec::Native | Codec::Deflated => (offsets, fragments),
        _ if !begins_stream(offsets, codec) => (offsets, fragments),
        _ => {
            with_first = [offsets].into_iter().chain(fragments.iter().copied()).collect();
            (&[][..], with_first.as_slice())
        }
    };
    let missing = || {
        DecodeError::truncated(format!(
            "{frames} frames are declared, but of the pixel data only {} whole fragments are there: the file is truncated; copy it again from its source",
            fragments.len()
        ))
    };
    if fragments.is_empty() {
        return Err(missing());
    }
    let one_each = || Ok(fragments.iter().map(|f| Cow::Borrowed(*f)).collect());
    let (alone, marked) = match codec {
        Codec::Rle => (fragments.iter().all(|fragment| begins_rle(fragment)), true),
        Codec::Native => (frames > 1 || fragments.iter().all(|f| f.len() >= frame_bytes), false),
        Codec::Deflated => (frames > 1, false),
        _ => (false, true),
    };
    let as_many = fragments.len() == frames && partial.is_none();
    if alone || (as_many && !goes_on(fragments, codec)) {
        return one_each();
    }
    let begins = |bytes: &[u8]| marked && begins_stream(bytes, codec);
    let of_streams: Vec<usize> = (0..)
        .zip(fragments)
        .filter(|(_, f)| begins(f))
        .map(|(at, _)| at)
        .collect();
    let table = offset_table(set, offsets).map(|table| starts_of_offsets(&table, fragments, partial.is_some()));
    let (mut starts, last_is_whole) = match table {
        // A table of other length than the frames counts where nothing speaks against it.
        Some(Ok(found)) if found.0.len() == frames || of_streams.len() != frames => found,
        // Streams that can be told from their beginnings stand over a damaged table, and so does a single frame.
        Some(Err(error)) if of_streams.len() != frames && frames > 1 => return Err(error),
        _ => (of_streams, partial.is_none_or(begins)),
    };
    // Empty fragments before the first stream are a part of it.
    if let Some(first) = starts.first_mut()
        && fragments
            .get(..*first)
            .is_some_and(|before| before.iter().all(|f| f.is_empty()))
    {
        *first = 0;
    }
    let told_apart = starts.first() == Some(&0);
    if frames == 1 && !(told_apart && starts.len() > 1) {
        return match partial {
            Some(partial) if !(told_apart && begins(partial)) => Err(missing()),
            _ => Ok(vec![joined(fragments)]),
        };
    }
    // Of codecs whose streams have no mark each fragment is a frame.
    if starts.is_empty() && fragments.len() <= frames {
        return one_each();
    }
    let too_few = starts.len() < frames && fragments.len() > frames && partial.is_none();
    if !told_apart || (too_few && !(marked && is_consistent(fragments, codec))) {
        return Err(DecodeError::corrupt(format!(
            "{} fragments of pixel data cannot be told apart into {frames} frames: the offset table is missing or damaged",
            fragments.len()
        )));
    }
    let ends = starts.iter().skip(1).copied().chain([fragments.len()]);
    let mut streams: Vec<_> = starts
        .iter()
        .zip(ends)
        .filter_map(|(start, end)| Some(joined(fragments.get(*start..end)?)))
        .collect();
    if !last_is_whole {
        streams.pop();
    }
    if streams.is_empty() {
        Err(missing())
    } else {
        Ok(streams)
    }
}

fn joined<'a>(fragments: &[&'a [u8]]) -> Cow<'a, [u8]> {
    match fragments {
        [one] => Cow::Borrowed(one),
        many => Cow::Owned(many.concat()),
    }
}

/// `None` when the file has no table.
fn offset_table(set: &DataSet<'_>, basic: &[u8]) -> Option<Vec<u64>> {
    let extended = set.bytes(tag::EXTENDED_OFFSET_TABLE).unwrap_or_default();
    let (extended, _) = extended.as_chunks::<8>();
    let (basic, _) = basic.as_chunks::<4>();
    let table: Vec<u64> = match extended {
        [] => basic.iter().map(|b| u64::from(u32::from_le_bytes(*b))).collect(),
        extended => extended.iter().map(|b| u64::from_le_bytes(*b)).collect(),
    };
    (!table.is_empty()).then_some(table)
}

/// Offsets count from the first fragment's item tag, and each item head takes 8 bytes. The second value says whether
/// all of the last frame is there, which a cut file may lack.
fn starts_of_offsets(table: &[u64], fragments: &[&[u8]], cut: bool) -> Result<(Vec<usize>, bool), DecodeError> {
    let mut at = 0_u64;
    let mut positions = Vec::with_capacity(fragments.len());
    for fragment in fragments {
        positions.push(at);
        at += 8 + fragment.len() as u64;
    }
    let end = at;
    let outside = || DecodeError::corrupt("the offset table points outside the pixel data: the file is damaged");
    let there = if cut {
        table.iter().take_while(|offset| **offset < end).count()
    } else {
        table.len()
    };
    let starts: Option<Vec<usize>> = table
        .iter()
        .take(there)
        .map(|offset| positions.binary_search(offset).ok())
        .collect();
    let rising = starts
        .filter(|starts| starts.is_sorted_by(|a, b| a < b))
        .ok_or_else(outside)?;
    let whole = !cut || table.get(there) == Some(&end);
    Ok((rising, whole))
}

/// Whether a fragment goes on with the stream of the one before, so that fragments are not frames though there are as
/// many: it is empty, or begins no stream while the one before it ends none.
fn goes_on(fragments: &[&[u8]], codec: Codec) -> bool {
    let marked = !matches!(codec, Codec::Native | Codec::Deflated | Codec::Rle);
    let first_begins = fragments.first().is_some_and(|first| begins_stream(first, codec));
    let goes_on = |pair: &[&[u8]]| match pair {
        [before, next] => !begins_stream(next, codec) && (next.is_empty() || !ends_stream(before)),
        _ => false,
    };
    let empty_first = fragments.first().is_some_and(|first| first.is_empty());
    marked && (empty_first || (first_begins && fragments.windows(2).any(goes_on)))
}

/// Whether behind each end of a stream the next one begins, so that a missing frame is missing as a whole.
fn is_consistent(fragments: &[&[u8]], codec: Codec) -> bool {
    let there: Vec<&[u8]> = fragments.iter().copied().filter(|f| !f.is_empty()).collect();
    let pairs = there.iter().zip(there.iter().skip(1));
    pairs
        .into_iter()
        .all(|(before, next)| begins_stream(next, codec) || !ends_stream(before))
}

/// Whether bytes end like a stream of JPEG, JPEG-LS (EOI) or JPEG 2000 (EOC), with any padding.
fn ends_stream(bytes: &[u8]) -> bool {
    let padding = bytes.iter().rev().take_while(|byte| **byte == 0).count();
    bytes
        .get(..bytes.len() - padding)
        .is_some_and(|bytes| bytes.ends_with(&[0xff, 0xd9]))
}

/// Whether bytes begin like a stream of JPEG or JPEG-LS (SOI), JPEG 2000 (SOC, SIZ), JPEG XL or RLE.
fn begins_stream(bytes: &[u8], codec: Codec) -> bool {
    let starts: &[&[u8]] = match codec {
        Codec::Rle => return begins_rle(bytes),
        Codec::JpegXl => &[&[0xff, 0x0a], b"\0\0\0\x0cJXL "],
        _ => &[&[0xff, 0xd8, 0xff], &[0xff, 0x4f, 0xff, 0x51], b"\0\0\0\x0cjP  "],
    };
    starts.iter().any(|start| bytes.starts_with(start))
}

/// Whether bytes begin like an RLE header (PS3.5 G.5): at most 15 segments, the first right behind the header.
fn begins_rle(bytes: &[u8]) -> bool {
    let word = |at: usize| bytes.get(at..)?.first_chunk().map(|word| u32::from_le_bytes(*word));
    word(0).is_some_and(|segments| (1..=15).contains(&segments)) && word(4) == Some(64) && bytes.len() >= 64
}

#[cfg(test)]
mod tests;
