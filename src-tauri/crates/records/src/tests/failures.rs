//! When a write fails, nothing of it stays.

use super::Outcome;
use super::sample::{
    ALL, NOW, analysis, finding, header, imagined_file, import, listed, new_vault, review, sign_off, uid,
};
use crate::{Error, Op, Result};
use domain::ReportFormat;

#[test]
fn an_error_inside_a_transaction_leaves_nothing_not_even_an_audit_row() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    import(&mut vault, &admin, &header(1, 1))?;
    let before = (vault.status()?, listed(&mut vault, &ALL)?);
    let scan = header(2, 1);
    let file = imagined_file(&scan);
    let failed: Result<((), _)> = vault.transact(&admin, Op::DataImport, NOW, |tx| {
        tx.insert_instance(&scan, &file.sha256, &file, None)?;
        tx.insert_analysis(&analysis(&scan, vec![finding('a', 0.9)]), None)?;
        Err(Error::Invalid("the caller changed its mind".to_owned()))
    });
    assert_eq!(failed.err().map(|error| error.code().as_str()), Some("invalid_record"));
    let (status, list) = before;
    assert_eq!(
        (vault.status()?.counts.audit_rows, vault.status()?.counts.studies),
        (status.counts.audit_rows, status.counts.studies)
    );
    assert_eq!(listed(&mut vault, &ALL)?, list);
    assert_eq!(vault.study(&uid("1.2.2"))?, None);
    assert!(matches!(vault.verify_audit()?, crate::AuditVerdict::Intact { .. }));
    Ok(())
}

#[test]
fn a_full_disk_is_said_and_leaves_nothing() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    let pages: i64 = vault.connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
    vault
        .connection
        .query_row(&format!("PRAGMA max_page_count = {}", pages + 2), [], |_| Ok(()))?;
    let mut scan = header(1, 1);
    scan.study.description = Some("x".repeat(100_000));
    let error = import(&mut vault, &admin, &scan).err().ok_or("it fitted")?;
    assert_eq!(error.code().as_str(), "disk_full");
    assert_eq!(
        (vault.status()?.counts.studies, vault.status()?.counts.audit_rows),
        (0, 1)
    );
    // With room again the same import succeeds.
    vault
        .connection
        .query_row("PRAGMA max_page_count = 100000", [], |_| Ok(()))?;
    assert!(import(&mut vault, &admin, &scan)?.new);
    let full = crate::error::io("write it")(std::io::ErrorKind::StorageFull.into());
    assert_eq!(full.code().as_str(), "disk_full");
    Ok(())
}

#[test]
fn a_vault_that_may_not_be_written_says_so() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    vault.connection.execute_batch("PRAGMA query_only = ON")?;
    assert_eq!(
        import(&mut vault, &admin, &header(1, 1))
            .err()
            .map(|error| error.code().as_str()),
        Some("io")
    );
    assert_eq!(
        (vault.status()?.counts.studies, vault.status()?.counts.audit_rows),
        (0, 1)
    );
    std::fs::remove_dir(folder.path().join("files"))?;
    let error = vault.put_file(&mut &b"scan"[..]).err().ok_or("it was stored")?;
    assert!(
        error.code().as_str() == "io" && error.to_string().contains("files"),
        "{error}"
    );
    Ok(())
}

#[test]
fn what_does_not_exist_or_makes_no_sense_is_refused() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    let scan = header(1, 1);
    import(&mut vault, &admin, &scan)?;
    let lesion = finding('a', 0.9);
    let stranger = analysis(&header(5, 1), Vec::new());
    let mut endless = analysis(&scan, Vec::new());
    endless.milliseconds.infer = f64::NAN;
    let twice = analysis(&scan, vec![lesion.clone(), lesion.clone()]);
    let mut of_another = review(&lesion, domain::Decision::Accepted);
    of_another.reader = "somebody".to_owned();
    let own = review(&lesion, domain::Decision::Accepted);
    let mut signature = sign_off();
    signature.reader = "somebody".to_owned();
    type Change<'a> = Box<dyn FnOnce(&mut crate::Tx<'_>) -> Result<()> + 'a>;
    let refused: Vec<(&str, Change<'_>)> = vec![
        (
            "not_found",
            Box::new(|tx| tx.insert_analysis(&stranger, None).map(|_| ())),
        ),
        (
            "invalid_record",
            Box::new(|tx| tx.insert_analysis(&endless, None).map(|_| ())),
        ),
        ("database", Box::new(|tx| tx.insert_analysis(&twice, None).map(|_| ()))),
        ("not_found", Box::new(|tx| tx.insert_review(&own).map(|_| ()))),
        (
            "invalid_record",
            Box::new(|tx| tx.insert_review(&of_another).map(|_| ())),
        ),
        (
            "not_found",
            Box::new(|tx| tx.insert_sign_off(&uid("1.2.99"), &sign_off())),
        ),
        (
            "invalid_record",
            Box::new(|tx| tx.insert_sign_off(&uid("1.2.1"), &signature)),
        ),
        (
            "not_found",
            Box::new(|tx| tx.record_export(&uid("1.2.99"), ReportFormat::Pdf, &"0".repeat(64))),
        ),
        (
            "invalid_record",
            Box::new(|tx| {
                tx.insert_instance(&header(3, 1), "not a hash", &imagined_file(&scan), None)
                    .map(|_| ())
            }),
        ),
    ];
    for (index, (code, change)) in refused.into_iter().enumerate() {
        let outcome = vault.transact(&admin, Op::DataImport, NOW, change);
        assert_eq!(
            outcome.err().map(|error| error.code().as_str()),
            Some(code),
            "change {index}"
        );
    }
    assert_eq!(
        vault
            .note_access(&admin, &uid("1.2.99"), NOW)
            .err()
            .map(|error| error.code().as_str()),
        Some("not_found")
    );
    assert_eq!(
        (vault.status()?.counts.analyses, vault.status()?.counts.audit_rows),
        (0, 2)
    );
    Ok(())
}

#[test]
fn a_writer_that_holds_the_database_too_long_is_named_as_the_reason() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    let mut other = vault.open_another()?;
    vault.connection.busy_timeout(std::time::Duration::from_millis(50))?;
    let (outcome, _) = other.transact(&admin, Op::AuditLogUsed, NOW, |_| {
        Ok(vault.transact(&admin, Op::AuditLogUsed, NOW, |_| Ok(())).map(|_| ()))
    })?;
    assert_eq!(outcome.err().map(|error| error.code().as_str()), Some("vault_busy"));
    assert_eq!(vault.status()?.counts.audit_rows, 2);
    Ok(())
}
