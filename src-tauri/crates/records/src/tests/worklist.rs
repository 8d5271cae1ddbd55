//! The list that a window scrolls: order, filters, counts, and what read-first hides.

use std::collections::BTreeMap;

use domain::{Decision, JobRow, Opinion, Policy, Score, Session, StudyState, Timestamp, WorklistColumn};

use super::Outcome;
use super::sample::{
    ALL, NOW, analyse, analysis, decide, finding, header, import, new_vault, raw, refusal, review, sign, uid,
};
use crate::{Op, Vault, WorklistQuery};

/// 1 new, 2 flagged 0.6, 3 reviewed 0.95 CT, 4 clear, 5 refused, 6 signed 0.99 without a date.
fn filled(vault: &mut Vault, admin: &Session) -> crate::Result<()> {
    let people = ["Ádám^Béla", "adams^john", "Zoltán^Ödön", "Łukasz^Jan", "Őri^Éva", ""];
    for (study, name) in (1..).zip(people) {
        let mut scan = header(study, 1);
        scan.patient.patient_name = name.to_owned();
        scan.study.date = (study != 6).then(|| format!("2024013{study}"));
        scan.series.modality = if study == 3 { "CT".to_owned() } else { "MR".to_owned() };
        import(vault, admin, &scan)?;
    }
    import(vault, admin, &header(5, 2))?;
    analyse(vault, admin, 2, &analysis(&header(2, 1), vec![finding('a', 0.6)]))?;
    let strong = finding('b', 0.95);
    analyse(vault, admin, 3, &analysis(&header(3, 1), vec![strong.clone()]))?;
    decide(vault, admin, &review(&strong, Decision::Unsure))?;
    analyse(vault, admin, 4, &analysis(&header(4, 1), Vec::new()))?;
    analyse(vault, admin, 5, &refusal(&header(5, 1)))?;
    analyse(vault, admin, 5, &refusal(&header(5, 2)))?;
    let mut unflagged = analysis(&header(6, 1), Vec::new());
    unflagged.score = Score::try_from(0.99).ok();
    analyse(vault, admin, 6, &unflagged)?;
    sign(vault, admin, &uid("1.2.6"))
}

fn numbers(vault: &mut Vault, query: &WorklistQuery<'_>) -> crate::Result<String> {
    let rows = vault.worklist(query)?.rows;
    let shown = vault.worklist_rows(&rows, query.reader)?;
    let number = |uid: &domain::Uid| uid.as_str().replace("1.2.", "");
    Ok(shown.iter().map(|row| number(&row.study_instance_uid)).collect())
}

#[test]
fn every_column_orders_both_ways_and_what_is_lacking_stands_last() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    assert_eq!(vault.worklist(&ALL)?.rows, Vec::<i64>::new());
    filled(&mut vault, &admin)?;
    for (by, down, up) in [
        (WorklistColumn::Suspicion, "326451", "462351"),
        (WorklistColumn::Name, "354216", "124536"),
        (WorklistColumn::PatientId, "654321", "123456"),
        (WorklistColumn::Date, "543216", "123456"),
        (WorklistColumn::Modality, "542163", "354216"),
        (WorklistColumn::State, "634512", "215436"),
        (WorklistColumn::Instances, "543216", "432165"),
        (WorklistColumn::Imported, "543216", "543216"),
    ] {
        for (descending, expected) in [(true, down), (false, up)] {
            let query = WorklistQuery { by, descending, ..ALL };
            assert_eq!(
                numbers(&mut vault, &query)?,
                expected,
                "{by:?}, descending {descending}"
            );
        }
    }
    Ok(())
}

