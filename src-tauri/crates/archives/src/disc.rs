//! The image of a disc: ISO 9660 (ECMA-119) with the names of Rock Ridge (IEEE P1282) or Joliet, where it has them.

use std::{
    collections::BTreeSet,
    io::{self, Read, Seek, SeekFrom},
};

use decode::{DecodeError, discover::is_index_name, unpack::MOST_MEMBERS};
use encoding_rs::UTF_16BE;

use super::{
    damaged,
    told::{Stop, Told, link, too_many},
};

const SECTOR: u64 = 2048;
/// The same as a length in memory.
const SECTOR_BYTES: usize = 2048;
/// Volume descriptors begin here (ECMA-119 6.2.1).
const FIRST_DESCRIPTOR: u64 = 16;
const MOST_DESCRIPTORS: u64 = 64;
/// Folders within folders; the standard allows 8, writers more.
const MOST_DEPTH: usize = 32;
/// Bytes of one folder, of 100,000 files.
const MOST_FOLDER_BYTES: u32 = 16 << 20;
/// Continuations of one name.
const MOST_CONTINUATIONS: usize = 16;

const IS_FOLDER: u8 = 0x02;
const IS_ASSOCIATED: u8 = 0x04;
const GOES_ON: u8 = 0x80;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Extent {
    block: u32,
    bytes: u32,
}

/// How names are written.
#[derive(Debug, Clone, Copy)]
enum Names {
    Plain,
    Joliet,
    /// So many bytes of each system use area are skipped.
    RockRidge(usize),
}

struct Disc<'s, S> {
    source: &'s mut S,
    /// Bytes of a logical block.
    block: u64,
    names: Names,
}

struct File {
    path: String,
    /// In order; a file above 4 GiB has several.
    extents: Vec<Extent>,
    is_link: bool,
    interleaved: bool,
}

pub(super) fn members<S: Read + Seek>(source: &mut S, told: &mut Told<'_>) -> Result<(), Stop> {
    let (mut disc, root) = Disc::open(source)?;
    let mut files = disc.files(root)?;
    told.list(&files.iter().map(|file| file.path.clone()).collect::<Vec<_>>())?;
    // The index of a disc says what the other files are; the rest as it lies, for a drive turns one way.
    let place = |file: &File| file.extents.first().map_or(0, |extent| extent.block);
    files.sort_by_key(|file| {
        (
            !file
                .path
                .rsplit('/')
                .next()
                .is_some_and(|last| is_index_name(last.as_ref())),
            place(file),
        )
    });
    for file in files {
        if file.is_link {
            told.refused(&file.path, link())?;
        } else if file.interleaved {
            let message = "it is stored in interleaved pieces, which are not read";
            told.refused(&file.path, DecodeError::unsupported(message))?;
        } else {
            let length = file.extents.iter().map(|extent| u64::from(extent.bytes)).sum();
            let mut content = Content {
                disc: &mut disc,
                extents: file.extents,
                at: 0,
            };
            told.member(&file.path, Some(length), &mut content)?;
        }
    }
    Ok(())
}

impl<'s, S: Read + Seek> Disc<'s, S> {
    /// The disc with the best names that it has, and its root.
    fn open(source: &'s mut S) -> Result<(Self, Extent), Stop> {
        let mut primary = None;
        let mut joliet = None;
        for sector in FIRST_DESCRIPTOR..FIRST_DESCRIPTOR + MOST_DESCRIPTORS {
            let mut bytes = [0; SECTOR_BYTES];
            let read = source
                .seek(SeekFrom::Start(sector * SECTOR))
                .and_then(|_| source.read_exact(&mut bytes));
            read.map_err(|_| damaged("its volume descriptors are cut"))?;
            if bytes.get(1..6) != Some(b"CD001") {
                break;
            }
            let root = Record::read(bytes.get(156..190).unwrap_or_default());
            let block = u64::from(u16_at(&bytes, 128));
            match (bytes.first(), bytes.get(88..91)) {
                (Some(1), _) if primary.is_none() => primary = root.map(|root| (root.extent, block)),
                (Some(2), Some(b"%/@" | b"%/C" | b"%/E")) => joliet = root.map(|root| (root.extent, block)),
                (Some(255), _) => break,
                _ => {}
            }
        }
        let (root, block) = primary.ok_or_else(|| damaged("it has no primary volume"))?;
        if !matches!(block, 512 | 1024 | 2048) {
            return Err(damaged("its blocks have an unknown size").into());
        }
        let mut disc = Self {
            source,
            block,
            names: Names::Plain,
        };
        if let Some(skip) = disc.rock_ridge(root)? {
            disc.names = Names::RockRidge(skip);
        } else if let Some((root, block)) = joliet {
            disc.names = Names::Joliet;
            disc.block = block;
            return Ok((disc, root));
        }
        Ok((disc, root))
    }

