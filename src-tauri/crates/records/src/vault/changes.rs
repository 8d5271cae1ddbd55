//! What a commit tells to those who watch a vault.

use domain::{JobId, Uid};

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
