//! Models that say where and not whether: outlined, never flagged, in rows, counts and order.

use std::collections::BTreeMap;

use domain::numbers::{Agreement, ReadFirst};
use domain::testing::counted;
use domain::{Analysis, Decision, Header, Opinion, Policy, SPECIFICITY_FLOOR, Says, Score, StudyState, Timestamp};
use rusqlite_migration::{M, Migrations};

use super::Outcome;
use super::sample::{ALL, NOW, analyse, analysis, decide, finding, header, import, new_vault, review, uid};
use crate::database::{self, STEPS, migrations};
use crate::layout::database_path;
use crate::lock::UseLock;
use crate::{Op, stored};

fn says_where(header: &Header, score: f32, findings: Vec<domain::Finding>) -> Analysis {
    let mut made = analysis(header, findings);
    made.score = Score::try_from(score).ok();
    made.operating_point.patients = None;
    made
}

#[test]
fn an_outlined_study_is_never_flagged_and_stands_where_a_flagged_one_would() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    for (study, instances) in [(1, 1), (2, 1), (3, 1), (4, 2), (5, 2)] {
        for instance in 1..=instances {
            import(&mut vault, &admin, &header(study, instance))?;
        }
    }
    let (first, second) = (header(4, 1), header(4, 2));
    for (study, made) in [
        (1, analysis(&header(1, 1), vec![finding('a', 0.6)])),
        (2, says_where(&header(2, 1), 0.9, vec![finding('b', 0.9)])),
        (3, says_where(&header(3, 1), 0.99, vec![])),
        // One frame of each kind: the flag counts; what is silent in part is told by the lesser claim.
        (4, says_where(&first, 0.7, vec![finding('c', 0.7)])),
        (4, analysis(&second, vec![finding('d', 0.5)])),
        (5, says_where(&header(5, 1), 0.2, vec![])),
        (5, analysis(&header(5, 2), vec![])),
    ] {
        analyse(&mut vault, &admin, study, &made)?;
    }
    let list = vault.worklist(&ALL)?;
    let rows = vault.worklist_rows(&list.rows, "admin")?;
    let seen: Vec<_> = rows
        .iter()
        .map(|row| (row.study_instance_uid.as_str(), row.state, row.flagged, row.outlined))
        .collect();
    assert_eq!(
        seen,
        [
            ("1.2.2", StudyState::Outlined, false, true),
            ("1.2.4", StudyState::Flagged, true, true),
            ("1.2.1", StudyState::Flagged, true, false),
            ("1.2.3", StudyState::NotOutlined, false, false),
            ("1.2.5", StudyState::NotOutlined, false, false),
        ]
    );
    let counts = BTreeMap::from([
        (StudyState::Flagged, 2),
        (StudyState::Outlined, 1),
        (StudyState::NotOutlined, 2),
    ]);
    assert_eq!(list.counts, counts);
    assert_eq!(vault.state_for(&uid("1.2.2"), "admin")?, StudyState::Outlined);

    // An opinion on a study of a model that says where agrees with nothing that it said.
    for study in ["1.2.1", "1.2.2"] {
        let study = uid(study);
        let op = Op::InstancesAccessed { study: study.clone() };
        vault.transact(&admin, op, Timestamp(1_000), |tx| tx.open_reading(&study))?;
        let op = Op::Opinion { study: study.clone() };
        vault.transact(&admin, op, Timestamp(5_000), |tx| {
            tx.commit_opinion(&study, Opinion::Suspicious, None)
        })?;
    }
    for finding in [finding('a', 0.6), finding('b', 0.9)] {
        decide(&mut vault, &admin, &review(&finding, Decision::Accepted))?;
    }
    let (models, days) = vault.quality(Timestamp(0), "admin")?;
    let ([model], [day]) = (models.as_slice(), days.as_slice()) else {
        return Err(format!("{models:?}, {days:?}").into());
    };
    assert_eq!((model.flagged, model.outlined, model.says_where), (2, 2, 4));
    assert_eq!((day.flagged, day.outlined, day.says_where), (2, 2, 4));
    assert_eq!((model.decisions.accepted, model.decisions.undecided), (2, 2));
    let agreement = Agreement {
        both: 1,
        ..Agreement::default()
    };
    assert_eq!(model.agreement, agreement);
    let read_first = ReadFirst {
        readings: 1,
        agreed: 1,
        mean_seconds_to_opinion: Some(4.0),
    };
    assert_eq!(model.read_first, read_first);

    let op = Op::PolicyChange;
    vault.transact(&admin, op, NOW, |tx| tx.set_policy(Policy { read_first: true }))?;
    let list = vault.worklist(&ALL)?;
    let hidden = vault.worklist_rows(&list.rows, "admin")?;
    let told = hidden.iter().filter(|row| row.outlined || row.flagged);
    // On these two the reader has given an opinion.
    assert_eq!(told.count(), 2);
    Ok(())
}

