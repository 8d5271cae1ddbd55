//! The records: an encrypted SQLite database, encrypted files beside it and an audit chain.
//!
//! The only room that names `rusqlite`. A [`Vault`] is a folder:
//!
//! ```text
//! vault.json        format, users, and the root key wrapped by each user's passphrase
//! records.db        SQLCipher under a raw key derived from the root key
//! files/ab/abcd…    XChaCha20-Poly1305 in chunks; the name tells nothing of the content
//! audit.anchor      head of the audit chain, outside the database
//! ```
//!
//! Every change goes through [`Vault::transact`], which writes it and its audit row in one
//! transaction. Times are passed in; this room never reads the clock. It does not decide who may do
//! what (`workflow` does) and never looks into a pixel.

mod audit;
mod database;
mod disk;
mod error;
mod files;
mod fold;
mod hex;
mod read;
#[cfg(test)]
mod tests;
mod transact;
mod vault;
mod words;

pub use audit::{AuditFault, AuditRow, AuditVerdict, Outcome};
pub use error::{Error, Result};
pub use files::{FileId, StoredFile, SweptFiles};
pub use read::{
    AnalysisRecord, CheckReport, FindingRecord, InstanceRecord, JobRecord, KnownInstance, Page, StudyRecord, StudyRow,
    StudySort, VaultStatus,
};
pub use transact::{AnalysisId, Changes, Inserted, JobId, JobProgress, JobState, Op, Tx};
pub use vault::{KdfParameters, OnChange, Passphrase, Vault};
