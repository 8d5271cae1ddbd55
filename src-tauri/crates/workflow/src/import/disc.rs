//! Whether all files are there that the index of a disc names (PS3.10 8.6).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use decode::{Discovered, Source, set::is_behind_a_link, unpack::Named};
use domain::{Failure, FailureCode, Sentence, SentenceCode, Uid};

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
fn not_named() -> Sentence {
    let words = "the DICOMDIR beside it does not name this file: check that it belongs to the patient";
    Sentence::new(SentenceCode::ImportNotNamed, [], words)
}

/// What is told of a file that the index beside it takes for another one.
fn another() -> Sentence {
    let words = "by the DICOMDIR beside it this file is another instance (SOP Instance UID); the file counts: check that it belongs to the patient";
    Sentence::new(SentenceCode::ImportAnotherInstance, [], words)
}

/// The sentence about what an index names and nothing holds.
fn missing(name: &str) -> Failure {
    let message = format!("the disc's DICOMDIR names '{name}', which is missing: copy the disc again, or ask for it");
    Failure::new(FailureCode::FileNotFound, message)
}

/// What is said of an index that was read.
fn names(count: usize) -> Sentence {
    let words = format!(
        "the index of a disc, naming {}",
        domain::numbers::counted(count, "file")
    );
    Sentence::new(SentenceCode::ImportIndex, [("count", count.into())], words)
}

/// What an index says, for the files that are met after it was read.
pub(super) struct Index {
    /// As the result names the folder that its names lie in.
    folder: PathBuf,
    /// The SOP Instance UID that it states of each file, by the folded name.
    names: BTreeMap<String, Option<String>>,
    /// All that it states.
    instances: BTreeSet<String>,
    whole: bool,
}

/// What an index says of a file.
#[derive(Debug, PartialEq, Eq)]
enum Says {
    /// It names it, by its path or, where it lies elsewhere, by its UID.
    Named,
    /// It names the path for another instance.
    Another,
    /// It does not name it.
    NotNamed,
    /// It is damaged, and may have named it.
    Unknown,
}

impl Index {
    pub(super) fn of(shown: &Path, named: &Named) -> Self {
        let names = named.files.iter();
        Self {
            folder: shown.parent().unwrap_or(Path::new("")).to_owned(),
            names: names
                .map(|name| (folded(name), named.instances.get(name).cloned()))
                .collect(),
            instances: named.instances.values().cloned().collect(),
            whole: named.damage.is_none(),
        }
    }

    /// `None` where the file does not lie below the index.
    fn says(&self, shown: &Path, uid: &Uid) -> Option<Says> {
        let within = shown.strip_prefix(&self.folder).ok()?;
        let forms = forms(&within.to_string_lossy());
        let of_path = forms.iter().find_map(|form| self.names.get(form));
        Some(match of_path {
            Some(Some(said)) if said != uid.as_str() => Says::Another,
            Some(_) => Says::Named,
            None if self.instances.contains(uid.as_str()) => Says::Named,
            None if self.whole => Says::NotNamed,
            None => Says::Unknown,
        })
    }
}

/// A file that an index names and that lies at no such path.
pub(super) struct Awaited {
    /// As the result names it.
    shown: String,
    /// As the index names it.
    name: String,
    /// What the index says it is.
    instance: Option<String>,
}

impl Awaited {
    pub(super) fn of(shown: String, name: &str, named: &Named) -> Self {
        Self {
            shown,
            name: name.to_owned(),
            instance: named.instances.get(name).cloned(),
        }
    }
}

