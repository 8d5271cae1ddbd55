//! Why something could not be done: a code that a caller acts on, and a sentence for a person.

use serde::{Deserialize, Serialize};

use crate::access::{Permission, Role};
use crate::closed_set::closed_set;

closed_set! {
    /// What a caller can act on. The window has a rule and words for each.
    pub enum FailureCode {
        // files that were handed in (decode)
        FileNotFound = "file_not_found",
        PermissionDenied = "permission_denied",
        NoScans = "no_scans",
        EmptyFile = "empty_file",
        UnknownFormat = "unknown_format",
        Unsupported = "unsupported",
        Truncated = "truncated",
        Corrupt = "corrupt",
        LimitExceeded = "limit_exceeded",
        NoPicture = "no_picture",
        NoSuchFrame = "no_such_frame",
        GivenUp = "given_up",
        Interrupted = "interrupted",
        ChangedWhileRead = "changed_while_read",
        UidConflict = "uid_conflict",
        BadInput = "bad_input",
        // the three programs
        TimedOut = "timed_out",
        DecoderMissing = "decoder_missing",
        DecoderDied = "decoder_died",
        WorkerMissing = "worker_missing",
        WorkerDied = "worker_died",
        LibtorchMissing = "libtorch_missing",
        LibtorchDamaged = "libtorch_damaged",
        WorkerTimedOut = "worker_timed_out",
        WorkerRefused = "worker_refused",
        DeviceUnavailable = "device_unavailable",
        OutOfMemory = "out_of_memory",
        // models
        BundleNotFound = "bundle_not_found",
        BundleDamaged = "bundle_damaged",
        BundleTooNew = "bundle_too_new",
        NoActiveBundle = "no_active_bundle",
        VersionConflict = "version_conflict",
        BadData = "bad_data",
        NoMap = "no_map",
        TrainingFailed = "training_failed",
        // the vault
        WrongPassphrase = "wrong_passphrase",
        EmptyPassphrase = "empty_passphrase",
        VaultNotFound = "vault_not_found",
        VaultExists = "vault_exists",
        VaultBusy = "vault_busy",
        VaultTooNew = "vault_too_new",
        VaultDamaged = "vault_damaged",
        Database = "database",
        InvalidRecord = "invalid_record",
        NoRandom = "no_random",
        Locked = "locked",
        BackupUnsound = "backup_unsound",
        DiskFull = "disk_full",
        Io = "io",
        NotPermitted = "not_permitted",
        // the work
        NotFound = "not_found",
        ViewGone = "view_gone",
        OpinionGiven = "opinion_given",
        Unread = "unread",
        NotAnalysed = "not_analysed",
        NotReviewed = "not_reviewed",
        StudySigned = "study_signed",
        ReportFailed = "report_failed",
        SamplesFailed = "samples_failed",
        NoConfigFolder = "no_config_folder",
        SettingsUnreadable = "settings_unreadable",
        DialogOpen = "dialog_open",
        NoAnswer = "no_answer",
        NotGranted = "not_granted",
        Window = "window",
        Clipboard = "clipboard",
        Canceled = "canceled",
        WrongUsage = "wrong_usage",
        BundleChanged = "bundle_changed",
        BundleNotActivated = "bundle_not_activated",
        BundleOlder = "bundle_older",
        BundleUnsigned = "bundle_unsigned",
        InsideVault = "inside_vault",
        VaultReadOnly = "vault_read_only",
        SetAside = "set_aside",
        Internal = "internal",
    }
}

/// How a program that failed this way ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    Failed,
    WrongUsage,
    NotPermitted,
}

impl FailureCode {
    pub const fn kind(self) -> FailureKind {
        match self {
            FailureCode::WrongUsage => FailureKind::WrongUsage,
            FailureCode::NotPermitted => FailureKind::NotPermitted,
            _ => FailureKind::Failed,
        }
    }

    /// Whether the analysis program failed, and not the image that it was given.
    pub const fn is_of_the_worker(self) -> bool {
        use FailureCode::{WorkerDied, WorkerMissing, WorkerRefused, WorkerTimedOut};
        matches!(self, WorkerMissing | WorkerDied | WorkerTimedOut | WorkerRefused)
    }
}

/// What failed, the offending value and what to do; never a patient's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[error("{message}")]
pub struct Failure {
    pub code: FailureCode,
    pub message: String,
}

impl Failure {
    pub fn new(code: FailureCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(FailureCode::WrongUsage, message)
    }

    pub fn not_permitted(user: &str, role: Role, permission: Permission) -> Self {
        let what = permission.in_words();
        Self::new(
            FailureCode::NotPermitted,
            format!("the user '{user}' ({role}) may not {what}; ask an administrator of this vault"),
        )
    }

    /// Whether somebody stopped the work, so that nothing is wrong.
    pub fn is_a_stop(&self) -> bool {
        self.code == FailureCode::Canceled
    }

    /// The same failure, said of one of several things.
    pub fn of(self, what: impl std::fmt::Display) -> Self {
        Self::new(self.code, format!("{what}: {}", self.message))
    }
}

/// An input that gave nothing, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FailedInput {
    pub file: String,
    pub code: FailureCode,
    pub message: String,
}

impl FailedInput {
    pub fn new(file: impl Into<String>, failure: Failure) -> Self {
        Self {
            file: file.into(),
            code: failure.code,
            message: failure.message,
        }
    }
}

impl From<crate::GreyError> for Failure {
    fn from(error: crate::GreyError) -> Self {
        match error {
            crate::GreyError::NoRoom(no_room) => no_room.into(),
            other => Self::new(FailureCode::BadInput, other.to_string()),
        }
    }
}

impl From<crate::room::NoRoom> for Failure {
    fn from(error: crate::room::NoRoom) -> Self {
        Self::new(FailureCode::OutOfMemory, error.to_string())
    }
}

impl From<crate::not_shown::NotShown> for Failure {
    fn from(error: crate::not_shown::NotShown) -> Self {
        use crate::not_shown::NotShown;
        let code = match error {
            NotShown::NoImage(_) => FailureCode::NoPicture,
            NotShown::NoSuchFrame { .. } => FailureCode::NoSuchFrame,
            NotShown::Samples(_) | NotShown::PaletteOfFractions => FailureCode::Unsupported,
            NotShown::NoRoom(no_room) => return no_room.into(),
        };
        Self::new(code, error.to_string())
    }
}
