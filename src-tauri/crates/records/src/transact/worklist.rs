//! One study's row in the list of studies, made from its records.

use rusqlite::{Connection, params};

use crate::database::sql;
use crate::error::Result;
use crate::fold::fold;

/// Rewrites the row; called at the end of every transaction that changed the study.
pub(crate) fn refresh(connection: &Connection, study: i64) -> Result<()> {
    let mut words = connection.prepare_cached(sql!("select_worklist_words"))?;
    let (name, search) = words.query_row([study], |row| {
        let text = |column: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<String>>(column)?.unwrap_or_default());
        let date = text(2)?;
        let mut rest = vec![text(1)?, dashed(&date), date];
        // Accession number, descriptions, modalities, then the sections of the report.
        for column in 3..12 {
            rest.push(text(column)?);
        }
        let rest = rest.join(" ");
        let name = fold(&text(0)?);
        let search = format!("{name} {}", fold(&rest));
        Ok((name, search))
    })?;
    connection
        .prepare_cached(sql!("refresh_worklist"))?
        .execute(params![study, name, search])?;
    Ok(())
}

/// `20240131` as people type it, `2024-01-31`; empty when it is no such date.
fn dashed(date: &str) -> String {
    match (date.get(0..4), date.get(4..6), date.get(6..8)) {
        (Some(year), Some(month), Some(day)) => format!("{year}-{month}-{day}"),
        _ => String::new(),
    }
}
