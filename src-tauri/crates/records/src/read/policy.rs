//! What holds for everybody who works in the vault, and what it hides.

use std::collections::HashSet;

use domain::study::StudyFacts;
use domain::{Policy, StudyState, Timestamp, Uid};
use rusqlite::{CachedStatement, OptionalExtension};

use crate::database::sql;
use crate::error::{Error, Result};
use crate::kept::facts;
use crate::vault::Vault;
use crate::words;

/// The policy that stands, with who decided on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRecord {
    pub policy: Policy,
    pub changed_at: Timestamp,
    pub changed_by: String,
}

impl Vault {
    /// `None` as long as nobody decided; then nothing is hidden.
    pub fn policy_record(&self) -> Result<Option<PolicyRecord>> {
        let mut statement = self.connection.prepare_cached(sql!("select_policy"))?;
        let record = statement.query_row([], |row| {
            Ok(PolicyRecord {
                policy: Policy {
                    read_first: row.get(0)?,
                },
                changed_at: words::time(row.get(1)?),
                changed_by: row.get(2)?,
            })
        });
        Ok(record.optional()?)
    }

    pub fn policy(&self) -> Result<Policy> {
        Ok(self.policy_record()?.map(|record| record.policy).unwrap_or_default())
    }

    /// How a study stands; `Unread` while the policy hides the model's answer on it from this reader.
    ///
    /// # Errors
    /// `not_found`.
    pub fn state_for(&self, study: &Uid, reader: &str) -> Result<StudyState> {
        let mut select = self.connection.prepare_cached(sql!("select_study_facts"))?;
        let mut rows = select.query([study.as_str()])?;
        let row = rows.next()?.ok_or_else(|| Error::not_found("study", study))?;
        let (facts, study) = (facts(row, 0, 7)?, row.get(12)?);
        let hidden = self.hiding_from(reader)?.hides(facts, study)?;
        Ok(StudyState::seen(facts, hidden))
    }

    /// Whether this reader has given an opinion on a study.
    ///
    /// # Errors
    /// `not_found`.
    pub fn opinion_given(&self, study: &Uid, reader: &str) -> Result<bool> {
        let mut find = self.connection.prepare_cached(sql!("find_study"))?;
        let row: Option<i64> = find.query_row([study.as_str()], |row| row.get(0)).optional()?;
        let row = row.ok_or_else(|| Error::not_found("study", study))?;
        let mut opinion = self.connection.prepare_cached(sql!("find_opinion"))?;
        Ok(opinion.exists((reader, row))?)
    }

    /// How many studies the policy hides the model's answer of from this reader.
    pub fn studies_hidden_from(&self, reader: &str) -> Result<u64> {
        if !self.policy()?.read_first {
            return Ok(0);
        }
        let mut count = self.connection.prepare_cached(sql!("count_studies_hidden_from"))?;
        words::unsigned(count.query_row([reader], |row| row.get(0))?)
    }

    /// Asked for a few studies.
    pub(super) fn hiding_from<'v>(&'v self, reader: &'v str) -> Result<Hiding<'v>> {
        let opinion = if self.policy()?.read_first {
            Some(self.connection.prepare_cached(sql!("find_opinion"))?)
        } else {
            None
        };
        Ok(Hiding { opinion, reader })
    }

    /// Row numbers of the studies that the reader has given an opinion on; `None` when nothing is hidden.
    pub(super) fn studies_read_by(&self, reader: &str) -> Result<Option<HashSet<i64>>> {
        if !self.policy()?.read_first {
            return Ok(None);
        }
        let mut statement = self.connection.prepare_cached(sql!("list_studies_read_by"))?;
        let read = statement.query_map([reader], |row| row.get(0))?;
        Ok(Some(read.collect::<rusqlite::Result<_>>()?))
    }
}

/// From whom what is hidden.
pub(super) struct Hiding<'v> {
    opinion: Option<CachedStatement<'v>>,
    reader: &'v str,
}

impl Hiding<'_> {
    pub(super) fn hides(&mut self, facts: StudyFacts, study: i64) -> Result<bool> {
        match &mut self.opinion {
            Some(opinion) if has_answer(facts) => Ok(!opinion.exists((self.reader, study))?),
            _ => Ok(false),
        }
    }
}

/// A signed study is read, and on one without an image there is no answer.
pub(super) fn has_answer(facts: StudyFacts) -> bool {
    !facts.signed && !facts.no_picture
}
