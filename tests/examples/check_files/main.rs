//! Every file of the packs, or of folders that are named, by our decoder and by pydicom side by side.
//!
//! `cargo xtask check files [FOLDER...]` prints a table by transfer syntax, modality and maker, and each file
//! that differs, is refused, crashed or took too long. Without a folder it reads the packs of `OVERREAD_DATA`,
//! and what is refused there must be what `refused.txt` names.

mod compare;
mod reference;
mod table;

use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};

use decode::{DecodeError, Decoders, Limits, Source, Urgency, Wanted};
use domain::FailureCode;
use reference::Reference;
use table::{Found, Table};

pub type Outcome<T> = Result<T, Box<dyn Error>>;

const PACKS: [&str; 4] = ["dicom/files", "dicom/series", "formats/files", "cases/files"];
/// Files of the packs that are refused, and why that is right or not mended yet.
const REFUSED: &str = include_str!("refused.txt");

fn main() -> Outcome<()> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let packages = args.next().ok_or("usage: check_files PACKAGES [FOLDER...]")?;
    let folders: Vec<PathBuf> = args.collect();
    let of_packs = folders.is_empty();
    let root = match needs::data("") {
        Ok(root) => root,
        Err(lack) if of_packs => return lack.end(),
        Err(_) => PathBuf::new(),
    };
    let roots = if of_packs {
        PACKS.iter().map(|pack| root.join(pack)).collect()
    } else {
        folders
    };
    let scratch = tempfile::tempdir()?;
    let mut reference = Reference::new(packages, scratch.path());
    let decoders = Decoders::beside_executable(Limits::default())?;
    let mut table = Table::default();
    let mut files = vec![];
    for folder in &roots {
        walk(folder, &mut files)?;
    }
    for file in &files {
        let shown = file.strip_prefix(&root).unwrap_or(file).display().to_string();
        let answer = reference.ask(file)?;
        let ours = decoders.ask(Source::File(file), &Wanted::All, Urgency::Work);
        let found = match &ours {
            Ok(decoded) => compare::compare(decoded, &answer),
            Err(error) => refusal(error),
        };
        table.add(shown, &answer, found);
    }
    print!("{table}");
    judge(&table, of_packs)
}

fn refusal(error: &DecodeError) -> Found {
    match error.code {
        FailureCode::DecoderDied => Found::Crashed(error.message.clone()),
        FailureCode::TimedOut => Found::TimedOut(error.message.clone()),
        FailureCode::NoPicture => Found::NoImage,
        _ => Found::Refused(error.message.clone()),
    }
}

/// Nothing may differ, crash or hang; in the packs what is refused is known by name, and only that.
fn judge(table: &Table, of_packs: bool) -> Outcome<()> {
    let mut wrong = table.wrong();
    if of_packs {
        let known: BTreeSet<&str> = REFUSED
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_whitespace().next())
            .collect();
        let refused: BTreeSet<&str> = table.refused().collect();
        wrong.extend(
            refused
                .difference(&known)
                .map(|file| format!("{file} is refused, and refused.txt does not name it")),
        );
        wrong.extend(
            known
                .difference(&refused)
                .map(|file| format!("{file} is read, and refused.txt still names it")),
        );
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!("{} files:\n{}", wrong.len(), wrong.join("\n")).into())
    }
}

/// All files below `folder`, in order of their names.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Outcome<()> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_symlink() {
            continue;
        } else if path.is_dir() {
            walk(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
