//! Reading the records. Who reads a patient's study also calls [`crate::Vault::note_access`].

mod audit;
mod check;
mod list;
mod lookup;
mod rows;
mod status;
mod study;

pub use check::CheckReport;
pub use list::{Page, StudyRow, StudySort};
pub use lookup::{JobRecord, KnownInstance};
pub use status::VaultStatus;
pub use study::{AnalysisRecord, FindingRecord, InstanceRecord, StudyRecord};
