use std::borrow::Cow;

use super::{data_set::DataSet, tag};
use decode::DecodeError;

/// Fragments to frames (PS3.5 A.4): one code stream a frame.
///
/// One frame owns all fragments; as many fragments as frames are one each; else the Extended or Basic
/// Offset Table tells, or the start of a code stream in a fragment does.
pub(super) fn frames_of<'a>(
    set: &DataSet<'a>,
    offsets: &[u8],
    fragments: &[&'a [u8]],
    frames: u32,
) -> Result<Vec<Cow<'a, [u8]>>, DecodeError> {
    let frames = frames as usize;
    if fragments.len() < frames {
        return Err(DecodeError::truncated(format!(
            "{frames} frames are declared, but only {} fragments of pixel data are there",
            fragments.len()
        )));
    }
    if frames == 1 {
        return Ok(vec![joined(fragments)]);
    }
    if fragments.len() == frames {
        return Ok(fragments.iter().map(|f| Cow::Borrowed(*f)).collect());
    }
    let starts = match offset_table(set, offsets, frames) {
        Some(table) => starts_of_offsets(&table, fragments)?,
        None => starts_of_streams(fragments),
    };
    if starts.len() != frames || starts.first() != Some(&0) {
        return Err(DecodeError::corrupt(format!(
            "{} fragments of pixel data cannot be told apart into {frames} frames: the offset table is missing or damaged",
            fragments.len()
        )));
    }
    let ends = starts.iter().skip(1).copied().chain([fragments.len()]);
    Ok(starts
        .iter()
        .zip(ends)
        .map(|(start, end)| joined(&fragments[*start..end]))
        .collect())
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

/// Offsets count from the first fragment's item tag, and each item head takes 8 bytes.
fn starts_of_offsets(table: &[u64], fragments: &[&[u8]]) -> Result<Vec<usize>, DecodeError> {
    let mut at = 0_u64;
    let mut positions = Vec::with_capacity(fragments.len());
    for fragment in fragments {
        positions.push(at);
        at += 8 + fragment.len() as u64;
    }
    let starts: Option<Vec<usize>> = table
        .iter()
        .map(|offset| positions.binary_search(offset).ok())
        .collect();
    let rising = starts.filter(|starts| starts.is_sorted_by(|a, b| a < b));
    rising.ok_or_else(|| DecodeError::corrupt("the offset table points outside the pixel data: the file is damaged"))
}

/// Fragments that begin a JPEG (SOI) or JPEG 2000 (SOC, SIZ) code stream.
fn starts_of_streams(fragments: &[&[u8]]) -> Vec<usize> {
    let begins = |f: &[u8]| f.starts_with(&[0xff, 0xd8, 0xff]) || f.starts_with(&[0xff, 0x4f, 0xff, 0x51]);
    fragments
        .iter()
        .enumerate()
        .filter(|(_, f)| begins(f))
        .map(|(i, _)| i)
        .collect()
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
        let table: Vec<u8> = offsets.iter().flat_map(|o| o.to_le_bytes()).collect();
        let frames = frames_of(&NO_TABLE, &table, fragments, frames).map_err(|e| e.code)?;
        Ok(frames.iter().map(|f| f.len()).collect())
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
        assert_eq!(lengths(&[], &fragments, 99), Err(FailureCode::Truncated));
    }
}
