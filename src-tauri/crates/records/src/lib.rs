//! The records: an encrypted SQLite database, encrypted files beside it and an audit chain.
//!
//! The only room that names `rusqlite`. A [`Vault`] is a folder:
//!
//! ```text
//! vault.json        format, users, and the root key wrapped by each user's passphrase
//! records.db        SQLCipher under a raw key derived from the root key
//! files/ab/abcd…    XChaCha20-Poly1305 in chunks; the name tells nothing of the content
//! files/lost/abcd…  files that no row refers to; none is deleted
//! audit.anchor      head of the audit chain, outside the database
//! audit.waiting     sealed audit rows of a vault that is open for reading only
//! ```
//!
//! Every change goes through [`Vault::transact`], which writes it and its audit row in one
//! transaction. Times are passed in; this room never reads the clock. It does not decide who may do
//! what (`workflow` does) and never looks into a pixel.

mod audit;
mod backup;
mod database;
mod disk;
mod error;
mod files;
mod fold;
mod hex;
mod kept;
mod keys;
mod layout;
mod lock;
mod opening;
mod read;
pub mod stored;
#[cfg(test)]
mod tests;
mod transact;
mod vault;
mod words;

pub use audit::{AuditFault, AuditVerdict};
pub use backup::BackupReport;
pub use error::{Error, Result};
pub use files::{FileId, Scratch, StoredFile, SweptFiles};
pub use keys::{KdfParameters, Passphrase};
pub use layout::vault_around;
pub use read::{
    AnalysisRecord, CheckReport, FindingRecord, InstanceRecord, JobRecord, KnownInstance, PolicyRecord, StoredMap,
    StudyRecord, Worklist, WorklistQuery,
};
pub use transact::{
    AnalysisId, BundleStateRow, Inserted, JobProgress, MOST_CUTS, ModelUse, Op, SavedFilter, SeriesDiffers,
    SitePrevalenceRow, ToldScore, Tx,
};
pub use vault::{Changes, OnChange, Vault};
