//! One window for each settings folder: a lock says who is first, a Unix socket takes the paths of those who come later.
//!
//! The lock is the kernel's: it goes with its process, so a crash never leaves one behind. The socket's file may stay
//! behind; whoever holds the lock replaces it. Neither D-Bus nor a network is asked (decision record 14).

use std::ffi::OsString;
use std::fs::{self, File, Permissions, TryLockError};
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const LOCK: &str = "window.lock";
const SOCKET: &str = "window.sock";
/// How long a second start waits for a first one that is just starting or busy.
const PATIENCE: Duration = Duration::from_secs(5);
const LONGEST_MESSAGE: u64 = 4 << 20;
const TAKEN: &[u8] = b"taken";

pub enum Start {
    First(First),
    /// The paths are with the first; there is nothing left to do.
    Second,
}

/// Holds the lock for as long as it lives.
pub struct First {
    lock: File,
    listener: UnixListener,
}

/// # Errors
/// When the folder cannot be written, or the first holds the lock and does not answer.
pub fn start(folder: &Path, paths: &[PathBuf]) -> io::Result<Start> {
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(folder.join(LOCK))?;
    let begun = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(Start::First(First::new(lock, folder)?)),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) => {}
        }
        match hand_over(folder, paths) {
            Ok(()) => return Ok(Start::Second),
            Err(error) if begun.elapsed() > PATIENCE => return Err(error),
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

impl First {
    fn new(lock: File, folder: &Path) -> io::Result<Self> {
        match fs::remove_file(folder.join(SOCKET)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = with_short_name(folder, |socket| UnixListener::bind(socket))?;
        fs::set_permissions(folder.join(SOCKET), Permissions::from_mode(0o600))?;
        Ok(Self { lock, listener })
    }

    /// Calls `arrived` with the paths of each later start, on a thread of its own, until the program ends.
    pub fn listen(self, arrived: impl Fn(Vec<PathBuf>) + Send + 'static) -> io::Result<()> {
        std::thread::Builder::new().name("later starts".into()).spawn(move || {
            // Whole: the lock is held for as long as somebody listens.
            let Self { lock: _held, listener } = self;
            for stream in listener.incoming() {
                // One that fails to say what it wants is not worth more than the next.
                match stream.and_then(take) {
                    Ok(paths) => arrived(paths),
                    Err(error) => tracing::warn!(%error, "a second start was not understood"),
                }
            }
        })?;
        Ok(())
    }
}

/// A socket's name may hold 107 bytes and a folder's more, so it is named by way of the open folder.
fn with_short_name<T>(folder: &Path, open: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<T> {
    let folder = File::open(folder)?;
    open(Path::new(&format!("/proc/self/fd/{}/{SOCKET}", folder.as_raw_fd())))
}

fn hand_over(folder: &Path, paths: &[PathBuf]) -> io::Result<()> {
    let mut stream = with_short_name(folder, |socket| UnixStream::connect(socket))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let message: Vec<&[u8]> = paths.iter().map(|path| path.as_os_str().as_bytes()).collect();
    stream.write_all(&message.join(&0))?;
    stream.shutdown(Shutdown::Write)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    match answer == TAKEN {
        true => Ok(()),
        false => Err(io::Error::other("the window that is open did not take the paths")),
    }
}

fn take(mut stream: UnixStream) -> io::Result<Vec<PathBuf>> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut message = Vec::new();
    (&stream).take(LONGEST_MESSAGE).read_to_end(&mut message)?;
    let paths = message.split(|byte| *byte == 0).filter(|path| !path.is_empty());
    let paths = paths.map(|path| OsString::from_vec(path.to_vec()).into()).collect();
    stream.write_all(TAKEN)?;
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::sync::mpsc::channel;

    use super::*;

    type Done = Result<(), Box<dyn Error>>;

    const HANG: Duration = Duration::from_secs(60);

    fn first(folder: &Path) -> Result<First, Box<dyn Error>> {
        match start(folder, &[])? {
            Start::First(first) => Ok(first),
            Start::Second => Err("somebody else is first".into()),
        }
    }

    #[test]
    fn a_second_start_hands_its_paths_over_even_from_a_folder_with_a_long_name() -> Done {
        let home = tempfile::tempdir()?;
        let folder = home.path().join("n".repeat(200));
        fs::create_dir(&folder)?;
        let (send, arrived) = channel();
        first(&folder)?.listen(move |paths| drop(send.send(paths)))?;
        let odd = PathBuf::from(OsString::from_vec(b"/scans/\xff \n\xc3\xa9".to_vec()));
        for paths in [vec![PathBuf::from("/a"), odd], Vec::new()] {
            assert!(matches!(start(&folder, &paths)?, Start::Second));
            assert_eq!(arrived.recv_timeout(HANG)?, paths);
        }
        Ok(())
    }

    #[test]
    fn nobody_else_may_write_into_the_socket() -> Done {
        let folder = tempfile::tempdir()?;
        let _first = first(folder.path())?;
        for name in [LOCK, SOCKET] {
            let mode = fs::metadata(folder.path().join(name))?.permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        Ok(())
    }

    #[test]
    fn what_a_crash_left_behind_is_replaced() -> Done {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join(LOCK), b"")?;
        drop(UnixListener::bind(folder.path().join(SOCKET))?);
        let (send, arrived) = channel();
        first(folder.path())?.listen(move |paths| drop(send.send(paths)))?;
        assert!(matches!(start(folder.path(), &["/b".into()])?, Start::Second));
        assert_eq!(arrived.recv_timeout(HANG)?, [PathBuf::from("/b")]);
        Ok(())
    }
}
