//! `manifest.json`: one entry for every file of a set.

use std::path::Path;

use domain::{PixelBox, SourceFormat, Uid};
use serde::{Deserialize, Serialize};

use super::plan::SampleSet;
use crate::error::SamplesError;

pub const MANIFEST_FILE: &str = "manifest.json";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub set: SampleSet,
    /// What these files are, for whoever opens the manifest alone.
    pub note: String,
    /// Ordered by file.
    pub samples: Vec<SampleEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleEntry {
    /// Relative to the manifest, parts divided by `/`.
    pub file: String,
    pub format: SourceFormat,
    /// Empty for image files, which name no patient.
    pub patient_id: String,
    pub study_instance_uid: Option<Uid>,
    pub sop_instance_uid: Option<Uid>,
    /// Whether this image shows the lesion.
    pub lesion: bool,
    /// Smallest box around the lesion's pixels.
    pub lesion_box: Option<PixelBox>,
    pub lesion_px: u32,
    /// Of the whole file, 64 hex digits.
    pub sha256: String,
    pub note: String,
}

/// Reads the manifest in `dir`; `None` when there is none.
pub fn read_manifest(dir: &Path) -> Result<Option<Manifest>, SamplesError> {
    let path = dir.join(MANIFEST_FILE);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            return Err(SamplesError::Io {
                action: "read",
                path,
                source,
            });
        }
    };
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|source| SamplesError::Manifest { path, source })
}
