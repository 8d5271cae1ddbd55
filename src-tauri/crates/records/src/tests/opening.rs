//! Creating and opening a vault, and being refused.

use std::fs;

use domain::{Role, Session, Timestamp};

use super::Outcome;
use super::sample::{NOW, QUICK, new_vault, passphrase};
use crate::layout::manifest_path;
use crate::{Passphrase, Vault};

#[test]
fn the_administrator_who_created_it_gets_in() -> Outcome {
    let folder = tempfile::tempdir()?;
    let inner = folder.path().join("deep/vault");
    let (vault, session) = new_vault(&inner)?;
    assert_eq!(
        session,
        Session {
            user: "admin".to_owned(),
            role: Role::Administrator
        }
    );
    drop(vault);
    let (vault, session) = Vault::open(&inner, "admin", &passphrase(), Timestamp(NOW.0 + 9))?;
    assert_eq!(session.role, Role::Administrator);
    let rows = vault.audit_rows(0, 10)?;
    let seen: Vec<_> = rows
        .iter()
        .map(|row| (row.deed.op.as_str(), row.deed.event.as_str(), row.deed.at.0 - NOW.0))
        .collect();
    assert_eq!(
        seen,
        [
            ("vault_create", "Application Activity", 0),
            ("user_authentication", "User Authentication", 9)
        ]
    );
    Ok(())
}

#[test]
fn the_real_cost_parameters_open_too() -> Outcome {
    let folder = tempfile::tempdir()?;
    let full = crate::KdfParameters::default();
    assert_eq!((full.memory_kib, full.iterations, full.lanes), (65536, 3, 4));
    drop(Vault::create(folder.path(), "admin", &passphrase(), full, NOW)?);
    Vault::open(folder.path(), "admin", &passphrase(), NOW)?;
    Ok(())
}

#[test]
fn failed_attempts_are_refused_and_enter_the_audit() -> Outcome {
    let folder = tempfile::tempdir()?;
    drop(new_vault(folder.path())?);
    let attempts = [
        ("admin", "wrong", 1),
        ("secret typed as a name", "correct horse battery", 2),
        ("admin", "", 3),
    ];
    for (user, typed, at) in attempts {
        let refused = Vault::open(folder.path(), user, &Passphrase::new(typed), Timestamp(at));
        let error = refused.err().ok_or("someone got in")?;
        assert_eq!(error.code().as_str(), "wrong_passphrase");
    }
    let (vault, _) = Vault::open(folder.path(), "admin", &passphrase(), NOW)?;
    let failures: Vec<_> = vault
        .audit_rows(0, 100)?
        .into_iter()
        .filter(|row| row.outcome == domain::Outcome::MinorFailure)
        .map(|row| (row.deed.op, row.deed.user, row.deed.role, row.deed.at.0))
        .collect();
    let failure = |user: &str, at| {
        (
            "authentication_failure".to_owned(),
            user.to_owned(),
            "none".to_owned(),
            at,
        )
    };
    assert_eq!(
        failures,
        [failure("admin", 1), failure("(unknown user)", 2), failure("admin", 3)]
    );
    drop(vault);
    // Once only, and a guesser's thousands in one transaction.
    let line = "{\"at\":5,\"user\":\"admin\"}\n".repeat(5_000);
    fs::write(
        folder.path().join("authentication-failures.jsonl"),
        line + "{\"at\":6,\"us",
    )?;
    drop(Vault::open(folder.path(), "admin", &passphrase(), NOW)?);
    let (vault, _) = Vault::open(folder.path(), "admin", &passphrase(), NOW)?;
    let rows = vault.audit_rows(0, 10_000)?;
    assert_eq!(
        rows.iter()
            .filter(|row| row.deed.op == "authentication_failure")
            .count(),
        5_003
    );
    assert!(matches!(
        vault.verify_audit()?,
        crate::AuditVerdict::Intact { rows: 5_007, .. }
    ));
    Ok(())
}

#[test]
fn a_folder_that_is_no_vault_or_in_use_is_named() -> Outcome {
    let folder = tempfile::tempdir()?;
    let code = |path: &std::path::Path| {
        Vault::open(path, "admin", &passphrase(), NOW)
            .err()
            .map(|e| e.code().as_str())
    };
    assert_eq!(code(folder.path()), Some("vault_not_found"));
    assert_eq!(code(&folder.path().join("nowhere")), Some("vault_not_found"));

    let vault = folder.path().join("vault");
    drop(new_vault(&vault)?);
    let before = fs::read(manifest_path(&vault))?;
    assert_eq!(new_vault(&vault).err().map(|e| e.code().as_str()), Some("vault_exists"));
    assert_eq!(fs::read(manifest_path(&vault))?, before);

    let full = folder.path().join("full");
    fs::create_dir(&full)?;
    fs::write(full.join("holiday.jpg"), b"keep me")?;
    assert_eq!(new_vault(&full).err().map(|e| e.code().as_str()), Some("vault_exists"));
    assert_eq!(fs::read_dir(&full)?.count(), 1);

    let file = folder.path().join("file");
    fs::write(&file, b"keep me")?;
    assert_eq!(new_vault(&file).err().map(|e| e.code().as_str()), Some("io"));
    assert_eq!(fs::read(&file)?, b"keep me");
    let empty = Vault::create(&folder.path().join("new"), "admin", &Passphrase::new(""), QUICK, NOW);
    assert_eq!(empty.err().map(|e| e.code().as_str()), Some("empty_passphrase"));
    assert!(!folder.path().join("new").exists());
    Ok(())
}

