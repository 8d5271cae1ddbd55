//! `manifest.json`: the size and sha256 of every file of a bundle.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::damaged;
use super::signature::{self, SIGNATURE_FILE};
use crate::error::EngineError;
use domain::FailureCode;

/// The manifest's file in a bundle's folder.
pub const MANIFEST_FILE: &str = "manifest.json";
const LARGEST_FILE_BYTES: u64 = 512 << 20;

/// What `manifest.json` holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleManifest {
    /// [`super::BUNDLE_FORMAT`] of the program that wrote it.
    pub format: u32,
    /// Every file of the folder but the manifest and its signature, by name.
    pub files: Vec<ManifestEntry>,
}

/// A file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestEntry {
    /// Plain: without folders, and not hidden.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Lower-case hex.
    pub sha256: String,
}

/// SHA-256 (FIPS 180-4) in lower-case hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// The files of a bundle, and what the manifest says of all of them together.
pub(super) struct Verified {
    pub files: BTreeMap<String, Vec<u8>>,
    /// Whether the manifest is signed.
    pub signed: bool,
    /// Of the manifest: one hash for every byte of the bundle.
    pub sha256: String,
}

/// Every file named in the manifest, with its bytes checked against size and hash. A file that the
/// manifest does not name makes the bundle damaged: nothing unverified lies in it.
pub(super) fn read_verified(folder: &Path) -> Result<Verified, EngineError> {
    let bundle = folder
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let text = std::fs::read(folder.join(MANIFEST_FILE)).map_err(|error| {
        EngineError::new(
            FailureCode::BundleNotFound,
            format!(
                "{} is not a bundle: its {MANIFEST_FILE} cannot be read: {error}",
                folder.display()
            ),
        )
    })?;
    let signed = signature::is_signed(folder, &text).map_err(|what| damaged(&bundle, what))?;
    let manifest: BundleManifest =
        serde_json::from_slice(&text).map_err(|error| damaged(&bundle, format!("{MANIFEST_FILE}: {error}")))?;
    if manifest.format > super::BUNDLE_FORMAT {
        return Err(EngineError::new(
            FailureCode::BundleTooNew,
            format!(
                "the bundle '{bundle}' has format {}, and this version reads up to {}; update Overread",
                manifest.format,
                super::BUNDLE_FORMAT
            ),
        ));
    }
    let mut files = BTreeMap::new();
    for entry in &manifest.files {
        let plain = !entry.name.is_empty() && !entry.name.contains(['/', '\\']) && !entry.name.starts_with('.');
        if !plain || entry.bytes > LARGEST_FILE_BYTES {
            return Err(damaged(
                &bundle,
                format!("its manifest names the file '{}'", entry.name),
            ));
        }
        let bytes = std::fs::read(folder.join(&entry.name))
            .map_err(|error| damaged(&bundle, format!("{} cannot be read: {error}", entry.name)))?;
        if bytes.len() as u64 != entry.bytes {
            return Err(damaged(
                &bundle,
                format!("{} has {} bytes, not {}", entry.name, bytes.len(), entry.bytes),
            ));
        }
        let found = sha256_hex(&bytes);
        if found != entry.sha256 {
            return Err(damaged(
                &bundle,
                format!("{} has the sha256 {found}, not {}", entry.name, entry.sha256),
            ));
        }
        files.insert(entry.name.clone(), bytes);
    }
    for file in plain_files(folder)? {
        if file != MANIFEST_FILE && !files.contains_key(&file) {
            return Err(damaged(&bundle, format!("{file} is not in its manifest")));
        }
    }
    Ok(Verified {
        files,
        signed,
        sha256: sha256_hex(&text),
    })
}

/// Writes the manifest over all files that lie in `folder`; the last step of making a bundle.
pub fn write_manifest(folder: &Path) -> Result<BundleManifest, EngineError> {
    signature::forget(folder)?;
    let mut files = Vec::new();
    for name in plain_files(folder)?.into_iter().filter(|name| name != MANIFEST_FILE) {
        let bytes = std::fs::read(folder.join(&name)).map_err(|error| io(folder, error))?;
        files.push(ManifestEntry {
            bytes: bytes.len() as u64,
            sha256: sha256_hex(&bytes),
            name,
        });
    }
    let manifest = BundleManifest {
        format: super::BUNDLE_FORMAT,
        files,
    };
    let text = serde_json::to_string_pretty(&manifest)
        .map_err(|error| EngineError::new(FailureCode::Io, format!("the manifest cannot be written: {error}")))?;
    let partial = folder.join(".manifest.json.partial");
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::File::create(&partial)?;
        file.write_all(text.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        std::fs::rename(&partial, folder.join(MANIFEST_FILE))
    };
    write().map_err(|error| io(folder, error))?;
    Ok(manifest)
}

fn plain_files(folder: &Path) -> Result<Vec<String>, EngineError> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .map_err(|error| io(folder, error))?
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.') && name != SIGNATURE_FILE)
        .collect();
    names.sort();
    Ok(names)
}

fn io(folder: &Path, error: std::io::Error) -> EngineError {
    EngineError::new(FailureCode::Io, format!("{}: {error}", folder.display()))
}
