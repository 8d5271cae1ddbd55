//! One file: decoded whole, hashed, and stored as it came.

use std::cell::RefCell;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::Path;
use std::rc::Rc;

use decode::set::FileSet;
use decode::{Source, Urgency, Wanted};
use domain::{Decoded, Failure, FailureCode, Sentence, SentenceCode, SourceFormat, Stated};
use engine::gate::HeaderFacts;
use records::Scratch;
use sha2::{Digest, Sha256};

use super::sealer::{MOST_HELD, Sealed};
use super::{Import, batch::ReadFile};
use crate::files::io_failure;
use crate::pixels::thumbnail;
use crate::time::{day, now};

/// The bytes of a member of an archive.
pub(super) enum Held {
    Memory(Cursor<Vec<u8>>),
    Disk(Box<Scratch>),
    /// Beside others in one file.
    Stored(Stored),
}

impl Held {
    pub(super) fn length(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.get_ref().len() as u64,
            Self::Disk(scratch) => scratch.length(),
            Self::Stored(stored) => stored.length,
        }
    }
}

/// Bytes that lie beside others in a file without a name.
pub(super) struct Stored {
    file: Rc<RefCell<Scratch>>,
    from: u64,
    length: u64,
    at: u64,
}

impl Stored {
    /// Appends what is read to the file.
    ///
    /// # Errors
    /// Those of both.
    pub(super) fn append(file: &Rc<RefCell<Scratch>>, content: &mut impl Read) -> io::Result<Self> {
        let mut into = file.try_borrow_mut().map_err(io::Error::other)?;
        let from = into.length();
        let length = io::copy(content, &mut *into)?;
        Ok(Self {
            file: file.clone(),
            from,
            length,
            at: 0,
        })
    }
}

impl Read for Stored {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.length.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let most = buffer.len().min(left);
        let mut file = self.file.try_borrow_mut().map_err(io::Error::other)?;
        file.seek(SeekFrom::Start(self.from + self.at))?;
        let count = file.read(buffer.get_mut(..most).unwrap_or_default())?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Stored {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = place.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

impl Read for Held {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Memory(bytes) => bytes.read(buffer),
            Self::Disk(scratch) => scratch.read(buffer),
            Self::Stored(stored) => stored.read(buffer),
        }
    }
}

impl Seek for Held {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::Memory(bytes) => bytes.seek(to),
            Self::Disk(scratch) => scratch.seek(to),
            Self::Stored(stored) => stored.seek(to),
        }
    }
}

/// Passes bytes on and takes their hash.
struct Hashed<'a> {
    bytes: &'a mut dyn Read,
    hash: Sha256,
}

impl Read for Hashed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(buffer)?;
        self.hash.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

impl Import<'_, '_> {
    /// Decodes a file and stores its bytes; `None` when its content is there already. A header is stored with the
    /// files that hold its data.
    pub(super) fn read_file(&mut self, path: &Path) -> Result<Option<(ReadFile, Sealed)>, Failure> {
        let unreadable = |error: io::Error| io_failure(path, "read", &error);
        if let Some(set) = FileSet::of(path, &self.decoders)? {
            return self.read_set(path, &set);
        }
        // Decoding first says what is wrong with the file in the best words.
        let mut hash = Sha256::new();
        let (mut held, mut length) = (vec![], 0);
        let mut watch = |bytes: &[u8]| {
            hash.update(bytes);
            length += bytes.len() as u64;
            match length <= MOST_HELD {
                true => held.extend_from_slice(bytes),
                false => held = vec![],
            }
        };
        let source = Source::Watched(path, &mut watch);
        let decoded = self.decoders.ask(source, &Wanted::Checked, Urgency::Work)?;
        self.met(&decoded);
        let sha256 = hash.finalize();
        let content_sha256 = format!("{sha256:x}");
        if self.open.vault.instance_by_content(&content_sha256)?.is_some() {
            return Ok(None);
        }
        let again = match length <= MOST_HELD {
            true => Source::Bytes(&held),
            false => Source::File(path),
        };
        if self.is_there(&decoded, again)? {
            return Ok(None);
        }
        let sealed = if length <= MOST_HELD {
            self.sealer.seal(held, sha256.into())
        } else {
            let mut file = std::fs::File::open(path).map_err(unreadable)?;
            let stored = self.open.vault.put_file(&mut file)?;
            if stored.sha256 != content_sha256 {
                return Err(Failure::new(
                    FailureCode::ChangedWhileRead,
                    format!("{} changed while it was read; import it again", path.display()),
                ));
            }
            Sealed::Already(stored)
        };
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let shown = path.display().to_string();
        let mut read = self.read(decoded, content_sha256, shown, name);
        let told = self.told_by_indexes(path, &read.header.instance.sop_instance_uid);
        read.facts.notes.extend(told);
        Ok(Some((read, sealed)))
    }

    fn met(&mut self, decoded: &Decoded) {
        let instance = &decoded.header.instance;
        if instance.format == SourceFormat::Dicom {
            self.met.insert(instance.sop_instance_uid.as_str().to_owned());
        }
    }

