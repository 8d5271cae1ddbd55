//! The vault, its audit and the machine.

use domain::{Failure, ReadOnly, Sentence, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct VaultStatus {
    pub vault: String,
    pub user: String,
    pub role: String,
    pub format_version: i64,
    pub schema_version: i64,
    pub cipher: String,
    pub patients: u64,
    pub studies: u64,
    pub instances: u64,
    pub analyses: u64,
    pub findings: u64,
    pub reviews: u64,
    pub audit_rows: u64,
    pub file_bytes: u64,
    /// Files that no record names; they lie in `files/lost` of the vault.
    pub lost_files: u64,
    pub lost_bytes: u64,
    /// Why nothing of the vault may be changed.
    pub read_only: Option<ReadOnly>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AuditPage {
    pub rows: Vec<AuditRow>,
    /// To be passed as `before` for the next page.
    pub next: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AuditRow {
    pub seq: u64,
    pub at: Timestamp,
    pub user: String,
    pub role: String,
    pub event: String,
    pub op: String,
    pub action: String,
    pub outcome: String,
    pub subject: Option<String>,
    pub detail: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AuditCheck {
    pub intact: bool,
    pub rows: u64,
    /// A sentence when it is not.
    pub problem: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DeviceInfo {
    /// Plain words: what analyses run on, and why.
    pub words: Vec<Sentence>,
    pub device: String,
    pub precision: Option<String>,
    pub memory_mb: Option<u64>,
    pub libtorch: Option<String>,
    /// Why nothing can be analysed.
    pub problem: Option<Failure>,
}
