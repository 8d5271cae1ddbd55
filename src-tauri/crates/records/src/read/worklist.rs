//! The list of studies as a window scrolls it. What decides order and filter is kept in memory and
//! brought up to date by revision, so that 100,000 studies are sorted and searched at once; the rows
//! that are looked at are read from the database.

use std::collections::{BTreeMap, BTreeSet};

use domain::identity::differs;
use domain::study::StudyFacts;
use domain::{Patient, StudyState, Uid, WorklistColumn, WorklistRow};
use rusqlite::OptionalExtension;

use super::policy::has_answer;
use crate::database::sql;
use crate::error::Result;
use crate::fold::{fold, words_of};
use crate::kept::{self, Order, WordsTaken, order};
use crate::vault::Vault;
use crate::words;

/// Some milliseconds of work, after which somebody else may ask the list.
const WORDS_AT_ONCE: i64 = 2_000;

#[derive(Debug, Clone)]
pub struct WorklistQuery<'a> {
    pub by: WorklistColumn,
    pub descending: bool,
    /// Words that must all occur, without regard to case and accents.
    pub find: &'a str,
    /// Empty: every state.
    pub states: &'a [StudyState],
    /// Empty: every modality.
    pub modalities: &'a [String],
    /// `YYYYMMDD`, inclusive; with either, studies without a date are left out.
    pub date_from: Option<&'a str>,
    pub date_to: Option<&'a str>,
    /// Whose list it is: what the policy hides from this reader stands in no row, count or order.
    pub reader: &'a str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worklist {
    /// Row numbers of the studies, in order.
    pub rows: Vec<i64>,
    /// Of all studies that the words, modalities and dates match.
    pub counts: BTreeMap<StudyState, u64>,
    /// All in the vault, sorted.
    pub modalities: Vec<String>,
    pub all_studies: u64,
}

impl Vault {
    /// The studies that a query matches, in its order. Ties stand by date, newest first, then by
    /// import, whichever way the column goes; what a row lacks stands last.
    pub fn worklist(&mut self, query: &WorklistQuery<'_>) -> Result<Worklist> {
        self.take_up_changes()?;
        if !query.find.is_empty() || matches!(query.by, WorklistColumn::Name | WorklistColumn::PatientId) {
            while self.take_up_words()? {}
        }
        let read = self.studies_read_by(query.reader)?;
        let find = fold(query.find);
        let wanted = words_of(&find);
        let of_modality: Vec<bool> = self.kept.modalities().iter().map(|m| has_modality(m, query)).collect();
        let mut counts = BTreeMap::new();
        let mut matching: Vec<Order<'_>> = Vec::new();
        for study in self.kept.studies() {
            if !of_modality[usize::from(study.modality)]
                || !in_dates(study.date.as_deref(), query)
                || !wanted.iter().all(|word| study.words.search.contains(word))
            {
                continue;
            }
            let unread = read
                .as_ref()
                .is_some_and(|read| has_answer(study.facts) && !read.contains(&study.row));
            let state = StudyState::seen(study.facts, unread);
            *counts.entry(state).or_insert(0) += 1;
            if query.states.is_empty() || query.states.contains(&state) {
                matching.push(Order { study, state });
            }
        }
        let rows = order(matching, query.by, query.descending, self.kept.modalities());
        let modalities: BTreeSet<&str> = self
            .kept
            .modalities()
            .iter()
            .flat_map(|m| m.split('/'))
            .filter(|m| !m.is_empty())
            .collect();
        Ok(Worklist {
            rows,
            counts,
            modalities: modalities.into_iter().map(str::to_owned).collect(),
            all_studies: self.kept.studies().len() as u64,
        })
    }

    /// The rows of the list by their numbers, as `reader` may see them; one that is not there is left out.
    pub fn worklist_rows(&self, rows: &[i64], reader: &str) -> Result<Vec<WorklistRow>> {
        let connection = self.connection.unchecked_transaction()?;
        let mut select = connection.prepare_cached(sql!("select_worklist_row"))?;
        let mut hiding = self.hiding_from(reader)?;
        let mut shown = Vec::with_capacity(rows.len());
        for number in rows {
            let mut found = select.query([number])?;
            let Some(row) = found.next()? else { continue };
            let facts = kept::facts(row, 6, 21)?;
            let hidden = hiding.hides(facts, *number)?;
            shown.push(worklist_row(row, facts, hidden)?);
        }
        Ok(shown)
    }

