//! Storing a file.

use std::io::Read;
use std::path::Path;

use super::{FileId, StoredFile, seal};
use crate::disk::Unfinished;
use crate::error::Result;
use crate::hex;
use crate::layout::files_path;
use crate::vault::Vault;

impl Vault {
    /// Encrypts `content` into the vault and makes it last before returning. The same content is
    /// stored once. Refer to the file in a transaction next: one that no row refers to is set aside by
    /// [`Vault::set_loose_files_aside`].
    ///
    /// # Errors
    /// `vault_read_only`; `io` when the content cannot be read or the vault not written, `disk_full`; nothing is left
    /// behind then.
    pub fn put_file(&self, content: &mut dyn Read) -> Result<StoredFile> {
        self.require_writable()?;
        let folder = files_path(&self.folder);
        let mut unfinished = Unfinished::create_in(&folder)?;
        let (sha256, bytes) = seal::seal(&self.keys.files, content, &mut unfinished.file)?;
        let stored = self.named(&sha256, bytes);
        if !self.is_stored(&stored)? {
            stored.id.make_shelf(&self.folder)?;
            unfinished.rename_to(&stored.id.path_in(&self.folder))?;
        }
        Ok(stored)
    }

    /// The same of content that lies in memory, whose hash the caller has taken: it is read once, and not at all where
    /// it is stored already.
    ///
    /// # Errors
    /// As [`Vault::put_file`].
    pub fn put_held(&self, content: &[u8], sha256: &[u8; 32]) -> Result<StoredFile> {
        self.require_writable()?;
        let stored = self.named(sha256, content.len() as u64);
        if !self.is_stored(&stored)? {
            let mut unfinished = Unfinished::create_in(&files_path(&self.folder))?;
            seal::seal_held(&self.keys.files, content, &mut unfinished.file)?;
            stored.id.make_shelf(&self.folder)?;
            unfinished.rename_to(&stored.id.path_in(&self.folder))?;
        }
        Ok(stored)
    }

    fn named(&self, sha256: &[u8; 32], bytes: u64) -> StoredFile {
        StoredFile {
            id: FileId::of(&self.keys, sha256),
            sha256: hex::encode(sha256),
            bytes,
        }
    }

    /// Whether the file lies in its place, brought back from `files/lost` where it was there.
    fn is_stored(&self, stored: &StoredFile) -> Result<bool> {
        let path = stored.id.path_in(&self.folder);
        let whole = |path: &Path| {
            path.metadata()
                .is_ok_and(|there| there.len() == seal::sealed_bytes(stored.bytes))
        };
        if whole(&path) {
            return Ok(true);
        }
        if whole(&stored.id.lost_path_in(&self.folder)) && !path.exists() {
            stored.id.bring_back(&self.folder)?;
            return Ok(true);
        }
        Ok(false)
    }
}
