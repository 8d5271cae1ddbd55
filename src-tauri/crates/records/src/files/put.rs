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
        let id = FileId::of(&self.keys, &sha256);
        let path = id.path_in(&self.folder);
        let stored = StoredFile {
            id,
            sha256: hex::encode(&sha256),
            bytes,
        };
        let whole = |path: &Path| {
            path.metadata()
                .is_ok_and(|there| there.len() == seal::sealed_bytes(bytes))
        };
        if whole(&path) {
            return Ok(stored);
        }
        if whole(&stored.id.lost_path_in(&self.folder)) && !path.exists() {
            stored.id.bring_back(&self.folder)?;
            return Ok(stored);
        }
        stored.id.make_shelf(&self.folder)?;
        unfinished.rename_to(&path)?;
        Ok(stored)
    }
}
