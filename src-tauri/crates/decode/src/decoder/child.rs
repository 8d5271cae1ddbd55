use std::{
    io::{self, Read, Write},
    os::{fd::BorrowedFd, unix::process::CommandExt},
    path::Path,
    process::{ChildStdin, ChildStdout, Command, Stdio},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{OFlags, fcntl_setfl},
    pipe::fcntl_setpipe_size,
};

use super::death::{Cause, Death};
use crate::{DecodeError, Limits};

/// Of what a child says on standard error, this much is kept.
const STDERR_BYTES: u64 = 4096;
/// A child is replaced after so many files, whatever they were; a start takes some milliseconds.
const MOST_FILES: u32 = 256;
const PIPE_BYTES: usize = 1 << 20;
/// How long a child that closed its output may take to end.
const LAST_BREATH: Duration = Duration::from_millis(500);

/// A running child and the pipes to it. Reading and writing stop at the deadline. It is killed when dropped.
#[derive(Debug)]
pub(super) struct Child {
    process: std::process::Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
    stderr: Option<JoinHandle<Vec<u8>>>,
    deadline: Instant,
    /// Whether it has said hello.
    pub(super) greeted: bool,
    /// Files that it has answered.
    answered: u32,
}

impl Child {
    pub(super) fn start(program: &Path, limits: &Limits) -> Result<Self, DecodeError> {
        let cannot = |error: &io::Error| match error.kind() {
            io::ErrorKind::NotFound => super::missing(program),
            _ => DecodeError::io(&format!("the program '{}'", program.display()), error),
        };
        let limits = serde_json::to_string(limits).map_err(|e| cannot(&e.into()))?;
        let mut process = Command::new(program)
            .arg(limits)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Ctrl+C is for us alone: the child is killed when we end.
            .process_group(0)
            .spawn()
            .map_err(|e| cannot(&e))?;
        let (Some(stdin), Some(stdout), Some(stderr)) =
            (process.stdin.take(), process.stdout.take(), process.stderr.take())
        else {
            return Err(cannot(&io::Error::other("its pipes are missing")));
        };
        // Fewer turns between the two processes; the usual size serves where more is not granted.
        let _ = fcntl_setpipe_size(&stdin, PIPE_BYTES);
        let _ = fcntl_setpipe_size(&stdout, PIPE_BYTES);
        // A write must not wait inside the kernel past the deadline.
        fcntl_setfl(&stdin, OFlags::NONBLOCK).map_err(|e| cannot(&e.into()))?;
        let stderr = std::thread::spawn(move || keep_first(stderr));
        Ok(Self {
            process,
            stdin,
            stdout,
            stderr: Some(stderr),
            deadline: Instant::now(),
            greeted: false,
            answered: 0,
        })
    }

    /// Whether it may have another file after this answer. A file that was made to change a child would mostly be one
    /// that a codec finds damaged; whoever met one has no other.
    pub(super) fn may_go_on(&mut self, damaged: bool) -> bool {
        self.answered += 1;
        !damaged && self.answered < MOST_FILES
    }

    pub(super) fn is_alive(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }

    pub(super) fn set_deadline(&mut self, deadline: Instant) {
        self.deadline = deadline;
    }

    /// Writes all of `bytes` to the child.
    pub(super) fn send(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        use std::os::fd::AsFd;
        while !bytes.is_empty() {
            wait_for(self.stdin.as_fd(), PollFlags::OUT, self.deadline)?;
            match self.stdin.write(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Ends the child and gathers why it died.
    pub(super) fn bury(mut self, cause: Cause) -> Death {
        // A child that closed its pipes is dying by itself: its own end tells more than our signal.
        let until = Instant::now()
            + if cause == Cause::Gone {
                LAST_BREATH
            } else {
                Duration::ZERO
            };
        while self.is_alive() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(2));
        }
        let _ = self.process.kill();
        let status = self.process.wait().ok();
        let said = self
            .stderr
            .take()
            .and_then(|thread| thread.join().ok())
            .unwrap_or_default();
        Death {
            cause,
            status,
            said: String::from_utf8_lossy(&said).into_owned(),
        }
    }
}

impl Read for Child {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        use std::os::fd::AsFd;
        wait_for(self.stdout.as_fd(), PollFlags::IN, self.deadline)?;
        self.stdout.read(buffer)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Waits until the pipe can be used; `TimedOut` at the deadline.
fn wait_for(pipe: BorrowedFd<'_>, flags: PollFlags, deadline: Instant) -> io::Result<()> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let timeout = Timespec {
            tv_sec: left.as_secs() as i64,
            tv_nsec: i64::from(left.subsec_nanos()),
        };
        match poll(&mut [PollFd::from_borrowed_fd(pipe, flags)], Some(&timeout)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => {}
            Ok(_) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Keeps the beginning and reads on to the end, so that the child never waits for a full pipe.
fn keep_first(mut stderr: impl Read) -> Vec<u8> {
    let mut kept = Vec::new();
    let _ = stderr.by_ref().take(STDERR_BYTES).read_to_end(&mut kept);
    let _ = io::copy(&mut stderr, &mut io::sink());
    kept
}
