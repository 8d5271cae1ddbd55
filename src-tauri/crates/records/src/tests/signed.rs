//! After the signature nothing of a study changes, and some rows never do.

use domain::{Decision, ReportFormat};

use super::Outcome;
use super::sample::{NOW, analyse, analysis, decide, finding, header, import, new_vault, raw, review, sign, uid};
use crate::Op;

#[test]
fn a_signed_study_takes_nothing_more_and_others_do() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    let lesion = finding('a', 0.9);
    for study in 1..=2 {
        import(&mut vault, &admin, &header(study, 1))?;
    }
    analyse(&mut vault, &admin, 1, &analysis(&header(1, 1), vec![lesion.clone()]))?;
    sign(&mut vault, &admin, &uid("1.2.1"))?;
    let before = vault.study(&uid("1.2.1"))?;
    let mut new_series = header(1, 3);
    new_series.series.series_instance_uid = uid("1.2.1.2");
    let refused = [
        analyse(&mut vault, &admin, 1, &analysis(&header(1, 1), Vec::new())).map(|_| ()),
        decide(&mut vault, &admin, &review(&lesion, Decision::Rejected)),
        import(&mut vault, &admin, &header(1, 2)).map(|_| ()),
        import(&mut vault, &admin, &new_series).map(|_| ()),
        sign(&mut vault, &admin, &uid("1.2.1")),
    ];
    for (index, outcome) in refused.into_iter().enumerate() {
        let error = outcome.err().ok_or(format!("change {index} was taken"))?;
        assert_eq!(error.code().as_str(), "study_signed", "change {index}: {error}");
        assert!(error.to_string().contains("1.2.1 "), "{error}");
    }
    assert_eq!(vault.study(&uid("1.2.1"))?, before);
    // The same content offered again is known, and reading and exporting go on.
    assert!(!import(&mut vault, &admin, &header(1, 1))?.new);
    vault.note_access(&admin, &uid("1.2.1"), NOW)?;
    let op = Op::DataExport { study: uid("1.2.1") };
    vault.transact(&admin, op, NOW, |tx| {
        tx.record_export(&uid("1.2.1"), ReportFormat::Pdf, &"e".repeat(64))
    })?;
    analyse(&mut vault, &admin, 2, &analysis(&header(2, 1), Vec::new()))?;
    Ok(())
}

#[test]
fn the_database_itself_refuses_edits_deletions_and_replacements() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    let lesion = finding('a', 0.9);
    import(&mut vault, &admin, &header(1, 1))?;
    import(&mut vault, &admin, &header(2, 1))?;
    analyse(&mut vault, &admin, 1, &analysis(&header(1, 1), vec![lesion.clone()]))?;
    decide(&mut vault, &admin, &review(&lesion, Decision::Accepted))?;
    sign(&mut vault, &admin, &uid("1.2.1"))?;
    let connection = raw(&vault)?;
    for table in ["audit", "review", "sign_off", "analysis", "finding"] {
        let column = if table == "sign_off" {
            "reader"
        } else if table == "audit" {
            "user"
        } else {
            "rowid"
        };
        let column = if table == "finding" { "label" } else { column };
        let statements = [
            format!("UPDATE {table} SET {column} = {column}"),
            format!("DELETE FROM {table}"),
            format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table}"),
        ];
        for statement in statements {
            let error = connection
                .execute_batch(&statement)
                .err()
                .ok_or(format!("{statement} was taken"))?;
            let said = error.to_string();
            assert!(
                said.contains("append_only") || said.contains("study_signed"),
                "{statement}: {said}"
            );
        }
    }
    for statement in [
        "UPDATE study SET description = 'other' WHERE study_instance_uid = '1.2.1'",
        "UPDATE series SET modality = 'CT' WHERE series_instance_uid = '1.2.1.1'",
        "UPDATE series SET study = (SELECT id FROM study WHERE study_instance_uid = '1.2.1')",
        "UPDATE instance SET header = '{}' WHERE sop_instance_uid = '1.2.1.1.1'",
        "UPDATE patient SET patient_name = 'Other' WHERE patient_id = 'P1'",
        "DELETE FROM instance WHERE sop_instance_uid = '1.2.1.1.1'",
        "DELETE FROM series WHERE series_instance_uid = '1.2.1.1'",
        "DELETE FROM study WHERE study_instance_uid = '1.2.1'",
        "INSERT OR REPLACE INTO instance SELECT * FROM instance WHERE sop_instance_uid = '1.2.1.1.1'",
    ] {
        let error = connection
            .execute_batch(statement)
            .err()
            .ok_or(format!("{statement} was taken"))?;
        assert!(error.to_string().contains("study_signed"), "{statement}: {error}");
    }
    Ok(())
}
