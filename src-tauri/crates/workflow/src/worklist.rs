//! The list of studies as a window scrolls it, and the filters that a person keeps.

use domain::{Doubt, Failure, FailureCode, Permission, Study, WorklistRow, doubts};
use records::Op;

use crate::permit::permit;
use crate::time::{day, now};
use crate::vault::OpenVault;
use contract::window::{SavedFilter, WorklistQuery, WorklistView};

const LONGEST_NAME: usize = 100;
const MOST_FILTERS: usize = 100;

/// The answer to a query, without its number, and the row numbers of the studies in their order. What
/// the vault's policy hides from the reader stands in neither.
pub fn open_worklist(open: &mut OpenVault, query: &WorklistQuery) -> Result<(WorklistView, Vec<i64>), Failure> {
    permit(&open.session, Permission::ViewRecords)?;
    let list = open.vault.worklist(&records::WorklistQuery {
        by: query.order.by,
        descending: query.order.descending,
        find: &query.find,
        states: &query.states,
        modalities: &query.modalities,
        date_from: given(&query.date_from),
        date_to: given(&query.date_to),
        reader: &open.session.user,
    })?;
    let view = WorklistView {
        view: 0,
        total: list.rows.len() as u64,
        state_counts: list.counts,
        modalities: list.modalities,
        all_studies: list.all_studies,
    };
    Ok((view, list.rows))
}

/// Rows of the list by their numbers, in the order that was asked for.
pub fn worklist_rows(open: &OpenVault, rows: &[i64]) -> Result<Vec<WorklistRow>, Failure> {
    permit(&open.session, Permission::ViewRecords)?;
    let mut rows = open.vault.worklist_rows(rows, &open.session.user)?;
    for row in &mut rows {
        row.doubts = doubted(row);
    }
    Ok(rows)
}

/// The row has no age; whoever opens the study is told of a doubted one.
fn doubted(row: &WorklistRow) -> Vec<Doubt> {
    let study = Study {
        study_instance_uid: row.study_instance_uid.clone(),
        date: row.date.clone(),
        time: None,
        accession_number: None,
        description: None,
        referring_physician: None,
        patient_age: None,
    };
    doubts(&row.patient, &study, &day(row.imported_at))
}

pub fn saved_filters(open: &OpenVault) -> Result<Vec<SavedFilter>, Failure> {
    permit(&open.session, Permission::ViewRecords)?;
    let kept = open.vault.saved_filters(&open.session.user)?;
    // A filter that another version wrote and this one cannot read is not shown.
    Ok(kept
        .into_iter()
        .filter_map(|filter| {
            Some(SavedFilter {
                query: serde_json::from_value(filter.query).ok()?,
                name: filter.name,
            })
        })
        .collect())
}

/// Keeps a filter in place of the person's own of the same name; gives all of them.
pub fn save_filter(open: &mut OpenVault, filter: &SavedFilter) -> Result<Vec<SavedFilter>, Failure> {
    permit(&open.session, Permission::ViewRecords)?;
    let name = filter.name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(Failure::usage(format!(
            "a filter's name has 1 to {LONGEST_NAME} characters"
        )));
    }
    let kept = saved_filters(open)?;
    if kept.len() >= MOST_FILTERS && kept.iter().all(|other| other.name != name) {
        return Err(Failure::usage(format!(
            "there are {MOST_FILTERS} saved filters already; delete one first"
        )));
    }
    let query = serde_json::to_value(&filter.query)
        .map_err(|error| Failure::new(FailureCode::Internal, format!("the filter cannot be kept: {error}")))?;
    let saved = records::SavedFilter {
        name: name.to_owned(),
        query,
    };
    open.vault
        .transact(&open.session, Op::FilterChange, now(), |tx| tx.save_filter(&saved))?;
    saved_filters(open)
}

pub fn delete_filter(open: &mut OpenVault, name: &str) -> Result<Vec<SavedFilter>, Failure> {
    permit(&open.session, Permission::ViewRecords)?;
    open.vault
        .transact(&open.session, Op::FilterChange, now(), |tx| tx.delete_filter(name))?;
    saved_filters(open)
}

fn given(date: &Option<String>) -> Option<&str> {
    date.as_deref().map(str::trim).filter(|date| !date.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::create_vault;
    use crate::vault::Passphrase;
    use contract::window::WorklistOrder;
    use domain::{StudyState, WorklistColumn};

    #[test]
    fn filters_are_kept_by_name_and_come_back_as_they_were() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let mut open = create_vault(&folder.path().join("v"), "admin", &Passphrase::new("a passphrase"))?;
        let filter = SavedFilter {
            name: " mine ".into(),
            query: WorklistQuery {
                order: WorklistOrder {
                    by: WorklistColumn::Date,
                    descending: false,
                },
                find: "kovács".into(),
                states: vec![StudyState::Unread, StudyState::Flagged],
                ..WorklistQuery::default()
            },
        };
        let kept = save_filter(&mut open, &filter)?;
        assert_eq!((kept[0].name.as_str(), &kept[0].query), ("mine", &filter.query));
        let unnamed = SavedFilter {
            name: "  ".into(),
            ..filter
        };
        assert!(save_filter(&mut open, &unnamed).is_err());
        assert_eq!(delete_filter(&mut open, "mine")?, []);
        assert_eq!(
            delete_filter(&mut open, "mine").err().map(|f| f.code),
            Some(FailureCode::NotFound)
        );
        let (view, rows) = open_worklist(&mut open, &WorklistQuery::default())?;
        assert_eq!((view.total, view.all_studies, rows.len()), (0, 0, 0));
        Ok(())
    }
}
