//! Reading the records. Who reads a patient's study also calls [`crate::Vault::note_access`].

mod audit;
mod check;
mod lookup;
mod order;
mod policy;
mod quality;
mod rows;
mod status;
mod study;
mod worklist;

pub use check::CheckReport;
pub use lookup::{JobRecord, KnownInstance, StoredMap};
pub use policy::PolicyRecord;
pub use study::{AnalysisRecord, FindingRecord, InstanceRecord, StudyRecord};
pub use worklist::{Worklist, WorklistQuery};
