//! The desktop's own file dialogs. Paths come from here, never from the interface.
//!
//! They show every file: scans often have no extension, and GTK's patterns would hide them. Content decides what a
//! file is.

#[cfg(feature = "scripted-dialogs")]
mod scripted;
mod words;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use domain::{Failure, FailureCode, Language};
use rfd::{AsyncFileDialog, FileHandle};

pub use words::Title;

/// One at a time: on Linux a dialog does not keep the window behind it from being used.
#[derive(Debug, Default)]
pub struct Dialogs {
    open: AtomicBool,
}

struct Opened<'a>(&'a AtomicBool);

impl Drop for Opened<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl Dialogs {
    /// Files to import; empty when the dialog was canceled.
    pub async fn files(&self, title: Title, language: Language) -> Result<Vec<PathBuf>, Failure> {
        let _opened = self.one()?;
        #[cfg(feature = "scripted-dialogs")]
        if let Some(answer) = scripted::next() {
            return answer.map(|line| {
                line.map(|line| line.split('\t').map(PathBuf::from).collect())
                    .unwrap_or_default()
            });
        }
        let dialog = AsyncFileDialog::new().set_title(title.in_words(language));
        let files = dialog.pick_files().await.unwrap_or_default();
        Ok(files.into_iter().map(path).collect())
    }

    pub async fn folder(&self, title: Title, language: Language) -> Result<Option<PathBuf>, Failure> {
        let _opened = self.one()?;
        #[cfg(feature = "scripted-dialogs")]
        if let Some(answer) = scripted::next() {
            return answer.map(|line| line.map(PathBuf::from));
        }
        let dialog = AsyncFileDialog::new().set_title(title.in_words(language));
        Ok(dialog.pick_folder().await.map(path))
    }

    /// A path to write to, with the extension. GTK asks before a file that is there is named.
    pub async fn save(
        &self,
        title: Title,
        language: Language,
        name: &str,
        extension: &str,
    ) -> Result<Option<PathBuf>, Failure> {
        let _opened = self.one()?;
        #[cfg(feature = "scripted-dialogs")]
        if let Some(answer) = scripted::next() {
            return answer.map(|line| line.map(|line| with_extension(Path::new(&line), extension)));
        }
        let mut dialog = AsyncFileDialog::new()
            .set_title(title.in_words(language))
            .set_file_name(name);
        loop {
            let Some(picked) = dialog.save_file().await.map(path) else {
                return Ok(None);
            };
            let named = with_extension(&picked, extension);
            if named == picked || !named.exists() {
                return Ok(Some(named));
            }
            // GTK was asked about another name: show the whole one, so that it asks about the file that is there.
            dialog = AsyncFileDialog::new().set_title(title.in_words(language));
            if let (Some(folder), Some(name)) = (named.parent(), named.file_name()) {
                dialog = dialog.set_directory(folder).set_file_name(name.to_string_lossy());
            }
        }
    }

    fn one(&self) -> Result<Opened<'_>, Failure> {
        if self.open.swap(true, Ordering::AcqRel) {
            return Err(Failure::new(
                FailureCode::DialogOpen,
                "a file dialog is open already; answer or cancel it first",
            ));
        }
        Ok(Opened(&self.open))
    }
}

fn path(handle: FileHandle) -> PathBuf {
    handle.path().to_owned()
}

/// `path` itself when it ends with `extension` in any case, else with it added: `a.b` becomes `a.b.pdf`.
fn with_extension(path: &Path, extension: &str) -> PathBuf {
    let has = path
        .extension()
        .is_some_and(|found| found.eq_ignore_ascii_case(extension));
    if has || extension.is_empty() {
        return path.to_owned();
    }
    let mut name: OsString = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(extension);
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extension_is_added_only_where_it_lacks() {
        for (given, becomes) in [
            ("/r/report", "/r/report.pdf"),
            ("/r/report.pdf", "/r/report.pdf"),
            ("/r/REPORT.PDF", "/r/REPORT.PDF"),
            ("/r/v1.2", "/r/v1.2.pdf"),
            ("/r/.hidden", "/r/.hidden.pdf"),
        ] {
            assert_eq!(with_extension(Path::new(given), "pdf"), Path::new(becomes));
        }
    }

    #[test]
    fn a_second_dialog_waits_for_the_first_to_be_answered() -> Result<(), Failure> {
        let dialogs = Dialogs::default();
        let first = dialogs.one()?;
        let second = dialogs.one().err().map(|failure| failure.code);
        assert_eq!(second, Some(FailureCode::DialogOpen));
        drop(first);
        dialogs.one().map(drop)
    }
}
