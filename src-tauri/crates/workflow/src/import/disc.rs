//! Whether all files are there that the index of a disc names (PS3.10 8.6).

use std::collections::BTreeSet;
use std::path::Path;

use decode::{Discovered, Source, set::is_behind_a_link, unpack::Named};
use domain::{Failure, FailureCode, Sentence};

use super::{Import, stops_all};

/// Names of an index and of a file system are compared in capitals, without the version and the dot that a disc of
/// ISO 9660 adds to them.
pub(super) fn folded(path: &str) -> String {
    let parts = path.split(['/', '\\']).filter(|part| !part.is_empty());
    let parts = parts.map(|part| {
        let plain = part.split_once(';').map_or(part, |(name, _)| name);
        plain.trim_end_matches('.').to_uppercase()
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Both forms by which an index may name a file: its identifiers have no dot, and copies are often given an ending.
pub(super) fn forms(path: &str) -> [String; 2] {
    let whole = folded(path);
    let (folder, name) = whole.rsplit_once('/').unwrap_or(("", &whole));
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let without = match folder {
        "" => stem.to_owned(),
        folder => format!("{folder}/{stem}"),
    };
    [whole, without]
}

/// What is told of a file that the index beside it does not name.
pub(super) fn not_named() -> Sentence {
    let words = "the DICOMDIR beside it does not name this file: check that it belongs to the patient";
    Sentence::new("import.not_named", [], words)
}

/// The sentence about what an index names and nothing holds.
pub(super) fn missing(name: &str) -> Failure {
    let message = format!("the disc's DICOMDIR names '{name}', which is missing: copy the disc again, or ask for it");
    Failure::new(FailureCode::FileNotFound, message)
}

/// What is said of an index that was read.
fn names(count: usize) -> Sentence {
    let words = format!(
        "the index of a disc, naming {}",
        domain::numbers::counted(count, "file")
    );
    Sentence::new("import.index", [("count", count.into())], words)
}

impl Import<'_, '_> {
    /// Counts an index, as whole or as damaged.
    pub(super) fn index_read(&mut self, shown: String, named: &Named) {
        match named.damage.clone() {
            None => self.also_read(shown, names(named.files.len())),
            Some(damage) => {
                let copy = format!("{}; copy the disc again, or ask for it", damage.message);
                self.failed(shown, Failure::new(damage.code, copy));
            }
        }
    }

    /// Tells which of the files are missing that the index at `path` names.
    pub(super) fn index(&mut self, path: &Path, found: &Discovered) -> Result<(), Failure> {
        let shown = path.display().to_string();
        let named = match self.decoders.names(Source::File(path)) {
            Ok(named) => named,
            Err(error) => {
                let failure = Failure::from(error);
                if stops_all(&failure) {
                    return Err(failure);
                }
                self.failed(shown, failure);
                return Ok(());
            }
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        let there = found
            .files
            .iter()
            .chain(&found.archives)
            .chain(found.other.iter().chain(&found.failed).map(|(path, _)| path));
        let there: BTreeSet<String> = there
            .filter_map(|file| file.strip_prefix(folder).ok())
            .flat_map(|file| forms(&file.to_string_lossy()))
            .collect();
        self.index_read(shown, &named);
        if named.damage.is_none() {
            let names: BTreeSet<String> = named.files.iter().map(|name| folded(name)).collect();
            let unnamed = found.files.iter().filter(|file| {
                let within = file
                    .strip_prefix(folder)
                    .ok()
                    .map(|file| forms(&file.to_string_lossy()));
                within.is_some_and(|forms| !forms.iter().any(|form| names.contains(form)))
            });
            self.unnamed.extend(unnamed.cloned());
        }
        for name in named.files {
            if there.contains(&folded(&name)) {
                continue;
            }
            let lies = folder.join(&name);
            // An index that was named alone stands for the files that it names, and not for what a link leads to.
            if lies.is_file() && !is_behind_a_link(folder, &name) {
                self.more.push(lies);
            } else {
                self.failed(lies.display().to_string(), missing(&name));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{folded, forms};

    #[test]
    fn names_of_discs_and_file_systems_meet() {
        assert_eq!(folded("pt000000/IM01.DCM;1"), folded("PT000000\\im01.dcm"));
        assert_eq!(folded("IM01.;1"), "IM01");
        assert_ne!(folded("A/IM01"), folded("B/IM01"));
        assert_eq!(forms("a.b/im01.dcm"), ["A.B/IM01.DCM", "A.B/IM01"]);
        assert_eq!(forms("IM01"), ["IM01", "IM01"]);
    }
}
