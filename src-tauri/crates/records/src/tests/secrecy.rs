//! Nothing of a patient can be read from the vault's files.

use std::fs;
use std::path::{Path, PathBuf};

use domain::Decision;

use super::Outcome;
use super::sample::{NOW, analyse, analysis, decide, finding, header, import, new_vault, passphrase, review};
use crate::{Op, Passphrase, Vault};

fn files_below(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_below(&path)?)
        } else {
            files.push(path)
        }
    }
    files.sort();
    Ok(files)
}

fn holds(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

#[test]
fn no_file_of_the_vault_holds_a_word_in_plain() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    let mut scan = header(1, 1);
    scan.patient.patient_name = "Secretname^Person".to_owned();
    let content = b"DICM Secretname^Person and pixels".repeat(5_000);
    let file = vault.put_file(&mut &content[..])?;
    vault.transact(&admin, Op::DataImport, NOW, |tx| {
        tx.insert_instance(&scan, &file.sha256, &file, Some("Secretname.dcm"))
    })?;
    for instance in 2..200 {
        import(&mut vault, &admin, &header(1, instance))?;
    }
    let lesion = finding('a', 0.9);
    analyse(&mut vault, &admin, 1, &analysis(&scan, vec![lesion.clone()]))?;
    decide(
        &mut vault,
        &admin,
        &review(
            &lesion,
            Decision::Changed {
                label: "Secretname lesion".to_owned(),
            },
        ),
    )?;
    let _ = Vault::open(folder.path(), "admin", &Passphrase::new("wrong Secretname"), NOW);
    // With the log still beside the database, and once it is written back.
    for open in [Some(vault), None] {
        let files = files_below(folder.path())?;
        assert_eq!(
            files.iter().any(|path| path.ends_with("records.db-wal")),
            open.is_some()
        );
        for path in files {
            let bytes = fs::read(&path)?;
            for word in [
                "Secretname",
                "Kovács",
                "MR of the head",
                "FLAIR",
                "scan.dcm",
                "correct horse",
                &file.sha256,
            ] {
                assert!(!holds(&bytes, word.as_bytes()), "{} holds '{word}'", path.display());
            }
            assert!(
                !holds(&bytes, b"SQLite format 3"),
                "{} is a plain database",
                path.display()
            );
            assert!(
                !path.to_string_lossy().contains(&file.sha256),
                "{} tells its content",
                path.display()
            );
        }
    }
    Ok(())
}

#[test]
fn the_database_opens_with_no_key_but_its_own() -> Outcome {
    let (folder, elsewhere) = (tempfile::tempdir()?, tempfile::tempdir()?);
    drop(new_vault(folder.path())?);
    drop(new_vault(elsewhere.path())?);
    // Same passphrase, other root key.
    fs::copy(elsewhere.path().join("vault.json"), folder.path().join("vault.json"))?;
    let error = Vault::open(folder.path(), "admin", &passphrase(), NOW)
        .err()
        .ok_or("it opened")?;
    assert_eq!(error.code().as_str(), "vault_damaged");
    assert!(
        rusqlite::Connection::open(folder.path().join("records.db"))?
            .query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
            .is_err()
    );
    Ok(())
}

#[test]
fn every_connection_has_the_settings_that_keep_it_safe() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (vault, _) = new_vault(folder.path())?;
    for handle in [vault.open_another()?, vault] {
        for (pragma, value) in [
            ("journal_mode", "wal"),
            ("synchronous", "2"),
            ("temp_store", "2"),
            ("foreign_keys", "1"),
            ("recursive_triggers", "1"),
            ("trusted_schema", "0"),
            ("busy_timeout", "10000"),
        ] {
            let set = handle.connection.query_row(&format!("PRAGMA {pragma}"), [], |row| {
                row.get::<_, i64>(0)
                    .map(|number| number.to_string())
                    .or_else(|_| row.get(0))
            })?;
            assert_eq!(set, value, "{pragma}");
        }
        assert!(
            handle.status()?.versions.cipher.starts_with("SQLCipher 4."),
            "{}",
            handle.status()?.versions.cipher
        );
    }
    Ok(())
}
