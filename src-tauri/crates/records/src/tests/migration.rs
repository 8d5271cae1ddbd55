//! A change of the schema: the database is copied first, and a failed step changes nothing.

use rusqlite_migration::{M, Migrations};

use super::Outcome;
use super::sample::{header, import, new_vault, raw};
use crate::database::{self, STEPS, migrations, schema_version};
use crate::layout::database_path;
use crate::lock::UseLock;

const LATEST: i64 = STEPS.len() as i64;

fn after_all(step: &'static str) -> Migrations<'static> {
    Migrations::new(STEPS.into_iter().chain([step]).map(M::up).collect())
}

#[test]
fn the_migrations_are_valid_sql_and_leave_a_fresh_vault_up_to_date() -> Outcome {
    migrations().validate()?;
    let folder = tempfile::tempdir()?;
    let (vault, _) = new_vault(folder.path())?;
    assert_eq!(schema_version(&vault.connection)?, LATEST);
    assert_eq!(migrations().pending_migrations(&vault.connection)?, 0);
    Ok(())
}

#[test]
fn the_database_is_copied_before_it_changes() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    import(&mut vault, &admin, &header(1, 1))?;
    let mut connection = raw(&vault)?;
    let keys = std::sync::Arc::clone(&vault.keys);
    drop(vault);
    let next = after_all("ALTER TABLE study ADD COLUMN priority INTEGER");
    let path = database_path(folder.path());
    database::migrate(&mut connection, &path, UseLock::shared(folder.path())?, &next)?;
    assert_eq!(schema_version(&connection)?, LATEST + 1);
    connection.query_row("SELECT priority FROM study", [], |_| Ok(()))?;

    let copy = folder.path().join(format!("records-schema-{LATEST}.db"));
    let old = database::connect(&copy, &keys, database::Existing::Required)?;
    assert_eq!(schema_version(&old)?, LATEST);
    assert_eq!(
        old.query_row("SELECT count(*) FROM study", [], |row| row.get::<_, i64>(0))?,
        1
    );
    assert!(old.prepare("SELECT priority FROM study").is_err());
    Ok(())
}

#[test]
fn a_step_that_fails_leaves_the_old_schema() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (vault, _) = new_vault(folder.path())?;
    let mut connection = raw(&vault)?;
    drop(vault);
    let broken = after_all("ALTER TABLE study ADD COLUMN a TEXT; SELECT nonsense");
    let lock = UseLock::shared(folder.path())?;
    assert!(database::migrate(&mut connection, &database_path(folder.path()), lock, &broken).is_err());
    assert_eq!(schema_version(&connection)?, LATEST);
    assert!(connection.prepare("SELECT a FROM study").is_err());
    Ok(())
}

/// Rows of the first schema, written as the first program wrote them.
const OLD_ROWS: &str = "
    INSERT INTO patient VALUES (1, 'P1', 'Name^One', '19700131', 'F', 5);
    INSERT INTO study VALUES (1, '1.2.1', 1, '20240131', NULL, NULL, 'MR of the head', NULL, NULL, 5);
    INSERT INTO series VALUES (1, '1.2.1.1', 1, 'MR', 1, NULL, NULL, NULL, NULL, NULL);
    INSERT INTO instance VALUES (1, '1.2.1.1.1', 1, 1, '{}', 'c1', 'f1', 7, NULL, 70, 'admin');
    INSERT INTO instance VALUES (2, '1.2.1.1.2', 1, 2, '{}', 'c2', 'f2', 7, NULL, 90, 'admin');
    INSERT INTO review VALUES (3, 'aa', 1, 'accepted', NULL, 'seen', 'admin', 100);
    INSERT INTO review VALUES (8, 'aa', 1, 'changed', 'cyst', NULL, 'admin', 200);
    INSERT INTO sign_off VALUES (1, 'admin', 300, 'hash');
    INSERT INTO worklist VALUES
        (1, '1.2.1', 'P1', 'Name^One', '20240131', 'MR', 2, 0, 0, 0, 0, 0, 0, 1, 0, NULL, 'name one', 'name one p1');
    INSERT INTO study VALUES (2, '1.2.2', 1, '20240131', NULL, NULL, 'A report', NULL, NULL, 5);
    INSERT INTO series VALUES (2, '1.2.2.1', 2, 'SR', 1, NULL, NULL, NULL, NULL, NULL);
    INSERT INTO instance VALUES (3, '1.2.2.1.1', 2, 1, '{\"image\": {\"frames\": 0}}', 'c3', 'f3', 7, NULL, 90, 'admin');
    INSERT INTO worklist VALUES
        (2, '1.2.2', 'P1', 'Name^One', '20240131', 'SR', 1, 0, 0, 0, 0, 0, 0, 0, 0, NULL, 'name one', 'name one p1');
