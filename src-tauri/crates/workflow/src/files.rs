//! Writing results beside what is there: whole or not at all.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::Failure;

/// A whole file on the disk under another name; [`Staged::publish`] gives it its own.
pub struct Staged<'a> {
    partial: PathBuf,
    path: &'a Path,
}

/// Writes to a temporary file in the same folder and flushes it to the disk.
pub fn stage<'a>(path: &'a Path, bytes: &[u8]) -> Result<Staged<'a>, Failure> {
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let name = path
        .file_name()
        .ok_or_else(|| Failure::usage(format!("{} is not a file name", path.display())))?;
    let partial = folder.join(format!(".{}.{}.partial", name.to_string_lossy(), std::process::id()));
    let staged = Staged { partial, path };
    let attempt = || -> std::io::Result<()> {
        let mut file = std::fs::File::create(&staged.partial)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    attempt().map_err(|error| io_failure(path, "written", &error))?;
    Ok(staged)
}

impl Staged<'_> {
    pub fn publish(self) -> Result<(), Failure> {
        std::fs::rename(&self.partial, self.path).map_err(|error| io_failure(self.path, "written", &error))
    }
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        // After publishing there is nothing left under this name.
        let _ = std::fs::remove_file(&self.partial);
    }
}

pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    stage(path, bytes)?.publish()
}

pub fn create_folder(path: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(path).map_err(|error| io_failure(path, "made", &error))
}

pub fn io_failure(path: &Path, what: &str, error: &std::io::Error) -> Failure {
    let (code, hint) = match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded | std::io::ErrorKind::FileTooLarge => {
            ("disk_full", "free some space and try again; nothing was half-written")
        }
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
            ("permission_denied", "choose a folder that you may write to")
        }
        std::io::ErrorKind::NotFound => ("file_not_found", "check the path"),
        _ => ("io", "check the disk"),
    };
    Failure::new(code, format!("{} cannot be {what}: {error}; {hint}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_what_was_there() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a.txt");
        write_whole(&path, b"old")?;
        write_whole(&path, b"new")?;
        assert_eq!(std::fs::read(&path)?, b"new");
        let nowhere = folder.path().join("no/such/folder/a.txt");
        assert_eq!(
            write_whole(&nowhere, b"x").err().map(|f| f.code),
            Some("file_not_found".into())
        );
        assert_eq!(std::fs::read_dir(folder.path())?.count(), 1);
        Ok(())
    }
}
