//! The audit: rows that each hold the hash of the row before, and an anchor outside the database.
//!
//! A row never holds a patient's name; it names studies by UID and findings by id.

mod anchor;
mod row;
mod verify;
pub(crate) mod waiting;

pub(crate) use anchor::Anchor;
pub(crate) use row::{Entry, Head, StoredRow, append};
pub(crate) use verify::verify;
pub use verify::{AuditFault, AuditVerdict};
