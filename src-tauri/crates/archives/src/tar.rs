//! TAR (POSIX ustar and pax, GNU).

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use ::tar::{Archive, Entry, EntryType};
use decode::DecodeError;

use super::{
    damaged,
    told::{Stop, Told, link, too_many},
};
use decode::unpack::MOST_MEMBERS;

pub(super) fn members<S: Read + Seek>(source: &mut S, told: &mut Told<'_>) -> Result<(), Stop> {
    let not_read = |error: io::Error| damaged(&error.to_string());
    // Archives may stand behind one another, as `cat` and appending programs leave them.
    let (mut names, mut begins, mut at) = (vec![], vec![], Some(0));
    while let Some(begin) = at {
        let mut archive = Archive::new(Behind::new(source, begin).map_err(not_read)?);
        let end = names_in(archive.entries_with_seek().map_err(not_read)?, &mut names)?;
        begins.push(begin);
        at = match end {
            Some(end) => behind(source, begin.saturating_add(end.next_multiple_of(BLOCK))).map_err(not_read)?,
            None => None,
        };
    }
    told.list(&names)?;
    let mut end = 0;
    for begin in begins {
        let mut archive = Archive::new(Behind::new(source, begin).map_err(not_read)?);
        end = begin.saturating_add(each(archive.entries_with_seek().map_err(not_read)?, told)?);
    }
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

/// What stands behind a place of a file, as a file of its own.
struct Behind<'a, S> {
    source: &'a mut S,
    begin: u64,
}

impl<'a, S: Seek> Behind<'a, S> {
    fn new(source: &'a mut S, begin: u64) -> io::Result<Self> {
        source.seek(SeekFrom::Start(begin))?;
        Ok(Self { source, begin })
    }
}

impl<S: Read> Read for Behind<'_, S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.source.read(buffer)
    }
}

impl<S: Seek> Seek for Behind<'_, S> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(at) => SeekFrom::Start(self.begin.saturating_add(at)),
            other => other,
        };
        let at = self.source.seek(to)?;
        at.checked_sub(self.begin)
            .ok_or_else(|| io::ErrorKind::InvalidInput.into())
    }
}

/// Where another archive begins behind the zeros at the end of one.
fn behind<S: Read + Seek>(source: &mut S, end: u64) -> io::Result<Option<u64>> {
    source.seek(SeekFrom::Start(end))?;
    let begins = begin_of_next(source).is_some();
    let at = source.stream_position()?;
    Ok(begins.then(|| at.saturating_sub(BLOCK)))
}

/// Reads zeros on to the first block of another archive, which is one by its checksum; `None` where nothing or something
/// else follows.
fn begin_of_next(stream: &mut impl Read) -> Option<[u8; 512]> {
    let mut block = [0; 512];
    while block.iter().all(|byte| *byte == 0) {
        // What is damaged there was no part of the archive.
        stream.read_exact(&mut block).ok()?;
    }
    let header = ::tar::Header::from_byte_slice(&block);
    let rest = block.iter().take(148).chain(block.iter().skip(156));
    let sum = rest.map(|byte| u32::from(*byte)).sum::<u32>() + 8 * u32::from(b' ');
    header.cksum().is_ok_and(|said| said == sum).then_some(block)
}

/// Opens the archives in a stream that cannot be entered, one after the other.
fn each_archive<E: From<DecodeError>>(
    mut stream: impl Read,
    mut open: impl FnMut(&mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let mut begin = vec![];
    loop {
        open(&mut Cursor::new(begin).chain(&mut stream))?;
        begin = match begin_of_next(&mut stream) {
            Some(block) => block.to_vec(),
            None => return Ok(()),
        };
    }
}

/// The names in a stream that cannot be entered.
pub(super) fn names_of(stream: impl Read) -> Result<Vec<String>, DecodeError> {
    let mut names = vec![];
    each_archive(stream, |one| {
        let mut archive = Archive::new(one);
        let entries = archive.entries().map_err(|error| damaged(&error.to_string()))?;
        names_in(entries, &mut names).map(|_| ())
    })?;
    Ok(names)
}

/// The members of such a stream, whose names were read before.
pub(super) fn stream(names: &[String], stream: impl Read, told: &mut Told<'_>) -> Result<(), Stop> {
    told.list(names)?;
    each_archive(stream, |one| {
        let mut archive = Archive::new(one);
        let entries = archive.entries().map_err(|error| damaged(&error.to_string()))?;
        each(entries, told).map(|_| ())
    })
}

/// Adds the names as far as the archive is whole; where it is not, the second reading says. Where the last member of a
/// whole one ends.
fn names_in<'a, R: Read + 'a>(
    entries: impl Iterator<Item = std::io::Result<Entry<'a, R>>>,
    names: &mut Vec<String>,
) -> Result<Option<u64>, DecodeError> {
    let mut end = 0;
    for entry in entries {
        let Ok(mut entry) = entry else { return Ok(None) };
        end = end_of(&entry);
        if entry.header().entry_type() != EntryType::Directory {
            names.push(sparse_name(&mut entry).unwrap_or_else(|| name_of(&entry)));
        }
        if names.len() > MOST_MEMBERS {
            return Err(too_many());
        }
    }
    Ok(Some(end))
}

/// Where what is stored of a member ends, from the begin of its archive.
fn end_of<R: Read>(entry: &Entry<'_, R>) -> u64 {
    entry
        .raw_file_position()
        .saturating_add(entry.header().entry_size().unwrap_or(0))
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
        end = end_of(&entry);
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
