//! The vault: a folder with its keys, its database and its files.

mod changes;

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::ReadOnly;
use rusqlite::Connection;

pub use changes::Changes;

use crate::audit::Anchor;
use crate::database;
use crate::error::{Error, Result};
use crate::kept::Kept;
use crate::keys::Keys;
use crate::layout::database_path;
use crate::lock::UseLock;

/// An open vault. The keys are wiped from memory when the last handle on it is dropped.
///
/// One handle serves one thread; [`Vault::open_another`] gives a second one without asking for the
/// passphrase again. Handles and processes may write at the same time: each waits for the other.
pub struct Vault {
    pub(crate) folder: PathBuf,
    pub(crate) connection: Connection,
    pub(crate) keys: Arc<Keys>,
    pub(crate) anchor: Anchor,
    pub(crate) lock: UseLock,
    pub(crate) on_change: Option<OnChange>,
    /// The list of studies as far as this handle has read it.
    pub(crate) kept: Kept,
    pub(crate) studies_read: Cell<u64>,
}

/// Told of every commit of a handle, after it.
pub type OnChange = Arc<dyn Fn(&Changes) + Send + Sync>;

impl Vault {
    /// A second handle on the same vault, for another thread; it tells its commits to the same place.
    pub fn open_another(&self) -> Result<Vault> {
        let mut another = Vault::connect(&self.folder, Arc::clone(&self.keys))?;
        another.on_change.clone_from(&self.on_change);
        Ok(another)
    }

    /// From here on every commit of this handle, and of those opened from it, is told to `listener`.
    pub fn tell_changes(&mut self, listener: OnChange) {
        self.on_change = Some(listener);
    }

    /// How often this handle has read a study whole, with all its images: what a click must not do again and again.
    pub fn studies_read(&self) -> u64 {
        self.studies_read.get()
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Why nothing of the vault may be changed; `None` as long as the anchor vouches for the records.
    pub fn read_only(&self) -> Result<Option<ReadOnly>> {
        Ok(self.anchor.state(&self.connection)?.read_only())
    }

    /// # Errors
    /// `vault_read_only` with the reason of [`Vault::read_only`].
    pub fn require_writable(&self) -> Result<()> {
        self.read_only()?.map_or(Ok(()), |why| Err(Error::ReadOnly(why)))
    }

    pub(crate) fn connect(folder: &Path, keys: Arc<Keys>) -> Result<Vault> {
        let lock = UseLock::shared(folder)?;
        let mut connection = database::connect(&database_path(folder), &keys, database::Existing::Required)?;
        let lock = database::migrate(&mut connection, &database_path(folder), lock, &database::migrations())?;
        Ok(Vault {
            folder: folder.to_owned(),
            connection,
            anchor: Anchor::of(folder, &keys),
            keys,
            lock,
            on_change: None,
            kept: Kept::default(),
            studies_read: Cell::new(0),
        })
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}