";

/// A sentence of schema 6, its specificity, and what schema 7 makes of them.
type Point = (
    &'static str,
    f64,
    Option<f64>,
    (
        &'static str,
        Option<&'static str>,
        Option<&'static str>,
        Option<u32>,
        Option<u32>,
    ),
    bool,
);

const POINTS: [Point; 7] = [
    (
        "brain-mri/lgg-flair val, 367 pictures of 12 patients, chosen there",
        0.9,
        Some(0.9),
        ("brain-mri", Some("lgg-flair"), Some("val"), Some(367), Some(12)),
        true,
    ),
    (
        "brain-mri/cheng-t1c val, 250 pictures, each with a lesion",
        -1.0,
        None,
        ("brain-mri", Some("cheng-t1c"), Some("val"), Some(250), None),
        false,
    ),
    (
        "all packs val",
        0.0,
        Some(0.0),
        ("all packs", None, Some("val"), None, None),
        false,
    ),
    ("toys", -1.0, None, ("toys", None, None, None, None), false),
    (
        "a val, 7 pictures of them",
        1.0,
        Some(1.0),
        ("a val, 7 pictures of them", None, None, None, None),
        false,
    ),
    (
        "a val, 4294967296 pictures, chosen there",
        1.0,
        Some(1.0),
        ("a val, 4294967296 pictures, chosen there", None, None, None, None),
        false,
    ),
    ("", 1.0, Some(1.0), ("", None, None, None, None), false),
];

#[test]
fn the_facts_of_operating_points_are_taken_out_of_their_sentences_once() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (vault, _) = new_vault(folder.path())?;
    let keys = std::sync::Arc::clone(&vault.keys);
    drop(vault);
    let path = database_path(folder.path());
    for name in ["records.db", "records.db-wal", "records.db-shm"] {
        let _ = std::fs::remove_file(folder.path().join(name));
    }
    let mut connection = database::connect(&path, &keys, database::Existing::Created)?;
    Migrations::new(STEPS[..6].iter().copied().map(M::up).collect()).to_latest(&mut connection)?;
    connection.execute_batch(
        "INSERT INTO patient VALUES (1, 'P1', 'Name^One', '19700131', 'F', 5);
         INSERT INTO study VALUES (1, '1.2.1', 1, '20240131', NULL, NULL, 'MR of the head', NULL, NULL, 5);
         INSERT INTO series VALUES (1, '1.2.1.1', 1, 'MR', 1, NULL, NULL, NULL, NULL, NULL);
         INSERT INTO instance VALUES (1, '1.2.1.1.1', 1, 1, '{}', 'c1', 'f1', 7, NULL, 70, 'admin');
         INSERT INTO model_version VALUES (1, 'brain', '1', 'w', 5);",
    )?;
    for (sentence, specificity, ..) in POINTS {
        connection.execute(
            "INSERT INTO analysis (instance, frame, model_version, input_verdict, flagged, operating_point_name,
                operating_point_threshold, operating_point_sensitivity, operating_point_specificity,
                operating_point_set, device, precision, decode_ms, preprocess_ms, infer_ms, post_ms, total_ms,
                app_version, analysed_at, analysed_by)
             VALUES (1, 0, 1, 'in_range', 0, 'p', 0.5, 0.9, ?1, ?2, 'cpu', 'fp32', 1, 1, 1, 1, 1, '0', 9, 'admin')",
            rusqlite::params![specificity, sentence],
        )?;
    }
    database::migrate(&mut connection, &path, UseLock::shared(folder.path())?, &migrations())?;
    let mut select = connection.prepare(
        "SELECT operating_point_set, operating_point_specificity, set_pack, set_subset, set_split, set_images,
            set_patients, chosen_on_set, sensitivity_low, specificity_high FROM newest_analysis
         UNION ALL
         SELECT operating_point_set, operating_point_specificity, set_pack, set_subset, set_split, set_images,
            set_patients, chosen_on_set, sensitivity_low, specificity_high FROM analysis ORDER BY 1",
    )?;
    let mut rows = select.query([])?;
    let mut seen = 0;
    while let Some(row) = rows.next()? {
        let sentence: String = row.get(0)?;
        let expected = POINTS.iter().find(|point| point.0 == sentence);
        let (_, _, specificity, (pack, subset, split, images, patients), chosen) =
            expected.ok_or("a changed sentence")?;
        let text = |place: usize| row.get::<_, Option<String>>(place);
        assert_eq!(row.get::<_, Option<f64>>(1)?, *specificity, "{sentence}");
        assert_eq!(
            (text(2)?.as_deref(), text(3)?.as_deref(), text(4)?.as_deref()),
            (Some(*pack), *subset, *split),
            "{sentence}"
        );
        let counts: (Option<u32>, Option<u32>, bool) = (row.get(5)?, row.get(6)?, row.get(7)?);
        assert_eq!(counts, (*images, *patients, *chosen), "{sentence}");
        let interval: (Option<f64>, Option<f64>) = (row.get(8)?, row.get(9)?);
        assert_eq!(interval, (None, None), "{sentence}");
        seen += 1;
    }
    assert_eq!(
        seen,
        POINTS.len() + 1,
        "all rows, and the newest of the frame once more"
    );
    assert!(connection.execute_batch("UPDATE analysis SET flagged = 1").is_err());
    Ok(())
}

