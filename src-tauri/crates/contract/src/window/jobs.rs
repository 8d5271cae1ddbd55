//! Long work and what the core tells unasked.

use domain::numbers::Copied;
use domain::{FailedInput, FailureCode, JobKind, JobState, Phase, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::terminal::{ImportWire, ReportWire};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct JobInfo {
    pub id: i64,
    pub kind: JobKind,
    /// What it is about where that is no study: a file's name, a folder's name, the word of an unknown job.
    pub subject: Option<String>,
    pub study_instance_uid: Option<String>,
    pub state: JobState,
    pub phase: Option<Phase>,
    #[serde(flatten)]
    pub pace: JobPace,
    pub code: Option<FailureCode>,
    pub message: Option<String>,
    /// Of a job that was set aside: the file or study at which it was cut off.
    pub working_on: Option<String>,
    #[serde(flatten)]
    pub gave: JobSummary,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// How far a job is and how long it still takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct JobPace {
    pub done: u64,
    pub total: u64,
    pub per_second: Option<f64>,
    pub seconds_left: Option<f64>,
}

/// What a job gave, by its kind.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct JobSummary {
    pub import: Option<ImportSummary>,
    pub analyze: Option<AnalyzeSummary>,
    pub export: Option<ReportWire>,
    pub backup: Option<BackupSummary>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ImportSummary {
    #[serde(flatten)]
    pub import: ImportWire,
    /// Further ones, which are not listed.
    pub failed_unlisted: u64,
    /// All files that seemed to be scans and were not taken.
    #[serde(default)]
    pub unread: u64,
    /// All files that lay beside the scans.
    #[serde(default)]
    pub beside: u64,
    /// All objects without an image.
    #[serde(default)]
    pub without_image: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AnalyzeSummary {
    pub analyses: u64,
    /// Analyses among them whose answer the vault's policy hides from the reader; flagged, outlined and
    /// refused count the others.
    pub hidden: u64,
    pub flagged: u64,
    /// By models that say where and not whether.
    pub outlined: u64,
    /// All with a score by such models.
    pub says_where: u64,
    pub refused: u64,
    pub failed: Vec<FailedInput>,
    /// Further ones, which are not listed.
    pub failed_unlisted: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct BackupSummary {
    pub folder: String,
    #[serde(flatten)]
    pub copied: Copied,
    pub verified: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AppEvent {
    /// All jobs of this run, newest last; at most ten times a second.
    Jobs {
        jobs: Vec<JobInfo>,
    },
    /// UIDs, after any commit.
    StudiesChanged {
        studies: Vec<String>,
    },
    Locked,
    /// Files of a later start came while no vault is open; so many wait now.
    PathsWait {
        count: u64,
    },
    /// The window asks before it closes.
    CloseRequested {
        running_jobs: u64,
    },
    Drop {
        state: DropState,
        count: u64,
    },
    /// Such as after the files of the command line were imported.
    ShowStudy {
        study_instance_uid: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DropState {
    Over,
    Left,
    Dropped,
}
