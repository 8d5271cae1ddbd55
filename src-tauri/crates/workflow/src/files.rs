//! Writing results beside what is there: whole or not at all, for this user alone, and never into a
//! vault.

use domain::{Failure, FailureCode};
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A whole file on the disk under another name; [`Staged::publish`] gives it its own.
pub struct Staged<'a> {
    partial: PathBuf,
    path: &'a Path,
}

/// Writes to a new file of a random name in the same folder and flushes it to the disk. An ordinary
/// file at `path` is replaced when it is published; a file of a vault is not.
///
/// # Errors
/// `inside_vault`; `wrong_usage` for a folder and for a file with other names (hard links), which
/// may be one that a vault or a backup shares.
pub fn stage<'a>(path: &'a Path, bytes: &[u8]) -> Result<Staged<'a>, Failure> {
    keep_out_of_vaults(path)?;
    if path.file_name().is_none() || path.is_dir() {
        return Err(Failure::usage(format!(
            "{} is a folder; name a file in it",
            path.display()
        )));
    }
    if fs::metadata(path).is_ok_and(|there| there.nlink() > 1) {
        return Err(Failure::usage(format!(
            "{} is a file with other names too (hard links) and is not replaced; choose another name",
            path.display()
        )));
    }
    let partial = folder_of(path).join(format!(".overread-{}.partial", random_name(path)?));
    let staged = Staged { partial, path };
    let attempt = || -> std::io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&staged.partial)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    attempt().map_err(|error| io_failure(path, "written", &error))?;
    Ok(staged)
}

impl Staged<'_> {
    /// The name lasts through a power cut.
    pub fn publish(self) -> Result<(), Failure> {
        fs::rename(&self.partial, self.path)
            .and_then(|()| File::open(folder_of(self.path))?.sync_all())
            .map_err(|error| io_failure(self.path, "written", &error))
    }
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        // After publishing there is nothing left under this name.
        let _ = fs::remove_file(&self.partial);
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

fn random_name(path: &Path) -> Result<String, Failure> {
    let mut random = [0; 12];
    getrandom::fill(&mut random)
        .map_err(|error| io_failure(path, "written", &std::io::Error::other(error.to_string())))?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    stage(path, bytes)?.publish()
}

pub fn create_folder(path: &Path) -> Result<(), Failure> {
    keep_out_of_vaults(path)?;
    fs::create_dir_all(path).map_err(|error| io_failure(path, "made", &error))
}

/// Refuses a place to write to that lies in a vault, this one or any other, by whatever way the path
/// leads there.
pub fn keep_out_of_vaults(path: &Path) -> Result<(), Failure> {
    match records::vault_around(path).map_err(|error| io_failure(path, "written", &error))? {
        None => Ok(()),
        Some(vault) => Err(Failure::new(
            FailureCode::InsideVault,
            format!(
                "{} lies in the vault {}; choose a place outside of it, so that nothing of the vault is overwritten",
                path.display(),
                vault.display()
            ),
        )),
    }
}

/// Refuses to write over the file that is read.
pub fn keep_apart(input: &Path, output: &Path) -> Result<(), Failure> {
    let same = |a: &fs::Metadata, b: &fs::Metadata| (a.dev(), a.ino()) == (b.dev(), b.ino());
    match (fs::metadata(input), fs::metadata(output)) {
        (Ok(a), Ok(b)) if same(&a, &b) => Err(Failure::usage(format!(
            "{} is the file that is read; choose another name for what is written",
            output.display()
        ))),
        _ => Ok(()),
    }
}

pub fn io_failure(path: &Path, what: &str, error: &std::io::Error) -> Failure {
    let (code, hint) = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => (
            FailureCode::DiskFull,
            "free some space and try again; nothing was half-written",
        ),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            (FailureCode::PermissionDenied, "choose a folder that you may write to")
        }
        ErrorKind::NotFound => (FailureCode::FileNotFound, "check the path"),
        _ => (FailureCode::Io, "check the disk"),
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
            Some(FailureCode::FileNotFound)
        );
        assert_eq!(std::fs::read_dir(folder.path())?.count(), 1);
        Ok(())
    }

    #[test]
    fn nothing_is_written_into_a_vault_or_over_a_file_of_other_names() -> Result<(), Box<dyn std::error::Error>> {
        let place = tempfile::tempdir()?;
        let vault = place.path().join("vault");
        fs::create_dir(&vault)?;
        for name in ["vault.json", "records.db", "audit.anchor"] {
            fs::write(vault.join(name), name)?;
        }
        std::os::unix::fs::symlink(&vault, place.path().join("link"))?;
        std::os::unix::fs::symlink(vault.join("records.db"), place.path().join("report.pdf"))?;
        fs::hard_link(vault.join("records.db"), place.path().join("other name"))?;
        for (out, code) in [
            ("vault/records.db", FailureCode::InsideVault),
            ("vault/new.pdf", FailureCode::InsideVault),
            ("link/records.db", FailureCode::InsideVault),
            ("vault/../link/../vault/vault.json", FailureCode::InsideVault),
            ("report.pdf", FailureCode::InsideVault),
            ("other name", FailureCode::WrongUsage),
            ("", FailureCode::WrongUsage),
        ] {
            let refused = write_whole(&place.path().join(out), b"x").err();
            assert_eq!(refused.map(|failure| failure.code), Some(code), "{out}");
        }
        let folder = create_folder(&place.path().join("link/new/folder"));
        assert_eq!(folder.err().map(|failure| failure.code), Some(FailureCode::InsideVault));
        for name in ["vault.json", "records.db", "audit.anchor"] {
            assert_eq!(fs::read(vault.join(name))?, name.as_bytes());
        }
        assert_eq!(
            (fs::read_dir(&vault)?.count(), fs::read_dir(place.path())?.count()),
            (3, 4)
        );
        Ok(())
    }

    #[test]
    fn a_written_file_is_its_owners_alone_and_a_file_in_the_way_of_the_temporary_one_stays()
    -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("report.pdf");
        fs::write(&path, b"an older report")?;
        let staged = stage(&path, b"new")?;
        assert_eq!(fs::read(&path)?, b"an older report");
        let mode = |path: &Path| Ok::<_, std::io::Error>(fs::metadata(path)?.mode() & 0o777);
        assert_eq!(mode(&staged.partial)?, 0o600);
        let second = stage(&path, b"newer")?;
        assert_ne!(staged.partial, second.partial);
        staged.publish()?;
        assert_eq!((fs::read(&path)?, mode(&path)?), (b"new".to_vec(), 0o600));
        drop(second);
        assert_eq!(fs::read_dir(folder.path())?.count(), 1);
        Ok(())
    }

    #[test]
    fn the_file_that_is_read_is_not_written_over() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let (scan, link) = (folder.path().join("scan.dcm"), folder.path().join("link.dcm"));
        fs::write(&scan, b"scan")?;
        std::os::unix::fs::symlink(&scan, &link)?;
        assert!(keep_apart(&scan, &scan).is_err() && keep_apart(&scan, &link).is_err());
        assert_eq!(keep_apart(&scan, &folder.path().join("scan.raw")), Ok(()));
        Ok(())
    }
}