#[test]
fn a_vault_of_the_first_schema_keeps_its_reviews_and_their_locks() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (vault, _) = new_vault(folder.path())?;
    let keys = std::sync::Arc::clone(&vault.keys);
    drop(vault);
    let path = database_path(folder.path());
    for name in ["records.db", "records.db-wal", "records.db-shm"] {
        let _ = std::fs::remove_file(folder.path().join(name));
    }
    let mut connection = database::connect(&path, &keys, database::Existing::Created)?;
    Migrations::new(vec![M::up(STEPS[0])]).to_latest(&mut connection)?;
    connection.execute_batch(OLD_ROWS)?;

    database::migrate(&mut connection, &path, UseLock::shared(folder.path())?, &migrations())?;
    let mut select =
        connection.prepare("SELECT id, decision, label, note, reader, decided_at FROM review ORDER BY id")?;
    let reviews = select
        .query_map([], |row| {
            let row: (i64, String, Option<String>, Option<String>, String, i64) = row.try_into()?;
            Ok(row)
        })?
        .collect::<Result<Vec<_>, _>>()?;
    let admin = || "admin".to_owned();
    assert_eq!(
        reviews,
        [
            (3, "accepted".to_owned(), None, Some("seen".to_owned()), admin(), 100),
            (8, "changed".to_owned(), Some("cyst".to_owned()), None, admin(), 200)
        ]
    );
    let listed: (String, String, i64, i64) = connection.query_row(
        "SELECT description, sex, imported_at, revision FROM worklist WHERE study = 1",
        [],
        |row| row.try_into(),
    )?;
    assert_eq!(listed, ("MR of the head".to_owned(), "F".to_owned(), 90, 1));
    let without_pictures = connection
        .prepare("SELECT study FROM worklist WHERE no_picture")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<Vec<i64>, _>>()?;
    assert_eq!(without_pictures, [2]);
    for statement in [
        "UPDATE review SET note = 'x'",
        "DELETE FROM review",
        "INSERT INTO review VALUES (9, 'aa', 1, 'unsure', NULL, NULL, 'admin', 400)",
    ] {
        assert!(connection.execute_batch(statement).is_err(), "{statement} was taken");
    }
    let faults: Vec<String> = connection
        .prepare("PRAGMA foreign_key_check")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    assert_eq!(faults, Vec::<String>::new());
    Ok(())
}
