//! What the window and the core say to each other. `ui/src/ipc/generated/wire.ts` is written from
//! these types and a test fails when it is stale (decision record 12).
//!
//! Times are milliseconds since 1970 in UTC, dates are DICOM's `YYYYMMDD` unless a field says otherwise.

mod administration;
mod jobs;
mod models;
mod pictures;
mod quality;
mod reading;
mod start;
mod study;
#[cfg(test)]
mod typescript;
mod worklist;

pub use crate::prevalence::{PrevalenceEstimate, SitePrevalence};
pub use administration::*;
pub use jobs::*;
pub use models::*;
pub use pictures::*;
pub use quality::*;
pub use reading::*;
pub use start::*;
pub use study::*;
pub use worklist::*;
