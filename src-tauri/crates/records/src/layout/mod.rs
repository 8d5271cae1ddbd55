//! What lies where in a vault's folder.

mod around;

use std::path::{Path, PathBuf};

pub use around::vault_around;

/// What `format` says in every `vault.json`.
pub(crate) const FORMAT: &str = "overread-vault";

/// Version of `vault.json` and of the vault files that this program writes.
pub(crate) const FORMAT_VERSION: i64 = 1;

pub(crate) fn manifest_path(folder: &Path) -> PathBuf {
    folder.join("vault.json")
}

pub(crate) fn database_path(folder: &Path) -> PathBuf {
    folder.join("records.db")
}

pub(crate) fn files_path(folder: &Path) -> PathBuf {
    folder.join("files")
}