/// The file of that name below a folder, where a file system spells it otherwise than the index. What folders hold is
/// kept in `listed`.
fn lying(folder: &Path, name: &str, listed: &mut BTreeMap<PathBuf, Vec<PathBuf>>) -> Option<PathBuf> {
    let mut path = folder.to_owned();
    for part in name.split('/') {
        let exact = path.join(part);
        if exact.exists() {
            path = exact;
            continue;
        }
        let held = listed.entry(path.clone()).or_insert_with(|| {
            let entries = std::fs::read_dir(&path).into_iter().flatten().flatten();
            let mut held: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
            held.sort();
            held
        });
        let wanted = folded(part);
        let alike = |path: &&PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            forms(&name).contains(&wanted)
        };
        path = held.iter().find(alike)?.clone();
    }
    let within = path.strip_prefix(folder).ok()?.to_string_lossy().into_owned();
    (path.is_file() && !is_behind_a_link(folder, &within)).then_some(path)
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

    /// Keeps what the index at `path` names. What lies at another place than it says is looked for in all that is read.
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
        self.indexes.push(Index::of(path, &named));
        let mut listed = BTreeMap::new();
        for name in &named.files {
            if there.contains(&folded(name)) {
                continue;
            }
            // An index that was named alone stands for the files that it names, and not for what a link leads to.
            match lying(folder, name, &mut listed) {
                Some(lies) => self.more.push(lies),
                None => {
                    let lies = folder.join(name).display().to_string();
                    self.awaited.push(Awaited::of(lies, name, &named));
                }
            }
        }
        Ok(())
    }

    /// What the indexes above a file say of it that is to be told; of one that none lies above, nothing.
    pub(super) fn told_by_indexes(&self, shown: &Path, uid: &Uid) -> Option<Sentence> {
        let mut told = None;
        for says in self.indexes.iter().filter_map(|index| index.says(shown, uid)) {
            match says {
                Says::Named | Says::Unknown => return None,
                Says::Another => told = Some(another()),
                Says::NotNamed => told = told.or_else(|| Some(not_named())),
            }
        }
        told
    }

    /// The same of a member of an archive that lies on a disc; an index that was not read yet names no such file.
    pub(super) fn told_on_a_disc(&self, shown: &Path, uid: &Uid) -> Option<Sentence> {
        let read = self.indexes.iter().any(|index| shown.starts_with(&index.folder));
        if read {
            self.told_by_indexes(shown, uid)
        } else {
            Some(not_named())
        }
    }

    /// Tells what indexes name and no file that was read is.
    pub(super) fn still_awaited(&mut self) {
        for awaited in std::mem::take(&mut self.awaited) {
            if !awaited.instance.is_some_and(|uid| self.met.contains(&uid)) {
                self.failed(awaited.shown, missing(&awaited.name));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use decode::unpack::Named;
    use domain::{InvalidUid, Uid};

    use super::{Index, Says, folded, forms, lying};

    #[test]
    fn names_of_discs_and_file_systems_meet() {
        assert_eq!(folded("pt000000/IM01.DCM;1"), folded("PT000000\\im01.dcm"));
        assert_eq!(folded("IM01.;1"), "IM01");
        assert_ne!(folded("A/IM01"), folded("B/IM01"));
        assert_eq!(forms("a.b/im01.dcm"), ["A.B/IM01.DCM", "A.B/IM01"]);
        assert_eq!(forms("IM01"), ["IM01", "IM01"]);
    }
    #[test]
    fn a_file_is_named_by_its_path_or_by_its_uid() -> Result<(), InvalidUid> {
        let of = |name: &str, uid: &str| (name.to_owned(), uid.to_owned());
        let named = Named {
            files: ["PT0/IM0", "PT0/IM1", "PT0/IM2"].map(str::to_owned).to_vec(),
            instances: [of("PT0/IM0", "1.2.30"), of("PT0/IM1", "1.2.31")].into(),
            damage: None,
        };
        let index = Index::of(Path::new("disc/DICOMDIR"), &named);
        for (file, uid, says) in [
            ("disc/PT0/IM0", "1.2.30", Some(Says::Named)),
            ("disc/pt0/im0.dcm", "1.2.30", Some(Says::Named)),
            ("disc/elsewhere/a.dcm", "1.2.30", Some(Says::Named)),
            ("disc/PT0/IM1", "1.2.30", Some(Says::Another)),
            ("disc/PT0/IM1", "1.2.99", Some(Says::Another)),
            // Of this one the index states no UID.
            ("disc/PT0/IM2", "1.2.99", Some(Says::Named)),
            ("disc/elsewhere/b.dcm", "1.2.99", Some(Says::NotNamed)),
            ("other/PT0/IM0", "1.2.30", None),
        ] {
            assert_eq!(index.says(Path::new(file), &Uid::parse(uid)?), says, "{file} {uid}");
        }
        let damaged = Index { whole: false, ..index };
        let unknown = damaged.says(Path::new("disc/b.dcm"), &Uid::parse("1.2.99")?);
        assert_eq!(unknown, Some(Says::Unknown));
        Ok(())
    }

    #[test]
    fn names_that_a_file_system_spells_otherwise_are_found() -> std::io::Result<()> {
        let disc = tempfile::tempdir()?;
        let folder = disc.path();
        std::fs::create_dir_all(folder.join("pt0/St1;1"))?;
        std::fs::write(folder.join("pt0/St1;1/im0.dcm"), "a")?;
        std::fs::write(folder.join("pt0/St1;1/IM1.;1"), "b")?;
        std::os::unix::fs::symlink("im0.dcm", folder.join("pt0/St1;1/im2"))?;
        let mut listed = BTreeMap::new();
        for (name, lies) in [
            ("PT0/ST1/IM0", Some("pt0/St1;1/im0.dcm")),
            ("PT0/ST1/IM1", Some("pt0/St1;1/IM1.;1")),
            ("pt0/St1;1/im0.dcm", Some("pt0/St1;1/im0.dcm")),
            ("PT0/ST1/IM2", None),
            ("PT0/ST1/IM3", None),
            ("PT0/ST1", None),
            ("PT1/ST1/IM0", None),
        ] {
            let found = lying(folder, name, &mut listed);
            assert_eq!(found, lies.map(|lies| folder.join(lies)), "{name}");
        }
        Ok(())
    }
}
