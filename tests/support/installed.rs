//! A copy of the programs in a folder of its own, to take things away from.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::bundle::copy_bundle;
use super::program::programs;
use crate::{BUNDLE, Outcome};

/// The programs, `lib` and `models` as an installation has them.
pub struct Installed {
    folder: PathBuf,
    /// Removed with this.
    _outer: TempDir,
}

impl Installed {
    /// With the one bundle that tests name.
    pub fn new() -> Outcome<Self> {
        Self::with(Some(BUNDLE))
    }

    pub fn with_all_bundles() -> Outcome<Self> {
        Self::with(None)
    }

    /// Programs and libraries are linked, not copied: they are large, and only taken away whole.
    fn with(only: Option<&str>) -> Outcome<Self> {
        let from = programs()?;
        // Near the programs, so that links serve; two levels down, for they also look one folder up.
        let outer = tempfile::tempdir_in(&from)?;
        let folder = outer.path().join("installed");
        fs::create_dir(&folder)?;
        for name in ["overread", "overread-decoder", "overread-worker"] {
            // A symbolic link would lead the program back to its own folder.
            let to = folder.join(name);
            if fs::hard_link(from.join(name), &to).is_err() {
                fs::copy(from.join(name), &to)?;
            }
        }
        let library = folder.join("lib");
        fs::create_dir(&library)?;
        for entry in fs::read_dir(from.join("lib"))? {
            let entry = entry?;
            std::os::unix::fs::symlink(entry.path().canonicalize()?, library.join(entry.file_name()))?;
        }
        let models = match std::env::var_os("OVERREAD_MODELS") {
            Some(models) => PathBuf::from(models),
            None => from.join("models"),
        };
        for entry in fs::read_dir(&models)? {
            let name = entry?.file_name();
            let is_bundle = models.join(&name).join("manifest.json").is_file();
            if is_bundle && only.is_none_or(|only| name == only) {
                copy_bundle(&models.join(&name), &folder.join("models").join(&name))?;
            }
        }
        Ok(Self { folder, _outer: outer })
    }

    pub fn path(&self) -> &Path {
        &self.folder
    }

    pub fn bundle(&self) -> PathBuf {
        self.path().join("models").join(BUNDLE)
    }

    /// Puts the first `bytes` of a library in its place.
    pub fn truncate_library(&self, name: &str, bytes: usize) -> Outcome<()> {
        let path = self.path().join("lib").join(name);
        let mut content = fs::read(&path)?;
        assert!(content.len() > bytes, "{name} has only {} bytes", content.len());
        content.truncate(bytes);
        // Removing first: the link leads to the library that everybody uses.
        fs::remove_file(&path)?;
        Ok(fs::write(&path, content)?)
    }
}

/// Flips the lowest bit of one byte of a file.
pub fn flip_byte(path: &Path, at: usize) -> Outcome<()> {
    let mut bytes = fs::read(path)?;
    let byte = bytes.get_mut(at).ok_or("the file is shorter than that")?;
    *byte ^= 1;
    Ok(fs::write(path, bytes)?)
}
