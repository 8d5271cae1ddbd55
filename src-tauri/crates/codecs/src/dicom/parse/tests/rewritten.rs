//! Sequences that became UN (PS3.5 6.2.2), and VRs that nobody knows.

use super::*;

/// An element with the tag in its data set's encoding; `vr` is left out where that is implicit.
fn element(encoding: Encoding, tag: u32, vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
    let word = |word: u32| match encoding.big_endian {
        true => (word as u16).to_be_bytes(),
        false => (word as u16).to_le_bytes(),
    };
    let long = |long: u32| match encoding.big_endian {
        true => long.to_be_bytes(),
        false => long.to_le_bytes(),
    };
    let mut bytes = [word(tag >> 16), word(tag & 0xFFFF)].concat();
    match (encoding.explicit_vr, LONG.contains(&vr)) {
        (false, _) => bytes.extend(long(value.len() as u32)),
        (true, true) => bytes.extend([&vr[..], &[0, 0], &long(value.len() as u32)].concat()),
        (true, false) => bytes.extend([&vr[..], &word(value.len() as u32)].concat()),
    }
    bytes.extend(value);
    bytes
}

fn head(encoding: Encoding, tag: u32, length: u32) -> Vec<u8> {
    let item = element(
        Encoding {
            explicit_vr: false,
            ..encoding
        },
        tag,
        b"  ",
        &[],
    );
    let length = match encoding.big_endian {
        true => length.to_be_bytes(),
        false => length.to_le_bytes(),
    };
    [&item[..4], &length].concat()
}

fn item(encoding: Encoding, inner: &[u8], delimited: bool) -> Vec<u8> {
    match delimited {
        true => [
            head(encoding, tag::ITEM, UNDEFINED),
            inner.to_vec(),
            head(encoding, tag::ITEM_DELIMITATION, 0),
        ]
        .concat(),
        false => [head(encoding, tag::ITEM, inner.len() as u32), inner.to_vec()].concat(),
    }
}

/// The UN element in an explicit little-endian data set.
fn unknown(tag: u32, inside: Encoding, items: &[u8], delimited: bool) -> Vec<u8> {
    let tag = [(tag >> 16) as u16, tag as u16].map(u16::to_le_bytes).concat();
    let length = if delimited { UNDEFINED } else { items.len() as u32 };
    let end = match delimited {
        true => head(inside, tag::SEQUENCE_DELIMITATION, 0),
        false => vec![],
    };
    [&tag[..], b"UN\0\0", &length.to_le_bytes(), items, &end].concat()
}

const RIGHT: [u8; 8] = *b"\x28\0\x11\0US\x02\0";

fn columns_behind(bytes: &[u8]) -> Result<DataSet<'_>, DecodeError> {
    let set = parse(bytes, Encoding::EXPLICIT, 64)?;
    assert_eq!(set.uint(tag::COLUMNS), Some(321));
    Ok(set)
}

/// Every encoding inside, every kind of length outside and inside, with and without an empty item before, in a sequence
/// that is read, in one that is not, and in a private element.
#[test]
fn a_sequence_that_became_un_is_read_whatever_lies_in_it() -> Result<(), DecodeError> {
    for inside in [Encoding::IMPLICIT, Encoding::EXPLICIT, Encoding::EXPLICIT_BIG_ENDIAN] {
        for (delimited, item_delimited, empty) in (0..12).map(|at| (at % 2 == 0, at / 2 % 2 == 0, at / 4)) {
            for tag in [tag::PIXEL_MEASURES_SEQUENCE, 0x0008_1140, 0x0009_1010] {
                let inner = [
                    element(inside, tag::SLICE_THICKNESS, b"DS", b"2.5 "),
                    element(inside, tag::PIXEL_SPACING, b"DS", b"0.5\\0.25"),
                ]
                .concat();
                let before = match empty {
                    0 => vec![],
                    1 => item(inside, &[], false),
                    _ => item(inside, &[], true),
                };
                let items = [before, item(inside, &inner, item_delimited)].concat();
                let file = [&unknown(tag, inside, &items, delimited)[..], &RIGHT, b"\x41\x01"].concat();
                let what = format!("{inside:?} {delimited} {item_delimited} {empty} {tag:08X}");
                let set = columns_behind(&file).inspect_err(|error| eprintln!("{what}: {error:?}"))?;
                if tag == tag::PIXEL_MEASURES_SEQUENCE {
                    let last = set.items(tag).last();
                    let read = last.map(|item| (item.number(tag::SLICE_THICKNESS), item.numbers(tag::PIXEL_SPACING)));
                    assert_eq!(read, Some((Some(2.5), vec![0.5, 0.25])), "{what}");
                }
            }
        }
    }
    Ok(())
}

#[test]
fn items_of_a_private_element_that_hold_no_data_set_are_passed_over() -> Result<(), DecodeError> {
    for fill in [b'x', 0, 0xFF] {
        let items = item(Encoding::IMPLICIT, &[fill; 16], false).repeat(3);
        let private = unknown(0x0009_1010, Encoding::IMPLICIT, &items, true);
        columns_behind(&[&private[..], &RIGHT, b"\x41\x01"].concat())?;
    }
    Ok(())
}

/// Each level can be read in two ways, and both fail at its end: the work must not double from level to level.
#[test]
fn nested_sequences_that_fail_cost_no_more_than_their_length() {
    let mut items = vec![0xAB; 30_000];
    for _ in 0..60 {
        items = unknown(
            0x0009_1010,
            Encoding::EXPLICIT,
            &item(Encoding::EXPLICIT, &items, true),
            true,
        );
        items.extend([0x55; 3]);
    }
    let started = std::time::Instant::now();
    assert!(parse(&items, Encoding::EXPLICIT, 64).is_err());
    // To notice a hang alone.
    assert!(started.elapsed().as_secs() < 60);
}

/// A VR that nobody knows has the long form where that fits, else the short one, as writers make them up.
#[test]
fn unknown_vrs_are_walked_over_in_either_form() -> Result<(), DecodeError> {
    for length in 0..40_u16 {
        let value = vec![0x41; usize::from(length)];
        let short = [&b"\x09\0\x10\x10ZZ"[..], &length.to_le_bytes(), &value].concat();
        let long = [&b"\x09\0\x10\x10ZZ\0\0"[..], &u32::from(length).to_le_bytes(), &value].concat();
        for element in [short, long] {
            columns_behind(&[&element[..], &RIGHT, b"\x41\x01"].concat())?;
        }
    }
    Ok(())
}

/// Empty values at the end are none (the values before them stand); an empty one between others leaves none to use.
#[test]
fn empty_values_behind_the_last_number_are_passed_over() -> Result<(), DecodeError> {
    for (text, wanted) in [
        ("40\\", vec![40.0]),
        ("40\\\\ ", vec![40.0]),
        (".5\\.6\\", vec![0.5, 0.6]),
        ("\\40", vec![]),
        ("1\\\\2", vec![]),
        ("\\", vec![]),
    ] {
        let value = format!("{text}{}", if text.len() % 2 == 1 { " " } else { "" });
        let file = element(Encoding::EXPLICIT, tag::WINDOW_CENTER, b"DS", value.as_bytes());
        assert_eq!(
            parse(&file, Encoding::EXPLICIT, 8)?.numbers(tag::WINDOW_CENTER),
            wanted,
            "{text}"
        );
    }
    Ok(())
}
