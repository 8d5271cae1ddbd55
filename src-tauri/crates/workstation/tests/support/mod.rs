//! What the tests wait for, and a vault's database as a person would put it back.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

type Checked = Result<(), Box<dyn Error>>;
type Files = [(PathBuf, Option<Vec<u8>>); 2];

const PATIENCE: Duration = Duration::from_secs(180);

pub fn until(what: &str, mut there: impl FnMut() -> bool) -> Checked {
    let end = Instant::now() + PATIENCE;
    while !there() {
        if Instant::now() > end {
            return Err(format!("{what} did not come").into());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// Waits until no thread of the window holds the database: the last handle is closed a moment after the lock.
pub fn closed(vault: &Path) -> Checked {
    let open = || {
        let handles = std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
        handles
            .filter_map(|handle| std::fs::read_link(handle.path()).ok())
            .any(|file| file.starts_with(vault) && file.to_string_lossy().contains("records.db"))
    };
    until("the end of the last handle of the database", || !open())
}

/// The database and its log: two handles that are closed at one moment leave the log behind.
pub fn database(vault: &Path) -> Files {
    ["records.db", "records.db-wal"].map(|name| {
        let file = vault.join(name);
        let bytes = std::fs::read(&file).ok();
        (file, bytes)
    })
}

/// With the log that it had, or without one.
pub fn put_back(files: Files) -> Checked {
    for (file, bytes) in files {
        match bytes {
            Some(bytes) => std::fs::write(file, bytes)?,
            None if file.exists() => std::fs::remove_file(file)?,
            None => {}
        }
    }
    Ok(())
}
