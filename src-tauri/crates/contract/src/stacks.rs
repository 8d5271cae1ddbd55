//! What `show --json` prints of how the slices of a study lie together.

use domain::{FrameRef, Laid, NoVolume};
use serde::Serialize;

/// Slices of one series that look the same way and are of one size, at most a few at the same place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StackWire {
    pub series_instance_uid: String,
    /// Names of their files in the order of the slices, each once; a UID where no name is known.
    pub files: Vec<String>,
    pub slices: Vec<StackSliceWire>,
    #[serde(flatten)]
    pub laid: Laid,
    pub volume: bool,
    /// What keeps them from being a volume.
    pub not_a_volume: Option<NoVolume>,
}

/// One frame of a stack.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StackSliceWire {
    #[serde(flatten)]
    pub at: FrameRef,
    /// From the origin of the patient along the normal; `null` where the file does not say it.
    pub along_normal_mm: Option<f64>,
}
