//! The chain finds every change of it that goes behind the room's back.

use rusqlite::Connection;

use super::Outcome;
use super::sample::{NOW, header, import, new_vault, passphrase, raw, uid};
use crate::{AuditFault, AuditVerdict, Op, Vault};

/// A vault with eleven audit rows, all of them anchored.
fn vault_with_history(folder: &std::path::Path) -> crate::Result<Vault> {
    let (mut vault, admin) = new_vault(folder)?;
    for study in 1..=5 {
        import(&mut vault, &admin, &header(study, 1))?;
        vault.note_access(&admin, &uid(&format!("1.2.{study}")), NOW)?;
    }
    Ok(vault)
}

/// Lets the database be changed as its file could be changed by someone who has the key.
fn unguarded(vault: &Vault) -> crate::Result<Connection> {
    let connection = raw(vault)?;
    connection.execute_batch("DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete;")?;
    Ok(connection)
}

#[test]
fn an_honest_chain_is_intact_and_says_what_was_done_without_names() -> Outcome {
    let folder = tempfile::tempdir()?;
    let vault = vault_with_history(folder.path())?;
    let rows = vault.audit_rows(0, 100)?;
    let head = unguarded(&vault)?.query_row(
        "SELECT lower(hex(hash)) FROM audit ORDER BY seq DESC LIMIT 1",
        [],
        |row| row.get(0),
    )?;
    assert_eq!(vault.verify_audit()?, AuditVerdict::Intact { rows: 11, head });
    assert_eq!(vault.audit_rows(9, 1)?, rows[9..10]);
    let import = &rows[1];
    assert_eq!(
        (
            import.deed.event.as_str(),
            import.deed.op.as_str(),
            import.deed.action.as_str()
        ),
        ("Data Import", "data_import", "C")
    );
    assert_eq!(import.deed.subject.as_deref(), Some("1.2.1"));
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&import.detail)?,
        serde_json::json!({"instances_new": 1, "studies_new": 1})
    );
    assert_eq!(
        (rows[2].deed.event.as_str(), rows[2].deed.subject.as_deref()),
        ("DICOM Instances Accessed", Some("1.2.1"))
    );
    assert!(!serde_json::to_string(&rows)?.contains("Kov"));
    Ok(())
}

#[test]
fn an_import_of_several_studies_names_each() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    let (_, changes) = vault.transact(&admin, Op::DataImport, NOW, |tx| {
        for study in [2, 1] {
            let scan = header(study, 1);
            let file = super::sample::imagined_file(&scan);
            tx.insert_instance(&scan, &file.sha256, &file, None)?;
        }
        tx.note("source", "disc");
        Ok(())
    })?;
    assert_eq!(
        (changes.studies, changes.audit_seq),
        (vec![uid("1.2.1"), uid("1.2.2")], 2)
    );
    let row = vault.audit_rows(1, 1)?.remove(0);
    assert_eq!(row.deed.subject, None);
    let expected = serde_json::json!(
        {"instances_new": 2, "studies_new": 2, "studies": ["1.2.1", "1.2.2"], "source": "disc"}
    );
    assert_eq!(serde_json::from_str::<serde_json::Value>(&row.detail)?, expected);
    Ok(())
}

#[test]
fn edited_removed_reordered_and_rehashed_rows_are_found() -> Outcome {
    let edits = [
        ("UPDATE audit SET user = 'nobody' WHERE seq = 4", 4, AuditFault::Edited),
        ("UPDATE audit SET at = at + 1 WHERE seq = 1", 1, AuditFault::Edited),
        ("UPDATE audit SET subject = NULL WHERE seq = 5", 5, AuditFault::Edited),
        (
            "UPDATE audit SET detail = detail || ' ' WHERE seq = 11",
            11,
            AuditFault::Edited,
        ),
        ("UPDATE audit SET outcome = 99 WHERE seq = 3", 3, AuditFault::Unreadable),
        ("UPDATE audit SET hash = x'00' WHERE seq = 3", 3, AuditFault::Unreadable),
        ("DELETE FROM audit WHERE seq = 6", 6, AuditFault::Missing),
        ("DELETE FROM audit WHERE seq = 1", 1, AuditFault::Missing),
        (
            "UPDATE audit SET seq = -1 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = 5;
          UPDATE audit SET seq = 5 WHERE seq = -1",
            4,
            AuditFault::Edited,
        ),
        (
            "DELETE FROM audit WHERE seq = 6; UPDATE audit SET seq = seq - 1 WHERE seq > 6",
            6,
            AuditFault::Edited,
        ),
    ];
    for (edit, seq, fault) in edits {
        let folder = tempfile::tempdir()?;
        let vault = vault_with_history(folder.path())?;
        unguarded(&vault)?.execute_batch(edit)?;
        assert_eq!(vault.verify_audit()?, AuditVerdict::Broken { seq, fault }, "{edit}");
    }
    Ok(())
}

