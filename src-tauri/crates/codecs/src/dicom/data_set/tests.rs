//! Numbers of every VR, whether the file says the VR or not.

use super::super::{parse::parse, tag};
use super::*;

/// An element in an encoding; `vr` is left out where that is implicit.
fn element(encoding: Encoding, tag: u32, vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
    let word = |word: u32| match encoding.big_endian {
        true => (word as u16).to_be_bytes(),
        false => (word as u16).to_le_bytes(),
    };
    let long = |long: u32| match encoding.big_endian {
        true => long.to_be_bytes(),
        false => long.to_le_bytes(),
    };
    let length = value.len() as u32;
    let head = [word(tag >> 16), word(tag & 0xFFFF)].concat();
    match (encoding.explicit_vr, vr) {
        (false, _) => [&head[..], &long(length), value].concat(),
        (true, b"UN" | b"SQ") => [&head[..], vr, &[0, 0], &long(length), value].concat(),
        _ => [&head[..], vr, &word(length), value].concat(),
    }
}

/// Values of a VR, and their bytes.
fn bytes_of(values: &[f64], vr: &[u8; 2], big: bool) -> Vec<u8> {
    let one = |value: &f64| {
        let mut bytes = match vr {
            b"FD" => value.to_be_bytes().to_vec(),
            b"FL" => (*value as f32).to_be_bytes().to_vec(),
            b"UL" => (*value as u32).to_be_bytes().to_vec(),
            b"SS" => (*value as i16).to_be_bytes().to_vec(),
            _ => (*value as u16).to_be_bytes().to_vec(),
        };
        if !big {
            bytes.reverse();
        }
        bytes
    };
    values.iter().flat_map(one).collect()
}

/// Every tag that is a binary number, in each encoding, with its VR, without, as UN, and within a sequence that became
/// UN: its values are the same.
#[test]
fn a_binary_number_is_the_same_whether_its_vr_is_said_or_not() -> Result<(), decode::DecodeError> {
    let mut seen = 0;
    for (name, tag) in tag::tests::all() {
        let Some(vr) = tag::binary_vr(tag).filter(|vr| vr != b"AT") else {
            continue;
        };
        seen += 1;
        let values: &[f64] = match &vr {
            b"US" => &[65_535.0, 3.0],
            b"UL" => &[80_000.0, 1.0],
            b"SS" => &[-2.0, 32_767.0],
            _ => &[-0.25, 1200.5, 3.0],
        };
        for encoding in [
            Encoding::EXPLICIT,
            Encoding::IMPLICIT,
            Encoding::EXPLICIT_BIG_ENDIAN,
            Encoding::IMPLICIT_BIG_ENDIAN,
        ] {
            let bytes = bytes_of(values, &vr, encoding.big_endian);
            for said in [&vr, b"UN"] {
                let file = element(encoding, tag, said, &bytes);
                let set = parse(&file, encoding, 8)?;
                let what = format!("{name} {encoding:?} {said:?}");
                assert_eq!(set.numbers(tag), values, "{what}");
                if let b"US" | b"UL" = &vr {
                    assert_eq!(set.uint(tag).map(f64::from), values.first().copied(), "{what}");
                    assert_eq!(set.int(tag).map(f64::from), values.first().copied(), "{what}");
                }
            }
        }
        let inner = element(Encoding::IMPLICIT, tag, &vr, &bytes_of(values, &vr, false));
        let item = element(Encoding::IMPLICIT, tag::ITEM, b"  ", &inner);
        let file = element(Encoding::EXPLICIT, tag::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, b"UN", &item);
        let set = parse(&file, Encoding::EXPLICIT, 8)?;
        let items = set.items(tag::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
        let found: Vec<Vec<f64>> = items.iter().map(|item| item.numbers(tag)).collect();
        assert_eq!(found, [values.to_vec()], "{name} within UN");
    }
    assert!(seen > 40, "{seen} tags");
    Ok(())
}
