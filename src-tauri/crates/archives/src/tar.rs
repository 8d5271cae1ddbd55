//! TAR (POSIX ustar and pax, GNU).

use std::io::{Read, Seek, SeekFrom};

use ::tar::{Archive, Entry, EntryType};
use decode::DecodeError;

use super::{
    damaged,
    told::{Stop, Told, link, too_many},
};
use decode::unpack::MOST_MEMBERS;

pub(super) fn members<S: Read + Seek>(source: &mut S, told: &mut Told<'_>) -> Result<(), Stop> {
    let names = {
        let mut archive = Archive::new(&mut *source);
        let entries = archive.entries_with_seek();
        names(entries.map_err(|error| damaged(&error.to_string()))?)?
    };
    told.list(&names)?;
    let again = source.seek(SeekFrom::Start(0));
    again.map_err(|error| damaged(&error.to_string()))?;
    let end = {
        let mut archive = Archive::new(&mut *source);
        let entries = archive.entries_with_seek();
        each(entries.map_err(|error| damaged(&error.to_string()))?, told)?
    };
    // The archive ends with blocks of zeros; without them more members may have followed.
    let mut block = [1; 512];
    let read = source
        .seek(SeekFrom::Start(end.next_multiple_of(BLOCK)))
        .and_then(|_| source.read_exact(&mut block));
    if read.is_err() || block.iter().any(|byte| *byte != 0) {
        let message = "the archive has no end: it was cut, and files may be missing; copy it again from its source";
        return Err(DecodeError::truncated(message).into());
    }
    Ok(())
}

const BLOCK: u64 = 512;

/// The names in a stream that cannot be entered.
pub(super) fn names_of(stream: impl Read) -> Result<Vec<String>, DecodeError> {
    let mut archive = Archive::new(stream);
    let entries = archive.entries().map_err(|error| damaged(&error.to_string()))?;
    names(entries)
}

/// The members of such a stream, whose names were read before.
pub(super) fn stream(names: &[String], stream: impl Read, told: &mut Told<'_>) -> Result<(), Stop> {
    told.list(names)?;
    let mut archive = Archive::new(stream);
    let entries = archive.entries().map_err(|error| damaged(&error.to_string()))?;
    each(entries, told).map(|_| ())
}

/// As far as the archive is whole; where it is not, the second reading says.
fn names<'a, R: Read + 'a>(
    entries: impl Iterator<Item = std::io::Result<Entry<'a, R>>>,
) -> Result<Vec<String>, DecodeError> {
    let mut names = vec![];
    for entry in entries {
        let Ok(mut entry) = entry else { break };
        if entry.header().entry_type() != EntryType::Directory {
            names.push(sparse_name(&mut entry).unwrap_or_else(|| name_of(&entry)));
        }
        if names.len() > MOST_MEMBERS {
            return Err(too_many());
        }
    }
    Ok(names)
}

fn name_of<R: Read>(entry: &Entry<'_, R>) -> String {
    let bytes = entry.path_bytes();
    String::from_utf8_lossy(&bytes).trim_start_matches("./").to_owned()
}

/// What a member is called whose content is a map of its holes and what lies between them: sparse files of GNU tar in
/// pax archives, of versions 0.0 to 1.0 (GNU tar manual, "Storing Sparse Files").
fn sparse_name<R: Read>(entry: &mut Entry<'_, R>) -> Option<String> {
    let (mut sparse, mut name) = (false, None);
    for field in entry.pax_extensions().ok()??.flatten() {
        sparse |= field.key_bytes().starts_with(b"GNU.sparse.");
        if field.key_bytes() == b"GNU.sparse.name" {
            name = Some(String::from_utf8_lossy(field.value_bytes()).into_owned());
        }
    }
    let name = name.map(|name| name.trim_start_matches("./").to_owned());
    sparse.then(|| name.unwrap_or_else(|| name_of(entry)))
}

/// Where the last member ends.
fn each<'a, R: Read + 'a>(
    entries: impl Iterator<Item = std::io::Result<Entry<'a, R>>>,
    told: &mut Told<'_>,
) -> Result<u64, Stop> {
    let mut end = 0;
    for entry in entries {
        let mut entry = entry.map_err(|error| damaged(&error.to_string()))?;
        let sparse = sparse_name(&mut entry);
        let name = sparse.clone().unwrap_or_else(|| name_of(&entry));
        end = entry
            .raw_file_position()
            .saturating_add(entry.header().entry_size().unwrap_or(0));
        match entry.header().entry_type() {
            EntryType::Directory => {}
            _ if sparse.is_some() => {
                let message = "it is stored with holes (a sparse file of GNU tar in the format pax), which is not read: \
                               unpack the archive, or pack it again without --sparse";
                told.refused(&name, DecodeError::unsupported(message))?;
            }
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                let length = entry.size();
                told.member(&name, Some(length), &mut entry)?;
            }
            EntryType::Symlink | EntryType::Link => told.refused(&name, link())?,
            _ => {
                let message = "it is not a regular file (a device, a pipe): not taken";
                told.refused(&name, DecodeError::new(domain::FailureCode::NotAnImage, message))?;
            }
        }
    }
    Ok(end)
}
