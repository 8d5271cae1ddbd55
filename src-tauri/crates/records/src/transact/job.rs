//! Long work as rows, so that it survives a restart.

use domain::{Failure, Uid};
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Tx;
use crate::database::sql;
use crate::error::{Error, Result};
use crate::words;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub i64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    Queued,
    Running,
    Done,
    Failed,
    Canceled,
}

impl JobState {
    pub fn as_str(self) -> &'static str {
        match self {
            JobState::Queued => "queued",
            JobState::Running => "running",
            JobState::Done => "done",
            JobState::Failed => "failed",
            JobState::Canceled => "canceled",
        }
    }

    pub fn is_finished(self) -> bool {
        !matches!(self, JobState::Queued | JobState::Running)
    }

    pub(crate) fn parse(text: &str) -> Result<Self> {
        [
            JobState::Queued,
            JobState::Running,
            JobState::Done,
            JobState::Failed,
            JobState::Canceled,
        ]
        .into_iter()
        .find(|state| state.as_str() == text)
        .ok_or_else(|| Error::VaultDamaged(format!("a stored job is in the state '{text}'")))
    }
}

/// Where a job stands. Written when its state or phase changes, not on every step of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobProgress {
    pub state: JobState,
    pub phase: Option<String>,
    pub done: u64,
    pub total: u64,
    /// Why it failed; of a row without a code, as older versions wrote it, nothing.
    pub failure: Option<Failure>,
}

impl Tx<'_> {
    /// Queues a job. `parameters` is what its verb needs to go on after a restart.
    pub fn insert_job(&mut self, kind: &str, study: Option<&Uid>, parameters: &Value, total: u64) -> Result<JobId> {
        let row = study.map(|uid| self.study_row(uid)).transpose()?;
        self.connection.prepare_cached(sql!("insert_job"))?.execute(params![
            kind,
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
        self.note("job", kind);
        Ok(id)
    }

    /// # Errors
    /// `not_found`; `invalid_record` when the job has finished already.
    pub fn update_job(&mut self, id: JobId, progress: &JobProgress) -> Result<()> {
        let mut find = self.connection.prepare_cached(sql!("find_job"))?;
        let found: Option<(String, String, Option<String>, Option<i64>)> = find
            .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
            .optional()?;
        let (state, kind, uid, study) = found.ok_or_else(|| Error::not_found("job", id.0))?;
        if JobState::parse(&state)?.is_finished() {
            return Err(Error::Invalid(format!(
                "a change of job {}, which is {state} already",
                id.0
            )));
        }
        let failure = progress.failure.as_ref();
        self.connection.prepare_cached(sql!("update_job"))?.execute(params![
            id.0,
            progress.state.as_str(),
            progress.phase,
            words::signed(progress.done)?,
            words::signed(progress.total)?,
            failure.map(|failure| &failure.message),
            self.now.0,
            failure.map(|failure| failure.code.as_str()),
        ])?;
        if let (Some(study), Some(uid)) = (study, uid) {
            self.changed(study, &words::uid(&uid)?);
        }
        self.jobs.insert(id);
        self.note("job", kind);
        self.note("state", progress.state.as_str());
        Ok(())
    }
}
