//! What the list of studies keeps in memory: a few words of each study, and how they are ordered.

use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;

use domain::study::StudyFacts;
use domain::{StudyState, WorklistColumn};
use rusqlite::Row;

use crate::error::Result;
use crate::fold::fold;

/// One study, as far as order and filter need it.
pub(crate) struct KeptStudy {
    pub(crate) row: i64,
    /// Place in [`Kept::modalities`].
    pub(crate) modality: u16,
    pub(crate) facts: StudyFacts,
    pub(crate) date: Option<String>,
    pub(crate) words: StudyWords,
    score: Option<f32>,
    instances: i64,
    imported_at: i64,
}

/// What is searched, and sorted by as text; empty until the words are taken up.
#[derive(Default)]
pub(crate) struct StudyWords {
    pub(crate) search: String,
    name: String,
    patient_id: String,
}

#[derive(Default)]
pub(crate) struct Kept {
    studies: Vec<KeptStudy>,
    place: HashMap<i64, usize>,
    /// Each combination of modalities that a study has.
    modalities: Vec<String>,
    /// The newest change that was taken up.
    revision: i64,
    words: WordsTaken,
}

/// How far the words were taken up. The first list of a large vault needs none of them.
#[derive(Default, Clone, Copy)]
pub(crate) enum WordsTaken {
    #[default]
    All,
    /// Of the studies up to this row and of those that changed since.
    UpTo(i64),
}

impl Kept {
    pub(crate) fn studies(&self) -> &[KeptStudy] {
        &self.studies
    }

    pub(crate) fn modalities(&self) -> &[String] {
        &self.modalities
    }

    pub(crate) fn revision(&self) -> i64 {
        self.revision
    }

    pub(crate) fn words(&self) -> WordsTaken {
        self.words
    }

    /// Takes up a row of `list_worklist_facts.sql`; the words follow by [`Self::take_words`].
    pub(crate) fn take_facts(&mut self, row: &Row<'_>) -> Result<()> {
        self.words = WordsTaken::UpTo(i64::MIN);
        self.take(row, StudyWords::default())
    }

    /// Takes up a row of `list_worklist_changes.sql`.
    pub(crate) fn take_change(&mut self, row: &Row<'_>) -> Result<()> {
        self.take(row, words(row, 19)?)
    }

    fn take(&mut self, row: &Row<'_>, words: StudyWords) -> Result<()> {
        let number: i64 = row.get(0)?;
        let study = KeptStudy {
            row: number,
            date: row.get(2)?,
            modality: self.modality(row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?),
            instances: row.get(4)?,
            facts: facts(row, 5, 14)?,
            score: row.get(12)?,
            imported_at: row.get(13)?,
            words,
        };
        match self.place.get(&number) {
            Some(place) => self.studies[*place] = study,
            None => {
                self.place.insert(number, self.studies.len());
                self.studies.push(study);
            }
        }
        self.revision = self.revision.max(row.get(1)?);
        Ok(())
    }

    /// Takes up a row of `list_worklist_words.sql`. A study that is not kept yet is new: it comes as a change, whole.
    pub(crate) fn take_words(&mut self, row: &Row<'_>) -> Result<()> {
        let number: i64 = row.get(0)?;
        if let Some(place) = self.place.get(&number) {
            self.studies[*place].words = words(row, 1)?;
        }
        self.words = WordsTaken::UpTo(number);
        Ok(())
    }

    pub(crate) fn has_all_words(&mut self) {
        self.words = WordsTaken::All;
    }

    fn modality(&mut self, words: &str) -> u16 {
        let known = self.modalities.iter().position(|known| known == words);
        let place = known.unwrap_or_else(|| {
            self.modalities.push(words.to_owned());
            self.modalities.len() - 1
        });
        // There are fewer than a hundred modality codes, and studies mix few of them.
        u16::try_from(place).unwrap_or(u16::MAX)
    }
}

/// Three columns from `first`: patient_id, sort_name, search.
fn words(row: &Row<'_>, first: usize) -> Result<StudyWords> {
    Ok(StudyWords {
        patient_id: fold(row.get_ref(first)?.as_str().map_err(rusqlite::Error::from)?),
        name: row.get(first + 1)?,
        search: row.get(first + 2)?,
    })
}

/// A study that matches, with the state that the reader may see.
pub(crate) struct Order<'a> {
    pub(crate) study: &'a KeptStudy,
    /// Of an unread one score, flag and outline are hidden and must not show in the order either.
    pub(crate) state: StudyState,
}