#[test]
fn a_row_forged_with_a_fitting_hash_breaks_the_link_after_it() -> Outcome {
    let folder = tempfile::tempdir()?;
    let vault = vault_with_history(folder.path())?;
    let connection = unguarded(&vault)?;
    // The row is taken out and written again by the room's own code, over a chain cut before it.
    let tail = "CREATE TEMP TABLE tail AS SELECT * FROM audit WHERE seq > 4; DELETE FROM audit WHERE seq >= 4";
    connection.execute_batch(tail)?;
    let forged = crate::audit::Entry {
        deed: domain::AuditDeed {
            at: NOW,
            user: "nobody",
            role: "reader",
            event: "Data Export",
            op: "data_export",
            action: "R",
            subject: None,
        },
        outcome: domain::Outcome::Success,
        detail: "{}",
    };
    crate::audit::append(&connection, &forged)?;
    connection.execute_batch("INSERT INTO audit SELECT * FROM tail")?;
    assert_eq!(
        vault.verify_audit()?,
        AuditVerdict::Broken {
            seq: 5,
            fault: AuditFault::Unlinked
        }
    );
    Ok(())
}

#[test]
fn a_cut_tail_is_found_and_nothing_is_written_over_it() -> Outcome {
    let folder = tempfile::tempdir()?;
    let vault = vault_with_history(folder.path())?;
    unguarded(&vault)?.execute_batch("DELETE FROM audit WHERE seq > 8")?;
    assert_eq!(vault.verify_audit()?, AuditVerdict::TailCut { rows: 8, anchored: 11 });
    drop(vault);
    let (mut vault, admin) = Vault::open(folder.path(), "admin", &passphrase(), NOW)?;
    let refused = vault.transact(&admin, Op::FilterChange, NOW, |_| Ok(()));
    assert_eq!(
        refused.err().map(|error| error.code().as_str()),
        Some("vault_read_only")
    );
    assert_eq!(vault.verify_audit()?, AuditVerdict::TailCut { rows: 8, anchored: 11 });
    Ok(())
}

#[test]
fn a_database_put_back_from_an_older_copy_is_found() -> Outcome {
    let folder = tempfile::tempdir()?;
    drop(vault_with_history(folder.path())?);
    let database = folder.path().join("records.db");
    let older = std::fs::read(&database)?;
    let (vault, _) = Vault::open(folder.path(), "admin", &passphrase(), NOW)?;
    assert!(matches!(vault.verify_audit()?, AuditVerdict::Intact { rows: 12, .. }));
    drop(vault);
    std::fs::write(&database, older)?;
    let (vault, _) = Vault::open(folder.path(), "admin", &passphrase(), NOW)?;
    assert!(matches!(
        vault.verify_audit()?,
        AuditVerdict::TailCut { anchored: 12, .. }
    ));
    Ok(())
}

#[test]
fn without_its_anchor_the_end_of_the_chain_is_not_vouched_for() -> Outcome {
    let folder = tempfile::tempdir()?;
    drop(vault_with_history(folder.path())?);
    std::fs::remove_file(folder.path().join("audit.anchor"))?;
    let (vault, _) = Vault::open(folder.path(), "admin", &passphrase(), NOW)?;
    assert_eq!(vault.verify_audit()?, AuditVerdict::AnchorMissing { rows: 11 });
    let faults = vault.check()?.faults;
    assert_eq!(
        faults.last().map(String::as_str),
        Some("the audit chain is not as it was written")
    );
    Ok(())
}

#[test]
fn an_anchor_that_a_crash_left_behind_is_no_fault() -> Outcome {
    let folder = tempfile::tempdir()?;
    let anchor = folder.path().join("audit.anchor");
    let mut vault = vault_with_history(folder.path())?;
    let before = std::fs::read(&anchor)?;
    let admin = domain::Session {
        user: "admin".to_owned(),
        role: domain::Role::Administrator,
    };
    vault.transact(&admin, Op::AuditLogUsed, NOW, |_| Ok(()))?;
    // Killed after the commit, before the anchor moved.
    std::fs::write(&anchor, before)?;
    assert!(matches!(vault.verify_audit()?, AuditVerdict::Intact { rows: 12, .. }));
    vault.transact(&admin, Op::AuditLogUsed, NOW, |_| Ok(()))?;
    unguarded(&vault)?.execute_batch("DELETE FROM audit WHERE seq = 13")?;
    assert_eq!(vault.verify_audit()?, AuditVerdict::TailCut { rows: 12, anchored: 13 });
    Ok(())
}
