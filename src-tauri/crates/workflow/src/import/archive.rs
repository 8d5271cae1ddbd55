//! Members of archives, each treated as a file (record 33). Small ones are held in memory, large ones in an encrypted
//! file without a name; nothing is unpacked to the disk.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::path::Path;

use contract::terminal::NoteWire;

use decode::discover::{empty, is_index, is_index_name, not_of_the_disc};
use decode::sniff::{Kind, sniff_in};
use decode::unpack::{MOST_MEMBERS, Named};
use decode::{DecodeError, Limits, ReadSeek, Source, Unpacked, other::describe};
use domain::{Failure, FailureCode, Sentence, SentenceCode, Uid};
use records::{Scratch, Vault};

use super::{Import, disc, read::Held, sets::Sets, stops_all};
use crate::files::io_failure;

/// Archives within archives.
const MOST_DEPTH: u32 = 3;
/// A member up to so many bytes is held in memory.
const IN_MEMORY: u64 = 16 << 20;

/// Why the members of an archive are not read on.
enum Halt {
    /// Of the whole import.
    All(Failure),
    /// Of this archive.
    Archive(DecodeError),
}

impl From<DecodeError> for Halt {
    fn from(error: DecodeError) -> Self {
        Self::Archive(error)
    }
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Self::All(failure)
    }
}

/// What all archives within one archive may cost together.
struct Budget {
    archive_bytes: u64,
    unpacked: u64,
    members: usize,
    limits: Limits,
}

impl Budget {
    fn count(&mut self, bytes: u64) -> Result<(), DecodeError> {
        self.unpacked += bytes;
        self.limits.check_unpacked(self.unpacked, self.archive_bytes)
    }

    fn count_member(&mut self) -> Result<(), DecodeError> {
        self.members += 1;
        if self.members > MOST_MEMBERS {
            let message =
                format!("it holds more than {MOST_MEMBERS} files with the archives in it; the rest is not read");
            return Err(DecodeError::limit(message));
        }
        Ok(())
    }
}

/// One archive, and where it lies.
pub(super) struct Level<'a> {
    /// As the result names it.
    pub(super) shown: &'a str,
    /// 1 for one that is no member of another.
    depth: u32,
    /// Names of all members.
    pub(super) names: Vec<String>,
    /// Indexes of discs, with what they name.
    indexes: Vec<(String, Named)>,
    members: usize,
    /// DICOM files that were new.
    taken: Vec<(String, Uid)>,
    is_image: bool,
    /// It lies on a disc with an index, as the parts of a viewer do.
    of_a_disc: bool,
    pub(super) sets: Sets,
}

impl Level<'_> {
    pub(super) fn shown(&self, name: &str) -> String {
        format!("{}/{name}", self.shown)
    }

    /// Whether an index lies in a folder above the member, or beside the archive, and DICOM files may lie beside it.
    fn on_a_disc(&self, name: &str) -> bool {
        fn folder(index: &str) -> &str {
            index.rsplit_once('/').map_or("", |(folder, _)| folder)
        }
        let by_name = self.names.iter().filter(|index| {
            let last = index.rsplit('/').next().unwrap_or(index);
            is_index_name(last.as_ref())
        });
        // What was read first is known whatever it is called.
        let read = self.indexes.iter().map(|(index, _)| index);
        let mut folders = by_name.chain(read).map(|index| folder(index));
        self.of_a_disc
            || folders
                .any(|folder| folder.is_empty() || name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
    }
}

