//! A manifest: one row per labelled image, with the split it belongs to.
//!
//! Everything that is wrong with it is told at once and before any compute: columns, cells,
//! duplicates, a patient in two splits (leakage), missing or altered files.

mod check;
mod parse;
mod problems;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use domain::{Split, Stated};

use crate::LearnError;

pub use problems::{Problem, Problems};

/// One labelled image.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Line of the manifest file; 1 is the line of the column names.
    pub line: u64,
    /// The file as the manifest names it, relative to the manifest's folder.
    pub name: String,
    /// Absolute.
    pub file: PathBuf,
    /// Absolute; `None` where the manifest names no lesion mask.
    pub mask: Option<PathBuf>,
    /// Of any wording; MALIGNANT and BENIGN are told apart.
    pub label: String,
    /// Whether there is something to find.
    pub anomaly: bool,
    /// Which part of the set it is of.
    pub split: Split,
    /// `patient_id`, otherwise `group_id`, otherwise the file itself: what must not lie in two splits.
    pub patient: String,
    /// Which of several sets of the manifest it is of.
    pub subset: Option<String>,
    /// Whether the slice lies where lesions occur; `None` where the manifest does not say.
    pub core: Option<bool>,
    /// A lesion-free slice beside one with a lesion: its label is unsure.
    pub adjacent_to_lesion: bool,
    /// Lower-case hex of the image file.
    pub sha256: Option<String>,
    /// Lesion pixels of the mask, where the manifest counts them.
    pub lesion_px: Option<u64>,
    /// What the columns `sequence`, `age` (years) and `view` say: the statements of whoever wrote the manifest.
    pub stated: Stated,
    /// `column=value` of the columns that name a subgroup (institution, subtype, source, modality).
    pub groups: Vec<String>,
}

/// Which rows are wanted. Empty `splits` means all, whatever their names are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Rows of these splits.
    pub splits: Vec<Split>,
    /// Rows of these subsets; none: of any.
    pub subsets: Vec<String>,
}

/// What is checked on the selected rows beyond the manifest's own text and the files' presence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Checks {
    /// Read every image and compare its sha256 with the manifest's.
    pub sha256: bool,
    /// Every anomaly must name a mask: a model that learns to outline needs it.
    pub masks: bool,
    /// Every split must hold cases with and without an anomaly: a model that scores images needs both.
    pub both_classes: bool,
}

impl Selection {
    /// The rows of one split.
    pub fn split(split: Split, subset: Option<&str>) -> Self {
        Self {
            splits: vec![split],
            subsets: subset.into_iter().map(str::to_owned).collect(),
        }
    }

    fn holds(&self, case: &Case) -> bool {
        (self.splits.is_empty() || self.splits.contains(&case.split))
            && (self.subsets.is_empty() || case.subset.as_ref().is_some_and(|subset| self.subsets.contains(subset)))
    }

    fn in_words(&self) -> String {
        let splits = match self.splits.as_slice() {
            [] => "any split".to_owned(),
            names => {
                let names: Vec<&str> = names.iter().map(Split::as_str).collect();
                format!("the split {}", names.join(" or "))
            }
        };
        match self.subsets.as_slice() {
            [] => splits,
            names => format!("{splits} and the subset {}", names.join(" or ")),
        }
    }
}

/// Reads all rows and checks what the text itself can tell: columns, cells, duplicates, leakage.
///
/// Columns: `file`, `label`, `anomaly` (0 or 1), `split` and one of `patient_id` and `group_id` are
/// required; `mask`, `subset`, `core`, `adjacent_to_lesion`, `sha256`, `lesion_px` are used where
/// they exist, and so are `sequence`, `age` and `view`, as statements; others are ignored. Errors: unreadable file, or all problems found.
pub fn read(manifest: &Path) -> Result<Vec<Case>, LearnError> {
    let (cases, problems) = parse::parse(manifest)?;
    problems.or(cases)
}

/// `read`, then the selected rows with their files checked on disk. Text and disk problems come in
/// one list; files are looked for on the selected rows only, leakage over all rows.
pub fn load(manifest: &Path, selection: &Selection, checks: Checks) -> Result<Vec<Case>, LearnError> {
    let (cases, problems) = inspect(manifest, selection, checks)?;
    problems.or(cases)
}

/// As [`load`], but with the problems so far beside the cases whose files could be read, for whoever
/// looks into the files too and then tells all problems in one list.
pub fn inspect(manifest: &Path, selection: &Selection, checks: Checks) -> Result<(Vec<Case>, Problems), LearnError> {
    let (cases, mut problems) = parse::parse(manifest)?;
    let folder = parse::folder(manifest)?;
    let selected: Vec<Case> = cases.iter().filter(|case| selection.holds(case)).cloned().collect();
    if selected.is_empty() && problems.is_empty() {
        return Err(nothing_selected(&cases, selection));
    }
    let readable = check::files(&folder, selected, checks, &mut problems);
    Ok((readable, problems))
}

/// The cases of a split and a subset; `None` means all.
pub fn select<'a>(cases: &'a [Case], split: Option<Split>, subset: Option<&str>) -> Result<Vec<&'a Case>, LearnError> {
    let selection = Selection {
        splits: split.into_iter().collect(),
        subsets: subset.into_iter().map(str::to_owned).collect(),
    };
    let selected: Vec<&Case> = cases.iter().filter(|case| selection.holds(case)).collect();
    if selected.is_empty() {
        Err(nothing_selected(cases, &selection))
    } else {
        Ok(selected)
    }
}

fn nothing_selected(cases: &[Case], selection: &Selection) -> LearnError {
    let splits: BTreeSet<&str> = cases.iter().map(|case| case.split.as_str()).collect();
    let subsets: BTreeSet<&str> = cases.iter().filter_map(|case| case.subset.as_deref()).collect();
    let named = |names: BTreeSet<&str>, what: &str| match names.len() {
        0 => format!("no {what}"),
        _ => format!("the {what} {}", names.into_iter().collect::<Vec<_>>().join(", ")),
    };
    LearnError::NothingSelected {
        wanted: selection.in_words(),
        present: format!("{} and {}", named(splits, "splits"), named(subsets, "subsets")),
    }
}
