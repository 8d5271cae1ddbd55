//! Records that were put back by hand: nothing of the vault changes before an administrator accepts
//! them, and every scan that was ever imported is still there afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use overread_tests::{BUNDLE, Done, Outcome, TestVault, assert_keys, each, field, text, texts};
use serde_json::Value;

/// The vault's files by name, whether on their shelves or among the lost ones.
fn stored(vault: &Path) -> Outcome<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for shelf in fs::read_dir(vault.join("files"))? {
        for file in fs::read_dir(shelf?.path())? {
            let path = file?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.insert(name, fs::read(path)?);
        }
    }
    Ok(files)
}

fn series(vault: &TestVault) -> Outcome<Vec<PathBuf>> {
    let mut folders: Vec<PathBuf> = fs::read_dir(vault.samples.join("dicom"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Outcome<_>>()?;
    folders.sort();
    Ok(folders)
}

/// One study, then its records are copied, then another study.
fn restored(folder: PathBuf) -> Outcome<(TestVault, Vec<u8>)> {
    let vault = TestVault::create(folder)?;
    let scans = series(&vault)?;
    vault.call("import").arg(&scans[0]).run()?.ended(0);
    let older = fs::read(vault.vault.join("records.db"))?;
    vault.call("import").arg(&scans[1]).run()?.ended(0);
    Ok((vault, older))
}

/// Every verb that would change records is refused with the same words, and nothing moves.
fn stays_as_it_is(vault: &TestVault, reason: &str) -> Done {
    let before = (
        stored(&vault.vault)?,
        fs::read(vault.vault.join("records.db"))?,
        fs::read(vault.vault.join("audit.anchor")).ok(),
    );
    let list = vault.call("list").run()?;
    assert!(list.ended(0).stderr.contains("open for reading only"), "{list}");
    let list = list.json()?;
    let study = text(&each(&list, "studies")[0], "study_instance_uid").to_owned();
    vault.call("show").arg(&study).run()?.ended(0);
    let status = vault.call("vault status").run()?;
    let status = status.ended(1).json()?;
    let chain = if reason == "records_replaced" {
        "ends_early"
    } else {
        "no_anchor"
    };
    assert_eq!((text(&status, "read_only"), text(&status, "audit")), (reason, chain));

    let out = vault.folder.join("report.pdf");
    let elsewhere = vault.folder.join("elsewhere");
    fs::create_dir_all(&elsewhere)?;
    let calls = [
        vault.call("import").arg(&vault.samples),
        vault.call("analyze --new --device cpu --bundle").arg(BUNDLE),
        vault
            .call("analyze --device cpu --bundle")
            .arg(BUNDLE)
            .arg("--study")
            .arg(&study),
        vault.call("report").arg(&study).arg("--out").arg(&out),
        vault.call("vault backup").arg(&elsewhere),
    ];
    for call in calls {
        call.run()?.failed_with("vault_read_only", "accept-restored")?;
    }
    assert!(!out.exists());
    assert_eq!(fs::read_dir(&elsewhere)?.count(), 0);
    let after = (
        stored(&vault.vault)?,
        fs::read(vault.vault.join("records.db"))?,
        fs::read(vault.vault.join("audit.anchor")).ok(),
    );
    assert!(before == after, "something of the vault was written");
    Ok(())
}

/// All scans can be decoded again from the vault: analysing reads each of them.
fn holds_all_scans(vault: &TestVault, files: &BTreeMap<String, Vec<u8>>) -> Done {
    let now = stored(&vault.vault)?;
    let gone: Vec<_> = files.keys().filter(|name| !now.contains_key(*name)).collect();
    assert!(gone.is_empty(), "{} of {} files are gone", gone.len(), files.len());
    Ok(())
}

#[test]
fn an_older_database_is_read_only_until_it_is_accepted_and_no_scan_is_lost() -> Done {
    let place = tempfile::tempdir()?;
    let (vault, older) = restored(place.path().join("place"))?;
    let files = stored(&vault.vault)?;
    let newest = fs::read(vault.vault.join("records.db"))?;
    fs::write(vault.vault.join("records.db"), &older)?;
    stays_as_it_is(&vault, "records_replaced")?;

    // The newest database put back needs no acceptance.
    fs::write(vault.vault.join("records.db"), newest)?;
    let usual = vault.json("vault status")?;
    assert_eq!(
        (&usual["read_only"], &usual["audit_intact"]),
        (&Value::Null, &Value::Bool(true))
    );
    let nothing = vault.call("vault accept-restored").run()?;
    nothing.ended(2).error_is("wrong_usage", "nothing to accept")?;

    fs::write(vault.vault.join("records.db"), older)?;
    let accepted = vault.json("vault accept-restored")?;
    assert_keys(
        &accepted,
        &["vault", "studies", "audit_rows", "lost_files", "lost_bytes", "lost"],
    );
    assert_eq!(field(&accepted, "studies"), 1);
    let status = vault.json("vault status")?;
    assert_eq!(
        (&status["read_only"], &status["audit_intact"]),
        (&Value::Null, &Value::Bool(true))
    );
    let lost = stored(&vault.vault)?.len() - fs::read_dir(series(&vault)?.remove(0))?.count();
    assert_eq!(field(&status, "lost_files"), lost);
    assert_eq!(field(&accepted, "lost_files"), lost);
    let named = each(&status, "lost");
    assert_eq!(named.len(), lost);
    for path in named {
        let path = path.as_str().ok_or("a path is a text")?;
        assert!(
            path.starts_with("files/lost/") && vault.vault.join(path).is_file(),
            "{path}"
        );
    }
    holds_all_scans(&vault, &files)?;

    vault.call("import").arg(&vault.samples).run()?.ended(0);
    holds_all_scans(&vault, &files)?;
    let status = vault.json("vault status")?;
    assert_eq!(field(&status, "lost_files"), 0);
    let list = vault.json("list")?;
    for study in texts(&list, "studies", "study_instance_uid") {
        vault.call("show").arg(study).run()?.ended(0);
    }
    let analyzed = vault.call("analyze --new --device cpu --bundle").arg(BUNDLE).run()?;
    assert_eq!(each(&analyzed.ended(0).json()?, "failed").len(), 0);
    Ok(())
}

#[test]
fn an_anchor_that_is_missing_or_another_vaults_is_said_and_can_be_accepted() -> Done {
    let place = tempfile::tempdir()?;
    let (vault, _) = restored(place.path().join("place"))?;
    let other = TestVault::create(place.path().join("other"))?;
    let files = stored(&vault.vault)?;
    let anchor = vault.vault.join("audit.anchor");
    fs::remove_file(&anchor)?;
    stays_as_it_is(&vault, "anchor_missing")?;
    fs::copy(other.vault.join("audit.anchor"), &anchor)?;
    stays_as_it_is(&vault, "anchor_missing")?;
    let said = vault.call("vault accept-restored").run()?;
    assert_eq!(field(&said.ended(0).json()?, "lost_files"), 0);
    vault.call("import").arg(&vault.samples).run()?.ended(0);
    holds_all_scans(&vault, &files)
}
