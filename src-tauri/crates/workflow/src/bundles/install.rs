//! A bundle from a stick or a download: verified, copied whole, verified again, and only then named.

use std::fs::File;
use std::path::{Path, PathBuf};

use domain::{Failure, FailureCode, Permission};
use engine::Bundle;
use records::Op;

use super::known::known;
use crate::files::{create_folder, io_failure};
use crate::permit::permit;
use crate::time::now;
use crate::vault::OpenVault;

/// Installs the bundle in `source` below `installed` as `NAME-VERSION`; it is not in use by that.
pub fn install(open: &mut OpenVault, installed: &Path, source: &Path) -> Result<(), Failure> {
    permit(&open.session, Permission::ManageModels)?;
    let bundle = Bundle::load(source)?;
    let (name, version) = (&bundle.model.bundle, &bundle.model.version);
    for (what, word) in [("name", name), ("version", version)] {
        if !is_plain(word) {
            let message = format!("the bundle's {what} '{word}' cannot be a folder's name; it is not installed");
            return Err(Failure::new(FailureCode::BundleDamaged, message));
        }
    }
    if let Some(there) = known(installed)?.iter().find(|one| one.is(name, version)) {
        let same = there
            .bundle
            .as_ref()
            .is_ok_and(|known| known.manifest_sha256 == bundle.manifest_sha256);
        if same {
            return Ok(());
        }
        let message = format!(
            "version {version} of the bundle '{name}' is there with other files ({}, {}); a new version needs a new \
             number, and in place of a copy that is not to be trusted it can be installed once that folder is removed",
            there.origin.as_str(),
            there.folder.display()
        );
        return Err(Failure::new(FailureCode::VersionConflict, message));
    }
    let target = installed.join(format!("{name}-{version}"));
    if target.exists() {
        let message = format!(
            "{} is there and damaged; remove the folder, then install the bundle again",
            target.display()
        );
        return Err(Failure::new(FailureCode::BundleDamaged, message));
    }
    copy_whole(&bundle, source, installed, &target)?;
    let op = Op::ModelChange { bundle: name.clone() };
    open.vault.transact(&open.session, op, now(), |tx| {
        tx.note("installed", version.as_str());
        tx.note("signed", if bundle.signed { "yes" } else { "no" });
        tx.note("weights_sha256", bundle.model.weights_sha256.as_str());
        tx.note("manifest_sha256", bundle.manifest_sha256.as_str());
        Ok(())
    })?;
    Ok(())
}

fn is_plain(word: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    !word.is_empty() && word.len() <= 64 && !word.starts_with('.') && word.bytes().all(plain)
}

fn copy_whole(bundle: &Bundle, source: &Path, installed: &Path, target: &Path) -> Result<(), Failure> {
    create_folder(installed)?;
    let name = target.file_name().unwrap_or(target.as_os_str()).to_string_lossy();
    let partial = Partial(installed.join(format!(".{name}.{}.partial", std::process::id())));
    create_folder(&partial.0)?;
    let entries = std::fs::read_dir(source).map_err(|error| io_failure(source, "read", &error))?;
    for entry in entries {
        let entry = entry.map_err(|error| io_failure(source, "read", &error))?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if hidden || !entry.path().is_file() {
            continue;
        }
        let to = partial.0.join(entry.file_name());
        let copy = || -> std::io::Result<()> {
            std::fs::copy(entry.path(), &to)?;
            File::open(&to)?.sync_all()
        };
        copy().map_err(|error| io_failure(&to, "written", &error))?;
    }
    // What is used later are these bytes, not those on the stick.
    let copied = Bundle::load(&partial.0)?;
    if copied.manifest_sha256 != bundle.manifest_sha256 {
        let message = format!("{} changed while it was copied; install it again", source.display());
        return Err(Failure::new(FailureCode::ChangedWhileRead, message));
    }
    std::fs::rename(&partial.0, target).map_err(|error| io_failure(target, "made", &error))
}

/// A copy in the making; gone unless it was given its name.
struct Partial(PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_would_leave_the_folder_are_not_plain() {
        for good in ["brain-mri-flair", "1.0.0", "a_b"] {
            assert!(is_plain(good), "{good}");
        }
        for bad in ["", "..", "../x", "a/b", ".hidden", "n\u{e4}me", &"x".repeat(65)] {
            assert!(!is_plain(bad), "{bad}");
        }
    }
}
