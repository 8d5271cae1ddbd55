//! Files that are whole or absent: written beside their place, synced, then renamed.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::error::{Result, io};
use crate::hex;

/// Prefix of files that are still being written; one found at rest is what a crash left behind.
const UNFINISHED: &str = "unfinished-";

/// A new file that only this user may read.
pub(crate) fn create_private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A folder with its parents, which only this user may enter.
pub(crate) fn create_private_folder(path: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .map_err(io(format!("create the folder {}", path.display())))
}

/// Makes renames and new names in a folder last through a power cut.
pub(crate) fn sync_folder(path: &Path) -> Result<()> {
    #[cfg(unix)]
    File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(io(format!("sync the folder {}", path.display())))?;
    Ok(())
}

/// Writes `bytes` in place of whatever `path` held: after any failure the old file is still there.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    let unfinished = Unfinished::create_beside(path)?;
    unfinished.fill(bytes)?;
    unfinished.rename_to(path)
}

/// Adds a line to a file that only this user may read, and makes it last.
pub(crate) fn append_line(path: &Path, line: &str) -> Result<()> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let action = || format!("write {}", path.display());
    let mut file = options.open(path).map_err(io(action()))?;
    // The line before it may have been torn.
    file.write_all(format!("\n{line}\n").as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(io(action()))?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// The lines of a file in their order; none when there is no file. What is no text stands in them as
/// such and is no error.
pub(crate) fn read_lines(path: &Path) -> Result<Vec<String>> {
    match fs::read(path) {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            Ok(text
                .lines()
                .filter(|line| !line.is_empty())
                .map(str::to_owned)
                .collect())
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(io(format!("read {}", path.display()))(error)),
    }
}

/// Removes a file and makes that last; one that is not there is no error.
pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Ok(()) => sync_folder(path.parent().unwrap_or(Path::new("."))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(io(format!("remove {}", path.display()))(error)),
    }
}

/// Removes what a crash left half-written in a folder; gives the number of files.
pub(crate) fn remove_unfinished(folder: &Path) -> Result<u64> {
    let action = || format!("clear the folder {}", folder.display());
    let mut removed = 0;
    for entry in fs::read_dir(folder).map_err(io(action()))? {
        let entry = entry.map_err(io(action()))?;
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            fs::remove_file(entry.path()).map_err(io(action()))?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// A file on its way to its name; dropped before, it is removed.
pub(crate) struct Unfinished {
    path: PathBuf,
    pub(crate) file: File,
}

impl Unfinished {
    pub(crate) fn create_beside(path: &Path) -> Result<Self> {
        Self::create_in(path.parent().unwrap_or(Path::new(".")))
    }

    pub(crate) fn create_in(folder: &Path) -> Result<Self> {
        let mut random = [0; 12];
        getrandom::fill(&mut random)?;
        let path = folder.join(format!("{UNFINISHED}{}", hex::encode(&random)));
        let file = create_private(&path).map_err(io(format!("create a file in {}", folder.display())))?;
        Ok(Self { path, file })
    }

    fn fill(&self, bytes: &[u8]) -> Result<()> {
        (&self.file)
            .write_all(bytes)
            .map_err(io(format!("write {}", self.path.display())))
    }

    /// Syncs the file, gives it its name and syncs the folder.
    pub(crate) fn rename_to(self, path: &Path) -> Result<()> {
        self.file.sync_all().map_err(io(format!("write {}", path.display())))?;
        fs::rename(&self.path, path).map_err(io(format!("write {}", path.display())))?;
        sync_folder(path.parent().unwrap_or(Path::new(".")))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After the rename there is nothing left under this name.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_no_other() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("vault.json");
        write_atomically(&path, b"old")?;
        drop(Unfinished::create_beside(&path)?);
        // A folder cannot be replaced by a file.
        let blocked = folder.path().join("blocked");
        fs::create_dir(&blocked)?;
        assert_eq!(
            write_atomically(&blocked, b"new").map_err(|e| e.code().as_str()),
            Err("io")
        );
        assert_eq!(fs::read(&path)?, b"old");
        assert_eq!(fs::read_dir(folder.path())?.count(), 2);
        Ok(())
    }
}
