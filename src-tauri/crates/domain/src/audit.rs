//! What the audit keeps of a deed.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::closed_set::closed_set;

closed_set! {
    /// EventOutcomeIndicator of DICOM PS3.15 A.5.2.
    pub enum Outcome {
        /// It was done.
        Success = "success",
        /// It was refused or failed.
        MinorFailure = "minor_failure",
    }
}

closed_set! {
    /// How the chain of the audit's rows stands.
    pub enum AuditChain {
        /// Whole, up to the head that is kept outside the database.
        Intact = "intact",
        /// A row is missing, was edited, or follows another than the one before it.
        Broken = "broken",
        /// Whole, and it ends before the head that was kept: the records are older, or the newest rows were removed.
        EndsEarly = "ends_early",
        /// Whole, and nothing outside the database vouches for its end.
        NoAnchor = "no_anchor",
    }
}

/// Who did what when; `T` is a text. What was done stays text, as the row holds it: a row of another version is shown as
/// it stands, and its chain is made of these very words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct AuditDeed<T = String> {
    /// When it was done.
    pub at: Timestamp,
    /// Name of the account.
    pub user: T,
    /// `none` when nobody was let in.
    pub role: T,
    /// Name of the event in DICOM PS3.15 A.5.3.
    pub event: T,
    /// This program's own, narrower name of what was done.
    pub op: T,
    /// EventActionCode: C, R, U, D or E (create, read, update, delete, execute).
    pub action: T,
    /// Study Instance UID, finding id or bundle; what the row is about.
    pub subject: Option<T>,
}

/// One row of the audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct AuditRow {
    /// 1 is the first; no number is left out.
    pub seq: u64,
    /// Who did what when.
    #[serde(flatten)]
    pub deed: AuditDeed,
    /// How it ended.
    pub outcome: Outcome,
    /// JSON.
    pub detail: String,
}
