//! Why something could not be done: a code that a caller acts on, and a sentence for a person.

use serde::{Deserialize, Serialize};

use crate::access::{Permission, Role};
use crate::closed_set::closed_set;

closed_set! {
    /// What a caller can act on. The window has a rule and words for each.
    pub enum FailureCode {
        // files that were handed in (decode)
        /// A path that was named does not exist.
        FileNotFound = "file_not_found",
        /// The operating system does not let this user read the file.
        PermissionDenied = "permission_denied",
        /// A folder holds nothing that is read, or no path was named.
        NoScans = "no_scans",
        /// The file has 0 bytes.
        EmptyFile = "empty_file",
        /// The content is none of the formats that are read.
        UnknownFormat = "unknown_format",
        /// A file beside the scans that is none: a text, a program, a viewer's icon, a link.
        NotAnImage = "not_an_image",
        /// An archive with a password.
        Protected = "protected",
        /// A variant of a known format that is not read.
        Unsupported = "unsupported",
        /// The file ends before what it declares.
        Truncated = "truncated",
        /// What the file says contradicts itself or its format.
        Corrupt = "corrupt",
        /// More is declared than `decode::Limits` allow.
        LimitExceeded = "limit_exceeded",
        /// The object holds no image.
        NoPicture = "no_picture",
        /// The file has fewer frames.
        NoSuchFrame = "no_such_frame",
        /// A request for an image that more urgent ones pushed out.
        GivenUp = "given_up",
        /// The program ended before the job did.
        Interrupted = "interrupted",
        /// The file's bytes changed between two reads of it.
        ChangedWhileRead = "changed_while_read",
        /// Another file with the same SOP Instance UID is in the vault.
        UidConflict = "uid_conflict",
        /// The image cannot be analysed.
        BadInput = "bad_input",
        // the three programs
        /// It took longer than it may.
        TimedOut = "timed_out",
        /// `overread-decoder` is not beside the program, or of another version.
        DecoderMissing = "decoder_missing",
        /// `overread-decoder` ended while it decoded a file.
        DecoderDied = "decoder_died",
        /// `overread-worker` is not beside the program.
        WorkerMissing = "worker_missing",
        /// `overread-worker` ended while it computed.
        WorkerDied = "worker_died",
        /// Files of libtorch are not there.
        LibtorchMissing = "libtorch_missing",
        /// Files of libtorch are not those of the manifest.
        LibtorchDamaged = "libtorch_damaged",
        /// `overread-worker` did not answer in time.
        WorkerTimedOut = "worker_timed_out",
        /// `overread-worker` does not take the bundle.
        WorkerRefused = "worker_refused",
        /// The chosen device is not there or cannot be used.
        DeviceUnavailable = "device_unavailable",
        /// There is not enough free memory.
        OutOfMemory = "out_of_memory",
        // models
        /// No bundle of this name is installed.
        BundleNotFound = "bundle_not_found",
        /// The bundle's files are not those of its manifest.
        BundleDamaged = "bundle_damaged",
        /// The bundle's format is newer than the program.
        BundleTooNew = "bundle_too_new",
        /// No bundle is in use.
        NoActiveBundle = "no_active_bundle",
        /// Another bundle of this name and version is installed.
        VersionConflict = "version_conflict",
        /// A manifest, recipe or data set that cannot be used as it is.
        BadData = "bad_data",
        /// The analysis has no map.
        NoMap = "no_map",
        /// A run of training ended without a result.
        TrainingFailed = "training_failed",
        // the vault
        /// Name or passphrase do not open the vault.
        WrongPassphrase = "wrong_passphrase",
        /// The passphrase is empty.
        EmptyPassphrase = "empty_passphrase",
        /// The folder holds no vault.
        VaultNotFound = "vault_not_found",
        /// The folder for a new vault is not empty.
        VaultExists = "vault_exists",
        /// Another program holds the vault.
        VaultBusy = "vault_busy",
        /// The vault's schema is newer than the program.
        VaultTooNew = "vault_too_new",
        /// A file of the vault does not read as it was written.
        VaultDamaged = "vault_damaged",
        /// SQLite reported an error.
        Database = "database",
        /// The schema does not allow the value.
        InvalidRecord = "invalid_record",
        /// The operating system gave no random numbers.
        NoRandom = "no_random",
        /// The vault is locked.
        Locked = "locked",
        /// The copy did not read back as the vault.
        BackupUnsound = "backup_unsound",
        /// There is no space left.
        DiskFull = "disk_full",
        /// The operating system reported another error of a file.
        Io = "io",
        /// The role does not permit it.
        NotPermitted = "not_permitted",
        // the work
        /// The vault has no such record.
        NotFound = "not_found",
        /// The list that was asked for is no longer kept.
        ViewGone = "view_gone",
        /// The reader has given an opinion on the study before.
        OpinionGiven = "opinion_given",
        /// The model's answer is hidden until the reader has given an opinion.
        Unread = "unread",
        /// Images of the study have not been analysed.
        NotAnalysed = "not_analysed",
        /// Findings of the study have no decision.
        NotReviewed = "not_reviewed",
        /// The study is signed and takes no changes.
        StudySigned = "study_signed",
        /// The report could not be set or drawn.
        ReportFailed = "report_failed",
        /// The synthetic scans could not be made.
        SamplesFailed = "samples_failed",
        /// There is no folder for settings.
        NoConfigFolder = "no_config_folder",
        /// The settings' file is not what the program writes.
        SettingsUnreadable = "settings_unreadable",
        /// A file dialog is open.
        DialogOpen = "dialog_open",
        /// The file dialog gave none.
        NoAnswer = "no_answer",
        /// A folder that nobody chose in this window.
        NotGranted = "not_granted",
        /// The window system refused.
        Window = "window",
        /// The clipboard is not available.
        Clipboard = "clipboard",
        /// Somebody stopped the work.
        Canceled = "canceled",
        /// The request itself is wrong.
        WrongUsage = "wrong_usage",
        /// The bundle is not the one that was activated.
        BundleChanged = "bundle_changed",
        /// The bundle was not activated in this vault.
        BundleNotActivated = "bundle_not_activated",
        /// The bundle is older than the one this vault was analysed with.
        BundleOlder = "bundle_older",
        /// Nobody's signature vouches for the bundle.
        BundleUnsigned = "bundle_unsigned",
        /// The path to write to lies within a vault.
        InsideVault = "inside_vault",
        /// The records are not those that the audit last vouched for.
        VaultReadOnly = "vault_read_only",
        /// The program ended twice while the job ran.
        SetAside = "set_aside",
        /// Another version of the program queued the job, and this one does not know it.
        UnknownJob = "unknown_job",
        /// An error of the program itself.
        Internal = "internal",
    }
}

/// How a program that failed this way ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// What was asked for could not be done.
    Failed,
    /// The request itself is wrong.
    WrongUsage,
    /// The account may not do it.
    NotPermitted,
}

impl FailureCode {
    /// How a program that failed with this code ends.
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
    /// What a caller acts on.
    pub code: FailureCode,
    /// English sentences for a person.
    pub message: String,
}

impl Failure {
    /// A failure with a code and its sentence.
    pub fn new(code: FailureCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// A request that is wrong in itself.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(FailureCode::WrongUsage, message)
    }

    /// A request that the role of this account does not permit.
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
    /// Path or name, as it was handed in.
    pub file: String,
    /// Why, for a caller.
    pub code: FailureCode,
    /// Why, for a person.
    pub message: String,
}

impl FailedInput {
    /// The failure of one input.
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
