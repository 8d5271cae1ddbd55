//! The vault's files: whole scans and anomaly maps, encrypted, each stored once by content.

mod loose;
mod put;
mod read;
mod scratch;
mod seal;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use loose::SweptFiles;
pub(crate) use loose::{lost_paths, shelves, sorted_entries};
pub use scratch::Scratch;
#[cfg(test)]
pub(crate) use seal::seal;

use crate::disk;
use crate::error::{Error, Result};
use crate::hex;
use crate::keys::{Keys, keyed_hash};
use crate::layout::files_path;

/// Name of a vault file: 64 hexadecimal digits, an HMAC of the content's hash. Without the vault's
/// key it does not tell whether a known image is in the vault.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FileId(String);

impl FileId {
    pub fn parse(text: &str) -> Result<Self> {
        match hex::decode::<32>(text) {
            Some(_) => Ok(Self(text.to_owned())),
            None => Err(Error::Invalid("a vault file id is 64 hexadecimal digits".to_owned())),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn of(keys: &Keys, content_sha256: &[u8; 32]) -> Self {
        Self(hex::encode(keyed_hash(&keys.file_names, &[content_sha256]).as_slice()))
    }

    /// `files/ab/abcd…`
    pub(crate) fn path_in(&self, vault: &Path) -> PathBuf {
        files_path(vault).join(&self.0[..2]).join(&self.0)
    }

    /// The folder of [`FileId::path_in`].
    fn make_shelf(&self, vault: &Path) -> Result<()> {
        let (files, path) = (files_path(vault), self.path_in(vault));
        let shelf = path.parent().unwrap_or(&files);
        if !shelf.is_dir() {
            disk::create_private_folder(shelf)?;
            disk::sync_folder(&files)?;
        }
        Ok(())
    }
}

impl TryFrom<String> for FileId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(&text)
    }
}

impl From<FileId> for String {
    fn from(id: FileId) -> String {
        id.0
    }
}

impl std::fmt::Display for FileId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A file that lies in the vault; it stays only once a row refers to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    pub id: FileId,
    /// Of the content as it was given, hexadecimal.
    pub sha256: String,
    /// Of the content as it was given.
    pub bytes: u64,
}
