//! The models screen: what there is, what is in use, and its changes.

use std::path::{Path, PathBuf};

use super::Workstation;
use contract::window::{ModelInfo, Verification};
use domain::Failure;
use workflow::models;
use workflow::places::make_private;

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
        self.use_bundle(name, version, true)
    }

    pub fn retire_bundle(&self, name: &str, version: &str) -> Result<Vec<ModelInfo>, Failure> {
        self.use_bundle(name, version, false)
    }

    fn use_bundle(&self, name: &str, version: &str, in_use: bool) -> Result<Vec<ModelInfo>, Failure> {
        self.with_vault(|open| models::set_state(open, &self.installed_bundles(), name, version, in_use))?;
        self.models()
    }

    pub(super) fn installed_bundles(&self) -> PathBuf {
        self.config.join("models")
    }
}
