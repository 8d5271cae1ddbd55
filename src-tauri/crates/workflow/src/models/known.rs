//! Every bundle of this machine: those that came with the program and those that a person installed.

use std::path::{Path, PathBuf};

use engine::{Bundle, EngineError};

use crate::error::Failure;
use crate::places::models_folder;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    Shipped,
    Installed,
}

impl Origin {
    pub fn as_str(self) -> &'static str {
        match self {
            Origin::Shipped => "shipped",
            Origin::Installed => "installed",
        }
    }
}

/// A bundle's folder, read and verified; or why it cannot be used.
pub struct Known {
    pub folder: PathBuf,
    pub origin: Origin,
    pub bundle: Result<Bundle, EngineError>,
}

impl Known {
    pub fn is(&self, name: &str, version: &str) -> bool {
        let model = self.bundle.as_ref().map(|bundle| &bundle.model);
        model.is_ok_and(|model| model.bundle == name && model.version == version)
    }

    pub fn folder_name(&self) -> String {
        let name = self.folder.file_name().unwrap_or(self.folder.as_os_str());
        name.to_string_lossy().into_owned()
    }
}

/// Shipped ones first, by name. `installed` is the folder of those that were installed.
pub fn known(installed: &Path) -> Result<Vec<Known>, Failure> {
    let mut all = below(&models_folder()?, Origin::Shipped)?;
    if installed.is_dir() {
        all.extend(below(installed, Origin::Installed)?);
    }
    Ok(all)
}

fn below(folder: &Path, origin: Origin) -> Result<Vec<Known>, Failure> {
    let names = engine::bundle::names(folder)?;
    // A copy that an interrupted installation left is no bundle.
    let whole = names.into_iter().filter(|name| !name.starts_with('.'));
    Ok(whole
        .map(|name| {
            let folder = folder.join(name);
            Known {
                bundle: Bundle::load(&folder),
                folder,
                origin,
            }
        })
        .collect())
}
