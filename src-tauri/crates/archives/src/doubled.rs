//! Members of a ZIP archive that share their name with another one. The crate keeps one for each name; the central
//! directory (APPNOTE 4.3.12) says where the others lie.

use std::{
    collections::BTreeSet,
    io::{self, Read, Seek, SeekFrom},
};

use ::zip::ZipArchive;
use flate2::{Crc, read::DeflateDecoder};

use super::{
    damaged, protected,
    told::{Stop, Told},
    zip::{not_by_this_method, not_read},
};

const CENTRAL: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// Stands for a length that lies elsewhere (ZIP64).
const ELSEWHERE: u32 = u32::MAX;

/// A member that the crate does not list.
pub(super) struct Doubled {
    pub(super) name: String,
    locked: bool,
    method: u16,
    crc: u32,
    packed: u32,
    size: u32,
    /// Of its local header.
    at: u64,
}

/// The archive, and what it would lose.
pub(super) fn opened<S: Read + Seek>(source: &mut S) -> Result<(ZipArchive<&mut S>, Vec<Doubled>), Stop> {
    let mut zip = ZipArchive::new(source).map_err(|error| not_read(&error))?;
    if !zip.has_duplicate_names() {
        return Ok((zip, vec![]));
    }
    let mut kept = BTreeSet::new();
    for index in 0..zip.len() {
        if let Ok(entry) = zip.by_index_raw(index) {
            kept.insert(entry.central_header_start());
        }
    }
    let (mut at, offset) = (zip.central_directory_start(), zip.offset());
    let source = zip.into_inner();
    let mut entries = vec![];
    while let Ok(entry) = central(source, at) {
        if !kept.contains(&at) {
            entries.push(entry.clone());
        }
        at = entry.next;
    }
    let zip = ZipArchive::new(source).map_err(|error| not_read(&error))?;
    let doubled = entries.into_iter().map(|entry| Doubled {
        name: zip
            .index_for_name_raw(&entry.name)
            .and_then(|index| zip.name_for_index(index)?.ok())
            .map_or_else(
                || String::from_utf8_lossy(&entry.name).into_owned(),
                |name| name.into_owned(),
            ),
        locked: entry.flags & 1 == 1,
        method: entry.method,
        crc: entry.crc,
        packed: entry.packed,
        size: entry.size,
        at: u64::from(entry.local).saturating_add(offset),
    });
    let doubled = doubled.collect();
    Ok((zip, doubled))
}

#[derive(Clone)]
struct Central {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u32,
    size: u32,
    local: u32,
    /// Where the next one begins.
    next: u64,
}

fn central(source: &mut (impl Read + Seek), at: u64) -> io::Result<Central> {
    let mut head = [0; 46];
    source.seek(SeekFrom::Start(at))?;
    source.read_exact(&mut head)?;
    if !head.starts_with(CENTRAL) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let short = |at: usize| {
        head.get(at..)
            .and_then(|rest| rest.first_chunk())
            .map_or(0, |two| u16::from_le_bytes(*two))
    };
    let mut name = vec![0; usize::from(short(28))];
    source.read_exact(&mut name)?;
    let behind = u64::from(short(28)) + u64::from(short(30)) + u64::from(short(32));
    Ok(Central {
        name,
        flags: short(8),
        method: short(10),
        crc: number(&head, 16, 4),
        packed: number(&head, 20, 4),
        size: number(&head, 24, 4),
        local: number(&head, 42, 4),
        next: at + 46 + behind,
    })
}

/// Little endian, of at most four bytes.
fn number(bytes: &[u8], at: usize, count: usize) -> u32 {
    let bytes = bytes.get(at..at + count).unwrap_or_default();
    bytes
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u32::from(*byte))
}

impl Doubled {
    pub(super) fn hand_out(&self, source: &mut (impl Read + Seek), told: &mut Told<'_>) -> Result<(), Stop> {
        if self.locked {
            return told.refused(&self.name, protected("it"));
        }
        if !matches!(self.method, STORED | DEFLATED) {
            return told.refused(&self.name, not_by_this_method(self.method));
        }
        let mut head = [0; 30];
        let begun = source
            .seek(SeekFrom::Start(self.at))
            .and_then(|_| source.read_exact(&mut head));
        let long = [self.packed, self.size].contains(&ELSEWHERE);
        if begun.is_err() || !head.starts_with(LOCAL) || long {
            let why = "another member has its name, and where it lies is not said";
            return told.refused(&self.name, damaged(why));
        }
        let skip = i64::from(number(&head, 26, 2)) + i64::from(number(&head, 28, 2));
        if let Err(error) = source.seek(SeekFrom::Current(skip)) {
            return told.refused(&self.name, damaged(&error.to_string()));
        }
        let packed = source.take(u64::from(self.packed));
        let content: Box<dyn Read + '_> = match self.method {
            DEFLATED => Box::new(DeflateDecoder::new(packed)),
            _ => Box::new(packed),
        };
        let mut content = Checked {
            content,
            crc: Crc::new(),
            wanted: self.crc,
        };
        told.member(&self.name, Some(u64::from(self.size)), &mut content)
    }
}

/// Ends in an error where the content is another than was packed.
struct Checked<'a> {
    content: Box<dyn Read + 'a>,
    crc: Crc,
    wanted: u32,
}

impl Read for Checked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.content.read(buffer)?;
        self.crc.update(buffer.get(..count).unwrap_or_default());
        if count == 0 && !buffer.is_empty() && self.crc.sum() != self.wanted {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "its checksum is wrong"));
        }
        Ok(count)
    }
}
