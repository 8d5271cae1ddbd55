//! Who has the vault open. Writers take turns by the database's own lock; this one keeps a
//! migration and the removal of unreferenced files away from everyone who has the vault open.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::Duration;

use crate::error::{Error, Result, io};

pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
const STEP: Duration = Duration::from_millis(50);

/// An advisory lock on `in-use.lock`, given back when dropped.
pub(crate) struct UseLock(File);

impl UseLock {
    pub(crate) fn shared(folder: &Path) -> Result<Self> {
        let path = folder.join("in-use.lock");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(io(format!("open {}", path.display())))?;
        wait(PATIENCE, || file.try_lock_shared())?;
        Ok(Self(file))
    }

    /// Runs `work` while nobody else has the vault open; waits for `patience`, then says so.
    pub(crate) fn alone<T>(&self, patience: Duration, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let action = || "lock the vault".to_owned();
        self.0.unlock().map_err(io(action()))?;
        let outcome = wait(patience, || self.0.try_lock()).and_then(|()| {
            let outcome = work();
            self.0.unlock().map_err(io(action()))?;
            outcome
        });
        wait(PATIENCE, || self.0.try_lock_shared())?;
        outcome
    }
}

fn wait(patience: Duration, mut attempt: impl FnMut() -> Result<(), TryLockError>) -> Result<()> {
    let mut waited = Duration::ZERO;
    loop {
        match attempt() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(io("lock the vault")(error)),
            Err(TryLockError::WouldBlock) if waited >= patience => return Err(Error::VaultBusy),
            Err(TryLockError::WouldBlock) => {
                std::thread::sleep(STEP);
                waited += STEP;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_alone_waits_for_others_and_gives_the_lock_back() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let first = UseLock::shared(folder.path())?;
        let second = UseLock::shared(folder.path())?;
        assert_eq!(
            first.alone(Duration::ZERO, || Ok(())).map_err(|e| e.code().as_str()),
            Err("vault_busy")
        );
        drop(second);
        assert_eq!(first.alone(Duration::ZERO, || Ok(7))?, 7);
        UseLock::shared(folder.path())?;
        Ok(())
    }
}
