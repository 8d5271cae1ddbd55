//! Numbered migrations. A migration file is frozen once released; the version of the schema is the
//! number of migrations applied, kept in `user_version`.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

use crate::disk::Unfinished;
use crate::error::{Error, Result, io};
use crate::lock::{PATIENCE, UseLock};

/// In the order in which they are applied.
pub(crate) const STEPS: [&str; 15] = [
    include_str!("../sql/migrations/0001_records.sql"),
    include_str!("../sql/migrations/0002_reading.sql"),
    include_str!("../sql/migrations/0003_studies_without_pictures.sql"),
    include_str!("../sql/migrations/0004_note_drafts.sql"),
    include_str!("../sql/migrations/0005_reasons_by_code.sql"),
    include_str!("../sql/migrations/0006_worklist_facts.sql"),
    include_str!("../sql/migrations/0007_next_house.sql"),
    include_str!("../sql/migrations/0008_planes.sql"),
    include_str!("../sql/migrations/0009_identity.sql"),
    include_str!("../sql/migrations/0010_issuer_and_corrections.sql"),
    include_str!("../sql/migrations/0011_points_and_flags.sql"),
    include_str!("../sql/migrations/0012_where_not_whether.sql"),
    include_str!("../sql/migrations/0013_who_signed_the_model.sql"),
    include_str!("../sql/migrations/0014_frames_of_studies.sql"),
    include_str!("../sql/migrations/0015_site_prevalence.sql"),
];

pub(crate) fn migrations() -> Migrations<'static> {
    Migrations::new(STEPS.map(M::up).to_vec())
}

pub(crate) fn schema_version(connection: &Connection) -> Result<i64> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Brings an existing database up to date while nobody else has it open, after copying it to
/// `records-schema-<old version>.db`. A restored database too, for it could not be read otherwise; its
/// records stay as they are.
///
/// # Errors
/// `vault_too_new` when the database is ahead of this program, `vault_damaged` when it is empty,
/// `vault_busy` when another program has the vault open and a migration is due.
pub(crate) fn migrate(
    connection: &mut Connection,
    path: &Path,
    lock: UseLock,
    migrations: &Migrations<'static>,
) -> Result<UseLock> {
    if pending(connection, migrations)? > 0 {
        lock.alone(PATIENCE, || {
            // Another program may have done it while this one waited.
            if pending(connection, migrations)? > 0 {
                copy_aside(connection, path)?;
                migrations.to_latest(connection).map_err(migration_error)?;
            }
            Ok(())
        })?;
    }
    Ok(lock)
}

fn pending(connection: &Connection, migrations: &Migrations<'static>) -> Result<i64> {
    let found = schema_version(connection)?;
    if found == 0 {
        return Err(Error::VaultDamaged("its database is empty".to_owned()));
    }
    let pending = i64::from(migrations.pending_migrations(connection).map_err(migration_error)?);
    if pending < 0 {
        return Err(Error::VaultTooNew {
            what: "database schema",
            found,
            supported: found + pending,
        });
    }
    Ok(pending)
}

fn copy_aside(connection: &Connection, path: &Path) -> Result<PathBuf> {
    // The file alone is the whole database once the log is written back.
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    let copy = free_name(path, schema_version(connection)?);
    let action = || format!("copy the database to {} before changing its schema", copy.display());
    let mut unfinished = Unfinished::create_beside(&copy)?;
    let mut source = fs::File::open(path).map_err(io(action()))?;
    std::io::copy(&mut source, &mut unfinished.file).map_err(io(action()))?;
    unfinished.rename_to(&copy)?;
    Ok(copy)
}

/// The copy of an earlier migration stays: after a restore it may hold newer records than this one.
fn free_name(database: &Path, version: i64) -> PathBuf {
    let mut free = database.with_file_name(format!("records-schema-{version}.db"));
    let mut number = 2;
    while free.exists() {
        free = database.with_file_name(format!("records-schema-{version}-{number}.db"));
        number += 1;
    }
    free
}

pub(crate) fn migration_error(error: rusqlite_migration::Error) -> Error {
    match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => err.into(),
        other => Error::Invalid(format!("the schema could not be brought up to date: {other}")),
    }
}
