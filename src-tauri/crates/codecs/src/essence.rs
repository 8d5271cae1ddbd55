//! Whether two DICOM files hold the same data set: a hash of its elements and values, however they are written down.
//!
//! Left out is what is no part of it or changes on the way from one archive to the next: the meta header (PS3.10 7.1),
//! padding behind the last element (PS3.10 7.2), group lengths, where the instance can be retrieved, and how lengths and
//! value representations are written (PS3.5 7.1).

use sha2::{Digest, Sha256};

/// Of where an instance lies, not of what it is (PS3.3 C.12.1.1.5 and PS3.4 C.4.1.1.3.2), and the padding.
const LEFT_OUT: [[u16; 2]; 8] = [
    [0x0008, 0x0054],
    [0x0008, 0x0056],
    [0x0008, 0x1190],
    [0x0040, 0xe010],
    [0x0040, 0xe011],
    [0x0088, 0x0130],
    [0x0088, 0x0140],
    [0xfffc, 0xfffc],
];
const ITEM: [u16; 2] = [0xfffe, 0xe000];
const END_OF_ITEM: [u16; 2] = [0xfffe, 0xe00d];
const END_OF_SEQUENCE: [u16; 2] = [0xfffe, 0xe0dd];
const PIXEL_DATA: [u16; 2] = [0x7fe0, 0x0010];
const UNDEFINED: u32 = u32::MAX;
/// Sequences within sequences.
const MOST_DEPTH: u32 = 32;
/// Implicit and explicit VR in little endian: the same values.
const PLAIN: [&[u8]; 2] = [b"1.2.840.10008.1.2", b"1.2.840.10008.1.2.1"];
/// Other values, or packed ones, of the same data set: big endian, and deflated.
const NOT_READ: [&[u8]; 2] = [b"1.2.840.10008.1.2.2", b"1.2.840.10008.1.2.1.99"];

/// The hash in hexadecimal; `None` where the file is no DICOM file, is damaged, or its elements cannot be followed.
pub(crate) fn essence(bytes: &[u8]) -> Option<String> {
    let begin = [132, 4]
        .into_iter()
        .find(|end| bytes.get(end - 4..*end) == Some(b"DICM"));
    // Some keep the data set alone, or leave out what stands before the meta header.
    let mut rest = bytes.get(begin.unwrap_or(0)..)?;
    let mut syntax: &[u8] = b"";
    while rest.starts_with(&[2, 0]) {
        let element = Element::read(rest, true)?;
        let (value, after) = element.rest.split_at_checked(usize::try_from(element.length).ok()?)?;
        if element.tag == [0x0002, 0x0010] {
            syntax = value.trim_ascii_end();
            syntax = syntax.strip_suffix(b"\0").unwrap_or(syntax);
        }
        rest = after;
    }
    let alone = bytes.starts_with(&[8, 0]) && begin.is_none();
    if syntax.is_empty() && !alone || NOT_READ.contains(&syntax) {
        return None;
    }
    let mut hash = Sha256::new();
    if !alone && !PLAIN.contains(&syntax) {
        // Fragments of another codec are other values.
        hash.update(syntax);
    }
    let end = elements(rest, 0, &mut hash)?;
    end.is_empty().then(|| format!("{:x}", hash.finalize()))
}

/// What stands in front of a value.
struct Element<'a> {
    tag: [u16; 2],
    vr: Option<[u8; 2]>,
    length: u32,
    rest: &'a [u8],
}

impl<'a> Element<'a> {
    fn read(bytes: &'a [u8], explicit: bool) -> Option<Self> {
        let (&[g0, g1, e0, e1, a, b, c, d], rest) = bytes.split_first_chunk::<8>()?;
        let tag = [u16::from_le_bytes([g0, g1]), u16::from_le_bytes([e0, e1])];
        if tag[0] == ITEM[0] || !explicit {
            let length = u32::from_le_bytes([a, b, c, d]);
            return Some(Self {
                tag,
                vr: None,
                length,
                rest,
            });
        }
        let long = matches!(
            &[a, b],
            b"OB" | b"OD" | b"OF" | b"OL" | b"OV" | b"OW" | b"SQ" | b"SV" | b"UC" | b"UN" | b"UR" | b"UT" | b"UV"
        );
        let (length, rest) = match long {
            true => {
                let (length, rest) = rest.split_first_chunk::<4>()?;
                (u32::from_le_bytes(*length), rest)
            }
            false => (u32::from(u16::from_le_bytes([c, d])), rest),
        };
        Some(Self {
            tag,
            vr: Some([a, b]),
            length,
            rest,
        })
    }
}

/// Whether the first element names its value representation; a transfer syntax may say otherwise.
fn is_explicit(bytes: &[u8]) -> bool {
    bytes.get(4..6).is_some_and(|vr| vr.iter().all(u8::is_ascii_uppercase))
}

