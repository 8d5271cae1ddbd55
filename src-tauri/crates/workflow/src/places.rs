//! Where the bundles lie.

use std::path::{Path, PathBuf};

use crate::error::Failure;

/// The bundle that reads where nobody chose one. Others are put to use by name.
pub const FIRST_BUNDLE: &str = "brain-mri-flair";

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

/// The bundle that was named, or the only one, or the first.
pub fn bundle(name: Option<&str>) -> Result<engine::Bundle, Failure> {
    let models = models_folder()?;
    if let Some(name) = name {
        return Ok(match Path::new(name) {
            // A path names a bundle that is not installed, such as one just trained.
            path if path.components().count() > 1 => engine::Bundle::load(path)?,
            _ => engine::Bundle::find(&models, name)?,
        });
    }
    let names = engine::bundle::names(&models)?;
    match names.as_slice() {
        [only] => Ok(engine::Bundle::find(&models, only)?),
        several if several.iter().any(|name| name == FIRST_BUNDLE) => Ok(engine::Bundle::find(&models, FIRST_BUNDLE)?),
        [] => Err(Failure::new(
            "bundle_not_found",
            format!("there is no bundle in {}", models.display()),
        )),
        several => Err(Failure::usage(format!(
            "name a bundle with --bundle; there is: {}",
            several.join(", ")
        ))),
    }
}
