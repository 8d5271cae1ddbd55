use std::borrow::Cow;

use super::{data_set::DataSet, tag};
use decode::DecodeError;

/// Fragments to frames (PS3.5 A.4): one code stream a frame. Fewer than declared where the file ends early: then only
/// those of which every fragment is there.
///
/// One frame owns all fragments; as many fragments as frames are one each; else the Extended or Basic
/// Offset Table tells, or the start of a code stream in a fragment does. `partial` is what a cut left of the last one.
pub(super) fn frames_of<'a>(
    set: &DataSet<'_>,
    offsets: &[u8],
    (fragments, partial): (&[&'a [u8]], Option<&[u8]>),
    frames: u32,
) -> Result<Vec<Cow<'a, [u8]>>, DecodeError> {
    let frames = frames as usize;
    let missing = || {
        DecodeError::truncated(format!(
            "{frames} frames are declared, but of the pixel data only {} whole fragments are there: the file is truncated; copy it again from its source",
            fragments.len()
        ))
    };
    if fragments.is_empty() || (frames == 1 && partial.is_some()) {
        return Err(missing());
    }
    if frames == 1 {
        return Ok(vec![joined(fragments)]);
    }
    let one_each = || Ok(fragments.iter().map(|f| Cow::Borrowed(*f)).collect());
    if fragments.len() == frames && partial.is_none() {
        return one_each();
    }
    let table = offset_table(set, offsets, frames).map(|table| starts_of_offsets(&table, fragments, partial.is_some()));
    let of_streams = starts_of_streams(fragments);
    let (starts, last_is_whole) = match table {
        Some(Ok(found)) => found,
        // Streams that can be told from their beginnings stand over a damaged table.
        Some(Err(error)) if of_streams.len() != frames => return Err(error),
        _ => {
            let whole = partial.is_none_or(begins_stream);
            (of_streams, whole)
        }
    };
    // Of codecs whose streams have no mark each fragment is a frame (PS3.5 A.4.2).
    if starts.is_empty() && fragments.len() <= frames {
        return one_each();
    }
    if starts.len() > frames
        || starts.first() != Some(&0)
        || (starts.len() < frames && fragments.len() > frames && partial.is_none())
    {
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

/// `None` when the file has no table for that many frames.
fn offset_table(set: &DataSet<'_>, basic: &[u8], frames: usize) -> Option<Vec<u64>> {
    if let Some(extended) = set.bytes(tag::EXTENDED_OFFSET_TABLE)
        && extended.len() == frames * 8
    {
        return Some(
            extended
                .as_chunks::<8>()
                .0
                .iter()
                .map(|b| u64::from_le_bytes(*b))
                .collect(),
        );
    }
    (basic.len() == frames * 4).then(|| {
        basic
            .as_chunks::<4>()
            .0
            .iter()
            .map(|b| u64::from(u32::from_le_bytes(*b)))
            .collect()
    })
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

/// Fragments that begin a code stream.
fn starts_of_streams(fragments: &[&[u8]]) -> Vec<usize> {
    fragments
        .iter()
        .enumerate()
        .filter(|(_, f)| begins_stream(f))
        .map(|(i, _)| i)
        .collect()
}

/// Whether bytes begin like a stream of JPEG or JPEG-LS (SOI), JPEG 2000 (SOC, SIZ) or JPEG XL.
fn begins_stream(bytes: &[u8]) -> bool {
    let starts: [&[u8]; 5] = [
        &[0xff, 0xd8, 0xff],
        &[0xff, 0x4f, 0xff, 0x51],
        &[0xff, 0x0a],
        b"\0\0\0\x0cJXL ",
        b"\0\0\0\x0cjP  ",
    ];
    starts.iter().any(|start| bytes.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::super::data_set::Encoding;
    use super::*;
    use domain::FailureCode;

    const NO_TABLE: DataSet<'static> = DataSet {
        encoding: Encoding::EXPLICIT,
        elements: Vec::new(),
    };

    fn lengths(offsets: &[u32], fragments: &[&'static [u8]], frames: u32) -> Result<Vec<usize>, FailureCode> {
        cut(offsets, (fragments, None), frames)
    }

    fn cut(
        offsets: &[u32],
        fragments: (&[&'static [u8]], Option<&[u8]>),
        frames: u32,
    ) -> Result<Vec<usize>, FailureCode> {
        let table: Vec<u8> = offsets.iter().flat_map(|o| o.to_le_bytes()).collect();
        let frames = frames_of(&NO_TABLE, &table, fragments, frames).map_err(|e| e.code)?;
        Ok(frames.iter().map(|f| f.len()).collect())
    }

    #[test]
    fn of_a_cut_file_the_whole_frames_stay() {
        let jpeg: &[u8] = b"\xff\xd8\xff\xe0";
        let three: [&[u8]; 3] = [jpeg, b"12", jpeg];
        // The last one began, and may go on in what is missing.
        assert_eq!(cut(&[], (&three, Some(b"34")), 4), Ok(vec![6]));
        // What was cut begins another frame.
        assert_eq!(cut(&[], (&three, Some(jpeg)), 4), Ok(vec![6, 4]));
        assert_eq!(cut(&[0, 22, 34, 46], (&three, Some(b"34")), 4), Ok(vec![6, 4]));
        assert_eq!(cut(&[0, 22, 50, 70], (&three, Some(b"34")), 4), Ok(vec![6]));
        // Without marks, as in RLE.
        assert_eq!(cut(&[], (&[b"1234", b"56"], Some(b"7")), 4), Ok(vec![4, 2]));
        assert_eq!(cut(&[], (&[b"1234"], Some(b"7")), 1), Err(FailureCode::Truncated));
        assert_eq!(cut(&[], (&[], None), 3), Err(FailureCode::Truncated));
        assert_eq!(cut(&[], (&[], Some(jpeg)), 1), Err(FailureCode::Truncated));
    }

    #[test]
    fn fragments_fall_to_their_frames() {
        let fragments: [&[u8]; 3] = [b"\xff\xd8\xff\xe0", b"12", b"\xff\xd8\xff\xe0"];
        assert_eq!(lengths(&[], &fragments, 1), Ok(vec![10]));
        assert_eq!(lengths(&[], &fragments, 3), Ok(vec![4, 2, 4]));
        assert_eq!(lengths(&[0, 22], &fragments, 2), Ok(vec![6, 4]));
        assert_eq!(lengths(&[0, 12], &fragments, 2), Ok(vec![4, 6]));
        assert_eq!(lengths(&[], &fragments, 2), Ok(vec![6, 4]));
    }

    #[test]
    fn a_table_that_points_outside_is_refused() {
        let fragments: [&[u8]; 3] = [b"1234", b"12", b"1234"];
        for table in [[0, 0x7fff_ffff], [0, 13], [12, 0], [12, 22]] {
            assert_eq!(lengths(&table, &fragments, 2), Err(FailureCode::Corrupt), "{table:?}");
        }
        assert_eq!(lengths(&[], &fragments, 2), Err(FailureCode::Corrupt));
        // Fewer fragments than frames: each is one.
        assert_eq!(lengths(&[], &fragments, 99), Ok(vec![4, 2, 4]));
    }
}
