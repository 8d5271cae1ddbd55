//! Where the bundles lie.

use std::path::{Path, PathBuf};

use crate::error::Failure;

/// `OVERREAD_MODELS`, or `models` beside the program or one folder up, or `share/overread/models`.
pub fn models_folder() -> Result<PathBuf, Failure> {
    if let Some(folder) = std::env::var_os("OVERREAD_MODELS") {
        return Ok(folder.into());
    }
    let here = std::env::current_exe().map_err(|error| Failure::new("io", error.to_string()))?;
    let near = here.ancestors().skip(1).take(2);
    near.flat_map(|folder| [folder.join("models"), folder.join("share/overread/models")])
        .find(|candidate| candidate.is_dir())
        .ok_or_else(|| {
            Failure::new(
                "bundle_not_found",
                format!(
                    "there is no models folder beside {}; set OVERREAD_MODELS to the folder of the bundles",
                    here.display()
                ),
            )
        })
}

/// The bundle that was named. A path names one that is not installed, such as one just trained.
pub fn bundle(name: &str) -> Result<engine::Bundle, Failure> {
    Ok(match Path::new(name) {
        path if path.components().count() > 1 => engine::Bundle::load(path)?,
        _ => engine::Bundle::find(&models_folder()?, name)?,
    })
}

/// Every bundle that came with the program.
pub fn all_bundles() -> Result<Vec<engine::Bundle>, Failure> {
    let models = models_folder()?;
    let names = engine::bundle::names(&models)?;
    if names.is_empty() {
        return Err(Failure::new(
            "bundle_not_found",
            format!("there is no bundle in {}", models.display()),
        ));
    }
    let bundles: Result<Vec<_>, _> = names.iter().map(|name| engine::Bundle::find(&models, name)).collect();
    Ok(bundles?)
}
