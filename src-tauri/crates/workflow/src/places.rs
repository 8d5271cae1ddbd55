//! Where bundles lie, and the folder of settings, known vaults, installed bundles and the demo vault.

use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use domain::{Failure, FailureCode};

use crate::files::io_failure;

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

/// `OVERREAD_CONFIG`, else `overread` below `XDG_CONFIG_HOME` or `~/.config`.
pub fn config_folder() -> Result<PathBuf, Failure> {
    let set = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let absolute = |path: &PathBuf| path.is_absolute();
    choose(
        set("OVERREAD_CONFIG"),
        set("XDG_CONFIG_HOME").filter(absolute),
        set("HOME"),
    )
}

fn choose(own: Option<PathBuf>, xdg: Option<PathBuf>, home: Option<PathBuf>) -> Result<PathBuf, Failure> {
    own.or_else(|| xdg.map(|folder| folder.join("overread")))
        .or_else(|| home.map(|folder| folder.join(".config/overread")))
        .ok_or_else(|| {
            Failure::new(
                FailureCode::NoConfigFolder,
                "neither OVERREAD_CONFIG nor HOME is set, so there is no place for settings; set one of them",
            )
        })
}

/// Makes the folder, for its owner alone: names of vaults and of users stand in it.
pub fn make_private(folder: &Path) -> Result<(), Failure> {
    let attempt = || -> std::io::Result<()> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
    };
    attempt().map_err(|error| io_failure(folder, "made", &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_variable_goes_before_xdg_and_home() {
        let path = |text: &str| Some(PathBuf::from(text));
        let chosen = |own, xdg, home| choose(own, xdg, home).ok();
        assert_eq!(chosen(path("/a"), path("/b"), path("/c")), path("/a"));
        assert_eq!(chosen(None, path("/b"), path("/c")), path("/b/overread"));
        assert_eq!(chosen(None, None, path("/c")), path("/c/.config/overread"));
        assert_eq!(chosen(None, None, None), None);
    }

    #[test]
    fn the_folder_is_its_owners_alone() -> Result<(), Box<dyn std::error::Error>> {
        let place = tempfile::tempdir()?;
        let folder = place.path().join("deep/config");
        make_private(&folder)?;
        assert_eq!(std::fs::metadata(&folder)?.permissions().mode() & 0o777, 0o700);
        make_private(&folder)?;
        Ok(())
    }
}
