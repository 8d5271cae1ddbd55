//! A pack of images by kind, without labels: what a model was not made for, and its own kind from elsewhere. A manifest
//! with the columns `file`, `kind`, `group`, `licence` and `sha256`.

use std::path::{Path, PathBuf};

use domain::{CommercialUse, Split};

use crate::LearnError;
use crate::manifest::{Problem, Problems};

/// An image of such a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfKind {
    /// Where it lies.
    pub file: PathBuf,
    /// What it shows, such as `mammogram`.
    pub kind: String,
    /// The person, series or look-alikes that it belongs to.
    pub group: String,
    /// Which part of the pack it is of.
    pub split: Split,
    /// As the manifest words it.
    pub licence: String,
    /// Line of the manifest.
    pub line: u64,
    /// Of the file, lower-case.
    pub sha256: String,
}

impl OfKind {
    /// Whether a model of which `commercial_use` may be made may learn from it. One whose origin is flagged or whose
    /// licence asks for more than a model can give serves for judging only.
    pub fn may_teach(&self, commercial_use: CommercialUse) -> bool {
        let licence = self.licence.to_ascii_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| licence.contains(word));
        !has(&["flag", "gpl", "without licence"])
            && (commercial_use == CommercialUse::NotAllowed || !has(&["non-commercial", "by-nc", "not for commercial"]))
    }
}

/// Whether a manifest is of this form: kinds, and no labels.
///
/// # Errors
/// Where it cannot be read.
pub fn is_one(manifest: &Path) -> Result<bool, LearnError> {
    let mut reader = reader(manifest)?;
    let headers = reader.headers().map_err(|error| unreadable(manifest, &error))?;
    let has = |name: &str| headers.iter().any(|header| header == name);
    Ok(has("kind") && has("file") && !has("label"))
}

/// The rows of a manifest.
///
/// # Errors
/// Where it cannot be read, and with all rows that cannot be used.
pub fn read(manifest: &Path) -> Result<Vec<OfKind>, LearnError> {
    let folder = manifest.parent().unwrap_or(Path::new("."));
    let mut reader = reader(manifest)?;
    let headers = reader.headers().map_err(|error| unreadable(manifest, &error))?.clone();
    let mut problems = Problems::default();
    let mut column = |name: &str| {
        let found = headers.iter().position(|header| header == name);
        if found.is_none() {
            problems.push(Problem::MissingColumn(name.to_owned()));
        }
        found.unwrap_or_default()
    };
    let columns = ["file", "kind", "group", "split", "licence", "sha256"].map(&mut column);
    let mut rows = Vec::new();
    if problems.is_empty() {
        for record in reader.records() {
            let record = record.map_err(|error| unreadable(manifest, &error))?;
            let line = record.position().map_or(0, csv::Position::line);
            let [file, kind, group, split, licence, sha256] =
                columns.map(|at| record.get(at).unwrap_or_default().to_owned());
            let named = [
                ("file", &file),
                ("kind", &kind),
                ("licence", &licence),
                ("sha256", &sha256),
            ];
            for (column, _) in named.into_iter().filter(|(_, cell)| cell.is_empty()) {
                problems.push(Problem::EmptyCell { line, column });
            }
            let leaves = |part: std::path::Component<'_>| !matches!(part, std::path::Component::Normal(_));
            if Path::new(&file).components().any(leaves) {
                problems.push(Problem::PathLeavesFolder {
                    line,
                    path: file.clone(),
                });
            }
            rows.push(OfKind {
                file: folder.join(&file),
                kind,
                group,
                split: Split::from(split.as_str()),
                licence,
                line,
                sha256: sha256.to_ascii_lowercase(),
            });
        }
    }
    if rows.is_empty() && problems.is_empty() {
        problems.push(Problem::NoRows);
    }
    problems.or(rows)
}

fn reader(manifest: &Path) -> Result<csv::Reader<std::fs::File>, LearnError> {
    csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_path(manifest)
        .map_err(|error| unreadable(manifest, &error))
}

fn unreadable(manifest: &Path, error: &csv::Error) -> LearnError {
    LearnError::ManifestUnreadable {
        path: manifest.to_owned(),
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "file,kind,group,split,licence,sha256\n";

    fn written(text: &str) -> Result<(tempfile::TempDir, PathBuf), std::io::Error> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("manifest.csv");
        std::fs::write(&path, text)?;
        Ok((folder, path))
    }

    #[test]
    fn a_pack_of_kinds_is_told_from_a_labelled_one_and_read() -> Result<(), Box<dyn std::error::Error>> {
        let (folder, path) = written(&format!(
            "{HEAD}images/a.png,photo,g1,val,CC0,AB\nb.png,own-x,g2,train,MIT,cd\n"
        ))?;
        assert!(is_one(&path)?);
        let rows = read(&path)?;
        assert_eq!(rows[0].file, folder.path().join("images/a.png"));
        assert_eq!(
            (rows[0].kind.as_str(), rows[0].line, rows[0].sha256.as_str()),
            ("photo", 2, "ab")
        );
        assert!(!rows[0].split.teaches() && rows[1].split.teaches());
        let (_folder, labelled) = written("file,kind,label,anomaly,split\na.png,x,NORMAL,0,val\n")?;
        assert!(!is_one(&labelled)?);
        Ok(())
    }

    #[test]
    fn all_rows_that_cannot_be_used_are_told() -> Result<(), Box<dyn std::error::Error>> {
        let (_folder, path) = written(&format!("{HEAD}../a.png,photo,g,val,CC0,ab\nb.png,,g,val,,ab\n"))?;
        let told = read(&path).err().map(|error| error.to_string()).unwrap_or_default();
        for words in [
            "line 2: '../a.png' leaves",
            "line 3: the column 'kind'",
            "line 3: the column 'licence'",
        ] {
            assert!(told.contains(words), "{told}");
        }
        let (_folder, path) = written("file,kind\na.png,photo\n")?;
        let told = read(&path).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(
            told.contains("'licence' is missing") && told.contains("'sha256' is missing"),
            "{told}"
        );
        let (_folder, path) = written(HEAD)?;
        assert!(read(&path).is_err_and(|error| error.to_string().contains("no rows")));
        Ok(())
    }

    #[test]
    fn what_is_flagged_or_asks_for_more_judges_only() {
        let of = |licence: &str| OfKind {
            file: PathBuf::new(),
            kind: "photo".into(),
            group: "g".into(),
            split: Split::Train,
            licence: licence.into(),
            line: 2,
            sha256: "ab".into(),
        };
        let (free, kept) = (CommercialUse::Allowed, CommercialUse::NotAllowed);
        assert!(of("CC BY 4.0").may_teach(free) && of("CC0").may_teach(kept));
        for licence in [
            "research use: flag",
            "GPL-3 (repository)",
            "Atlas by way of a repository without licence",
        ] {
            assert!(!of(licence).may_teach(kept), "{licence}");
        }
        for licence in ["CC BY-NC 4.0 (repository)", "NON-COMMERCIAL use"] {
            assert!(!of(licence).may_teach(free) && of(licence).may_teach(kept), "{licence}");
            assert!(!of(licence).may_teach(CommercialUse::NotStated), "{licence}");
        }
    }
}
