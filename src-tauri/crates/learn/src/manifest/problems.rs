//! The list of everything that is wrong with a manifest, told in one go.

use std::fmt;

use crate::LearnError;

/// Problems beyond these are counted, not kept.
const KEPT: usize = 50;

/// One problem. Lines are lines of the manifest file. Patients are never named: the lines tell which.
#[allow(missing_docs, reason = "each variant's message is its description")]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("the column '{0}' is missing")]
    MissingColumn(String),
    #[error("the manifest has no rows")]
    NoRows,
    #[error("line {line} has {got} cells where {expected} belong")]
    CellCount { line: u64, got: usize, expected: usize },
    #[error("line {line} cannot be read: {reason}")]
    Row { line: u64, reason: String },
    #[error("line {line}: the column '{column}' is empty")]
    EmptyCell { line: u64, column: &'static str },
    #[error("line {line}: '{value}' in the column '{column}' is not {expected}")]
    Cell {
        line: u64,
        column: &'static str,
        value: String,
        expected: &'static str,
    },
    #[error("line {line}: '{path}' leaves the manifest's folder")]
    PathLeavesFolder { line: u64, path: String },
    #[error("lines {first} and {second} name the same file '{file}'")]
    DuplicateFile { first: u64, second: u64, file: String },
    #[error(
        "leakage: lines {first} and {second} carry the same sha256 in the splits '{first_split}' and '{second_split}'"
    )]
    SameContent {
        first: u64,
        second: u64,
        first_split: String,
        second_split: String,
    },
    #[error(
        "leakage: lines {first} and {second} belong to one patient in the splits '{first_split}' and '{second_split}'"
    )]
    PatientInTwoSplits {
        first: u64,
        second: u64,
        first_split: String,
        second_split: String,
    },
    #[error("the split '{split}' has no case {missing}")]
    EmptyClass { split: String, missing: &'static str },
    #[error("line {line}: the {what} '{path}' is not there")]
    FileMissing {
        line: u64,
        what: &'static str,
        path: String,
    },
    #[error("line {line}: the anomaly '{file}' has no mask")]
    MaskNotNamed { line: u64, file: String },
    #[error("line {line}: '{path}' cannot be read: {reason}")]
    Unreadable { line: u64, path: String, reason: String },
    #[error("line {line}: the sha256 of '{path}' is {found}, the manifest says {expected}")]
    Sha256 {
        line: u64,
        path: String,
        expected: String,
        found: String,
    },
    /// Sizes are rows x cols. Found by whoever decodes; listed with the rest.
    #[error("line {line}: the mask of '{path}' is {mask}, the image {image} (rows x cols)")]
    MaskSize {
        line: u64,
        path: String,
        mask: String,
        image: String,
    },
}

/// All problems of one manifest: the first 50 and how many there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems {
    first: Vec<Problem>,
    count: usize,
}

impl Problems {
    /// Adds a problem.
    pub fn push(&mut self, problem: Problem) {
        self.count += 1;
        if self.first.len() < KEPT {
            self.first.push(problem);
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many there are, kept or not.
    pub fn count(&self) -> usize {
        self.count
    }

    /// At most 50, in the order they were found.
    pub fn first(&self) -> &[Problem] {
        &self.first
    }

    /// The value when there are no problems, all of them otherwise.
    pub fn or<T>(self, value: T) -> Result<T, LearnError> {
        if self.is_empty() {
            Ok(value)
        } else {
            Err(LearnError::Problems(self))
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.count {
            1 => write!(f, "the manifest has 1 problem:")?,
            count => write!(f, "the manifest has {count} problems:")?,
        }
        for problem in &self.first {
            write!(f, "\n- {problem}")?;
        }
        match self.count - self.first.len() {
            0 => Ok(()),
            more => write!(f, "\n… and {more} more"),
        }
    }
}
