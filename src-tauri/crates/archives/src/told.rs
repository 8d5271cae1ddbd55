//! What the parent is told of an archive, and which members are not handed out.

use std::{
    fs::File,
    io::{self, Read},
};

use decode::{
    DecodeError, Limits,
    unpack::{Frame, MOST_MEMBERS, MOST_NAME_BYTES, write_data, write_frame},
};
use domain::FailureCode;

/// Why nothing more is read.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The parent is gone.
    Gone(io::Error),
    /// The archive is at fault.
    Bad(DecodeError),
}

impl From<DecodeError> for Stop {
    fn from(error: DecodeError) -> Self {
        Self::Bad(error)
    }
}

const PIECE: usize = 256 << 10;
/// Names that are told at once; of the longest names they stay below the limit of a frame.
const LISTED_TOGETHER: usize = 500;
/// Bytes after which processor time is granted again.
const TIME_BYTES: u64 = 64 << 20;

/// Where members go.
pub(super) struct Told<'a> {
    output: &'a File,
    limits: &'a Limits,
    on_time: &'a dyn Fn() -> io::Result<()>,
    pub(super) begun: bool,
    members: usize,
}

impl<'a> Told<'a> {
    pub(super) fn new(output: &'a File, limits: &'a Limits, on_time: &'a dyn Fn() -> io::Result<()>) -> Self {
        Self {
            output,
            limits,
            on_time,
            begun: false,
            members: 0,
        }
    }

    fn send(&mut self, frame: &Frame) -> Result<(), Stop> {
        self.begun = true;
        write_frame(&mut &*self.output, frame).map_err(Stop::Gone)
    }

    /// The names of all members that will come.
    pub(super) fn list(&mut self, names: &[String]) -> Result<(), Stop> {
        for part in names.chunks(LISTED_TOGETHER) {
            self.send(&Frame::List(part.to_vec()))?;
        }
        Ok(())
    }

    pub(super) fn refused(&mut self, name: &str, error: DecodeError) -> Result<(), Stop> {
        self.count()?;
        self.send(&Frame::Refused(shortened(name), error))
    }

    fn count(&mut self) -> Result<(), Stop> {
        self.members += 1;
        match self.members <= MOST_MEMBERS {
            true => Ok(()),
            false => Err(too_many().into()),
        }
    }

    /// Hands a member out whose name is one of a file below the archive; another one is refused. `length` is what the
    /// archive declares, where it does. An error of `content` ends the member and not the archive.
    pub(super) fn member(&mut self, name: &str, length: Option<u64>, content: &mut dyn Read) -> Result<(), Stop> {
        if let Err(error) = checked(name) {
            return self.refused(name, error);
        }
        let most = self.limits.max_file_bytes;
        if length.is_some_and(|length| length > most) {
            return self.refused(name, too_long(most));
        }
        self.count()?;
        self.send(&Frame::Member(name.to_owned()))?;
        (self.on_time)().map_err(Stop::Gone)?;
        let mut piece = vec![0; PIECE];
        let (mut sent, mut next_time) = (0, TIME_BYTES);
        let ended = loop {
            let count = match content.read(&mut piece) {
                Ok(0) => break None,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => break Some(super::unread(&error)),
            };
            sent += count as u64;
            if sent > most {
                break Some(too_long(most));
            }
            let bytes = piece.get(..count).unwrap_or_default();
            write_data(&mut &*self.output, bytes).map_err(Stop::Gone)?;
            if sent > next_time {
                next_time += TIME_BYTES;
                (self.on_time)().map_err(Stop::Gone)?;
            }
        };
        let cut = length.filter(|length| ended.is_none() && sent < *length);
        let ended = ended.or_else(|| {
            cut.map(|length| {
                DecodeError::truncated(format!(
                    "it has {length} bytes by the archive, of which {sent} are there"
                ))
            })
        });
        self.send(&Frame::End(ended))
    }

    /// The last frame of an archive that could not be read, or not to its end.
    pub(super) fn last_words(&self, error: DecodeError) -> io::Result<Frame> {
        Ok(match self.begun {
            true => Frame::Done(Some(error)),
            false => Frame::Failed(error),
        })
    }
}

pub(super) fn too_many() -> DecodeError {
    DecodeError::limit(format!(
        "the archive holds more than {MOST_MEMBERS} files, and the rest is not read; unpack it, and import its folders"
    ))
}

fn too_long(most: u64) -> DecodeError {
    DecodeError::limit(format!(
        "it has more than {} MiB, which is the most that is read",
        most >> 20
    ))
}

/// A link, which leads to another file or out of the archive.
pub(super) fn link() -> DecodeError {
    DecodeError::new(
        FailureCode::NotAnImage,
        "it is a link to another file, which is not followed",
    )
}

fn shortened(name: &str) -> String {
    let mut end = name.len().min(MOST_NAME_BYTES);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.get(..end).unwrap_or_default().to_owned()
}

/// Refuses a name that leads out of the archive, or is none.
pub(super) fn checked(name: &str) -> Result<(), DecodeError> {
    // Steps up are taken where they stay within.
    let mut depth = Some(0_usize);
    for part in name.split(['/', '\\']) {
        depth = match part {
            ".." => depth.and_then(|depth| depth.checked_sub(1)),
            "" | "." => depth,
            _ => depth.map(|depth| depth + 1),
        };
    }
    let leads_out = name.starts_with(['/', '\\'])
        || depth.is_none()
        || name.ends_with("..") && name.split(['/', '\\']).next_back() == Some("..")
        || name.get(1..2) == Some(":");
    if leads_out {
        return Err(DecodeError::corrupt(
            "its path leads outside of the archive ('..' or an absolute path), as harmful archives have it: not taken",
        ));
    }
    if name.is_empty() || name.len() > MOST_NAME_BYTES || name.contains('\0') {
        return Err(DecodeError::corrupt("its name is not a valid file name: not taken"));
    }
    Ok(())
}
