//! Answers for tests of the whole window: each dialog takes the next line of the file that `OVERREAD_DIALOG_ANSWERS`
//! names. An empty line cancels; several files stand in one line with tabs between them.

use domain::{Failure, FailureCode};
use std::fs;
use std::path::Path;
use std::sync::Mutex;

/// Lines that were taken already.
static TAKEN: Mutex<usize> = Mutex::new(0);

/// `None` when no file of answers is named: then the real dialog opens.
pub fn next() -> Option<Result<Option<String>, Failure>> {
    let file = std::env::var_os("OVERREAD_DIALOG_ANSWERS")?;
    let mut taken = TAKEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    Some(line(Path::new(&file), &mut taken))
}

/// The file is read each time, for a test adds its answers as it goes.
fn line(file: &Path, taken: &mut usize) -> Result<Option<String>, Failure> {
    let failure = |what: String| Failure::new(FailureCode::NoAnswer, what);
    let text = fs::read_to_string(file).map_err(|error| failure(format!("{}: {error}", file.display())))?;
    let line = text.lines().nth(*taken).ok_or_else(|| {
        let what = format!("{} holds {taken} lines, and one more dialog was opened", file.display());
        failure(what)
    })?;
    *taken += 1;
    Ok(Some(line.to_owned()).filter(|line| !line.is_empty()))
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    #[test]
    fn each_dialog_takes_the_next_line_and_an_empty_one_cancels() -> Result<(), Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let (file, mut taken) = (folder.path().join("answers"), 0);
        fs::write(&file, "/a\n\n")?;
        assert_eq!(line(&file, &mut taken)?.as_deref(), Some("/a"));
        assert_eq!(line(&file, &mut taken)?, None);
        let refused = line(&file, &mut taken).err().map(|failure| failure.code);
        assert_eq!(refused, Some(FailureCode::NoAnswer));
        fs::write(&file, "/a\n\n/b\n")?;
        assert_eq!(line(&file, &mut taken)?.as_deref(), Some("/b"));
        Ok(())
    }
}
