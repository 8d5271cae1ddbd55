//! Files that hold other files: each member is handed out as it comes, nothing of it is kept, and no path of it is
//! ever used as one (record 33). Runs within the child that parses foreign files; only `codecs` names this room.

#![warn(missing_docs)]
// Sizes of foreign files are computed here: each cast is meant, and says why.
#![cfg_attr(not(test), warn(clippy::cast_possible_truncation, clippy::cast_sign_loss))]

mod compressed;
mod disc;
mod doubled;
mod gunzip;
mod pipe;
mod sectors;
mod seven;
mod tar;
mod told;
mod xz;
mod zip;

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    panic::{AssertUnwindSafe, catch_unwind},
};

use decode::{
    DecodeError, Limits,
    sniff::{Kind, sniff_in},
    unpack::{Frame, write_frame},
};

pub use gunzip::{Gunzip, is_other_data};
use pipe::Pipe;
use told::{Stop, Told};

/// How an archive ended that could be read.
#[derive(Debug, PartialEq, Eq)]
enum Opened {
    Members,
    /// It is an image by itself.
    Whole,
}

/// Answers [`decode::unpack::Other::Members`] for an archive of so many bytes. `on_time` is called now and then, to grant
/// processor time for the next part of it; memory never grows with the archive.
///
/// # Errors
/// When the parent is gone.
pub fn members(
    input: &mut impl Read,
    output: &File,
    length: u64,
    limits: &Limits,
    on_time: &dyn Fn() -> io::Result<()>,
) -> io::Result<()> {
    let mut source = Pipe::new(input, output, length);
    let mut told = Told::new(output, limits, on_time);
    let opened = catch_unwind(AssertUnwindSafe(|| open(&mut source, &mut told)));
    let opened = opened.unwrap_or_else(|_| Err(Stop::Bad(damaged("its reader stopped"))));
    let last = match opened {
        Ok(Opened::Members) => Frame::Done(None),
        Ok(Opened::Whole) => Frame::Whole,
        Err(Stop::Gone(error)) => return Err(error),
        Err(Stop::Bad(error)) => told.last_words(error)?,
    };
    write_frame(&mut &*output, &last)
}

fn open<S: Read + Seek>(source: &mut S, told: &mut Told<'_>) -> Result<Opened, Stop> {
    let (kind, _) = sniff_in(source).map_err(|error| Stop::Bad(damaged(&error.to_string())))?;
    source
        .seek(SeekFrom::Start(0))
        .map_err(|error| Stop::Bad(damaged(&error.to_string())))?;
    match kind {
        Some(Kind::Zip | Kind::SelfExtracting) => zip::members(source, told)?,
        Some(Kind::Tar) => tar::members(source, told)?,
        Some(Kind::SevenZip) => seven::members(source, told)?,
        Some(Kind::Disc) => sectors::members(source, told)?,
        Some(kind @ (Kind::Gzip | Kind::Bzip2 | Kind::Zstd | Kind::Xz)) => {
            return compressed::members(kind, source, told);
        }
        _ => {
            return Err(Stop::Bad(DecodeError::unsupported(
                "it is not an archive that can be opened",
            )));
        }
    }
    Ok(Opened::Members)
}

fn damaged(why: &str) -> DecodeError {
    let why: String = why.chars().take(200).collect();
    DecodeError::corrupt(format!(
        "the archive is damaged or cut: {why}; copy it again from its source"
    ))
}

/// Why a stream cannot be read on: what is not read is told by itself, all else is damage.
fn unread(error: &io::Error) -> DecodeError {
    match error.kind() {
        io::ErrorKind::Unsupported => DecodeError::unsupported(error.to_string()),
        io::ErrorKind::UnexpectedEof => damaged("it ends early"),
        _ => damaged(&error.to_string()),
    }
}

fn protected(what: &str) -> DecodeError {
    let message = format!("{what} is protected by a password; unpack it first, then import its files");
    DecodeError::new(domain::FailureCode::Protected, message)
}

#[cfg(test)]
mod tests;
