//! Where the bundles lie.

use domain::{Failure, FailureCode};
use std::path::PathBuf;

/// `OVERREAD_MODELS`, or `models` beside the program or one folder up, or `share/overread/models`.
pub fn models_folder() -> Result<PathBuf, Failure> {
    if let Some(folder) = std::env::var_os("OVERREAD_MODELS") {
        return Ok(folder.into());
    }
    let here = std::env::current_exe().map_err(|error| Failure::new(FailureCode::Io, error.to_string()))?;
    let near = here.ancestors().skip(1).take(2);
    near.flat_map(|folder| [folder.join("models"), folder.join("share/overread/models")])
        .find(|candidate| candidate.is_dir())
        .ok_or_else(|| {
            Failure::new(
                FailureCode::BundleNotFound,
                format!(
                    "there is no models folder beside {}; set OVERREAD_MODELS to the folder of the bundles",
                    here.display()
                ),
            )
        })
}
