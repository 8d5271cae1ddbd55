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
    offsets: &[u8],
    (fragments, partial): (&[&'a [u8]], Option<&[u8]>),
    declared: (u32, usize),
    codec: Codec,
) -> Result<Vec<Cow<'a, [u8]>>, DecodeError> {
    let (frames, frame_bytes) = (declared.0 as usize, declared.1);
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
    if alone || (fragments.len() == frames && partial.is_none()) {
        return one_each();
    }
    let begins = |bytes: &[u8]| marked && begins_stream(bytes, codec);
    let of_streams: Vec<usize> = (0..)
        .zip(fragments)
        .filter(|(_, f)| begins(f))
        .map(|(at, _)| at)
        .collect();
    let table = offset_table(set, offsets).map(|table| starts_of_offsets(&table, fragments, partial.is_some()));
    let (starts, last_is_whole) = match table {
        // A table of other length than the frames counts where nothing speaks against it.
        Some(Ok(found)) if found.0.len() == frames || of_streams.len() != frames => found,
        // Streams that can be told from their beginnings stand over a damaged table, and so does a single frame.
        Some(Err(error)) if of_streams.len() != frames && frames > 1 => return Err(error),
        _ => (of_streams, partial.is_none_or(begins)),
    };
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
    if !told_apart || (starts.len() < frames && fragments.len() > frames && partial.is_none()) {
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
        by(Codec::Jpeg, offsets, fragments, frames)
    }

    fn by(
        codec: Codec,
        offsets: &[u32],
        fragments: (&[&[u8]], Option<&[u8]>),
        frames: u32,
    ) -> Result<Vec<usize>, FailureCode> {
        let table: Vec<u8> = offsets.iter().flat_map(|o| o.to_le_bytes()).collect();
        let frames = frames_of(&NO_TABLE, &table, fragments, (frames, 4), codec).map_err(|e| e.code)?;
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

    /// Every number of streams in every number of fragments each, with and without a table, however many frames are
    /// declared: what is too much stays to be told.
    #[test]
    fn streams_beyond_the_declared_frames_are_told_apart() {
        const FIRST: &[u8] = b"\xff\xd8\xff\xe0";
        const NEXT: &[u8] = b"12";
        for streams in 1..=4_usize {
            for each in 1..=3_usize {
                let of_stream = [&[FIRST][..], &vec![NEXT; each - 1]].concat();
                let fragments = of_stream.repeat(streams);
                let length = 4 + 2 * (each - 1);
                let table: Vec<u32> = (0..streams).map(|at| (at * (length + 8 * each)) as u32).collect();
                for declared in 1..=streams as u32 {
                    let wanted = Ok(vec![length; streams]);
                    if fragments.len() != declared as usize || streams == fragments.len() {
                        for table in [&[][..], &table] {
                            let what = format!("{streams} of {each} fragments, {declared} declared, {table:?}");
                            assert_eq!(lengths(table, &fragments, declared), wanted, "{what}");
                        }
                    }
                }
                // A table that lies does not part a single stream.
                if streams == 1 {
                    assert_eq!(lengths(&[0, 7], &fragments, 1), Ok(vec![length]));
                }
            }
        }
        // Without marks the table alone tells.
        let plain: [&[u8]; 3] = [b"1234", b"12", b"1234"];
        assert_eq!(lengths(&[], &plain, 1), Ok(vec![10]));
        assert_eq!(lengths(&[0, 12, 22], &plain, 2), Ok(vec![4, 2, 4]));
        assert_eq!(lengths(&[0, 22], &plain, 1), Ok(vec![6, 4]));
    }

    #[test]
    fn frames_that_have_one_fragment_each_are_not_joined() {
        let mut rle = [0; 70];
        rle[0] = 1;
        rle[4] = 64;
        for declared in 1..=4 {
            assert_eq!(
                by(Codec::Rle, &[], (&[&rle, &rle, &rle], None), declared),
                Ok(vec![70; 3])
            );
            let plain: [&[u8]; 3] = [b"1234", b"1234", b"1234"];
            assert_eq!(by(Codec::Native, &[], (&plain, None), declared), Ok(vec![4; 3]));
        }
        // One frame in parts, though the standard wants it whole.
        assert_eq!(by(Codec::Rle, &[], (&[&rle, b"12"], None), 1), Ok(vec![72]));
        assert_eq!(by(Codec::Native, &[], (&[b"12", b"34"], None), 1), Ok(vec![4]));
    }
}
