//! A change of the schema: the database is copied first, and a failed step changes nothing.

use rusqlite_migration::{M, Migrations};

use super::Outcome;
use super::sample::{header, import, new_vault, raw};
use crate::database::{self, migrations, schema_version};
use crate::vault::{UseLock, database_path};

const FIRST: &str = include_str!("../sql/migrations/0001_records.sql");

#[test]
fn the_migrations_are_valid_sql_and_leave_a_fresh_vault_up_to_date() -> Outcome {
    migrations().validate()?;
    let folder = tempfile::tempdir()?;
    let (vault, _) = new_vault(folder.path())?;
    assert_eq!(schema_version(&vault.connection)?, 1);
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
    let next = Migrations::new(vec![
        M::up(FIRST),
        M::up("ALTER TABLE study ADD COLUMN priority INTEGER"),
    ]);
    let path = database_path(folder.path());
    database::migrate(&mut connection, &path, UseLock::shared(folder.path())?, &next)?;
    assert_eq!(schema_version(&connection)?, 2);
    connection.query_row("SELECT priority FROM study", [], |_| Ok(()))?;

    let copy = folder.path().join("records-schema-1.db");
    let old = database::connect(&copy, &keys, database::Existing::Required)?;
    assert_eq!(schema_version(&old)?, 1);
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
    let broken = Migrations::new(vec![
        M::up(FIRST),
        M::up("ALTER TABLE study ADD COLUMN a TEXT; SELECT nonsense"),
    ]);
    let lock = UseLock::shared(folder.path())?;
    assert!(database::migrate(&mut connection, &database_path(folder.path()), lock, &broken).is_err());
    assert_eq!(schema_version(&connection)?, 1);
    assert!(connection.prepare("SELECT a FROM study").is_err());
    Ok(())
}
