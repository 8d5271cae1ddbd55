//! `vaults.json`: where this person's vaults lie, the one opened last first. It holds no secret.

use std::path::Path;

use domain::{Failure, FailureCode, Timestamp};

use contract::window::{KnownVault, VaultPlace};
use workflow::files::write_whole;
use workflow::places::make_private;

const FILE: &str = "vaults.json";
const MOST: usize = 20;

const DAMAGED: &str = "vaults.json.damaged";

/// What can be read of the list: every vault can be chosen by its folder again.
fn read(config: &Path) -> Vec<KnownVault> {
    match std::fs::read(config.join(FILE)) {
        Ok(text) => parsed(&text).0,
        Err(_) => vec![],
    }
}

/// The entries that can be read, and why others cannot.
fn parsed(text: &[u8]) -> (Vec<KnownVault>, Option<serde_json::Error>) {
    let entries = match serde_json::from_slice::<Vec<serde_json::Value>>(text) {
        Ok(entries) => entries,
        Err(error) => return (vec![], Some(error)),
    };
    let mut known = Vec::new();
    let mut problem = None;
    for entry in entries {
        match serde_json::from_value(entry) {
            Ok(one) => known.push(one),
            Err(error) => problem = problem.or(Some(error)),
        }
    }
    (known, problem)
}

/// At the start of the program: a list that cannot be read is kept beside it, before it is written over, and told.
pub fn look(config: &Path) -> Option<String> {
    let path = config.join(FILE);
    let said = |why: &dyn std::fmt::Display, what: &str| {
        format!(
            "The list of vaults in {} cannot be read ({why}); {what}.",
            path.display()
        )
    };
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => return Some(said(&error, "choose your vault by its folder")),
    };
    let (known, problem) = parsed(&text);
    let error = problem?;
    let kept = std::fs::rename(&path, config.join(DAMAGED));
    let kept = kept.map_or("it could not be set aside", |()| "it was kept as vaults.json.damaged");
    let left = match known.as_slice() {
        [] => "choose your vault by its folder",
        known if write(config, known).is_ok() => "choose a vault that is missing by its folder",
        _ => "choose your vault by its folder",
    };
    Some(said(&error, &format!("{kept}, {left}")))
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
        assert_eq!(look(config.path()), None);
        Ok(())
    }

    #[test]
    fn a_list_that_cannot_be_read_is_kept_and_told_and_what_can_be_read_of_it_stays()
    -> Result<(), Box<dyn std::error::Error>> {
        let good = r#"{"folder": "/a", "user": "ann", "last_opened": null, "demo": false}"#;
        let (half, number) = (format!("[{good}, {{\"user\": 7}}]"), format!("[{good}, 3]"));
        for (text, left) in [
            ("nonsense", 0),
            ("", 0),
            ("{}", 0),
            (half.as_str(), 1),
            (number.as_str(), 1),
        ] {
            let config = tempfile::tempdir()?;
            std::fs::write(config.path().join(FILE), text)?;
            assert_eq!(list(config.path()).len(), left, "{text}");
            let told = look(config.path()).ok_or("nothing is told")?;
            assert!(told.contains(DAMAGED), "{told}");
            assert_eq!(std::fs::read_to_string(config.path().join(DAMAGED))?, text);
            assert_eq!((list(config.path()).len(), look(config.path())), (left, None), "{text}");
            remember(config.path(), Path::new("/b"), "bob", false, Timestamp(1))?;
            assert_eq!(std::fs::read_to_string(config.path().join(DAMAGED))?, text);
        }
        Ok(())
    }
}
