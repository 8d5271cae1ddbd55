//! What can go wrong in the records, each with a sentence for the person and a code for the caller.

use std::io;
use std::path::PathBuf;

use domain::{Failure, FailureCode, ReadOnly, Uid};
use rusqlite::ErrorCode;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the user name or the passphrase is wrong for the vault {}; try again", .vault.display())]
    WrongPassphrase { vault: PathBuf },
    #[error("the passphrase is empty; choose one that others cannot guess")]
    EmptyPassphrase,
    #[error("there is no vault in {}; create one there or name another folder", .0.display())]
    VaultNotFound(PathBuf),
    #[error("{} already holds a vault; open it or choose another folder", .0.display())]
    VaultExists(PathBuf),
    #[error("the folder {} is not empty; choose an empty or a new one for the vault", .0.display())]
    FolderNotEmpty(PathBuf),
    #[error("the vault's {what} is version {found}, and this program knows up to {supported}; use a newer program")]
    VaultTooNew {
        what: &'static str,
        found: i64,
        supported: i64,
    },
    #[error("the vault is damaged: {0}; restore it from a backup")]
    VaultDamaged(String),
    #[error("the vault is open for reading only: {}; put the newest one back, or let an administrator accept these records with 'overread vault accept-restored'", .0.in_words())]
    ReadOnly(ReadOnly),
    #[error("another program is writing to the vault; wait until it has finished and try again")]
    VaultBusy,
    #[error("the disk is full: {0}; free some space and try again, nothing was half-written")]
    DiskFull(String),
    #[error("cannot {action}: {source}")]
    Io { action: String, source: io::Error },
    #[error(
        "{what} {uid} is there already, and this file differs in its {field}; it is not taken, so ask who sent it which of the two is right"
    )]
    UidConflict {
        what: &'static str,
        uid: Uid,
        /// By its name in the standard.
        field: &'static str,
    },
    #[error("study {0} is signed; nothing of it can be changed any more")]
    StudySigned(Uid),
    #[error("there is no {what} {id} in the vault")]
    NotFound { what: &'static str, id: String },
    #[error("the records do not take this: {0}")]
    Invalid(String),
    #[error("the copy in {} is not sound: {what}; it was not kept, so check the disk and back up again", .folder.display())]
    BackupUnsound { folder: PathBuf, what: String },
    #[error("the backup was stopped; nothing of it is left")]
    Canceled,
    #[error("the operating system gave no random numbers: {0}")]
    Random(getrandom::Error),
    #[error("the database refused: {0}")]
    Database(rusqlite::Error),
}

impl Error {
    /// For callers that act on the kind of failure.
    pub fn code(&self) -> FailureCode {
        match self {
            Error::WrongPassphrase { .. } => FailureCode::WrongPassphrase,
            Error::EmptyPassphrase => FailureCode::EmptyPassphrase,
            Error::VaultNotFound(_) => FailureCode::VaultNotFound,
            Error::VaultExists(_) | Error::FolderNotEmpty(_) => FailureCode::VaultExists,
            Error::VaultTooNew { .. } => FailureCode::VaultTooNew,
            Error::VaultDamaged(_) => FailureCode::VaultDamaged,
            Error::ReadOnly(_) => FailureCode::VaultReadOnly,
            Error::VaultBusy => FailureCode::VaultBusy,
            Error::DiskFull(_) => FailureCode::DiskFull,
            Error::Io { .. } => FailureCode::Io,
            Error::UidConflict { .. } => FailureCode::UidConflict,
            Error::StudySigned(_) => FailureCode::StudySigned,
            Error::NotFound { .. } => FailureCode::NotFound,
            Error::Invalid(_) => FailureCode::InvalidRecord,
            Error::BackupUnsound { .. } => FailureCode::BackupUnsound,
            Error::Canceled => FailureCode::Canceled,
            Error::Random(_) => FailureCode::NoRandom,
            Error::Database(_) => FailureCode::Database,
        }
    }

    pub(crate) fn not_found(what: &'static str, id: impl ToString) -> Self {
        Error::NotFound {
            what,
            id: id.to_string(),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

/// Names what was being done, and tells a full disk from other failures.
pub(crate) fn io(action: impl Into<String>) -> impl FnOnce(io::Error) -> Error {
    let action = action.into();
    move |source| match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            Error::DiskFull(format!("cannot {action}"))
        }
        _ => Error::Io { action, source },
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let unreadable = || Error::VaultDamaged("its database cannot be read".to_owned());
        let action = || "write or read the vault's database".to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::VaultBusy,
            Some(ErrorCode::DiskFull) => Error::DiskFull("cannot write the vault's database".to_owned()),
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => unreadable(),
            // A page that does not fit its seal reaches SQLite as a lack of memory, like a true one.
            Some(ErrorCode::OutOfMemory) => {
                Error::VaultDamaged("its database cannot be read, unless this machine has no memory left".to_owned())
            }
            // What SQLCipher answers to everything after such a page.
            _ if matches!(&error, rusqlite::Error::SqliteFailure(_, Some(said)) if said == "SQL logic error") => {
                unreadable()
            }
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Error::Io {
                action: action(),
                source: io::ErrorKind::PermissionDenied.into(),
            },
            Some(ErrorCode::CannotOpen | ErrorCode::SystemIoFailure) => Error::Io {
                action: action(),
                source: io::Error::other(error.to_string()),
            },
            _ => Error::Database(error),
        }
    }
}

impl From<getrandom::Error> for Error {
    fn from(error: getrandom::Error) -> Self {
        Error::Random(error)
    }
}
