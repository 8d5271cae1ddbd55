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

fn cut(offsets: &[u32], fragments: (&[&'static [u8]], Option<&[u8]>), frames: u32) -> Result<Vec<usize>, FailureCode> {
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
    // As many fragments as frames, though the second goes on with the first stream.
    assert_eq!(lengths(&[], &fragments, 3), Ok(vec![6, 4]));
    // Where the first stream has its end, the second fragment is a damaged frame.
    let ended: [&[u8]; 3] = [b"\xff\xd8\xff\xe0\xff\xd9\0", b"12", b"\xff\xd8\xff\xe0"];
    assert_eq!(lengths(&[], &ended, 3), Ok(vec![7, 2, 4]));
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

/// Empty fragments before, between and behind the others, with as many frames as there are streams and with one or two
/// more that are missing: no fragment that is empty is a frame (PS3.5 A.4).
#[test]
fn empty_fragments_are_no_frames() {
    const STREAM: &[u8] = b"\xff\xd8\xff\xe0";
    for streams in 1..=3_usize {
        for at in 0..=streams {
            for count in 1..=2 {
                let mut fragments = vec![STREAM; streams];
                (0..count).for_each(|_| fragments.insert(at, b""));
                for declared in streams..=streams + 2 {
                    let what = format!("{count} before stream {at} of {streams}, {declared} declared");
                    let read = lengths(&[], &fragments, declared as u32);
                    assert_eq!(read, Ok(vec![4; streams]), "{what}");
                }
            }
        }
    }
}

/// Fewer streams than declared, in any number of fragments each: what is there is shown. A fragment behind the end of a
/// stream that begins none is a damaged frame, and nobody can say whose.
#[test]
fn missing_frames_do_not_hide_those_that_are_there() {
    for (streams, each) in (1..=3_usize).flat_map(|streams| (2..=4_usize).map(move |each| (streams, each))) {
        let mut one: Vec<&'static [u8]> = vec![b"12"; each];
        one[0] = b"\xff\xd8\xff\xe0";
        one[each - 1] = b"34\xff\xd9";
        for declared in streams..streams * each + 3 {
            let read = lengths(&[], &one.repeat(streams), declared as u32);
            let length = 4 + 2 * (each - 2) + 4;
            assert_eq!(
                read,
                Ok(vec![length; streams]),
                "{streams} in {each} fragments, {declared} declared"
            );
        }
    }
    let (first, damaged): (&[u8], &[u8]) = (b"\xff\xd8\xff\xe0\xff\xd9", b"12");
    assert_eq!(
        lengths(&[], &[first, damaged, damaged, first], 3),
        Err(FailureCode::Corrupt)
    );
}

/// A file without the item of the Basic Offset Table, which A.4 makes mandatory: the first item is a stream.
#[test]
fn the_first_item_may_be_a_stream() -> Result<(), FailureCode> {
    const STREAM: &[u8] = b"\xff\xd8\xff\xe0";
    let mut rle = [0; 70];
    rle[0] = 1;
    rle[4] = 64;
    let streams: [(Codec, &[u8]); 5] = [
        (Codec::Jpeg, STREAM),
        (Codec::JpegLs, STREAM),
        (Codec::Jpeg2000, b"\xff\x4f\xff\x51"),
        (Codec::JpegXl, b"\xff\x0a\0\0"),
        (Codec::Rle, &rle),
    ];
    for (codec, stream) in streams {
        for frames in 1..=3_usize {
            let behind = vec![stream; frames - 1];
            let read = frames_of(&NO_TABLE, stream, (&behind, None), (frames as u32, 4), codec).map_err(|e| e.code)?;
            assert_eq!(
                read.iter().map(|f| f.len()).collect::<Vec<_>>(),
                vec![stream.len(); frames],
                "{codec:?}"
            );
        }
    }
    Ok(())
}