/// Hashes the elements of a data set, or of an item to its end; what follows it.
fn elements<'a>(mut bytes: &'a [u8], depth: u32, hash: &mut Sha256) -> Option<&'a [u8]> {
    let explicit = is_explicit(bytes);
    while !bytes.is_empty() {
        let element = Element::read(bytes, explicit)?;
        if element.tag == END_OF_ITEM {
            return (depth > 0).then_some(element.rest);
        }
        if element.tag[0] == ITEM[0] {
            return None;
        }
        let mut unheard = Sha256::new();
        let left_out = element.tag[1] == 0 || depth == 0 && LEFT_OUT.contains(&element.tag);
        let hash = if left_out { &mut unheard } else { &mut *hash };
        element.tag.iter().for_each(|half| hash.update(half.to_le_bytes()));
        bytes = value(&element, depth, hash)?;
    }
    Some(bytes)
}

fn value<'a>(element: &Element<'a>, depth: u32, hash: &mut Sha256) -> Option<&'a [u8]> {
    if element.length == UNDEFINED {
        let packed = element.tag == PIXEL_DATA || matches!(element.vr, Some([b'O', _]));
        return items(element.rest, packed, depth, hash);
    }
    let (value, after) = element.rest.split_at_checked(usize::try_from(element.length).ok()?)?;
    // Without a representation, or with one that was lost (UN), a sequence is known by its first item.
    let may_be_sequence = matches!(element.vr, None | Some([b'S', b'Q'] | [b'U', b'N']));
    if may_be_sequence && (value.is_empty() || value.starts_with(&[0xfe, 0xff, 0x00, 0xe0])) {
        let mut tried = hash.clone();
        if items(value, false, depth, &mut tried).is_some_and(<[u8]>::is_empty) {
            *hash = tried;
            return Some(after);
        }
    }
    plain(value, hash);
    Some(after)
}

fn plain(value: &[u8], hash: &mut Sha256) {
    if value.is_empty() {
        // As of a sequence without items, which an empty value without a representation may be.
        return hash.update(b"]");
    }
    hash.update(b"=");
    hash.update((value.len() as u64).to_le_bytes());
    hash.update(value);
}

