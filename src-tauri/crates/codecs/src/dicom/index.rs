//! The files that a DICOMDIR names (PS3.3 F.3): Referenced File ID of its directory records.

use std::collections::BTreeMap;

use decode::{
    DecodeError, Limits,
    unpack::{MOST_MEMBERS, Named},
};

use super::{data_set::Encoding, open::open, parse::parse};

/// Record In-use Flag (0004,1410), Referenced File ID (0004,1500), Referenced SOP Instance UID in File (0004,1511).
const IN_USE: [u8; 4] = [0x04, 0x00, 0x10, 0x14];
const FILE_ID: [u8; 4] = [0x04, 0x00, 0x00, 0x15];
const INSTANCE: [u8; 4] = [0x04, 0x00, 0x11, 0x15];
/// Directory Record Sequence (0004,1220).
const RECORDS: [u8; 4] = [0x04, 0x00, 0x20, 0x12];
/// Eight parts of eight characters by the standard; writers take longer names.
const MOST_BYTES: usize = 512;
/// Bytes of names and UIDs that are told: below what one frame of the child holds.
const MOST_TOLD: usize = 7 << 20;

/// Paths below the folder of the index, with `/` between their parts. Records that are not in use name nothing.
///
/// The elements are looked for where they stand, whatever the links between records say: many writers leave wrong
/// offsets behind, and a record that no link reaches still names a file of the disc. Whether the index is whole is
/// what its elements say: where they end early, files may be missing that nobody names any more.
pub(crate) fn names(bytes: &[u8], limits: &Limits) -> Result<Named, DecodeError> {
    let opened = open(bytes, limits)?;
    let set: &[u8] = &opened.data_set;
    if opened.syntax.encoding == Encoding::EXPLICIT_BIG_ENDIAN {
        return Err(DecodeError::unsupported("an index of a disc in big endian is not read"));
    }
    let mut names = vec![];
    let mut instances = BTreeMap::new();
    // The file of the record whose elements come.
    let mut current: Option<String> = None;
    let mut in_use = true;
    let mut outside = 0_usize;
    for (at, four) in set.windows(4).enumerate() {
        if four == IN_USE {
            in_use = value(set, at, b"US").and_then(|value| value.first_chunk()) != Some(&[0, 0]);
            current = None;
        } else if four == FILE_ID {
            current = value(set, at, b"CS").and_then(path).filter(|_| in_use);
            if let Some(name) = current.clone().filter(|name| names.last() != Some(name)) {
                names.push(name);
            }
        } else if four == INSTANCE
            && let Some(name) = current.take()
            && let Some(uid) = value(set, at, b"UI").and_then(uid)
        {
            instances.insert(name, uid);
        }
        if four == FILE_ID && in_use && value(set, at, b"CS").is_some_and(leads_out) {
            outside += 1;
        }
        if names.len() > MOST_MEMBERS {
            return Err(DecodeError::limit(format!(
                "the index names more than {MOST_MEMBERS} files"
            )));
        }
    }
    let of_names: usize = names.iter().map(|name| name.len() + 8).sum();
    let of_uids: usize = instances
        .iter()
        .map(|(name, uid): (&String, &String)| name.len() + uid.len() + 8)
        .sum();
    if of_names + of_uids > MOST_TOLD {
        // Of tens of thousands of files each is known by its path alone.
        instances.clear();
    }
    let damage = damage(set, parse(set, opened.syntax.encoding, limits.max_sequence_depth).err());
    let outside = (outside > 0).then(|| {
        DecodeError::corrupt(format!(
            "{} of the index of the disc lead outside of it ('..'), which is not followed",
            domain::numbers::counted(outside, "entry")
        ))
    });
    let damage = damage.or(outside);
    Ok(Named {
        files: names,
        instances,
        damage,
    })
}

fn damage(set: &[u8], found: Option<DecodeError>) -> Option<DecodeError> {
    let why = match found {
        Some(error) => error.message,
        None if set.windows(4).any(|four| four == RECORDS) => return None,
        None => "it ends before its directory records".to_owned(),
    };
    Some(DecodeError::truncated(format!(
        "the index of the disc is damaged or cut, and files may be missing that it no longer names: {why}"
    )))
}

/// The value of the element at a place, with its VR or without.
fn value<'a>(set: &'a [u8], at: usize, vr: &[u8; 2]) -> Option<&'a [u8]> {
    let head = set.get(at + 4..at + 8)?;
    let length = if head.starts_with(vr) {
        usize::from(u16::from_le_bytes(*head.last_chunk()?))
    } else {
        usize::try_from(u32::from_le_bytes(*head.first_chunk()?)).ok()?
    };
    set.get(at + 8..at + 8 + length.min(MOST_BYTES + 1))
        .filter(|value| value.len() <= MOST_BYTES)
}

fn leads_out(value: &[u8]) -> bool {
    let mut parts = value.split(|byte| matches!(byte, b'\\' | b'/'));
    parts.any(|part| part.trim_ascii() == b"..")
}

/// A UID as it is written, without its padding.
fn uid(value: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(value).ok()?.trim_matches([' ', '\0']);
    (!text.is_empty() && !text.contains(char::is_control)).then(|| text.to_owned())
}