#[test]
fn filters_narrow_and_counts_are_of_what_the_words_match() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    filled(&mut vault, &admin)?;
    let by_date = WorklistQuery {
        by: WorklistColumn::Date,
        ..ALL
    };
    let mr = ["MR".to_owned()];
    let states = [StudyState::Flagged, StudyState::Signed];
    for (query, expected) in [
        (
            WorklistQuery {
                find: "ADAM",
                ..by_date.clone()
            },
            "21",
        ),
        (
            WorklistQuery {
                find: "axial béla adam",
                ..by_date.clone()
            },
            "1",
        ),
        (
            WorklistQuery {
                find: "head odon",
                ..by_date.clone()
            },
            "3",
        ),
        (
            WorklistQuery {
                modalities: &mr,
                ..by_date.clone()
            },
            "54216",
        ),
        (
            WorklistQuery {
                states: &states,
                ..by_date.clone()
            },
            "26",
        ),
        (
            WorklistQuery {
                date_from: Some("20240132"),
                date_to: Some("20240134"),
                ..by_date.clone()
            },
            "432",
        ),
        (
            WorklistQuery {
                date_to: Some("20240131"),
                ..by_date.clone()
            },
            "1",
        ),
    ] {
        assert_eq!(numbers(&mut vault, &query)?, expected, "{query:?}");
    }
    let list = vault.worklist(&WorklistQuery {
        find: "mr",
        states: &states,
        ..ALL
    })?;
    let counts = [
        StudyState::Clear,
        StudyState::Flagged,
        StudyState::New,
        StudyState::Refused,
        StudyState::Reviewed,
        StudyState::Signed,
    ]
    .map(|state| (state, 1));
    // Study 3 is a CT, but its description says MR.
    assert_eq!(list.counts, BTreeMap::from(counts));
    assert_eq!((list.rows.len(), list.all_studies), (2, 6));
    assert_eq!(list.modalities, ["CT", "MR"]);
    Ok(())
}

#[test]
fn a_row_says_what_the_records_say_and_changes_of_another_handle_are_seen() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    filled(&mut vault, &admin)?;
    vault.worklist(&ALL)?;
    let mut other = vault.open_another()?;
    let op = Op::JobChange;
    other.transact(&admin, op, NOW, |tx| {
        tx.insert_job(JobRow::Analyze, Some(&uid("1.2.2")), &serde_json::Value::Null, 9)
    })?;
    import(&mut other, &admin, &header(7, 1))?;
    let list = vault.worklist(&ALL)?;
    assert_eq!(list.all_studies, 7);
    assert_eq!(list.counts.get(&StudyState::Analysing), Some(&1));
    let rows = vault.worklist_rows(&list.rows, "admin")?;
    let row = rows
        .iter()
        .find(|row| row.study_instance_uid == uid("1.2.2"))
        .ok_or("study 2 is not listed")?;
    assert_eq!(
        (
            row.state,
            row.score,
            row.flagged,
            row.instances,
            row.findings,
            row.progress
        ),
        (StudyState::Analysing, Some(0.6), true, 1, 1, Some([0, 9]))
    );
    assert_eq!(
        (
            row.description.as_deref(),
            row.patient.birth_date.as_deref(),
            row.patient.sex.as_deref(),
            row.imported_at
        ),
        (Some("MR of the head"), Some("19700131"), Some("F"), NOW)
    );
    Ok(())
}

