//! A set of sample files and the manifest that says what is in each.

mod manifest;
mod plan;
mod write;

pub use manifest::{Manifest, SampleEntry, read_manifest};
pub use plan::SampleSet;
pub use write::write_set;