/// A path that stays below its folder.
fn path(value: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(value).ok()?;
    let parts: Vec<&str> = text
        .split(['\\', '/'])
        .map(|part| part.trim_matches([' ', '\0']))
        .collect();
    let good = |part: &&str| !part.is_empty() && *part != "." && *part != ".." && !part.contains(char::is_control);
    parts.iter().all(good).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(tag: [u8; 4], vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
        let length = u16::try_from(value.len()).unwrap_or_default();
        [&tag[..], vr, &length.to_le_bytes(), value].concat()
    }

    #[test]
    fn what_is_in_use_is_named_and_no_path_leaves_the_disc() -> Result<(), DecodeError> {
        let file = [
            vec![0; 128],
            b"DICM".to_vec(),
            element([2, 0, 0x10, 0], b"UI", b"1.2.840.10008.1.2.1\0"),
            element(IN_USE, b"US", &[0xff, 0xff]),
            element(FILE_ID, b"CS", b"PT0\\IM0 "),
            element(INSTANCE, b"UI", b"1.2.30"),
            element(IN_USE, b"US", &[0, 0]),
            element(FILE_ID, b"CS", b"PT0\\GONE"),
            element(INSTANCE, b"UI", b"1.2.31"),
            element(IN_USE, b"US", &[0xff, 0xff]),
            element(FILE_ID, b"CS", b"..\\IM9 "),
            element(INSTANCE, b"UI", b"1.2.32"),
            element(FILE_ID, b"CS", b"PT0\\IM1 "),
            element(INSTANCE, b"UI", b"1.2.3\0"),
            element(IN_USE, b"US", &[0xff, 0xff]),
            element(INSTANCE, b"UI", b"1.2.33"),
        ]
        .concat();
        let named = names(&file, &Limits::default())?;
        assert_eq!(named.files, ["PT0/IM0", "PT0/IM1"]);
        // A UID belongs to the file of its own record.
        let of = |name: &str, uid: &str| (name.to_owned(), uid.to_owned());
        assert_eq!(
            named.instances,
            [of("PT0/IM0", "1.2.30"), of("PT0/IM1", "1.2.3")].into()
        );
        for cut in 0..file.len() {
            // Whatever is cut off, what is named was written.
            let named = names(&file[..cut], &Limits::default()).unwrap_or_default().files;
            assert!(named.iter().all(|name| name.starts_with("PT0/IM")), "{cut}: {named:?}");
        }
        Ok(())
    }

    #[test]
    fn what_is_told_of_very_many_files_stays_within_a_frame() -> Result<(), Box<dyn std::error::Error>> {
        for (count, known) in [(1000, 1000), (60_000, 0)] {
            let record = |at: usize| {
                let name = format!("PT000000\\ST000000\\SE000000\\IM{at:06}");
                let uid = format!("1.2.826.0.1.3680043.8.498.{:036}.1", at + 1);
                [
                    element(IN_USE, b"US", &[0xff, 0xff]),
                    element(FILE_ID, b"CS", name.as_bytes()),
                    element(INSTANCE, b"UI", uid.as_bytes()),
                ]
                .concat()
            };
            let syntax = element([2, 0, 0x10, 0], b"UI", b"1.2.840.10008.1.2.1\0");
            let records: Vec<u8> = (0..count).flat_map(record).collect();
            let named = names(
                &[vec![0; 128], b"DICM".to_vec(), syntax, records].concat(),
                &Limits::default(),
            )?;
            assert_eq!((named.files.len(), named.instances.len()), (count, known));
            assert!(serde_json::to_vec(&named)?.len() < 8 << 20);
        }
        Ok(())
    }

    /// An index of three files, its sequence and items of a declared length or closed by delimiters.
    fn index_file(declared: bool) -> Vec<u8> {
        let long = |length: usize| u32::try_from(length).unwrap_or_default().to_le_bytes();
        let items: Vec<u8> = ["IM0 ", "IM1 ", "IM2 "]
            .into_iter()
            .flat_map(|name| {
                let record = [
                    element([4, 0, 0, 0x14], b"UL", &[0; 4]),
                    element(IN_USE, b"US", &[0xff, 0xff]),
                    element(FILE_ID, b"CS", name.as_bytes()),
                ]
                .concat();
                match declared {
                    true => [&[0xfe, 0xff, 0, 0xe0][..], &long(record.len()), &record].concat(),
                    false => [
                        &[0xfe, 0xff, 0, 0xe0, 0xff, 0xff, 0xff, 0xff][..],
                        &record,
                        &[0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0],
                    ]
                    .concat(),
                }
            })
            .collect();
        let head = [4, 0, 0x20, 0x12, b'S', b'Q', 0, 0];
        let sequence = match declared {
            true => [&head[..], &long(items.len()), &items].concat(),
            false => [&head[..], &[0xff; 4], &items, &[0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]].concat(),
        };
        let syntax = element([2, 0, 0x10, 0], b"UI", b"1.2.840.10008.1.2.1\0");
        [vec![0; 128], b"DICM".to_vec(), syntax, sequence].concat()
    }

    #[test]
    fn an_index_that_is_cut_anywhere_is_told_as_damaged() -> Result<(), DecodeError> {
        for declared in [true, false] {
            let file = index_file(declared);
            let whole = names(&file, &Limits::default())?;
            assert_eq!((whole.files.len(), &whole.damage), (3, &None), "{declared}");
            for cut in 0..file.len() {
                let named = names(&file[..cut], &Limits::default());
                assert!(
                    named.is_err() || named.is_ok_and(|named| named.damage.is_some()),
                    "{declared}: {cut}"
                );
            }
        }
        Ok(())
    }
}
