//! Long work that is kept as a row, so that it goes on after the program was closed.

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;

closed_set! {
    /// What a job does, as lists of jobs name it.
    pub enum JobKind {
        /// Files are taken into the vault.
        Import = "import",
        /// Images are analysed.
        Analyze = "analyze",
        /// A report is written.
        Export = "export",
        /// The vault is copied.
        Backup = "backup",
        /// Something that only another version of the program can do.
        Unknown = "unknown",
    }
}

closed_set! {
    /// What the row of a job says that it does. A row of another version may say something else.
    pub enum JobRow {
        /// Files are taken into the vault.
        Import = "import",
        /// A study is to be analysed.
        AnalyzeStudy = "analyze_study",
        /// All that is new is to be analysed.
        AnalyzeNew = "analyze_new",
        /// A run through a study, by whichever job; its last one tells whether the study was cut short.
        Analyze = "analyze",
        /// A report is written.
        Export = "export",
        /// The vault is copied.
        Backup = "backup",
    }
}

closed_set! {
    /// Where a job stands.
    pub enum JobState {
        /// Waits for its turn.
        Queued = "queued",
        /// Works.
        Running = "running",
        /// Ended well.
        Done = "done",
        /// Ended with a failure, or was set aside.
        Failed = "failed",
        /// A person stopped it.
        Canceled = "canceled",
    }
}

closed_set! {
    /// What a job does at this moment, as its row and lists of jobs name it.
    pub enum Phase {
        /// Folders are searched; nothing is counted yet.
        LookingForFiles = "looking for files",
        /// Counted in files.
        Importing = "importing",
        /// Counted in bundles.
        LoadingTheModel = "loading the model",
        /// Counted in images: frames that hold one.
        Analysing = "analysing",
        /// Counted in studies, as versions before told it of many.
        AnalysingStudies = "analysing studies",
        /// One step.
        WritingTheReport = "writing the report",
        /// Counted in stored files.
        Copying = "copying",
        /// The copy is read back; counted in stored files.
        Checking = "checking",
    }
}

impl JobState {
    /// Whether it is over, well or not.
    pub fn is_finished(self) -> bool {
        !matches!(self, JobState::Queued | JobState::Running)
    }
}

/// The number of a job's row in its vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(transparent)]
pub struct JobId(pub i64);
