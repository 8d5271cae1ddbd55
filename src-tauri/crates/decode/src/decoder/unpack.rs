//! Files that name or hold others: what the child says of them, member after member.
//!
//! An archive keeps a child of its own, outside the pool, for its members are decoded by the pool while it waits. The
//! child asks for the pieces of the archive that it needs, so that neither side holds the whole of it.

use std::{
    io::{self, Read, Seek, SeekFrom},
    sync::mpsc::channel,
    time::{Duration, Instant},
};

use super::{
    Child, Decoders, Order, Turn, Urgency,
    ask::{Broken, Input, Source},
    death::Cause,
    no_keeper,
};
use crate::{
    DecodeError, Limits,
    unpack::{Frame, MOST_MEMBERS, MOST_NEEDED, Named, Other, read_frame, request},
};

/// An archive that can be entered anywhere.
pub trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

/// What is told of an archive, in this order: the names of all members, then each of them.
pub enum Unpacked<'a> {
    /// Names of members, a part of them at a time.
    Listed(Vec<String>),
    /// A member and its bytes. Reading fails with a [`DecodeError`] within the error where the archive is damaged.
    Member(&'a str, &'a mut dyn Read),
    /// A member that is not unpacked, and why.
    Refused(String, DecodeError),
    /// The file is no archive but an image, and is to be decoded as it is.
    Whole,
}

impl Decoders {
    /// The files that a file names: the index of a disc, the header of a volume whose data lie beside it.
    ///
    /// # Errors
    /// Why the file was not read.
    pub fn names(&self, source: Source<'_>) -> Result<Named, DecodeError> {
        self.turn(Urgency::Work).names(source)
    }

    /// A hash of the data set of a DICOM file, the same for all files that hold it, however they are written down; `None`
    /// where the file has none that can be told.
    ///
    /// # Errors
    /// Why the file was not read.
    pub fn essence(&self, source: Source<'_>) -> Result<Option<String>, DecodeError> {
        match self.turn(Urgency::Work).asked(source, Other::Essence)? {
            Frame::Essence(hash) => Ok(hash),
            _ => Err(DecodeError::corrupt("the file could not be read")),
        }
    }

    /// Tells `each` of what the archive holds; its first error ends the whole. `name` is what errors call the archive.
    ///
    /// # Errors
    /// Those of `each`; why the archive, or the rest of it, was not read.
    pub fn unpack<E: From<DecodeError>>(
        &self,
        archive: &mut dyn ReadSeek,
        name: &str,
        each: &mut dyn FnMut(Unpacked<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let length = archive
            .seek(SeekFrom::End(0))
            .map_err(|error| DecodeError::io(name, &error))?;
        let (send, receive) = channel();
        self.pool.order(Order::Apart(send))?;
        let child = receive.recv().map_err(|_| no_keeper())??;
        let mut session = Session {
            child: self.pool.greeted(child)?,
            archive,
            limits: &self.pool.limits,
            length,
            delivered: 0,
            waited: Duration::ZERO,
            broken: None,
            over: None,
        };
        let outcome = session.run(each);
        match session.broken.take() {
            // What the child died of says more than what it led to.
            Some(Broken::Child(cause)) => {
                let limits = session.limits;
                Err(session.child.bury(cause).report(name, limits).into())
            }
            Some(Broken::Input(error)) => Err(DecodeError::io(name, &error).into()),
            None => outcome,
        }
    }
}

impl Turn {
    /// As [`Decoders::names`].
    ///
    /// # Errors
    /// Why the file was not read.
    pub fn names(&mut self, source: Source<'_>) -> Result<Named, DecodeError> {
        match self.asked(source, Other::Names)? {
            Frame::Names(names) => Ok(names),
            _ => Err(DecodeError::corrupt("the file could not be read")),
        }
    }

    /// Sends a whole file, and hears the one frame that answers it.
    fn asked(&mut self, source: Source<'_>, what: Other) -> Result<Frame, DecodeError> {
        let pool = self.pool.clone();
        let mut input = Input::open(source, &pool.limits)?;
        let mut child = self.living_child()?;
        let seconds = Duration::from_secs(pool.limits.extra_seconds(input.length));
        child.set_deadline(Instant::now() + pool.limits.wall + seconds);
        let broken = |error: io::Error| Broken::Child(Cause::of(&error));
        let mut asked = || {
            child.send(&request(input.length, what)).map_err(broken)?;
            input.send(&mut child)?;
            read_frame(&mut child).map_err(broken)
        };
        match asked() {
            Ok(frame @ (Frame::Names(_) | Frame::Essence(_))) => {
                self.child = Some(child);
                Ok(frame)
            }
            Ok(Frame::Failed(error)) => {
                self.child = Some(child);
                Err(error)
            }
            other => {
                pool.lost();
                Err(match other {
                    Err(Broken::Input(error)) => DecodeError::io(&input.name, &error),
                    Err(Broken::Child(cause)) => child.bury(cause).report(&input.name, &pool.limits),
                    Ok(_) => DecodeError::corrupt(format!("{} could not be read", input.name)),
                })
            }
        }
    }
}

struct Session<'a> {
    child: Child,
    archive: &'a mut dyn ReadSeek,
    limits: &'a Limits,
    length: u64,
    /// Bytes of members so far.
    delivered: u64,
    /// How long the child was waited for.
    waited: Duration,
    broken: Option<Broken>,
    /// Why nothing more is wanted of the archive.
    over: Option<DecodeError>,
}

