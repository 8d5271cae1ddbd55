//! The models screen: what there is, what is in use, and its changes.

use std::path::{Path, PathBuf};

use records::BundleState;

use super::Workstation;
use crate::models;
use crate::places::make_private;
use contract::window::{ModelInfo, Verification};
use domain::Failure;

impl Workstation {
    pub fn models(&self) -> Result<Vec<ModelInfo>, Failure> {
        self.with_vault(|open| models::describe_all(open, &self.installed_bundles()))
    }

    /// Reads every byte of the bundles and of libtorch; takes a second or two.
    pub fn verify_models(&self) -> Result<Verification, Failure> {
        self.with_vault(|open| models::verify_all(open, &self.installed_bundles()))
    }

    pub fn install_bundle(&self, folder: &Path) -> Result<Vec<ModelInfo>, Failure> {
        make_private(&self.config)?;
        self.with_vault(|open| models::install(open, &self.installed_bundles(), folder))?;
        self.models()
    }

    pub fn activate_bundle(&self, name: &str, version: &str) -> Result<Vec<ModelInfo>, Failure> {
        self.set_bundle_state(name, version, BundleState::Active)
    }

    pub fn retire_bundle(&self, name: &str, version: &str) -> Result<Vec<ModelInfo>, Failure> {
        self.set_bundle_state(name, version, BundleState::Retired)
    }

    fn set_bundle_state(&self, name: &str, version: &str, state: BundleState) -> Result<Vec<ModelInfo>, Failure> {
        self.with_vault(|open| models::set_state(open, &self.installed_bundles(), name, version, state))?;
        self.models()
    }

    pub(super) fn installed_bundles(&self) -> PathBuf {
        self.config.join("models")
    }
}
