//! Flipped bytes, missing parts and newer versions are named for what they are.

use std::fs;
use std::path::Path;

use super::Outcome;
use super::sample::{NOW, header, import, new_vault, passphrase, raw};
use crate::layout::{database_path, manifest_path};
use crate::{Error, Vault};

fn open(folder: &Path) -> crate::Result<Vault> {
    Vault::open(folder, "admin", &passphrase(), NOW).map(|(vault, _)| vault)
}

fn filled(folder: &Path) -> crate::Result<()> {
    let (mut vault, admin) = new_vault(folder)?;
    for study in 1..=40 {
        import(&mut vault, &admin, &header(study, 1))?;
    }
    Ok(())
}

#[test]
fn a_flipped_byte_anywhere_in_the_database_is_found() -> Outcome {
    let folder = tempfile::tempdir()?;
    filled(folder.path())?;
    let database = database_path(folder.path());
    let sound = fs::read(&database)?;
    let pages = sound.len() / 4096;
    assert!(pages > 40, "{pages} pages are too few to try");
    for place in (0..pages).step_by(5).map(|page| page * 4096 + (page * 397) % 4096) {
        let mut flipped = sound.clone();
        flipped[place] ^= 0x10;
        fs::write(&database, flipped)?;
        match open(folder.path()) {
            Ok(vault) => assert_ne!(
                vault.check()?.faults,
                Vec::<String>::new(),
                "byte {place} was not missed"
            ),
            Err(error) => assert_eq!(error.code().as_str(), "vault_damaged", "byte {place}: {error}"),
        }
        let _ = fs::remove_file(folder.path().join("records.db-wal"));
        let _ = fs::remove_file(folder.path().join("records.db-shm"));
    }
    Ok(())
}

#[test]
fn a_cut_emptied_or_missing_database_is_no_empty_vault() -> Outcome {
    let folder = tempfile::tempdir()?;
    filled(folder.path())?;
    let database = database_path(folder.path());
    let sound = fs::read(&database)?;
    let code = || open(folder.path()).err().map(|error| error.code().as_str());
    fs::write(&database, b"")?;
    assert_eq!(code(), Some("vault_damaged"));
    fs::remove_file(&database)?;
    assert_eq!(code(), Some("vault_damaged"));
    fs::write(&database, b"SQLite format 3\0 and so on")?;
    assert_eq!(code(), Some("vault_damaged"));
    fs::write(&database, &sound[..sound.len() / 2])?;
    match open(folder.path()) {
        Ok(vault) => assert_ne!(vault.check()?.faults, Vec::<String>::new()),
        Err(error) => assert_eq!(error.code().as_str(), "vault_damaged"),
    }
    Ok(())
}

#[test]
fn a_flipped_byte_anywhere_in_vault_json_is_found_before_the_passphrase_counts() -> Outcome {
    let folder = tempfile::tempdir()?;
    drop(new_vault(folder.path())?);
    let path = manifest_path(folder.path());
    let sound = fs::read(&path)?;
    for place in 0..sound.len() {
        let mut flipped = sound.clone();
        flipped[place] ^= 1;
        // White space between the fields may change without changing anything.
        if sound[place].is_ascii_whitespace() || flipped[place].is_ascii_whitespace() {
            continue;
        }
        fs::write(&path, &flipped)?;
        let code = open(folder.path()).err().map(|error| error.code().as_str());
        assert_eq!(code, Some("vault_damaged"), "byte {place}");
    }
    fs::write(&path, &sound[..sound.len() / 2])?;
    assert_eq!(
        open(folder.path()).err().map(|error| error.code().as_str()),
        Some("vault_damaged")
    );
    fs::write(&path, &sound)?;
    open(folder.path())?;
    Ok(())
}

#[test]
fn a_flipped_cut_swapped_or_missing_vault_file_is_named() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (vault, _) = new_vault(folder.path())?;
    let stored = vault.put_file(&mut &vec![1; 70_000][..])?;
    let other = vault.put_file(&mut &vec![2; 70_000][..])?;
    let path = stored.id.path_in(folder.path());
    let sound = fs::read(&path)?;
    let mut flipped = sound.clone();
    flipped[40_000] ^= 1;
    let another = fs::read(other.id.path_in(folder.path()))?;
    for broken in [&flipped[..], &sound[..sound.len() - 1], &another[..], b""] {
        fs::write(&path, broken)?;
        let error = vault.read_file(&stored.id).err().ok_or("it was read")?;
        assert!(
            matches!(&error, Error::VaultDamaged(what) if what.contains(stored.id.as_str())),
            "{error}"
        );
    }
    fs::remove_file(&path)?;
    let error = vault.read_file(&stored.id).err().ok_or("it was read")?;
    assert!(
        error.to_string().contains(&format!("{} is missing", stored.id)),
        "{error}"
    );
    Ok(())
}

#[test]
fn a_check_reads_every_file_that_a_row_refers_to() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    let scan = header(1, 1);
    let file = vault.put_file(&mut &b"a scan"[..])?;
    vault.transact(&admin, crate::Op::DataImport, NOW, |tx| {
        tx.insert_instance(&scan, &file.sha256, &file, None)
    })?;
    let sound = vault.check()?;
    assert_eq!((sound.files, sound.faults), (1, Vec::new()));
    let path = file.id.path_in(folder.path());
    let mut bytes = fs::read(&path)?;
    bytes[30] ^= 1;
    fs::write(&path, bytes)?;
    let report = vault.check()?;
    assert!(
        report.faults.len() == 1 && report.faults[0].contains(file.id.as_str()),
        "{:?}",
        report.faults
    );
    Ok(())
}

#[test]
fn a_vault_of_a_newer_program_is_refused_by_both_versions() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (vault, _) = new_vault(folder.path())?;
    let newer = crate::database::STEPS.len() + 1;
    raw(&vault)?.execute_batch(&format!("PRAGMA user_version = {newer}"))?;
    drop(vault);
    let refused = open(folder.path()).err().ok_or("it was opened")?;
    assert_eq!(refused.code().as_str(), "vault_too_new");
    assert!(
        refused
            .to_string()
            .contains(&format!("database schema is version {newer}")),
        "{refused}"
    );
    let known = format!("up to {};", crate::database::STEPS.len());
    assert!(refused.to_string().contains(&known), "{refused}");

    // A newer program keeps the checksum's rule and may add fields.
    let mut manifest: serde_json::Value = serde_json::from_slice(&fs::read(manifest_path(folder.path()))?)?;
    manifest["format_version"] = 2.into();
    manifest["zz_new"] = serde_json::json!({"b": [1, {"y": 1, "x": null}], "a": true});
    let fields = manifest.as_object_mut().ok_or("no object")?;
    fields.remove("sha256");
    let checksum = crate::opening::checksum(fields);
    fields.insert("sha256".to_owned(), checksum.into());
    fs::write(manifest_path(folder.path()), serde_json::to_vec(&manifest)?)?;
    let refused = open(folder.path()).err().ok_or("it was opened")?;
    assert_eq!(refused.code().as_str(), "vault_too_new");
    assert!(refused.to_string().contains("format is version 2"), "{refused}");
    Ok(())
}
