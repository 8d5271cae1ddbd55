//! The parent's side: one child that decodes file after file, started when first needed and again
//! after each death.

mod child;
mod death;

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::{
    DecodeError, Limits,
    protocol::{self, Answer, Wanted},
};
use child::Child;
use death::Cause;
use domain::{Decoded, FailureCode};

const PROGRAM: &str = "overread-decoder";

/// Where the bytes of a file come from.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// A file that is opened and read.
    File(&'a Path),
    /// A whole file already in memory, such as one that was decrypted.
    Bytes(&'a [u8]),
}

/// Decodes files in a sandboxed child process. One file at a time; several decoders run side by side.
///
/// The child dies with the thread that started it, so a decoder belongs to the thread that uses it.
#[derive(Debug)]
pub struct Decoder {
    program: PathBuf,
    limits: Limits,
    child: Option<Child>,
}

impl Decoder {
    /// `program` is the path of `overread-decoder`. Nothing is started yet.
    pub fn new(program: PathBuf, limits: Limits) -> Self {
        Self {
            program,
            limits,
            child: None,
        }
    }

    /// Takes the `overread-decoder` beside the running executable, or one folder up (where test
    /// programs find it).
    ///
    /// # Errors
    /// `decoder_missing` when there is none.
    pub fn beside_executable(limits: Limits) -> Result<Self, DecodeError> {
        let executable = std::env::current_exe().map_err(|e| DecodeError::io("the running program's own path", &e))?;
        let program = executable
            .ancestors()
            .skip(1)
            .take(2)
            .map(|folder| folder.join(PROGRAM))
            .find(|candidate| candidate.is_file())
            .ok_or_else(|| missing(&executable.with_file_name(PROGRAM)))?;
        Ok(Self::new(program, limits))
    }

    /// Starts the child ahead of the first file; [`Self::decode`] does so by itself.
    ///
    /// # Errors
    /// Like [`Self::decode`], when there is no child to be had.
    pub fn start(&mut self) -> Result<(), DecodeError> {
        self.child = Some(self.living_child()?);
        Ok(())
    }

    /// Decodes one file. However the file breaks the child, the answer is an error that says so, and
    /// the next file is decoded by a fresh child.
    pub fn decode(&mut self, source: Source<'_>) -> Result<Decoded, DecodeError> {
        self.decode_wanted(source, Wanted::All)
    }

    /// Like [`Self::decode`], with the middle frame alone where the file has many and lets itself be entered
    /// there: the pixels then hold one frame, and the header says how many there are.
    pub fn decode_middle_frame(&mut self, source: Source<'_>) -> Result<Decoded, DecodeError> {
        self.decode_wanted(source, Wanted::Middle)
    }

    fn decode_wanted(&mut self, source: Source<'_>, wanted: Wanted) -> Result<Decoded, DecodeError> {
        let mut input = Input::open(source, &self.limits)?;
        let mut child = self.living_child()?;
        match run(&mut child, &mut input, wanted, &self.limits) {
            Ok(answer) => {
                self.child = Some(child);
                answer
            }
            // The child waits for bytes that will not come, so it is of no more use.
            Err(Broken::Input(error)) => Err(DecodeError::io(&input.name, &error)),
            Err(Broken::Child(cause)) => Err(child.bury(cause).report(&input.name, &self.limits)),
        }
    }

    fn living_child(&mut self) -> Result<Child, DecodeError> {
        if let Some(mut child) = self.child.take()
            && child.is_alive()
        {
            return Ok(child);
        }
        let mut child = Child::start(&self.program, &self.limits)?;
        let mut hello = [0; protocol::HELLO.len()];
        child.set_deadline(Instant::now() + self.limits.wall.max(Duration::from_secs(5)));
        match child.read_exact(&mut hello) {
            Ok(()) if hello == protocol::HELLO => Ok(child),
            Ok(()) => Err(DecodeError::new(
                FailureCode::DecoderMissing,
                format!(
                    "'{}' belongs to another version; install the application again",
                    self.program.display()
                ),
            )),
            Err(error) => Err(child.bury(Cause::of(&error)).report("the start", &self.limits)),
        }
    }
}

fn missing(path: &Path) -> DecodeError {
    DecodeError::new(
        FailureCode::DecoderMissing,
        format!(
            "the program '{}' is missing; install the application again",
            path.display()
        ),
    )
}

/// An opened source with its length and the name that errors give it.
struct Input<'a> {
    name: String,
    length: u64,
    reader: Box<dyn Read + 'a>,
}

impl<'a> Input<'a> {
    fn open(source: Source<'a>, limits: &Limits) -> Result<Self, DecodeError> {
        let input = match source {
            Source::Bytes(bytes) => Self {
                name: "the file".to_owned(),
                length: bytes.len() as u64,
                reader: Box::new(bytes),
            },
            Source::File(path) => {
                let shown = path.file_name().unwrap_or(path.as_os_str());
                let name = format!("the file '{}'", shown.display());
                // Before opening: opening a named pipe would wait for its writer.
                let meta = std::fs::metadata(path).map_err(|e| DecodeError::io(&name, &e))?;
                if !meta.is_file() {
                    let kind = if meta.is_dir() { "a folder" } else { "no regular file" };
                    return Err(DecodeError::new(
                        FailureCode::Io,
                        format!("{name} is {kind}; name a file"),
                    ));
                }
                let file = File::open(path).map_err(|e| DecodeError::io(&name, &e))?;
                Self {
                    name,
                    length: meta.len(),
                    reader: Box::new(file),
                }
            }
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
}

enum Broken {
    Input(io::Error),
    Child(Cause),
}

fn run(
    child: &mut Child,
    input: &mut Input<'_>,
    wanted: Wanted,
    limits: &Limits,
) -> Result<Result<Decoded, DecodeError>, Broken> {
    let broken = |error: io::Error| Broken::Child(Cause::of(&error));
    let started = Instant::now();
    let deadline = |declared: u64| {
        // The child may declare what it likes, but not more time than the largest picture gives.
        let seconds = limits.extra_seconds(input.length + declared.min(limits.max_pixels_bytes));
        started + limits.wall + Duration::from_secs(seconds)
    };
    child.set_deadline(deadline(0));
    child.send(&protocol::request(input.length, wanted)).map_err(broken)?;
    let mut chunk = vec![0; 256 << 10];
    let mut left = input.length;
    while left > 0 {
        let wanted = chunk.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let got = input.reader.read(&mut chunk[..wanted]).map_err(Broken::Input)?;
        if got == 0 {
            return Err(Broken::Input(io::Error::other("it became shorter while it was read")));
        }
        child.send(&chunk[..got]).map_err(broken)?;
        left -= got as u64;
    }
    loop {
        match protocol::read_answer(child).map_err(broken)? {
            Answer::Declared(bytes) => child.set_deadline(deadline(bytes)),
            Answer::Failed(error) => return Ok(Err(error)),
            Answer::Picture(head) => {
                let pixels = protocol::read_pixels(child, &head, limits, input.length).map_err(broken)?;
                return Ok(Ok(Decoded {
                    header: head.header,
                    pixels,
                }));
            }
        }
    }
}
