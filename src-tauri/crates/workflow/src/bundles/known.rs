//! Every bundle of this machine: those that came with the program and those that a person installed.

use std::path::{Path, PathBuf};

use domain::{BundleOrigin, Failure, FailureCode};
use engine::{Bundle, EngineError};

use crate::places::models_folder;

/// A bundle's folder, read and verified; or why it cannot be used.
pub struct Known {
    pub folder: PathBuf,
    pub origin: BundleOrigin,
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
    let mut all = shipped()?;
    if installed.is_dir() {
        all.extend(below(installed, BundleOrigin::Installed)?);
    }
    Ok(all)
}

pub fn shipped() -> Result<Vec<Known>, Failure> {
    below(&models_folder()?, BundleOrigin::Shipped)
}

/// The path in the words for a bundle, where they are one. A name alone is that of a shipped or
/// installed bundle.
pub fn path_of(name: &str) -> Option<&Path> {
    Some(Path::new(name)).filter(|path| path.components().count() > 1)
}

/// The bundle in that folder; it is a shipped one if it lies in the program's models folder.
pub fn at(folder: &Path) -> Known {
    let parent = |path: &Path| path.canonicalize().ok()?.parent().map(Path::to_owned);
    let models = models_folder().and_then(|models| {
        models
            .canonicalize()
            .map_err(|e| Failure::new(FailureCode::Io, e.to_string()))
    });
    let shipped = models.is_ok_and(|models| parent(folder) == Some(models));
    Known {
        folder: folder.to_owned(),
        origin: if shipped {
            BundleOrigin::Shipped
        } else {
            BundleOrigin::Installed
        },
        bundle: Bundle::load(folder),
    }
}

fn below(folder: &Path, origin: BundleOrigin) -> Result<Vec<Known>, Failure> {
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
