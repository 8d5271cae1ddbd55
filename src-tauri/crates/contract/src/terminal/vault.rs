//! What the verbs of `vault` answer.

use std::path::PathBuf;

use domain::{AuditChain, ReadOnly, RecordCounts, Role, VaultVersions};
use serde::Serialize;

/// What holds for everybody who works in the vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicyWire {
    pub read_first: bool,
    /// `null` as long as nobody decided.
    pub changed_at: Option<String>,
    pub changed_by: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VaultWire {
    pub vault: PathBuf,
    pub user: String,
    pub role: Role,
    #[serde(flatten)]
    pub versions: VaultVersions,
    #[serde(flatten)]
    pub counts: RecordCounts,
    pub audit_intact: bool,
    pub audit: AuditChain,
    pub file_bytes: u64,
    /// Files that no record names; they lie in `files/lost` of the vault.
    pub lost_files: u64,
    pub lost_bytes: u64,
    /// Their paths within the vault, in order.
    pub lost: Vec<PathBuf>,
    /// Why nothing of the vault may be changed.
    pub read_only: Option<ReadOnly>,
}

/// What `vault accept-restored` left.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AcceptedWire {
    pub vault: PathBuf,
    pub studies: u64,
    pub audit_rows: u64,
    pub lost_files: u64,
    pub lost_bytes: u64,
    /// Their paths within the vault, in order.
    pub lost: Vec<PathBuf>,
}
