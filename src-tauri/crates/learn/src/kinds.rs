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
