use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use domain::FailureCode;
use walkdir::WalkDir;

use crate::{
    DecodeError,
    sniff::{SNIFF_BYTES, sniff},
};

/// What lies under the paths a person named.
#[derive(Debug, Default)]
pub struct Discovered {
    /// Files to decode: in the order named, folders sorted by path.
    pub files: Vec<PathBuf>,
    /// Paths that gave nothing, with the reason.
    pub failed: Vec<(PathBuf, DecodeError)>,
}

/// Lists the files to decode. A named file is always listed (decoding it says what is wrong with it);
/// of a folder, with all folders below it, only what begins like a supported format. Symbolic links
/// inside a folder are not followed. A path that does not exist, and a folder without scans, are
/// entries of `failed`.
///
/// # Errors
/// `no_scans` when no path was named at all.
pub fn discover(paths: &[PathBuf]) -> Result<Discovered, DecodeError> {
    if paths.is_empty() {
        return Err(DecodeError::new(FailureCode::NoScans, "no file or folder was named"));
    }
    let mut found = Discovered::default();
    for path in paths {
        match std::fs::metadata(path) {
            Err(error) => {
                let what = format!("'{}'", path.display());
                found.failed.push((path.clone(), DecodeError::io(&what, &error)));
            }
            Ok(meta) if meta.is_dir() => discover_folder(path, &mut found),
            Ok(_) => found.files.push(path.clone()),
        }
    }
    Ok(found)
}

fn discover_folder(folder: &Path, found: &mut Discovered) {
    let before = (found.files.len(), found.failed.len());
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().unwrap_or(folder).to_owned();
                let what = format!("'{}'", path.display());
                let io = error
                    .into_io_error()
                    .unwrap_or_else(|| std::io::Error::other("the folders form a loop"));
                found.failed.push((path, DecodeError::io(&what, &io)));
                continue;
            }
        };
        // A DICOMDIR is an index of the files beside it, and begins like one of them.
        if !entry.file_type().is_file() || entry.file_name().eq_ignore_ascii_case("DICOMDIR") {
            continue;
        }
        match begins_like_a_scan(entry.path()) {
            Ok(true) => found.files.push(entry.into_path()),
            Ok(false) => {}
            Err(error) => {
                let what = format!("'{}'", entry.path().display());
                found.failed.push((entry.into_path(), DecodeError::io(&what, &error)));
            }
        }
    }
    if before == (found.files.len(), found.failed.len()) {
        let message = format!(
            "the folder '{}' holds no scans: no file in it is DICOM or an image (PNG, JPEG, TIFF, BMP, WebP, JPEG 2000, JPEG XL)",
            folder.display()
        );
        found
            .failed
            .push((folder.to_owned(), DecodeError::new(FailureCode::NoScans, message)));
    }
}

fn begins_like_a_scan(path: &Path) -> std::io::Result<bool> {
    let mut head = Vec::with_capacity(SNIFF_BYTES);
    File::open(path)?.take(SNIFF_BYTES as u64).read_to_end(&mut head)?;
    Ok(sniff(&head).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error;

    fn dicom_head() -> Vec<u8> {
        [vec![0; 128], b"DICM".to_vec()].concat()
    }

    #[test]
    fn a_folder_gives_its_scans_sorted_and_nothing_else() -> Result<(), Box<dyn Error>> {
        let dir = tempfile::tempdir()?;
        let inner = dir.path().join("a").join("deep");
        std::fs::create_dir_all(&inner)?;
        std::fs::write(inner.join("2"), dicom_head())?;
        std::fs::write(dir.path().join("b.txt"), b"\x89PNG\r\n\x1a\n")?;
        std::fs::write(dir.path().join("note.dcm"), "only text")?;
        std::fs::write(dir.path().join("DICOMDIR"), dicom_head())?;
        std::os::unix::fs::symlink(dir.path(), dir.path().join("loop"))?;
        let found = discover(&[dir.path().to_owned()])?;
        assert_eq!(found.files, [inner.join("2"), dir.path().join("b.txt")]);
        assert!(found.failed.is_empty(), "{:?}", found.failed);
        Ok(())
    }

    #[test]
    fn what_gives_nothing_is_said() -> Result<(), Box<dyn Error>> {
        let dir = tempfile::tempdir()?;
        std::fs::write(dir.path().join("note.dcm"), "only text")?;
        let missing = dir.path().join("missing.dcm");
        let named = dir.path().join("note.dcm");
        let found = discover(&[dir.path().to_owned(), missing.clone(), named.clone()])?;
        assert_eq!(found.files, [named]);
        let codes: Vec<_> = found.failed.iter().map(|(path, e)| (path.clone(), e.code)).collect();
        assert_eq!(
            codes,
            [
                (dir.path().to_owned(), FailureCode::NoScans),
                (missing, FailureCode::FileNotFound)
            ]
        );
        assert!(discover(&[]).is_err_and(|e| e.code == FailureCode::NoScans));
        Ok(())
    }
}