/// Hashes the items of a sequence, or the fragments of a value that is packed, to their end; what follows it.
fn items<'a>(mut bytes: &'a [u8], packed: bool, depth: u32, hash: &mut Sha256) -> Option<&'a [u8]> {
    if depth >= MOST_DEPTH {
        return None;
    }
    loop {
        if bytes.is_empty() {
            break;
        }
        let item = Element::read(bytes, false)?;
        if item.tag == END_OF_SEQUENCE {
            bytes = item.rest;
            break;
        }
        if item.tag != ITEM {
            return None;
        }
        hash.update(b"(");
        bytes = if item.length == UNDEFINED {
            // An item of no length ends by its own mark.
            elements(item.rest, depth + 1, hash).filter(|_| !packed)?
        } else {
            let (content, after) = item.rest.split_at_checked(usize::try_from(item.length).ok()?)?;
            match packed {
                true => plain(content, hash),
                false => {
                    elements(content, depth + 1, hash)?;
                }
            }
            after
        };
        hash.update(b")");
    }
    hash.update(b"]");
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(group: u16, element: u16) -> Vec<u8> {
        [group.to_le_bytes(), element.to_le_bytes()].concat()
    }

    /// An element in either form.
    fn element(
        explicit: bool,
        (group, number): (u16, u16),
        vr: &[u8; 2],
        value: &[u8],
        length: Option<u32>,
    ) -> Vec<u8> {
        let length = length.unwrap_or(value.len() as u32);
        let long = matches!(vr, b"OB" | b"OW" | b"SQ" | b"UN");
        let head = match (explicit, long) {
            (false, _) => length.to_le_bytes().to_vec(),
            (true, true) => [&vr[..], &[0, 0], &length.to_le_bytes()].concat(),
            (true, false) => [&vr[..], &(length as u16).to_le_bytes()].concat(),
        };
        [tag(group, number), head, value.to_vec()].concat()
    }

    /// Of lengths that are stated, or of marks at the end.
    fn sequence(explicit: bool, stated: bool, items: &[Vec<u8>]) -> Vec<u8> {
        let mut value = vec![];
        for item in items {
            value.extend(tag(0xfffe, 0xe000));
            let length = if stated { item.len() as u32 } else { UNDEFINED };
            value.extend(length.to_le_bytes());
            value.extend(item);
            if !stated {
                value.extend([tag(0xfffe, 0xe00d), vec![0; 4]].concat());
            }
        }
        if !stated {
            value.extend([tag(0xfffe, 0xe0dd), vec![0; 4]].concat());
        }
        element(
            explicit,
            (0x0008, 0x1140),
            b"SQ",
            &value,
            (!stated).then_some(UNDEFINED),
        )
    }

    struct Written {
        explicit: bool,
        stated: bool,
        program: &'static [u8],
        from: Option<&'static [u8]>,
        padding: usize,
        comment: &'static [u8],
        pixels: u8,
        syntax: Option<&'static [u8]>,
    }

    const PLAINLY: Written = Written {
        explicit: true,
        stated: true,
        program: b"ONE ",
        from: None,
        padding: 0,
        comment: b"x ",
        pixels: 7,
        syntax: None,
    };

    fn file(w: &Written) -> Vec<u8> {
        let syntax: &[u8] = w.syntax.unwrap_or(match w.explicit {
            true => b"1.2.840.10008.1.2.1\0",
            false => b"1.2.840.10008.1.2\0",
        });
        let inner = element(w.explicit, (0x0008, 0x1155), b"UI", b"1.2.3\0", None);
        let nested = [inner.clone(), sequence(w.explicit, w.stated, &[inner])].concat();
        let mut bytes = [vec![0; 128], b"DICM".to_vec()].concat();
        bytes.extend(element(true, (0x0002, 0x0010), b"UI", syntax, None));
        bytes.extend(element(true, (0x0002, 0x0013), b"SH", w.program, None));
        bytes.extend(element(w.explicit, (0x0008, 0x0018), b"UI", b"1.2\0", None));
        if let Some(from) = w.from {
            bytes.extend(element(w.explicit, (0x0008, 0x0054), b"AE", from, None));
        }
        bytes.extend(sequence(w.explicit, w.stated, &[nested, vec![]]));
        bytes.extend(element(w.explicit, (0x0010, 0x4000), b"LT", b"", None));
        bytes.extend(element(w.explicit, (0x0020, 0x4000), b"LT", w.comment, None));
        bytes.extend(element(w.explicit, (0x7fe0, 0x0010), b"OW", &[w.pixels; 64], None));
        if w.padding > 0 {
            bytes.extend(element(w.explicit, (0xfffc, 0xfffc), b"OB", &vec![0; w.padding], None));
        }
        bytes
    }

    #[test]
    fn the_same_data_set_is_one_however_it_is_written() {
        let own = essence(&file(&PLAINLY));
        assert!(own.is_some());
        for explicit in [true, false] {
            for stated in [true, false] {
                for (program, from, padding) in [
                    (&b"ONE "[..], None, 0),
                    (b"ANOTHER ", None, 0),
                    (b"ONE ", Some(&b"ARCHIVE "[..]), 0),
                    (b"ONE ", None, 20),
                    (b"2 ", Some(b"B "), 4),
                ] {
                    let other = Written {
                        explicit,
                        stated,
                        program,
                        from,
                        padding,
                        ..PLAINLY
                    };
                    assert_eq!(
                        essence(&file(&other)),
                        own,
                        "{explicit} {stated} {program:?} {from:?} {padding}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_data_set_alone_is_the_one_of_the_file() {
        let own = essence(&file(&PLAINLY));
        for explicit in [true, false] {
            let whole = file(&Written { explicit, ..PLAINLY });
            let meta = element(true, (0x0002, 0x0013), b"SH", b"ONE ", None).len();
            let syntax = if explicit { 20 } else { 18 };
            for left_out in [128, 132, 132 + 8 + syntax + meta] {
                assert_eq!(essence(&whole[left_out..]), own, "{explicit} {left_out}");
            }
        }
        // Of another order of bytes, or of nothing, nothing is said.
        for odd in [
            &b"\0\x08\0\x05CS\0\x02  "[..],
            b"",
            b"DICM",
            &[0; 200],
            &[0x10, 0, 0x20, 0],
        ] {
            assert_eq!(essence(odd), None, "{odd:?}");
        }
    }

    #[test]
    fn other_values_are_another_data_set() {
        let mut all: Vec<_> = [
            PLAINLY,
            Written {
                comment: b"y ",
                ..PLAINLY
            },
            Written {
                comment: b"",
                ..PLAINLY
            },
            Written { pixels: 8, ..PLAINLY },
            Written {
                syntax: Some(b"1.2.840.10008.1.2.5\0"),
                ..PLAINLY
            },
            Written {
                syntax: Some(b"1.2.840.10008.1.2.4.50"),
                ..PLAINLY
            },
        ]
        .iter()
        .map(|written| essence(&file(written)))
        .collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!((all.len(), all.contains(&None)), (count, false));
    }

    #[test]
    fn what_cannot_be_followed_has_none_and_ends() {
        let whole = file(&Written {
            stated: false,
            ..PLAINLY
        });
        for at in 0..whole.len() {
            let cut = essence(&whole[..at]);
            assert_ne!(cut, essence(&whole), "cut at {at}");
            let mut flipped = whole.clone();
            flipped[at] ^= 0x41;
            let _ = essence(&flipped);
        }
        for syntax in [&b"1.2.840.10008.1.2.2\0"[..], b"1.2.840.10008.1.2.1.99", b""] {
            assert_eq!(
                essence(&file(&Written {
                    syntax: Some(syntax),
                    ..PLAINLY
                })),
                None
            );
        }
        // Items within items without an end.
        let mut deep = [vec![0; 128], b"DICM".to_vec()].concat();
        deep.extend(element(true, (0x0002, 0x0010), b"UI", b"1.2.840.10008.1.2.1\0", None));
        for _ in 0..10_000 {
            deep.extend(element(true, (0x0008, 0x1140), b"SQ", &[], Some(UNDEFINED)));
            deep.extend([tag(0xfffe, 0xe000), UNDEFINED.to_le_bytes().to_vec()].concat());
        }
        assert_eq!(essence(&deep), None);
    }
}
