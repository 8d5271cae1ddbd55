//! What decides a study's state, as every list and every study reads it.

use domain::study::StudyFacts;
use rusqlite::Row;

use crate::error::Result;

/// Seven columns from `first`: running_jobs, analyses, refused, flagged, findings,
/// findings_reviewed, signed; and the column of no_picture.
pub(super) fn facts(row: &Row<'_>, first: usize, no_picture: usize) -> Result<StudyFacts> {
    Ok(StudyFacts {
        running_jobs: row.get(first)?,
        analyses: row.get(first + 1)?,
        refused: row.get(first + 2)?,
        flagged: row.get(first + 3)?,
        findings: row.get(first + 4)?,
        findings_reviewed: row.get(first + 5)?,
        signed: row.get(first + 6)?,
        no_picture: row.get(no_picture)?,
    })
}