    /// Whether the data set of a file is there under its SOP Instance UID, in a file that another program wrote.
    fn is_there(&mut self, decoded: &Decoded, again: Source<'_>) -> Result<bool, Failure> {
        let instance = &decoded.header.instance;
        if instance.format != SourceFormat::Dicom {
            return Ok(false);
        }
        let uid = &instance.sop_instance_uid;
        if self.batch.holds(uid) {
            self.batch.commit(self.open, self.result)?;
        }
        let Some(there) = self.open.vault.file_of_instance(uid)? else {
            return Ok(false);
        };
        // What cannot be compared is not the same, and is told by the field in which it differs.
        let Ok(there) = self.open.vault.read_file(&there) else {
            return Ok(false);
        };
        let there = self.decoders.essence(Source::Bytes(&there));
        let file = self.decoders.essence(again);
        Ok(matches!((there, file), (Ok(Some(there)), Ok(Some(file))) if there == file))
    }

    fn read_set(&mut self, path: &Path, set: &FileSet) -> Result<Option<(ReadFile, Sealed)>, Failure> {
        let unreadable = |error: io::Error| io_failure(path, "read", &error);
        for data in &set.data {
            self.belongs.insert(data.clone());
        }
        let (mut stream, length) = set.open().map_err(unreadable)?;
        let mut hashed = Hashed {
            bytes: &mut stream,
            hash: Sha256::new(),
        };
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let what = format!("the file '{}'", name.as_deref().unwrap_or_default());
        let source = Source::Stream(&mut hashed, length, what);
        let decoded = self.decoders.ask(source, &Wanted::Checked, Urgency::Work)?;
        let content_sha256 = format!("{:x}", hashed.hash.finalize());
        if self.open.vault.instance_by_content(&content_sha256)?.is_some() {
            return Ok(None);
        }
        let (mut stream, _) = set.open().map_err(unreadable)?;
        let stored = self.open.vault.put_file(&mut stream)?;
        if stored.sha256 != content_sha256 {
            let message = format!(
                "{} or its data changed while they were read; import it again",
                path.display()
            );
            return Err(Failure::new(FailureCode::ChangedWhileRead, message));
        }
        let shown = path.display().to_string();
        let read = self.read(decoded, content_sha256, shown, name);
        Ok(Some((read, Sealed::Already(stored))))
    }

    /// The same of a member of an archive.
    pub(super) fn read_held(
        &mut self,
        held: &mut Held,
        shown: &str,
        name: &str,
    ) -> Result<Option<(ReadFile, Sealed)>, Failure> {
        let unreadable = |error: io::Error| io_failure(Path::new(shown), "read", &error);
        let length = held.length();
        held.rewind().map_err(unreadable)?;
        let mut hashed = Hashed {
            bytes: held,
            hash: Sha256::new(),
        };
        let what = format!("the file '{name}'");
        let source = Source::Stream(&mut hashed, length, what);
        let decoded = self.decoders.ask(source, &Wanted::Checked, Urgency::Work)?;
        self.met(&decoded);
        let sha256 = hashed.hash.finalize();
        let content_sha256 = format!("{sha256:x}");
        if self.open.vault.instance_by_content(&content_sha256)?.is_some() {
            return Ok(None);
        }
        held.rewind().map_err(unreadable)?;
        let again = Source::Stream(held, length, format!("the file '{name}'"));
        if self.is_there(&decoded, again)? {
            return Ok(None);
        }
        let sealed = match held {
            Held::Memory(bytes) => self.sealer.seal(std::mem::take(bytes.get_mut()), sha256.into()),
            held => {
                held.rewind().map_err(unreadable)?;
                Sealed::Already(self.open.vault.put_file(held)?)
            }
        };
        let (shown, name) = (shown.to_owned(), Some(name.to_owned()));
        Ok(Some((self.read(decoded, content_sha256, shown, name), sealed)))
    }

    fn read(&self, decoded: Decoded, content_sha256: String, shown: String, name: Option<String>) -> ReadFile {
        // What cannot be shown has none, and is told where it would be.
        let thumbnail = self.with_thumbnails.then(|| thumbnail(&decoded, 0).ok()).flatten();
        let Decoded {
            mut header, mut facts, ..
        } = decoded;
        if header.instance.format != SourceFormat::Dicom {
            // A picture file has no words of its own; its name is what the person knows it by.
            header.study.description.clone_from(&name);
        }
        let nameless = header.patient.is_nameless();
        if let (Some(given), true) = (self.patient, nameless) {
            given.id.trim().clone_into(&mut header.patient.patient_id);
            given.name.trim().clone_into(&mut header.patient.patient_name);
            facts.notes.push(patient_given());
        }
        if !self.stated.is_silent() && header.holds_picture() {
            // What contradicts the file is told, and not kept of it.
            let said = HeaderFacts::of_file(&header, &facts).with(self.stated).contradiction;
            match said {
                Some(contradiction) => facts.notes.push(contradiction),
                None => {
                    facts.stated = Stated {
                        user: Some(self.open.session.user.clone()),
                        day: Some(day(now())),
                        ..self.stated.clone()
                    };
                    facts.notes.push(stated(self.stated));
                }
            }
        }
        ReadFile {
            shown,
            header,
            content_sha256,
            name,
            thumbnail,
            facts,
            patient_not_used: self.patient.is_some() && !nameless,
        }
    }
}

pub(crate) fn stated(stated: &Stated) -> Sentence {
    let what = stated.in_words();
    let words = format!("what the file does not say was stated: {what}");
    Sentence::new(SentenceCode::ImportStated, [("what", what.into())], words)
}

fn patient_given() -> Sentence {
    let words = "the file names no patient: who it is was said at the import";
    Sentence::new(SentenceCode::ImportPatientGiven, [], words)
}