#[test]
fn the_database_and_the_domain_have_one_floor() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    let bounds = [
        0.0,
        0.3,
        SPECIFICITY_FLOOR.next_down(),
        SPECIFICITY_FLOOR,
        SPECIFICITY_FLOOR.next_up(),
        0.9,
        1.0,
    ];
    let mut hashes = Vec::new();
    for (study, at_least) in (1..).zip(bounds) {
        import(&mut vault, &admin, &header(study, 1))?;
        let mut made = analysis(&header(study, 1), vec![finding('a', 0.6)]);
        made.operating_point.patients = Some(counted(at_least));
        analyse(&mut vault, &admin, study, &made)?;
        let record = vault.study(&uid(&format!("1.2.{study}")))?.ok_or("no study")?;
        let state = match made.says() {
            Says::Whether => StudyState::Flagged,
            Says::Where => StudyState::Outlined,
        };
        assert_eq!(record.state, state, "{at_least}");
        assert_eq!(record.analyses[0].analysis, made);
        // What a signature hashes is that a limit was reached.
        let bytes = String::from_utf8(stored::signed_bytes(&record)?)?;
        assert!(bytes.contains("\"flagged\":true"), "{bytes}");
        hashes.push(bytes.contains("outlined"));
    }
    assert!(hashes.iter().all(|told| !told));
    Ok(())
}

#[test]
fn rows_of_before_say_what_their_points_say() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (vault, _) = new_vault(folder.path())?;
    let keys = std::sync::Arc::clone(&vault.keys);
    drop(vault);
    let path = database_path(folder.path());
    for name in ["records.db", "records.db-wal", "records.db-shm"] {
        let _ = std::fs::remove_file(folder.path().join(name));
    }
    let mut connection = database::connect(&path, &keys, database::Existing::Created)?;
    Migrations::new(STEPS[..11].iter().copied().map(M::up).collect()).to_latest(&mut connection)?;
    connection.execute_batch(
        "INSERT INTO patient (id, patient_id, patient_name, created_at) VALUES (1, 'P1', 'Name^One', 5);
         INSERT INTO model_version VALUES (1, 'brain', '1', 'w', 5);",
    )?;
    let kept = serde_json::to_string(&counted(0.7))?;
    let points = [None, Some(kept.as_str()), Some("null"), None];
    for (study, point) in (1_i64..).zip(points) {
        let uid = format!("1.2.{study}");
        connection.execute(
            "INSERT INTO study (id, study_instance_uid, patient, created_at) VALUES (?1, ?2, 1, 5)",
            rusqlite::params![study, uid],
        )?;
        connection.execute(
            "INSERT INTO series (id, series_instance_uid, study, modality) VALUES (?1, ?2 || '.1', ?1, 'MR')",
            rusqlite::params![study, uid],
        )?;
        connection.execute(
            "INSERT INTO instance (id, sop_instance_uid, series, instance_number, header, content_sha256, file_id, bytes,
                imported_at, imported_by)
             VALUES (?1, ?2 || '.1.1', ?1, 1, '{}', ?2, ?2, 7, 70, 'admin')",
            rusqlite::params![study, uid],
        )?;
        connection.execute(
            "INSERT INTO worklist (study, study_instance_uid, patient_id, patient_name, modality, instances,
                running_jobs, analyses, refused, flagged, findings, findings_reviewed, signed, any_flagged, score,
                sort_name, search, revision)
             VALUES (?1, ?2, 'P1', 'Name^One', 'MR', 1, 0, 1, 0, ?1 < 4, 1, 0, 0, 1, 0.7, '', '', ?1)",
            rusqlite::params![study, uid],
        )?;
        // The last one reached nothing.
        connection.execute(
            "INSERT INTO analysis (instance, frame, model_version, input_verdict, score, flagged, operating_point_name,
                operating_point_threshold, operating_point_sensitivity, operating_point_set, device, precision,
                decode_ms, preprocess_ms, infer_ms, post_ms, total_ms, app_version, analysed_at, analysed_by,
                point_by_patient)
             VALUES (?1, 0, 1, 'in_range', 0.7, ?1 < 4, 'p', 0.5, 0.9, 'a val', 'cpu', 'fp32', 1, 1, 1, 1, 1, '0', 9,
                'admin', ?2)",
            rusqlite::params![study, point],
        )?;
    }
    database::migrate(&mut connection, &path, UseLock::shared(folder.path())?, &migrations())?;
    let mut select = connection.prepare("SELECT flagged, outlined, says_where FROM worklist ORDER BY study")?;
    let rows = select.query_map([], |row| row.try_into())?;
    let counts: Vec<(i64, i64, i64)> = rows.collect::<Result<_, _>>()?;
    assert_eq!(counts, [(0, 1, 1), (1, 0, 0), (0, 1, 1), (0, 0, 1)]);
    let reached: i64 = connection.query_row("SELECT sum(flagged) FROM analysis", [], |row| row.get(0))?;
    assert_eq!(reached, 3, "what was stored stays");
    Ok(())
}