    fn bytes(&mut self, from: u64, count: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; count];
        self.source.seek(SeekFrom::Start(from))?;
        self.source.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Bytes to skip in system use areas, where the first record of the root says that there are such (SUSP 5.3).
    fn rock_ridge(&mut self, root: Extent) -> Result<Option<usize>, DecodeError> {
        let head = self
            .bytes(u64::from(root.block) * self.block, 256)
            .map_err(|_| damaged("its root folder is cut"))?;
        let Some(record) = Record::read(&head) else {
            return Ok(None);
        };
        let Some([b'S', b'P', 7, 1, 0xBE, 0xEF, skip]) = record.system_use.first_chunk::<7>() else {
            return Ok(None);
        };
        // Names are extended by an NM entry somewhere; discs with SP alone keep their plain names.
        Ok(Some(usize::from(*skip)))
    }

    fn files(&mut self, root: Extent) -> Result<Vec<File>, Stop> {
        let mut files: Vec<File> = vec![];
        let mut seen = BTreeSet::from([root.block]);
        let mut folders = vec![(String::new(), root, 0)];
        let mut moved: Vec<(String, Extent, usize)> = vec![];
        loop {
            let Some((path, extent, depth)) = folders.pop() else {
                // What was moved and is not found from its own place is better found where it lies than not at all.
                let Some(lost) = moved.pop() else { break };
                if seen.insert(lost.1.block) {
                    folders.push(lost);
                }
                continue;
            };
            if extent.bytes > MOST_FOLDER_BYTES {
                return Err(DecodeError::limit("a folder of the disc is larger than any real one").into());
            }
            let size = usize::try_from(extent.bytes).map_err(|_| damaged("a folder is too large"))?;
            let bytes = self
                .bytes(u64::from(extent.block) * self.block, size)
                .map_err(|_| damaged(&format!("its folder '/{path}' lies beyond its end")))?;
            let mut goes_on = false;
            for record in records(&bytes) {
                // The folder itself and the one above.
                if matches!(record.name, [0] | [1]) || record.flags & IS_ASSOCIATED != 0 {
                    continue;
                }
                let Name {
                    name,
                    is_link,
                    folder,
                    is_moved,
                } = self.name(&record);
                let path = if path.is_empty() {
                    name
                } else {
                    format!("{path}/{name}")
                };
                let extent = match folder {
                    Some(block) => self.folder_at(block),
                    None => (record.flags & IS_FOLDER != 0).then_some(record.extent),
                };
                if let Some(extent) = extent {
                    if is_moved && folder.is_none() {
                        moved.push((path, extent, depth + 1));
                    } else if depth < MOST_DEPTH && seen.insert(extent.block) {
                        // One that was met leads in a circle.
                        folders.push((path, extent, depth + 1));
                    }
                    continue;
                }
                match files.last_mut().filter(|last| goes_on && last.path == path) {
                    Some(last) => last.extents.push(record.extent),
                    None => files.push(File {
                        path,
                        extents: vec![record.extent],
                        is_link,
                        interleaved: record.interleaved,
                    }),
                }
                goes_on = record.flags & GOES_ON != 0;
                if files.len() > MOST_MEMBERS {
                    return Err(too_many().into());
                }
            }
        }
        Ok(files)
    }

    /// The folder that begins at a block, by the record of itself (ECMA-119 6.8.2.2).
    fn folder_at(&mut self, block: u32) -> Option<Extent> {
        let head = self.bytes(u64::from(block).checked_mul(self.block)?, 256).ok()?;
        let own = Record::read(&head).filter(|own| own.flags & IS_FOLDER != 0)?;
        Some(Extent { block, ..own.extent })
    }

    /// What a file is called, and what it is beside that.
    fn name(&mut self, record: &Record<'_>) -> Name {
        let plain = match self.names {
            Names::Joliet => UTF_16BE.decode_without_bom_handling(record.name).0.into_owned(),
            Names::Plain | Names::RockRidge(_) => record.name.iter().map(|byte| char::from(*byte)).collect(),
        };
        let plain = plain.split(';').next().unwrap_or_default();
        let plain = plain.strip_suffix('.').unwrap_or(plain).to_owned();
        let Names::RockRidge(skip) = self.names else {
            return Name {
                name: plain,
                ..Name::default()
            };
        };
        let mut area = record.system_use.get(skip..).unwrap_or_default().to_vec();
        let (mut name, mut said) = (vec![], Name::default());
        for _ in 0..MOST_CONTINUATIONS {
            let more = entries(&area, &mut name, &mut said);
            let Some((block, offset, length)) = more else { break };
            let from = u64::from(block) * self.block + u64::from(offset);
            let length = usize::try_from(length).unwrap_or_default().min(SECTOR_BYTES);
            match self.bytes(from, length) {
                Ok(bytes) => area = bytes,
                Err(_) => break,
            }
        }
        if name.is_empty() {
            return Name { name: plain, ..said };
        }
        let name = match String::from_utf8(name) {
            Ok(name) => name,
            Err(error) => error.as_bytes().iter().map(|byte| char::from(*byte)).collect(),
        };
        // No name holds a path.
        Name {
            name: name.replace('/', "_"),
            ..said
        }
    }
}

