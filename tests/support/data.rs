//! Real pictures from outside the repository.

use std::path::{Path, PathBuf};

use crate::Outcome;

pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// `part` of the data folder (`OVERREAD_DATA`, else `shared/data` beside the repository); `None`,
/// said aloud, where it is absent.
pub fn data(part: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("OVERREAD_DATA").map_or_else(|| repository().join("../shared/data"), PathBuf::from);
    let path = folder.join(part);
    if path.exists() {
        return Some(path);
    }
    eprintln!(
        "skipped: {} is not there; OVERREAD_DATA names the data folder",
        path.display()
    );
    None
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
