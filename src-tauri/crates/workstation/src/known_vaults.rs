//! `vaults.json`: where this person's vaults lie, the one opened last first. It holds no secret.

use std::path::Path;

use domain::{Failure, FailureCode, Timestamp};

use contract::window::{KnownVault, VaultPlace};
use workflow::files::write_whole;
use workflow::places::make_private;

const FILE: &str = "vaults.json";
const MOST: usize = 20;

/// An unreadable list is an empty one: every vault can be chosen by its folder again.
fn read(config: &Path) -> Vec<KnownVault> {
    std::fs::read(config.join(FILE))
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok())
        .unwrap_or_default()
}

fn write(config: &Path, known: &[KnownVault]) -> Result<(), Failure> {
    make_private(config)?;
    let text = serde_json::to_vec_pretty(known).map_err(|error| {
        Failure::new(
            FailureCode::Internal,
            format!("the list of vaults cannot be written: {error}"),
        )
    })?;
    write_whole(&config.join(FILE), &text)
}

pub fn list(config: &Path) -> Vec<VaultPlace> {
    let place = |known: KnownVault| VaultPlace {
        exists: known.folder.join("vault.json").is_file(),
        known,
    };
    read(config).into_iter().map(place).collect()
}

/// Puts the vault first in the list.
pub fn remember(config: &Path, folder: &Path, user: &str, demo: bool, at: Timestamp) -> Result<(), Failure> {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let mut known = read(config);
    known.retain(|one| one.folder != folder);
    let first = KnownVault {
        folder,
        user: user.to_owned(),
        last_opened: Some(at),
        demo,
    };
    known.insert(0, first);
    known.truncate(MOST);
    write(config, &known)
}

/// Takes the vault off the list; its folder stays as it is.
pub fn forget(config: &Path, folder: &Path) -> Result<(), Failure> {
    let mut known = read(config);
    known.retain(|one| one.folder != folder);
    write(config, &known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vault_opened_last_comes_first_and_a_forgotten_one_goes() -> Result<(), Box<dyn std::error::Error>> {
        let config = tempfile::tempdir()?;
        let (a, b) = (config.path().join("a"), config.path().join("b"));
        std::fs::create_dir(&a)?;
        std::fs::write(a.join("vault.json"), b"{}")?;
        remember(config.path(), &a, "ann", false, Timestamp(1_000))?;
        remember(config.path(), &b, "bob", true, Timestamp(2_000))?;
        remember(config.path(), &a, "ann", false, Timestamp(3_000))?;
        let seen: Vec<_> = list(config.path())
            .into_iter()
            .map(|place| {
                (
                    place.known.user,
                    place.exists,
                    place.known.demo,
                    place.known.last_opened,
                )
            })
            .collect();
        let at = |seconds: i64| Some(Timestamp(seconds * 1000));
        assert_eq!(
            seen,
            [
                ("ann".to_owned(), true, false, at(3)),
                ("bob".to_owned(), false, true, at(2))
            ]
        );
        forget(config.path(), &a)?;
        assert_eq!(list(config.path()).len(), 1);
        std::fs::write(config.path().join(FILE), b"nonsense")?;
        assert_eq!(list(config.path()), []);
        Ok(())
    }
}
