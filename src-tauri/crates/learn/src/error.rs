//! What can go wrong on the way from labelled cases to figures.

use std::path::PathBuf;

use crate::manifest::Problems;

/// Why figures cannot be computed. The message above each variant says what it is and names its fields.
#[allow(missing_docs, reason = "each variant's message is its description")]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LearnError {
    #[error("the manifest {path} cannot be read: {reason}", path = path.display())]
    ManifestUnreadable { path: PathBuf, reason: String },
    #[error("{0}")]
    Problems(Problems),
    #[error("no row of the manifest fits {wanted}; it has {present}")]
    NothingSelected { wanted: String, present: String },
    #[error("{what} needs cases with and without an anomaly, but there are {positives} with and {negatives} without")]
    OneClass {
        what: &'static str,
        positives: usize,
        negatives: usize,
    },
    #[error("{what} needs at least {needed} cases and has {got}")]
    TooFew {
        what: &'static str,
        needed: usize,
        got: usize,
    },
    #[error("{what}: {got} values where {expected} belong")]
    Length {
        what: &'static str,
        expected: usize,
        got: usize,
    },
    #[error("{what}: value {index} is not a finite number")]
    NotFinite { what: &'static str, index: usize },
    #[error("{what} lies between 0 and 1, not {value}")]
    NotAShare { what: &'static str, value: f64 },
    #[error("the score falls where the share of anomalies rises (slope {slope}); it cannot be calibrated, train again")]
    NotMonotone { slope: f64 },
    #[error("the covariance of the features has no inverse; use more images or fewer features")]
    Singular,
    #[error("{count} folds judge nothing that was not trained on; give at least two")]
    TooFewFolds { count: u32 },
    #[error(
        "line {line} of the manifest names neither a patient nor a group: without them images of one person could lie \
         in two folds"
    )]
    NoGroups { line: u64 },
    #[error(
        "fold {fold} of {folds} would hold no image {} an anomaly; there are too few patients for so many folds",
        if *anomaly { "with" } else { "without" }
    )]
    EmptyFold { fold: u32, anomaly: bool, folds: u32 },
    #[error("a mask of {rows} x {cols} pixels is too large; 65535 on a side is the limit")]
    MaskTooLarge { rows: u32, cols: u32 },
    #[error("the outline of a region does not run along pixel edges inside the image on row {row}")]
    BrokenOutline { row: u32 },
    #[error("{name}: the lesion mask is {reference} and the predicted mask {predicted} (rows x cols); they must agree")]
    MaskSize {
        name: String,
        reference: String,
        predicted: String,
    },
    #[error("{name} has no anomaly map, though other cases of the set have one; evaluate them apart")]
    MixedLocalisation { name: String },
}

impl From<LearnError> for domain::Failure {
    fn from(error: LearnError) -> Self {
        Self::new(domain::FailureCode::BadData, error.to_string())
    }
}