impl Session<'_> {
    fn run<E: From<DecodeError>>(&mut self, each: &mut dyn FnMut(Unpacked<'_>) -> Result<(), E>) -> Result<(), E> {
        self.child.set_deadline(Instant::now() + self.limits.wall);
        if let Err(error) = self.child.send(&request(self.length, Other::Members)) {
            return Err(self.break_off(&error).into());
        }
        let mut members = 0;
        loop {
            match self.frame()? {
                Frame::List(names) => each(Unpacked::Listed(names))?,
                Frame::Member(name) => {
                    let mut content = Content {
                        session: self,
                        rest: vec![],
                        at: 0,
                        ended: false,
                    };
                    each(Unpacked::Member(&name, &mut content))?;
                    // What was not wanted of it. Its own damage was told to whoever read it.
                    while !content.ended && content.session.broken.is_none() {
                        let _ = content.refill();
                    }
                    if let Some(error) = self.over.take() {
                        return Err(error.into());
                    }
                    if self.broken.is_some() {
                        return Err(gone().into());
                    }
                    members += 1;
                }
                Frame::Refused(name, error) => {
                    each(Unpacked::Refused(name, error))?;
                    members += 1;
                }
                Frame::Whole => return each(Unpacked::Whole),
                Frame::Failed(error) => return Err(error.into()),
                Frame::Done(None) => return Ok(()),
                Frame::Done(Some(error)) => return Err(error.into()),
                Frame::Need(..) | Frame::Data(_) | Frame::End(_) | Frame::Names(_) | Frame::Essence(_) => {
                    return Err(self.break_off(&io::ErrorKind::InvalidData.into()).into());
                }
            }
            if members > MOST_MEMBERS {
                return Err(DecodeError::limit(format!("it holds more than {MOST_MEMBERS} files")).into());
            }
        }
    }

    /// The next frame that is no request for bytes.
    fn frame(&mut self) -> Result<Frame, DecodeError> {
        let begun = Instant::now();
        let bytes = self.length.saturating_mul(2).saturating_add(self.delivered);
        let allowed = self.limits.wall + Duration::from_secs(self.limits.extra_seconds(bytes));
        self.child.set_deadline(begun + allowed.saturating_sub(self.waited));
        let frame = self.answered();
        self.waited += begun.elapsed();
        frame
    }

    fn answered(&mut self) -> Result<Frame, DecodeError> {
        let mut piece = vec![];
        loop {
            match read_frame(&mut self.child) {
                Ok(Frame::Need(from, count)) => {
                    piece.clear();
                    let count = u64::from(count.min(MOST_NEEDED));
                    let read = self
                        .archive
                        .seek(SeekFrom::Start(from))
                        .and_then(|_| (&mut *self.archive).take(count).read_to_end(&mut piece));
                    if let Err(error) = read {
                        let told = DecodeError::io("the archive", &error);
                        self.broken = Some(Broken::Input(error));
                        return Err(told);
                    }
                    let length = u32::try_from(piece.len()).unwrap_or_default();
                    let sent = self
                        .child
                        .send(&length.to_le_bytes())
                        .and_then(|()| self.child.send(&piece));
                    if let Err(error) = sent {
                        return Err(self.break_off(&error));
                    }
                }
                Ok(frame) => return Ok(frame),
                Err(error) => return Err(self.break_off(&error)),
            }
        }
    }

    fn break_off(&mut self, error: &io::Error) -> DecodeError {
        self.broken = Some(Broken::Child(Cause::of(error)));
        gone()
    }

    /// Counts bytes of members, and refuses what grows beyond all bounds.
    fn count(&mut self, bytes: usize) -> Result<(), DecodeError> {
        self.delivered += bytes as u64;
        self.limits.check_unpacked(self.delivered, self.length)
    }
}

fn gone() -> DecodeError {
    DecodeError::corrupt("the archive could not be read on")
}

/// The bytes of a member as they come.
struct Content<'s, 'a> {
    session: &'s mut Session<'a>,
    rest: Vec<u8>,
    at: usize,
    ended: bool,
}

impl Content<'_, '_> {
    fn refill(&mut self) -> Result<(), DecodeError> {
        match self.session.frame()? {
            Frame::Data(bytes) => {
                let counted = self.session.count(bytes.len());
                self.rest = bytes;
                self.at = 0;
                if let Err(error) = &counted {
                    self.session.over = Some(error.clone());
                    self.ended = true;
                }
                counted
            }
            Frame::End(None) => {
                self.ended = true;
                Ok(())
            }
            Frame::End(Some(error)) => {
                self.ended = true;
                Err(error)
            }
            _ => Err(self.session.break_off(&io::ErrorKind::InvalidData.into())),
        }
    }
}

impl Read for Content<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.rest.len() {
            if self.ended {
                return Ok(0);
            }
            self.rest.clear();
            self.at = 0;
            self.refill()
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        }
        let rest = self.rest.get(self.at..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.at += count;
        Ok(count)
    }
}