#[test]
fn read_first_hides_the_answer_in_rows_counts_and_order() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    filled(&mut vault, &admin)?;
    assert_eq!(vault.policy_record()?, None);
    let op = Op::PolicyChange;
    vault.transact(&admin, op, NOW, |tx| tx.set_policy(Policy { read_first: true }))?;
    let hidden = ALL;
    // Signed 6 shows its score; the others stand by date, whatever the model said.
    assert_eq!(numbers(&mut vault, &hidden)?, "654321");
    let list = vault.worklist(&hidden)?;
    assert_eq!(
        list.counts,
        BTreeMap::from([(StudyState::Unread, 5), (StudyState::Signed, 1)])
    );
    for row in vault.worklist_rows(&list.rows, "admin")? {
        if row.study_instance_uid != uid("1.2.6") {
            assert_eq!(
                (row.state, row.score, row.flagged, row.findings, row.findings_reviewed),
                (StudyState::Unread, None, false, 0, 0),
                "{row:?}"
            );
        }
    }
    assert_eq!(vault.state_for(&uid("1.2.2"), "admin")?, StudyState::Unread);
    assert_eq!(vault.state_for(&uid("1.2.6"), "admin")?, StudyState::Signed);
    let op = Op::Opinion { study: uid("1.2.2") };
    vault.transact(&admin, op, Timestamp(9), |tx| {
        tx.commit_opinion(&uid("1.2.2"), Opinion::Normal, None)
    })?;
    assert_eq!(vault.state_for(&uid("1.2.2"), "admin")?, StudyState::Flagged);
    assert_eq!(numbers(&mut vault, &hidden)?, "265431");
    let unread = WorklistQuery {
        states: &[StudyState::Unread],
        ..hidden.clone()
    };
    assert_eq!(numbers(&mut vault, &unread)?, "5431");
    // Another reader has given no opinion yet.
    let eve = WorklistQuery { reader: "eve", ..ALL };
    assert_eq!(numbers(&mut vault, &eve)?, "654321");
    assert_eq!(vault.state_for(&uid("1.2.2"), "eve")?, StudyState::Unread);
    let missing = vault.state_for(&uid("1.2.99"), "eve");
    assert_eq!(missing.err().map(|error| error.code().as_str()), Some("not_found"));

    // Once the policy is off again everything is shown; both decisions stay.
    let op = Op::PolicyChange;
    vault.transact(&admin, op, Timestamp(10), |tx| {
        tx.set_policy(Policy { read_first: false })
    })?;
    assert_eq!(numbers(&mut vault, &eve)?, "326451");
    let record = vault.policy_record()?.ok_or("no policy")?;
    assert_eq!(
        (record.changed_at, record.changed_by.as_str()),
        (Timestamp(10), "admin")
    );
    let kept: i64 = raw(&vault)?.query_row("SELECT count(*) FROM policy", [], |row| row.get(0))?;
    assert_eq!(kept, 2);
    for change in ["UPDATE policy SET read_first = 1", "DELETE FROM policy"] {
        assert!(raw(&vault)?.execute_batch(change).is_err(), "{change}");
    }
    Ok(())
}

#[test]
fn priors_are_the_other_studies_of_the_same_patient_id() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    for (study, id, name, date) in [
        (1, "A", "X^Y", "20200101"),
        (2, "A", "X^Y", "20220101"),
        (3, "A", "X^Y^Maiden", "20210101"),
        (4, "B", "X^Y", "20230101"),
        (5, "", "X^Y", "20230101"),
        (6, "", "X^Y", "20230101"),
    ] {
        let mut scan = header(study, 1);
        scan.patient.patient_id = id.to_owned();
        scan.patient.patient_name = name.to_owned();
        scan.study.date = Some(date.to_owned());
        import(&mut vault, &admin, &scan)?;
    }
    let priors = |study: &str| -> crate::Result<Vec<String>> {
        let rows = vault.priors(&uid(study))?;
        let rows = vault.worklist_rows(&rows, "admin")?;
        Ok(rows.iter().map(|row| row.study_instance_uid.to_string()).collect())
    };
    assert_eq!(priors("1.2.1")?, ["1.2.2", "1.2.3"]);
    assert_eq!(priors("1.2.4")?, Vec::<String>::new());
    assert_eq!(priors("1.2.5")?, Vec::<String>::new());
    Ok(())
}

#[test]
fn the_words_of_the_list_come_after_it_and_meet_what_changed_by_then() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    filled(&mut vault, &admin)?;
    let by_name = WorklistQuery {
        by: WorklistColumn::Name,
        descending: false,
        ..ALL
    };
    let find = |find| WorklistQuery {
        find,
        ..by_name.clone()
    };

    // A handle that has seen nothing yet: the order by suspicion needs no words, a search reads them.
    let mut list = vault.open_another()?;
    assert_eq!(numbers(&mut list, &ALL)?, "326451");
    assert_eq!(numbers(&mut list, &find("adam"))?, "12");

    // A study that comes, and one that changes, between the list and its words.
    let mut list = vault.open_another()?;
    assert_eq!(numbers(&mut list, &ALL)?, "326451");
    let mut scan = header(7, 1);
    scan.patient.patient_name = "Adam^New".to_owned();
    import(&mut vault, &admin, &scan)?;
    analyse(
        &mut vault,
        &admin,
        1,
        &analysis(&header(1, 1), vec![finding('c', 0.97)]),
    )?;
    while list.take_up_words()? {}
    assert_eq!(numbers(&mut list, &ALL)?, "1326475");
    assert_eq!(numbers(&mut list, &find("adam"))?, "172");
    assert!(!list.take_up_words()?);
    Ok(())
}