/// What Rock Ridge says of a record (IEEE P1282 4.1).
#[derive(Default)]
struct Name {
    name: String,
    is_link: bool,
    /// The block of a folder that lies elsewhere, because it was too deep for the disc (CL).
    folder: Option<u32>,
    /// It is such a folder, in the place to which it was moved (RE).
    is_moved: bool,
}

/// System use entries (SUSP 4.1) of one area: parts of the name, what else is said, and where the area goes on.
fn entries(area: &[u8], name: &mut Vec<u8>, said: &mut Name) -> Option<(u32, u32, u32)> {
    let mut rest = area;
    let mut more = None;
    while let [a, b, length, _version, ..] = *rest {
        let length = usize::from(length);
        let Some((entry, after)) = rest.split_at_checked(length).filter(|_| length >= 4) else {
            break;
        };
        let body = entry.get(4..).unwrap_or_default();
        match (a, b) {
            // Flags 2 and 4 name the folder itself and the one above.
            (b'N', b'M') if body.first().is_some_and(|flags| flags & 6 == 0) => {
                name.extend_from_slice(body.get(1..).unwrap_or_default());
            }
            (b'S', b'L') => said.is_link = true,
            (b'C', b'L') => said.folder = Some(u32_at(body, 0)),
            (b'R', b'E') => said.is_moved = true,
            (b'C', b'E') => more = Some((u32_at(body, 0), u32_at(body, 8), u32_at(body, 16))),
            (b'S', b'T') => break,
            _ => {}
        }
        rest = after;
    }
    more
}

/// A directory record (ECMA-119 9.1).
struct Record<'a> {
    extent: Extent,
    flags: u8,
    interleaved: bool,
    name: &'a [u8],
    system_use: &'a [u8],
}

impl<'a> Record<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let length = usize::from(*bytes.first()?);
        let record = bytes.get(..length).filter(|record| record.len() > 33)?;
        let name_length = usize::from(*record.get(32)?);
        let name = record.get(33..33 + name_length)?;
        // A name of even length is padded.
        let after = 33 + name_length + usize::from(name_length % 2 == 0);
        Some(Self {
            extent: Extent {
                // An extended attribute record stands before the content.
                block: u32_at(record, 2).checked_add(u32::from(*record.get(1)?))?,
                bytes: u32_at(record, 10),
            },
            flags: *record.get(25)?,
            interleaved: *record.get(26)? != 0,
            name,
            system_use: record.get(after..).unwrap_or_default(),
        })
    }
}

/// No record crosses the end of a sector; zeros fill it.
fn records(folder: &[u8]) -> impl Iterator<Item = Record<'_>> {
    folder.chunks(SECTOR_BYTES).flat_map(|sector| {
        let mut rest = sector;
        std::iter::from_fn(move || {
            let record = Record::read(rest)?;
            rest = rest.get(usize::from(*rest.first()?)..).unwrap_or_default();
            Some(record)
        })
    })
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    let two = bytes.get(at..).and_then(|rest| rest.first_chunk());
    two.map_or(0, |two| u16::from_le_bytes(*two))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let four = bytes.get(at..).and_then(|rest| rest.first_chunk());
    four.map_or(0, |four| u32::from_le_bytes(*four))
}

/// The bytes of a file.
struct Content<'d, 's, S> {
    disc: &'d mut Disc<'s, S>,
    extents: Vec<Extent>,
    /// Bytes that were read of the first one.
    at: u32,
}

impl<S: Read + Seek> Read for Content<'_, '_, S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(extent) = self.extents.first() else {
                return Ok(0);
            };
            let left = extent.bytes.saturating_sub(self.at);
            if left == 0 {
                self.extents.remove(0);
                self.at = 0;
                continue;
            }
            let from = u64::from(extent.block) * self.disc.block + u64::from(self.at);
            let most = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            self.disc.source.seek(SeekFrom::Start(from))?;
            let count = self.disc.source.read(buffer.get_mut(..most).unwrap_or_default())?;
            if count == 0 {
                // The image of the disc is cut: what is missing is told by the length.
                self.extents.clear();
                return Ok(0);
            }
            self.at += u32::try_from(count).unwrap_or_default();
            return Ok(count);
        }
    }
}
