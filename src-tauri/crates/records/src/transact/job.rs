//! Long work as rows, so that it survives a restart.

use domain::{Failure, JobId, JobRow, JobState, Phase, Uid};
use rusqlite::{OptionalExtension, params};
use serde_json::Value;

use super::Tx;
use crate::database::sql;
use crate::error::{Error, Result};
use crate::words;

/// Where a job stands. Written when its state or phase changes, not on every step of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobProgress {
    pub state: JobState,
    pub phase: Option<Phase>,
    pub done: u64,
    pub total: u64,
    /// Why it failed; of a row without a code, as older versions wrote it, nothing.
    pub failure: Option<Failure>,
}

pub(crate) fn job_state(word: &str) -> Result<JobState> {
    JobState::parse(word).ok_or_else(|| Error::VaultDamaged(format!("a stored job is in the state '{word}'")))
}

/// A job that was cut off so often is not taken up again by itself.
pub const MOST_CUTS: u32 = 2;

struct Found {
    state: JobState,
    kind: String,
    /// Its row and its UID.
    study: Option<(i64, String)>,
    cuts: u32,
}

impl Tx<'_> {
    /// Queues a job. `parameters` is what its verb needs to go on after a restart.
    pub fn insert_job(&mut self, kind: JobRow, study: Option<&Uid>, parameters: &Value, total: u64) -> Result<JobId> {
        let row = study.map(|uid| self.study_row(uid)).transpose()?;
        self.connection.prepare_cached(sql!("insert_job"))?.execute(params![
            kind.as_str(),
            row,
            parameters.to_string(),
            words::signed(total)?,
            self.actor.user,
            self.now.0,
        ])?;
        let id = JobId(self.connection.last_insert_rowid());
        if let (Some(row), Some(uid)) = (row, study) {
            self.changed(row, uid);
        }
        self.jobs.insert(id);
        self.note("job", kind.as_str());
        Ok(id)
    }

    /// # Errors
    /// `not_found`; `invalid_record` when the job has finished already.
    pub fn update_job(&mut self, id: JobId, progress: &JobProgress) -> Result<()> {
        let found = self.unfinished_job(id)?;
        let failure = progress.failure.as_ref();
        self.connection.prepare_cached(sql!("update_job"))?.execute(params![
            id.0,
            progress.state.as_str(),
            progress.phase.map(Phase::as_str),
            words::signed(progress.done)?,
            words::signed(progress.total)?,
            failure.map(|failure| &failure.message),
            self.now.0,
            failure.map(|failure| failure.code.as_str()),
        ])?;
        self.changed_job(id, found, progress.state)
    }

    /// The program ended while the job ran: it waits again. How often that was, this time with it.
    ///
    /// # Errors
    /// Like [`Self::update_job`].
    pub fn count_cut(&mut self, id: JobId) -> Result<u32> {
        let found = self.unfinished_job(id)?;
        let mut count = self.connection.prepare_cached(sql!("count_cut_of_job"))?;
        let cuts = count.query_row([id.0, self.now.0], |row| row.get(0))?;
        drop(count);
        self.changed_job(id, found, JobState::Queued)?;
        Ok(cuts)
    }

    /// The file or study that an unfinished job works on from here on.
    ///
    /// # Errors
    /// Like [`Self::update_job`].
    pub fn note_working_on(&mut self, id: JobId, what: &str) -> Result<()> {
        let found = self.unfinished_job(id)?;
        let mut note = self.connection.prepare_cached(sql!("note_work_of_job"))?;
        note.execute(params![id.0, what, self.now.0])?;
        drop(note);
        self.jobs.insert(id);
        self.note("job", found.kind);
        Ok(())
    }

    /// What a person decides about a job that is set aside: it is queued again (one more cut sets it aside again), or
    /// it is let go of.
    ///
    /// # Errors
    /// `not_found`; `invalid_record` when the job is not set aside.
    pub fn decide_job(&mut self, id: JobId, again: bool) -> Result<()> {
        let found = self.job(id)?;
        if found.state != JobState::Failed || found.cuts < MOST_CUTS {
            return Err(Error::Invalid(format!(
                "a decision on job {}, which is not set aside",
                id.0
            )));
        }
        let (state, cuts) = if again {
            (JobState::Queued, MOST_CUTS - 1)
        } else {
            (JobState::Canceled, found.cuts)
        };
        let mut decide = self.connection.prepare_cached(sql!("decide_job_set_aside"))?;
        decide.execute(params![id.0, state.as_str(), cuts, self.now.0])?;
        drop(decide);
        self.changed_job(id, found, state)
    }

    fn job(&self, id: JobId) -> Result<Found> {
        let mut find = self.connection.prepare_cached(sql!("find_job"))?;
        type Row = (String, String, Option<String>, Option<i64>, u32);
        let found: Option<Row> = find
            .query_row([id.0], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
            })
            .optional()?;
        let (state, kind, uid, study, cuts) = found.ok_or_else(|| Error::not_found("job", id.0))?;
        Ok(Found {
            state: job_state(&state)?,
            kind,
            study: study.zip(uid),
            cuts,
        })
    }

    fn unfinished_job(&self, id: JobId) -> Result<Found> {
        let found = self.job(id)?;
        if found.state.is_finished() {
            return Err(Error::Invalid(format!(
                "a change of job {}, which is {} already",
                id.0,
                found.state.as_str()
            )));
        }
        Ok(found)
    }

    fn changed_job(&mut self, id: JobId, found: Found, state: JobState) -> Result<()> {
        if let Some((study, uid)) = found.study {
            self.changed(study, &words::uid(&uid)?);
        }
        self.jobs.insert(id);
        self.note("job", found.kind);
        self.note("state", state.as_str());
        Ok(())
    }
}