impl Import<'_, '_> {
    /// Takes the members of an archive; an image that is compressed as a whole is taken as it is. On a disc with an
    /// index, images of other formats in it are a viewer's.
    pub(super) fn archive(&mut self, path: &Path, of_a_disc: bool) -> Result<(), Failure> {
        let shown = path.display().to_string();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let opened = File::open(path).and_then(|file| Ok((file.metadata()?.len(), file)));
        let (archive_bytes, mut file) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                self.failed(shown, io_failure(path, "read", &error));
                return Ok(());
            }
        };
        let mut budget = Budget {
            archive_bytes,
            unpacked: 0,
            members: 0,
            limits: Limits::default(),
        };
        let place = (1, of_a_disc);
        if self.unpack(&mut file, &shown, &name, place, &mut budget)? {
            let read = self.read_file(path);
            self.take(shown, read)?;
        }
        Ok(())
    }

    /// Whether the file is an image by itself, of which nothing was taken.
    fn unpack(
        &mut self,
        archive: &mut dyn ReadSeek,
        shown: &str,
        name: &str,
        (depth, of_a_disc): (u32, bool),
        budget: &mut Budget,
    ) -> Result<bool, Failure> {
        let mut level = Level {
            shown,
            depth,
            names: vec![],
            indexes: vec![],
            members: 0,
            taken: vec![],
            is_image: false,
            of_a_disc,
            sets: Sets::default(),
        };
        let decoders = self.decoders.clone();
        let unpacked = decoders.unpack(archive, &format!("the archive '{name}'"), &mut |told| {
            self.told(told, &mut level, budget)
        });
        if level.is_image {
            return Ok(true);
        }
        match unpacked {
            Ok(()) => self.also_read(shown.to_owned(), archive_with(level.members)),
            Err(Halt::All(failure)) => return Err(failure),
            Err(Halt::Archive(error)) => {
                let failure = Failure::from(error);
                if stops_all(&failure) {
                    return Err(failure);
                }
                let failure = match level.members {
                    0 => failure.of(format!("the archive '{name}' is not taken")),
                    read => failure.of(format!("the archive '{name}' was read up to its member {read}")),
                };
                self.failed(shown.to_owned(), failure);
            }
        }
        self.missing_members(&level);
        self.sets(&mut level)?;
        Ok(false)
    }

    fn missing_members(&mut self, level: &Level<'_>) {
        let there: BTreeSet<String> = level.names.iter().flat_map(|name| disc::forms(name)).collect();
        for (index, named) in &level.indexes {
            let folder = index.rsplit_once('/').map_or("", |(folder, _)| folder);
            self.index_read(level.shown(index), named);
            for name in &named.files {
                let path = if folder.is_empty() {
                    name.clone()
                } else {
                    format!("{folder}/{name}")
                };
                if !there.contains(&disc::folded(&path)) {
                    self.awaited.push(disc::Awaited::of(level.shown(&path), name, named));
                }
            }
        }
        // Only now all indexes of the archive are known.
        for (path, uid) in level.taken.iter().filter(|_| !level.indexes.is_empty()) {
            let shown = level.shown(path);
            if let Some(told) = self.told_by_indexes(Path::new(&shown), uid) {
                self.result.notes.push(NoteWire {
                    file: shown,
                    message: told.words,
                    coded: told.coded,
                });
            }
        }
    }

    fn told(&mut self, told: Unpacked<'_>, level: &mut Level<'_>, budget: &mut Budget) -> Result<(), Halt> {
        match told {
            Unpacked::Whole => level.is_image = true,
            Unpacked::Listed(names) => {
                self.total += names.len() as u64;
                level.names.extend(names);
            }
            Unpacked::Refused(name, error) => {
                level.members += 1;
                budget.count_member()?;
                let failure = Failure::from(error).of(format!("'{name}'"));
                self.failed(level.shown(&name), failure);
            }
            Unpacked::Member(name, content) => {
                level.members += 1;
                budget.count_member()?;
                // A file that was compressed alone has the archive's name.
                let stem = (level.names.len() == 1 && name == "content")
                    .then(|| without_ending(level.shown))
                    .flatten();
                let shown = stem.clone().unwrap_or_else(|| level.shown(name));
                let name = stem.as_deref().unwrap_or(name);
                self.begin(Path::new(&shown))?;
                let held = hold(content, budget, &self.open.vault);
                match held {
                    Ok(mut held) => self.member(&shown, name, &mut held, level, budget)?,
                    Err(Halt::Archive(error))
                        if budget
                            .limits
                            .check_unpacked(budget.unpacked, budget.archive_bytes)
                            .is_ok() =>
                    {
                        let last = name.rsplit('/').next().unwrap_or(name);
                        self.failed(shown.clone(), Failure::from(error).of(format!("'{last}'")));
                    }
                    Err(halt) => return Err(halt),
                }
            }
        }
        Ok(())
    }

    fn member(
        &mut self,
        shown: &str,
        path: &str,
        held: &mut Held,
        level: &mut Level<'_>,
        budget: &mut Budget,
    ) -> Result<(), Failure> {
        let name = path.rsplit('/').next().unwrap_or(path).to_owned();
        let what = format!("the file '{name}'");
        if held.length() == 0 {
            self.failed(shown.to_owned(), empty(&what).into());
            return Ok(());
        }
        let sniffed = held.rewind().and_then(|()| sniff_in(held));
        let (kind, head) = match sniffed {
            Ok(sniffed) => sniffed,
            Err(error) => {
                self.failed(shown.to_owned(), DecodeError::io(&what, &error).into());
                return Ok(());
            }
        };
        match kind {
            Some(Kind::Dicom) if is_index(name.as_ref(), kind, &head) => self.member_index(shown, path, held, level),
            Some(Kind::Nrrd | Kind::MetaImage) if self.is_header(path, shown, held, level)? => Ok(()),
            kind if level.may_be_data(path, kind) => {
                self.keep_data(path, shown, held, level)?;
                Ok(())
            }
            Some(Kind::SelfExtracting) if level.on_a_disc(path) => {
                self.failed(shown.to_owned(), not_of_the_disc(&what).into());
                Ok(())
            }
            Some(kind) if kind.is_archive() => {
                if level.depth >= MOST_DEPTH {
                    let message = format!(
                        "{what} is an archive within {MOST_DEPTH} others, which is not opened; unpack it, and import it"
                    );
                    self.failed(shown.to_owned(), DecodeError::limit(message).into());
                    return Ok(());
                }
                let place = (level.depth + 1, level.on_a_disc(path));
                if self.unpack(held, shown, &name, place, budget)? {
                    let read = self.read_held(held, shown, &name);
                    self.take(shown.to_owned(), read)?;
                }
                Ok(())
            }
            Some(kind) if kind.is_picture() && level.on_a_disc(path) => {
                self.failed(shown.to_owned(), not_of_the_disc(&what).into());
                Ok(())
            }
            Some(kind) => {
                let mut read = self.read_held(held, shown, &name);
                if kind == Kind::Dicom
                    && let Ok(Some((read, _))) = &mut read
                {
                    let uid = &read.header.instance.sop_instance_uid;
                    if level.of_a_disc && level.indexes.is_empty() {
                        read.facts.notes.extend(self.told_on_a_disc(Path::new(shown), uid));
                    }
                    level.taken.push((path.to_owned(), uid.clone()));
                }
                self.take(shown.to_owned(), read)
            }
            None => {
                let message = format!("{what} is not taken: {}", describe(&name, &head));
                self.failed(shown.to_owned(), Failure::new(FailureCode::NotAnImage, message));
                Ok(())
            }
        }
    }

    fn member_index(&mut self, shown: &str, path: &str, held: &mut Held, level: &mut Level<'_>) -> Result<(), Failure> {
        let length = held.length();
        let named = match held.rewind() {
            Ok(()) => self
                .decoders
                .names(Source::Stream(held, length, "the index of the disc".to_owned())),
            Err(error) => Err(DecodeError::io("the index of the disc", &error)),
        };
        match named.map_err(Failure::from) {
            Ok(named) => {
                self.indexes.push(disc::Index::of(Path::new(shown), &named));
                level.indexes.push((path.to_owned(), named));
            }
            Err(failure) if stops_all(&failure) => return Err(failure),
            Err(failure) => self.failed(shown.to_owned(), failure),
        }
        Ok(())
    }
}

