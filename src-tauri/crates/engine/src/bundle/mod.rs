//! A bundle: a model's folder with its weights, its metadata and its card.
//!
//! `manifest.json` holds the sha256 of every other file. What is verified is the bytes that are
//! then used, never the file a second time. A signature of the manifest says who vouches for it.

mod format_2;
mod manifest;
mod metadata;
mod network;
mod normals;
mod signature;
mod statistics;
mod tasks;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use manifest::{BundleManifest, ManifestEntry, sha256_hex, write_manifest};
pub use metadata::{
    BUNDLE_FORMAT, Calibration, DataSource, GateSpec, InputSpec, MadeOn, Metadata, Metric, QualitySpec, Runtime,
    Training,
};
pub use network::{CLASS, CLASS_MAP, FOREIGN, LESION, MapKind, NetworkSpec, RECONSTRUCTION, RECONSTRUCTION_SIDE};
pub use normals::{Head, HeadNormals, Normals};
pub use signature::{SIGNATURE_FILE, trusted_key};
pub use statistics::GateStatistics;
pub use tasks::{Classify, RegionSpec, Route, Scored, Task, UnusualHeads, of_reader, of_router, outputs_of};

use crate::error::EngineError;
use crate::tensors::{Answers, Tensor};
use domain::{FailureCode, ModelSigner, ModelVersion, Prevalence, PriorShift};

/// [`Metadata`] as JSON.
pub const METADATA_FILE: &str = "metadata.json";
/// The network's weights as safetensors.
pub const WEIGHTS_FILE: &str = "weights.safetensors";
/// [`GateStatistics`] as safetensors.
pub const GATE_FILE: &str = "gate.safetensors";
/// [`Normals`] as JSON; only where enough normal images were held out.
pub const NORMALS_FILE: &str = "normals.json";
/// The model card: what was measured, and where it fails.
pub const CARD_FILE: &str = "MODEL_CARD.md";
/// Loss and validation figures by epoch, one list for each member.
pub const CURVE_FILE: &str = "training_curve.json";

/// A verified bundle in memory.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// Where it was read from, or will be written to.
    pub folder: PathBuf,
    /// What it says of itself.
    pub metadata: Metadata,
    /// What an analysis names: name, version and hash of the weights.
    pub model: ModelVersion,
    /// The verified safetensors bytes.
    pub weights: std::sync::Arc<Vec<u8>>,
    /// Whether its manifest is signed with the key that the program trusts.
    pub signed: bool,
    /// sha256 (hex) of its manifest, which holds the hash of every other file.
    pub manifest_sha256: String,
    /// What its input gate learned.
    pub gate: Option<GateStatistics>,
    /// How the unknown-anomaly heads answer to normal pictures, where enough were held out.
    pub normals: Option<Normals>,
    /// As a person stated it where the bundle reads; scores and limits are told as they hold there. No file says it.
    pub site_prevalence: Option<Prevalence>,
}

impl Bundle {
    /// From the scores of its calibration to those that hold at the site; `None` where nothing was stated, or where the
    /// calibration does not say at which prevalence it holds.
    pub fn prior_shift(&self) -> Option<PriorShift> {
        let made_on = self.metadata.calibration.made_on?;
        Some(PriorShift::between(made_on.prevalence(), self.site_prevalence?))
    }

    /// The prevalence at which its scores are told, where it is not that of its calibration.
    pub fn told_at(&self) -> Option<Prevalence> {
        self.prior_shift().and(self.site_prevalence)
    }

    /// Who vouches for it.
    pub fn signer(&self) -> ModelSigner {
        match self.signed {
            true => trusted_key().into(),
            false => ModelSigner::Nobody,
        }
    }

    /// Reads and verifies every file of `folder`.
    pub fn load(folder: &Path) -> Result<Self, EngineError> {
        let manifest::Verified {
            mut files,
            signed,
            sha256: manifest_sha256,
        } = manifest::read_verified(folder)?;
        let name = folder
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        let metadata = Metadata::parse(&take(&mut files, METADATA_FILE, &name)?, &name)?;
        if !files.contains_key(CARD_FILE) {
            return Err(damaged(&name, format!("{CARD_FILE} is not in its manifest")));
        }
        let weights = take(&mut files, WEIGHTS_FILE, &name)?;
        let gate = match &metadata.gate {
            Some(spec) => Some(GateStatistics::parse(&take(&mut files, GATE_FILE, &name)?, spec)?),
            None => None,
        };
        let normals = match files.remove(NORMALS_FILE) {
            Some(bytes) => Some(normals(&bytes).map_err(|what| damaged(&name, format!("{NORMALS_FILE}: {what}")))?),
            None => None,
        };
        let model = ModelVersion {
            bundle: metadata.name.clone(),
            version: metadata.version.clone(),
            weights_sha256: sha256_hex(&weights),
        };
        Ok(Self {
            folder: folder.to_owned(),
            metadata,
            model,
            weights: weights.into(),
            signed,
            manifest_sha256,
            gate,
            normals,
            site_prevalence: None,
        })
    }

    /// What the network answered for one image, where it is what the metadata says.
    ///
    /// # Errors
    /// As [`Answers::new`].
    pub fn answers(&self, tensors: Vec<Tensor>) -> Result<Answers, EngineError> {
        Answers::new(&self.model.bundle, &self.metadata.outputs, tensors)
    }

    /// The bundle of that name below the models folder.
    pub fn find(models: &Path, name: &str) -> Result<Self, EngineError> {
        let plain = !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        let folder = models.join(name);
        if !plain || !folder.join(manifest::MANIFEST_FILE).is_file() {
            let known = names(models)?.join(", ");
            return Err(EngineError::new(
                FailureCode::BundleNotFound,
                format!(
                    "there is no bundle '{name}' in {}; there {}",
                    models.display(),
                    if known.is_empty() {
                        "are none".to_owned()
                    } else {
                        format!("is: {known}")
                    }
                ),
            ));
        }
        Self::load(&folder)
    }
}

/// Names of the bundles below `models`, sorted. A folder is a bundle when it has a manifest.
pub fn names(models: &Path) -> Result<Vec<String>, EngineError> {
    let entries = std::fs::read_dir(models).map_err(|error| {
        EngineError::new(
            FailureCode::BundleNotFound,
            format!(
                "the models folder {} cannot be read: {error}; set OVERREAD_MODELS to the folder that holds the bundles",
                models.display()
            ),
        )
    })?;
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.path().join(manifest::MANIFEST_FILE).is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    Ok(names)
}

fn normals(bytes: &[u8]) -> Result<Normals, String> {
    let normals: Normals = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    normals.check().map(|()| normals)
}

fn take(files: &mut BTreeMap<String, Vec<u8>>, file: &str, bundle: &str) -> Result<Vec<u8>, EngineError> {
    files
        .remove(file)
        .ok_or_else(|| damaged(bundle, format!("{file} is not in its manifest")))
}

fn damaged(bundle: &str, what: impl std::fmt::Display) -> EngineError {
    EngineError::new(
        FailureCode::BundleDamaged,
        format!("the bundle '{bundle}' is damaged: {what}; install it again from a trusted copy"),
    )
}

#[cfg(test)]
mod tests;
