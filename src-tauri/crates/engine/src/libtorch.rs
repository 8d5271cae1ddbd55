//! Whether libtorch is there and whole, before a worker that needs it is started. A missing library
//! stops a program before `main`, and a truncated one kills it with SIGBUS: neither says why.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::EngineError;
use domain::FailureCode;

/// Written by the set-up beside the libraries.
const MANIFEST: &str = "manifest.json";

#[derive(Deserialize)]
struct LibraryManifest {
    version: String,
    files: Vec<LibraryFile>,
}

#[derive(Deserialize)]
struct LibraryFile {
    name: String,
    bytes: u64,
    sha256: String,
}

/// The folder where the worker's run path finds libtorch: `lib` beside it, or one folder up.
pub fn folder_beside(worker: &Path) -> Option<PathBuf> {
    let folder = worker.parent()?;
    [
        folder.join("lib"),
        folder.join("../lib"),
        folder.join("../lib/overread"),
    ]
    .into_iter()
    .find(|candidate| candidate.join(MANIFEST).is_file())
    .and_then(|found| found.canonicalize().ok())
}

/// Every library of the folder's manifest is there with its size.
pub fn check_folder(folder: &Path) -> Result<(), EngineError> {
    let manifest = read_manifest(folder)?;
    for file in &manifest.files {
        let path = folder.join(&file.name);
        match std::fs::metadata(&path) {
            Ok(found) if found.len() == file.bytes => {}
            Ok(found) => {
                return Err(damaged(
                    folder,
                    format!("{} has {} bytes, not {}", file.name, found.len(), file.bytes),
                ));
            }
            Err(_) => return Err(missing(format!("{} is not in {}", file.name, folder.display()))),
        }
    }
    Ok(())
}

/// The version that the folder's manifest names.
pub fn version(folder: &Path) -> Result<String, EngineError> {
    Ok(read_manifest(folder)?.version)
}

/// Like [`check_folder`], and every byte as well; takes a second for each GiB. Returns the version.
pub fn verify_folder(folder: &Path) -> Result<String, EngineError> {
    check_folder(folder)?;
    let manifest = read_manifest(folder)?;
    for file in &manifest.files {
        let bytes =
            std::fs::read(folder.join(&file.name)).map_err(|error| missing(format!("{}: {error}", file.name)))?;
        let found = crate::bundle::sha256_hex(&bytes);
        if found != file.sha256 {
            return Err(damaged(
                folder,
                format!("{} has the sha256 {found}, not {}", file.name, file.sha256),
            ));
        }
    }
    Ok(manifest.version)
}

fn read_manifest(folder: &Path) -> Result<LibraryManifest, EngineError> {
    let path = folder.join(MANIFEST);
    let text = std::fs::read(&path).map_err(|error| missing(format!("{}: {error}", path.display())))?;
    serde_json::from_slice(&text).map_err(|error| damaged(folder, format!("{MANIFEST}: {error}")))
}

pub(crate) fn missing(what: String) -> EngineError {
    EngineError::new(
        FailureCode::LibtorchMissing,
        format!("libtorch is not installed ({what}); 'cargo xtask setup' fetches it, or install Overread again"),
    )
}

fn damaged(folder: &Path, what: String) -> EngineError {
    EngineError::new(
        FailureCode::LibtorchDamaged,
        format!(
            "libtorch in {} is damaged: {what}; delete the folder and run 'cargo xtask setup', or install Overread again",
            folder.display()
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_truncated_or_changed_library_is_named() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let library = folder.path().join("libx.so");
        assert_eq!(
            check_folder(folder.path()).err().map(|e| e.code),
            Some(FailureCode::LibtorchMissing)
        );
        std::fs::write(&library, b"abc")?;
        let sha = crate::bundle::sha256_hex(b"abc");
        let manifest = format!(r#"{{"version":"2.11.0","files":[{{"name":"libx.so","bytes":3,"sha256":"{sha}"}}]}}"#);
        std::fs::write(folder.path().join(MANIFEST), manifest)?;
        assert_eq!(verify_folder(folder.path())?, "2.11.0");
        std::fs::write(&library, b"abd")?;
        assert!(check_folder(folder.path()).is_ok());
        assert_eq!(
            verify_folder(folder.path()).err().map(|e| e.code),
            Some(FailureCode::LibtorchDamaged)
        );
        std::fs::write(&library, b"ab")?;
        let error = check_folder(folder.path())
            .err()
            .ok_or("a truncated library was accepted")?;
        assert!(
            error.code == FailureCode::LibtorchDamaged && error.message.contains("libx.so has 2 bytes"),
            "{error}"
        );
        std::fs::remove_file(&library)?;
        assert_eq!(
            check_folder(folder.path()).err().map(|e| e.code),
            Some(FailureCode::LibtorchMissing)
        );
        Ok(())
    }
}
