//! Where the repository lies, and the tables of the data packs.

use std::path::{Path, PathBuf};

use crate::Outcome;

pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The rows of a table as (column, value) lookups.
pub fn csv_rows(table: &Path) -> Outcome<Vec<std::collections::BTreeMap<String, String>>> {
    let mut reader = csv::Reader::from_path(table)?;
    let rows: Vec<std::collections::BTreeMap<String, String>> = reader.deserialize().collect::<Result<_, _>>()?;
    if rows.is_empty() {
        return Err(format!("{} has no rows", table.display()).into());
    }
    Ok(rows)
}
