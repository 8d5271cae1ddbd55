//! One way to open the database, so that no connection lacks a setting.

use std::fmt::Write;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use zeroize::Zeroizing;

use crate::disk;
use crate::error::{Error, Result, io};
use crate::keys::Keys;
use crate::lock::PATIENCE;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    Required,
    Created,
}

/// Opens `records.db` with its raw key (SQLCipher, no passphrase hashing of its own).
///
/// # Errors
/// `vault_damaged` when the file is missing, cannot be decrypted or is no database.
pub(crate) fn connect(path: &Path, keys: &Keys, existing: Existing) -> Result<Connection> {
    match existing {
        Existing::Created => {
            disk::create_private(path).map_err(io(format!("create {}", path.display())))?;
        }
        Existing::Required if !path.is_file() => {
            return Err(Error::VaultDamaged("its database records.db is missing".to_owned()));
        }
        Existing::Required => {}
    }
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(PATIENCE)?;
    // Damage is told by our own errors; SQLCipher would also print it to stderr.
    connection.execute_batch("PRAGMA cipher_log_level = NONE;")?;
    connection.execute_batch(&key_statement(keys))?;
    // The first read decrypts the first page.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    connection.execute_batch(
        "PRAGMA temp_store = MEMORY;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA recursive_triggers = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA cache_size = -32768;",
    )?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn key_statement(keys: &Keys) -> Zeroizing<String> {
    let mut statement = Zeroizing::new(String::with_capacity(128));
    statement.push_str("PRAGMA key = \"x'");
    for byte in keys.database.iter() {
        // Writing to a String cannot fail.
        let _ = write!(statement, "{byte:02x}");
    }
    statement.push_str("'\";");
    statement
}