#[test]
fn an_interrupted_creation_is_started_over() -> Outcome {
    let folder = tempfile::tempdir()?;
    drop(new_vault(folder.path())?);
    // What a kill just before the last step leaves.
    fs::remove_file(manifest_path(folder.path()))?;
    fs::write(folder.path().join("vault.creating"), b"")?;
    fs::write(folder.path().join("unfinished-00ff"), b"half a vault.json")?;
    assert_eq!(
        Vault::open(folder.path(), "admin", &passphrase(), NOW)
            .err()
            .map(|e| e.code().as_str()),
        Some("vault_not_found")
    );
    let (vault, _) = new_vault(folder.path())?;
    assert_eq!(vault.check()?.faults, Vec::<String>::new());
    assert!(!folder.path().join("vault.creating").exists() && !folder.path().join("unfinished-00ff").exists());
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn a_place_where_nobody_may_write_is_an_error() -> Outcome {
    // sysfs refuses new folders even to root.
    let error = new_vault(std::path::Path::new("/sys/overread-vault"))
        .err()
        .ok_or("a vault in sysfs")?;
    assert_eq!(error.code().as_str(), "io");
    assert!(error.to_string().contains("/sys/overread-vault"), "{error}");
    Ok(())
}

#[cfg(unix)]
#[test]
fn nobody_else_on_the_machine_may_read_it() -> Outcome {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir()?;
    let inner = folder.path().join("vault");
    let (vault, _) = new_vault(&inner)?;
    let stored = vault.put_file(&mut &b"scan"[..])?;
    let mode = |path: &std::path::Path| Ok::<_, std::io::Error>(fs::metadata(path)?.permissions().mode() & 0o777);
    assert_eq!(mode(&inner)?, 0o700);
    for file in ["vault.json", "records.db", "records.db-wal", "audit.anchor"] {
        assert_eq!(mode(&inner.join(file))?, 0o600, "{file}");
    }
    assert_eq!(mode(&stored.id.path_in(&inner))?, 0o600);
    Ok(())
}

#[test]
fn a_second_handle_needs_no_passphrase_and_both_may_write() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (vault, admin) = new_vault(folder.path())?;
    let mut handles = [vault.open_another()?, vault.open_another()?, vault];
    std::thread::scope(|scope| {
        let writers: Vec<_> = handles
            .iter_mut()
            .map(|vault| {
                scope.spawn(|| {
                    (0..40).try_for_each(|_| {
                        vault
                            .transact(&admin, crate::Op::AuditLogUsed, NOW, |_| Ok(()))
                            .map(|_| ())
                    })
                })
            })
            .collect();
        writers
            .into_iter()
            .try_for_each(|writer| writer.join().unwrap_or(Err(crate::Error::VaultBusy)))
    })?;
    assert!(matches!(
        handles[0].verify_audit()?,
        crate::AuditVerdict::Intact { rows: 121, .. }
    ));
    Ok(())
}

#[test]
fn a_role_that_this_version_does_not_know_keeps_its_user_out_and_nobody_else() -> Outcome {
    let folder = tempfile::tempdir()?;
    drop(new_vault(folder.path())?);
    let path = manifest_path(folder.path());
    let mut fields: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&fs::read(&path)?)?;
    fields.remove("sha256");
    let users = fields["users"].as_array_mut().ok_or("no users")?;
    let mut other = users[0].clone();
    (other["user"], other["role"]) = ("eva".into(), "wizard".into());
    users.insert(0, other);
    let sum = crate::opening::manifest::checksum(&fields);
    fields.insert("sha256".to_owned(), sum.into());
    fs::write(&path, serde_json::to_vec(&fields)?)?;
    Vault::open(folder.path(), "admin", &passphrase(), NOW)?;
    let refused = Vault::open(folder.path(), "eva", &passphrase(), NOW)
        .err()
        .ok_or("let in")?;
    assert_eq!(refused.code().as_str(), "vault_damaged");
    assert!(refused.to_string().contains("'wizard'"), "{refused}");
    Ok(())
}