    /// The row number of a study and those of other studies of its patient, newest first.
    pub fn priors(&self, study_instance_uid: &Uid) -> Result<Vec<i64>> {
        let mut find = self.connection.prepare_cached(sql!("find_study"))?;
        let study: Option<i64> = find
            .query_row([study_instance_uid.as_str()], |row| row.get(0))
            .optional()?;
        let Some(study) = study else { return Ok(Vec::new()) };
        let mut statement = self.connection.prepare_cached(sql!("list_priors"))?;
        let mut rows = statement.query([study])?;
        let mut priors = Vec::new();
        while let Some(row) = rows.next()? {
            // Names change, by marriage too.
            let nameless = |patient: Patient| Patient {
                patient_name: String::new(),
                ..patient
            };
            let (own, other) = (nameless(words::patient(row, 1)?), nameless(words::patient(row, 7)?));
            let one_row: bool = row.get(13)?;
            if one_row || differs(&own, &other).is_none() {
                priors.push(row.get(0)?);
            }
        }
        Ok(priors)
    }

    /// Takes up what changed since the last look at the list: at first what decides the order of all studies, without
    /// their words. [`Self::worklist`] does so by itself; done ahead, the first list of a large vault is there at once.
    pub fn take_up_changes(&mut self) -> Result<()> {
        if self.kept.studies().is_empty() {
            let mut statement = self.connection.prepare_cached(sql!("list_worklist_facts"))?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                self.kept.take_facts(row)?;
            }
            return Ok(());
        }
        let mut statement = self.connection.prepare_cached(sql!("list_worklist_changes"))?;
        let mut rows = statement.query([self.kept.revision()])?;
        while let Some(row) = rows.next()? {
            self.kept.take_change(row)?;
        }
        Ok(())
    }

    /// Takes up the words of some more studies, for searching and for sorting by name; `false` when there are no more.
    /// [`Self::worklist`] does so by itself where it needs them; done ahead, the first search waits for nothing.
    pub fn take_up_words(&mut self) -> Result<bool> {
        let WordsTaken::UpTo(last) = self.kept.words() else {
            return Ok(false);
        };
        let mut statement = self.connection.prepare_cached(sql!("list_worklist_words"))?;
        let mut rows = statement.query((last, WORDS_AT_ONCE))?;
        let mut taken = 0;
        while let Some(row) = rows.next()? {
            self.kept.take_words(row)?;
            taken += 1;
        }
        if taken < WORDS_AT_ONCE {
            self.kept.has_all_words();
        }
        Ok(taken == WORDS_AT_ONCE)
    }
}

fn has_modality(of_study: &str, query: &WorklistQuery<'_>) -> bool {
    query.modalities.is_empty() || of_study.split('/').any(|one| query.modalities.iter().any(|m| m == one))
}

fn in_dates(date: Option<&str>, query: &WorklistQuery<'_>) -> bool {
    match (date, query.date_from, query.date_to) {
        (_, None, None) => true,
        (None, _, _) => false,
        (Some(date), from, to) => from.is_none_or(|from| date >= from) && to.is_none_or(|to| date <= to),
    }
}

fn worklist_row(row: &rusqlite::Row<'_>, facts: StudyFacts, hidden: bool) -> Result<WorklistRow> {
    let visible = |count: u32| if hidden { 0 } else { count };
    let progress: Option<(i64, i64)> = row.get::<_, Option<i64>>(19)?.zip(row.get::<_, Option<i64>>(20)?);
    let progress = progress
        .map(|(done, total)| Ok::<_, crate::Error>([words::unsigned(done)?, words::unsigned(total)?]))
        .transpose()?;
    Ok(WorklistRow {
        study_instance_uid: words::uid(&row.get::<_, String>(0)?)?,
        patient: Patient {
            patient_id: row.get(1)?,
            issuer: None,
            issuer_id: None,
            patient_name: row.get(2)?,
            birth_date: row.get(15)?,
            sex: row.get(16)?,
        },
        date: row.get(3)?,
        modality: row.get(4)?,
        description: row.get(14)?,
        state: StudyState::seen(facts, hidden),
        score: if hidden { None } else { row.get(13)? },
        flagged: !hidden && facts.flagged > 0,
        outlined: !hidden && facts.outlined > 0,
        instances: words::unsigned(row.get(5)?)?,
        images_not_analysed: visible(facts.not_analysed()),
        findings: visible(facts.findings),
        findings_reviewed: visible(facts.findings_reviewed),
        progress,
        imported_at: words::time(row.get(17)?),
        doubts: vec![],
    })
}