/// The row numbers in the order of the column.
pub(crate) fn order(matching: Vec<Order<'_>>, by: WorklistColumn, descending: bool, modalities: &[String]) -> Vec<i64> {
    // What is compared becomes numbers that lie side by side; only texts with the same beginning are compared in full.
    let mut keyed: Vec<Keyed> = matching
        .iter()
        .enumerate()
        .map(|(place, one)| {
            let (lacking, key) = key(one, by, modalities);
            let date = one.study.date.as_deref().map(beginning);
            Keyed {
                lacking,
                key: if descending { !key } else { key },
                newest_first: Reverse((date, one.study.row)),
                place,
            }
        })
        .collect();
    let has_text = matches!(by, WorklistColumn::Name | WorklistColumn::PatientId);
    let text = |place: usize| match by {
        WorklistColumn::Name => matching[place].study.words.name.as_str(),
        WorklistColumn::PatientId => matching[place].study.words.patient_id.as_str(),
        _ => "",
    };
    keyed.sort_unstable_by(|a, b| {
        (a.lacking, a.key)
            .cmp(&(b.lacking, b.key))
            .then_with(|| {
                if !has_text {
                    return Ordering::Equal;
                }
                let by_text = text(a.place).cmp(text(b.place));
                if descending { by_text.reverse() } else { by_text }
            })
            .then_with(|| a.newest_first.cmp(&b.newest_first))
    });
    keyed.iter().map(|one| one.newest_first.0.1).collect()
}

/// What decides a study's place in the order.
struct Keyed {
    lacking: bool,
    key: u128,
    newest_first: Reverse<(Option<u128>, i64)>,
    place: usize,
}

/// Whether the study lacks what is sorted by, and the rising number of it.
fn key(one: &Order<'_>, by: WorklistColumn, modalities: &[String]) -> (bool, u128) {
    let study = one.study;
    match by {
        WorklistColumn::Suspicion => {
            let hidden = one.state == StudyState::Unread;
            let score = study.score.filter(|_| !hidden);
            let spoken = !hidden && (study.facts.flagged > 0 || study.facts.outlined > 0);
            // Scores lie between 0 and 1: as bits they rise as they do as numbers.
            let bits = score.map_or(0, |score| u128::from(score.to_bits()));
            (score.is_none() && !spoken, (u128::from(spoken) << 32) | bits)
        }
        WorklistColumn::Name => (study.words.name.is_empty(), beginning(&study.words.name)),
        WorklistColumn::PatientId => (study.words.patient_id.is_empty(), beginning(&study.words.patient_id)),
        WorklistColumn::Date => {
            let date = study.date.as_deref();
            (date.is_none(), date.map_or(0, beginning))
        }
        WorklistColumn::Modality => {
            let modality = modalities.get(usize::from(study.modality)).map_or("", String::as_str);
            (modality.is_empty(), beginning(modality))
        }
        WorklistColumn::State => (false, state_rank(one.state)),
        WorklistColumn::Instances => (false, study.instances.unsigned_abs().into()),
        WorklistColumn::Imported => (study.imported_at == 0, study.imported_at.unsigned_abs().into()),
    }
}

/// The first sixteen bytes as a number that rises as the text does.
fn beginning(text: &str) -> u128 {
    let mut bytes = [0; 16];
    let length = text.len().min(16);
    bytes[..length].copy_from_slice(&text.as_bytes()[..length]);
    u128::from_be_bytes(bytes)
}

/// From what is to be looked at to what is done.
fn state_rank(state: StudyState) -> u128 {
    match state {
        StudyState::Flagged | StudyState::Outlined => 0,
        StudyState::Unread => 1,
        StudyState::New => 2,
        StudyState::Partial => 3,
        StudyState::Analysing => 4,
        StudyState::Refused => 5,
        StudyState::NoPicture => 6,
        StudyState::Clear | StudyState::NotOutlined => 7,
        StudyState::Reviewed => 8,
        StudyState::Signed => 9,
    }
}

/// Seven columns from `first`: running_jobs, analyses, refused, flagged, findings,
/// findings_reviewed, signed; five from `second`: no_picture, outlined, says_where, frames,
/// waiting.
pub(crate) fn facts(row: &Row<'_>, first: usize, second: usize) -> Result<StudyFacts> {
    Ok(StudyFacts {
        running_jobs: row.get(first)?,
        analyses: row.get(first + 1)?,
        refused: row.get(first + 2)?,
        flagged: row.get(first + 3)?,
        findings: row.get(first + 4)?,
        findings_reviewed: row.get(first + 5)?,
        signed: row.get(first + 6)?,
        no_picture: row.get(second)?,
        outlined: row.get(second + 1)?,
        says_where: row.get(second + 2)?,
        frames: row.get(second + 3)?,
        waiting: row.get(second + 4)?,
    })
}