fn archive_with(members: usize) -> Sentence {
    let words = format!("an archive with {}", domain::numbers::counted(members, "file"));
    Sentence::new(SentenceCode::ImportArchive, [("count", members.into())], words)
}

/// `scan.dcm` of `scan.dcm.gz`.
fn without_ending(shown: &str) -> Option<String> {
    let (stem, ending) = shown.rsplit_once('.')?;
    let endings = ["gz", "bz2", "zst", "xz"];
    endings
        .iter()
        .any(|known| ending.eq_ignore_ascii_case(known))
        .then(|| stem.to_owned())
}

/// Reads a member to its end.
fn hold(content: &mut dyn Read, budget: &mut Budget, vault: &Vault) -> Result<Held, Halt> {
    let mut bytes = vec![];
    let read = content.take(IN_MEMORY).read_to_end(&mut bytes);
    budget.count(bytes.len() as u64)?;
    read.map_err(of_the_archive)?;
    if (bytes.len() as u64) < IN_MEMORY {
        return Ok(Held::Memory(Cursor::new(bytes)));
    }
    let mut scratch: Scratch = vault.scratch().map_err(Failure::from)?;
    let not_kept = |error: io::Error| io_failure(vault.folder(), "write", &error);
    scratch.write_all(&bytes).map_err(not_kept)?;
    let mut piece = vec![0; 256 << 10];
    loop {
        let count = content.read(&mut piece).map_err(of_the_archive)?;
        if count == 0 {
            break;
        }
        budget.count(count as u64)?;
        let piece = piece.get(..count).unwrap_or_default();
        scratch.write_all(piece).map_err(not_kept)?;
    }
    scratch.seek(SeekFrom::Start(0)).map_err(not_kept)?;
    Ok(Held::Disk(Box::new(scratch)))
}

/// What reading a member failed of.
fn of_the_archive(error: io::Error) -> Halt {
    let kind = error.kind();
    match error.downcast::<DecodeError>() {
        Ok(error) => Halt::Archive(error),
        Err(_) => Halt::Archive(DecodeError::io("it", &kind.into())),
    }
}
