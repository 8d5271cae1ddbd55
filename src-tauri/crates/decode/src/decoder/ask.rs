//! One question to a child: the bytes of a file go in, its answer comes back, both within the clock.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
    time::{Duration, Instant},
};

use super::{child::Child, death::Cause};
use crate::{
    DecodeError, Limits,
    protocol::{self, Answer, Wanted},
};
use domain::{Decoded, FailureCode};

/// Is shown the bytes of a file as they pass, in order.
pub type Watch<'a> = &'a mut dyn FnMut(&[u8]);

/// Where the bytes of a file come from.
pub enum Source<'a> {
    /// A file that is opened and read.
    File(&'a Path),
    /// The same, watched.
    Watched(&'a Path, Watch<'a>),
    /// A whole file already in memory, such as one that was decrypted.
    Bytes(&'a [u8]),
    /// So many bytes that are read, and the name that errors give them.
    Stream(&'a mut dyn Read, u64, String),
}

/// An opened source with its length and the name that errors give it.
pub(super) struct Input<'a> {
    pub name: String,
    pub length: u64,
    reader: Box<dyn Read + 'a>,
    watch: Option<Watch<'a>>,
}

impl<'a> Input<'a> {
    pub(super) fn open(source: Source<'a>, limits: &Limits) -> Result<Self, DecodeError> {
        let input = match source {
            Source::Bytes(bytes) => Self {
                name: "the file".to_owned(),
                length: bytes.len() as u64,
                reader: Box::new(bytes),
                watch: None,
            },
            Source::Stream(reader, length, name) => Self {
                name,
                length,
                reader: Box::new(reader),
                watch: None,
            },
            Source::File(path) => Self::of_path(path, None)?,
            Source::Watched(path, watch) => Self::of_path(path, Some(watch))?,
        };
        if input.length == 0 {
            let message = format!("{} is empty (0 bytes); copy it again from its source", input.name);
            return Err(DecodeError::new(FailureCode::EmptyFile, message));
        }
        if input.length > limits.max_file_bytes {
            let (mib, limit) = (input.length >> 20, limits.max_file_bytes >> 20);
            return Err(DecodeError::limit(format!(
                "{} has {mib} MiB; at most {limit} MiB are read",
                input.name
            )));
        }
        Ok(input)
    }

    fn of_path(path: &Path, watch: Option<Watch<'a>>) -> Result<Self, DecodeError> {
        let shown = path.file_name().unwrap_or(path.as_os_str());
        let name = format!("the file '{}'", shown.display());
        // Before opening: opening a named pipe would wait for its writer.
        let meta = std::fs::metadata(path).map_err(|e| DecodeError::io(&name, &e))?;
        if !meta.is_file() {
            let kind = if meta.is_dir() {
                "a folder"
            } else {
                "not a regular file"
            };
            return Err(DecodeError::new(
                FailureCode::Io,
                format!("{name} is {kind}; name a file"),
            ));
        }
        let file = File::open(path).map_err(|e| DecodeError::io(&name, &e))?;
        Ok(Self {
            name,
            length: meta.len(),
            reader: Box::new(file),
            watch,
        })
    }
}

impl Input<'_> {
    /// Sends all bytes to the child.
    pub(super) fn send(&mut self, child: &mut Child) -> Result<(), Broken> {
        let mut chunk = vec![0; 256 << 10];
        let mut left = self.length;
        while left > 0 {
            let most = chunk.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            let got = self.reader.read(&mut chunk[..most]).map_err(Broken::Input)?;
            if got == 0 {
                return Err(Broken::Input(io::Error::other("it became shorter while it was read")));
            }
            let broken = |error: io::Error| Broken::Child(Cause::of(&error));
            child.send(&chunk[..got]).map_err(broken)?;
            // After it was sent, so that the child is at work while it is hashed.
            if let Some(watch) = &mut self.watch {
                watch(&chunk[..got]);
            }
            left -= got as u64;
        }
        Ok(())
    }
}

/// Why there is no answer.
pub(super) enum Broken {
    Input(io::Error),
    Child(Cause),
}

pub(super) fn run(
    child: &mut Child,
    input: &mut Input<'_>,
    wanted: &Wanted,
    limits: &Limits,
) -> Result<Result<Decoded, DecodeError>, Broken> {
    let broken = |error: io::Error| Broken::Child(Cause::of(&error));
    let started = Instant::now();
    let length = input.length;
    let deadline = |declared: u64| {
        // The child may declare what it likes, but not more time than the largest picture gives.
        let seconds = limits.extra_seconds(length + declared.min(limits.max_pixels_bytes));
        started + limits.wall + Duration::from_secs(seconds)
    };
    child.set_deadline(deadline(0));
    child.send(&protocol::request(input.length, wanted)).map_err(broken)?;
    input.send(child)?;
    loop {
        match protocol::read_answer(child).map_err(broken)? {
            Answer::Declared(bytes) => child.set_deadline(deadline(bytes)),
            Answer::Failed(error) => return Ok(Err(error)),
            Answer::Picture(head) => {
                let pixels = protocol::read_pixels(child, &head, limits, input.length).map_err(broken)?;
                return Ok(Ok(Decoded {
                    header: head.header,
                    facts: head.facts,
                    first_frame: head.first_frame,
                    pixels,
                }));
            }
        }
    }
}
