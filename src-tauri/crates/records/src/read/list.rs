//! The list of studies.

use domain::study::StudyFacts;
use domain::{StudyState, Uid};
use rusqlite::Row;

use crate::database::sql;
use crate::error::Result;
use crate::fold::{fold, words_of};
use crate::vault::Vault;
use crate::words;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StudySort {
    /// Flagged first, then by highest score; studies without a score last.
    #[default]
    Suspicion,
    /// Newest first, studies without a date last.
    Date,
    /// By patient name, without regard to case and accents.
    Name,
}

/// Which of the matching studies to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    pub offset: usize,
    pub limit: usize,
}

impl Page {
    pub const ALL: Page = Page {
        offset: 0,
        limit: usize::MAX,
    };
}

#[derive(Debug, Clone, PartialEq)]
pub struct StudyRow {
    pub study_instance_uid: Uid,
    /// Empty when the files name no patient.
    pub patient_id: String,
    pub patient_name: String,
    /// `YYYYMMDD`.
    pub date: Option<String>,
    /// Modalities in the study, sorted, divided by `/`.
    pub modality: String,
    pub state: StudyState,
    /// Highest score of the newest analyses.
    pub score: Option<f32>,
    pub flagged: bool,
    pub instance_count: u32,
}

impl Vault {
    /// All studies in which every word of `find` occurs: in name, ID, date (`20240131` or
    /// `2024-01-31`), accession number, modality or a description; case and accents do not matter.
    pub fn list_studies(&self, sort: StudySort, find: Option<&str>) -> Result<Vec<StudyRow>> {
        self.list_studies_page(sort, find, Page::ALL)
    }

    pub fn list_studies_page(&self, sort: StudySort, find: Option<&str>, page: Page) -> Result<Vec<StudyRow>> {
        let statement = match sort {
            StudySort::Suspicion => sql!("list_studies_by_suspicion"),
            StudySort::Date => sql!("list_studies_by_date"),
            StudySort::Name => sql!("list_studies_by_name"),
        };
        let find = fold(find.unwrap_or_default());
        let wanted = words_of(&find);
        let mut statement = self.connection.prepare_cached(statement)?;
        let mut rows = statement.query([])?;
        let mut studies = Vec::new();
        let mut skipped = 0;
        while studies.len() < page.limit
            && let Some(row) = rows.next()?
        {
            if !wanted.is_empty() {
                let search = row.get_ref(14)?.as_str().map_err(rusqlite::Error::from)?;
                if !wanted.iter().all(|word| search.contains(word)) {
                    continue;
                }
            }
            if skipped < page.offset {
                skipped += 1;
                continue;
            }
            studies.push(study_row(row)?);
        }
        Ok(studies)
    }
}

fn study_row(row: &Row<'_>) -> Result<StudyRow> {
    let facts = facts(row, 6, 15)?;
    Ok(StudyRow {
        study_instance_uid: words::uid(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?,
        patient_id: row.get(1)?,
        patient_name: row.get(2)?,
        date: row.get(3)?,
        modality: row.get(4)?,
        instance_count: row.get(5)?,
        state: StudyState::of(facts),
        score: row.get(13)?,
        flagged: facts.flagged > 0,
    })
}

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
