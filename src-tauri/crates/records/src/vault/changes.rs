//! What a commit tells to those who watch a vault.

use domain::Uid;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub i64);

/// What a transaction changed, so that a shell knows what to show again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// Sorted.
    pub studies: Vec<Uid>,
    /// Sorted.
    pub jobs: Vec<JobId>,
    /// Number of the audit row that was written with the changes.
    pub audit_seq: u64,
}
