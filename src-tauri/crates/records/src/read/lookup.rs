//! Short questions that a verb asks before it starts.

use std::collections::BTreeSet;

use domain::{Failure, FailureCode, JobId, JobState, ModelVersion, Phase, Timestamp, Uid};
use rusqlite::{OptionalExtension, Row, Rows};
use serde_json::Value;

use crate::database::sql;
use crate::error::{Error, Result};
use crate::files::FileId;
use crate::transact::{JobProgress, MOST_CUTS, job_state};
use crate::vault::Vault;
use crate::words;

/// Where content that is stored already lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownInstance {
    pub study_instance_uid: Uid,
    pub series_instance_uid: Uid,
    pub sop_instance_uid: Uid,
    pub file_id: FileId,
}

/// An anomaly map and the size of the frame that it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMap {
    pub file: FileId,
    /// 0 in headers stored before this was kept, as `cols`.
    pub rows: u32,
    pub cols: u32,
}

#[derive(Debug, Clone, PartialEq)]
pub struct JobRecord {
    pub id: JobId,
    pub kind: String,
    pub study_instance_uid: Option<Uid>,
    pub parameters: Value,
    pub progress: JobProgress,
    /// How often the program ended while it ran.
    pub cuts: u32,
    /// The file or study in work, of a job that was cut off before.
    pub working_on: Option<String>,
    pub created_by: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// What this version cannot read in the row, such as `phase 'melting'`: the field is empty then, and a person decides
    /// about the job.
    pub unknown: Option<String>,
}

impl Vault {
    /// The instance of this content (sha256, hexadecimal), when it is stored.
    pub fn instance_by_content(&self, content_sha256: &str) -> Result<Option<KnownInstance>> {
        let mut statement = self.connection.prepare_cached(sql!("find_instance_by_content"))?;
        let mut rows = statement.query([content_sha256])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let text = |column: usize| row.get::<_, String>(column);
        Ok(Some(KnownInstance {
            study_instance_uid: words::uid(&text(0)?)?,
            series_instance_uid: words::uid(&text(1)?)?,
            sop_instance_uid: words::uid(&text(2)?)?,
            file_id: FileId::parse(&text(3)?)?,
        }))
    }

    /// Unsigned studies, oldest import first, with frames that no analysis by any of these models has seen since a
    /// person stated last what their files do not say; how many such frames each has.
    pub fn studies_without_analysis(&self, models: &[ModelVersion]) -> Result<Vec<(Uid, u64)>> {
        let mut statement = self.connection.prepare_cached(sql!("list_studies_without_analysis"))?;
        let models: Vec<[&str; 2]> = (models.iter())
            .map(|model| [model.bundle.as_str(), model.version.as_str()])
            .collect();
        let mut rows = statement.query([serde_json::json!(models).to_string()])?;
        let mut studies = Vec::new();
        while let Some(row) = rows.next()? {
            studies.push((words::uid(&row.get::<_, String>(0)?)?, words::unsigned(row.get(1)?)?));
        }
        Ok(studies)
    }

    /// How the last run of an analysis of a study stands, with its parameters; `None` where there was none.
    pub fn last_run(&self, study: &Uid) -> Result<Option<(JobState, Value)>> {
        let mut statement = self.connection.prepare_cached(sql!("find_last_run_of_study"))?;
        let run = statement.query_row([study.as_str()], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        });
        let Some((state, parameters)) = run.optional()? else {
            return Ok(None);
        };
        let parameters = serde_json::from_str(&parameters)
            .map_err(|_| Error::VaultDamaged("the parameters of a run are malformed".to_owned()))?;
        Ok(Some((job_state(&state)?, parameters)))
    }

    /// Studies of which an answer that stands comes from a model that nobody signed.
    pub fn studies_by_unsigned_models(&self) -> Result<BTreeSet<Uid>> {
        let mut statement = self
            .connection
            .prepare_cached(sql!("list_studies_by_unsigned_models"))?;
        let mut rows = statement.query([])?;
        let mut studies = BTreeSet::new();
        while let Some(row) = rows.next()? {
            studies.insert(words::uid(&row.get::<_, String>(0)?)?);
        }
        Ok(studies)
    }

    /// The study that a finding belongs to.
    pub fn finding_study(&self, finding_id: &str) -> Result<Option<Uid>> {
        let mut statement = self.connection.prepare_cached(sql!("find_study_of_finding"))?;
        let uid: Option<String> = statement.query_row([finding_id], |row| row.get(1)).optional()?;
        uid.as_deref().map(words::uid).transpose()
    }

    /// The vault file of an instance.
    pub fn file_of_instance(&self, sop_instance_uid: &Uid) -> Result<Option<FileId>> {
        let mut statement = self.connection.prepare_cached(sql!("find_file_of_instance"))?;
        let file: Option<String> = statement
            .query_row([sop_instance_uid.as_str()], |row| row.get(0))
            .optional()?;
        file.as_deref().map(FileId::parse).transpose()
    }

    /// The study that an instance belongs to.
    pub fn study_of_instance(&self, sop_instance_uid: &Uid) -> Result<Option<Uid>> {
        let mut statement = self.connection.prepare_cached(sql!("find_instance_by_uid"))?;
        let uid: Option<String> = statement
            .query_row([sop_instance_uid.as_str()], |row| row.get(2))
            .optional()?;
        uid.as_deref().map(words::uid).transpose()
    }

    /// The newest anomaly map of a frame.
    pub fn map_of_frame(&self, sop_instance_uid: &Uid, frame: u32) -> Result<Option<StoredMap>> {
        let mut statement = self.connection.prepare_cached(sql!("find_map_of_frame"))?;
        let found = statement.query_row((sop_instance_uid.as_str(), frame), |row| {
            let side = |column: usize| row.get::<_, Option<u32>>(column);
            Ok((row.get::<_, Option<String>>(0)?, side(1)?, side(2)?))
        });
        let Some((Some(file), rows, cols)) = found.optional()? else {
            return Ok(None);
        };
        Ok(Some(StoredMap {
            file: FileId::parse(&file)?,
            rows: rows.unwrap_or(0),
            cols: cols.unwrap_or(0),
        }))
    }

    /// Jobs that are queued or running, oldest first: after a crash, those to take up again.
    pub fn unfinished_jobs(&self) -> Result<Vec<JobRecord>> {
        let mut statement = self.connection.prepare_cached(sql!("list_unfinished_jobs"))?;
        jobs(statement.query([])?)
    }

    /// Jobs that failed because they were cut off too often, and about which nobody has decided, oldest first.
    pub fn jobs_set_aside(&self) -> Result<Vec<JobRecord>> {
        let mut statement = self.connection.prepare_cached(sql!("list_jobs_set_aside"))?;
        jobs(statement.query([MOST_CUTS])?)
    }
}

fn jobs(mut rows: Rows<'_>) -> Result<Vec<JobRecord>> {
    let mut jobs = Vec::new();
    while let Some(row) = rows.next()? {
        jobs.push(job(row)?);
    }
    Ok(jobs)
}

/// No word of one row keeps a vault from opening: what cannot be read is named.
fn job(row: &Row<'_>) -> Result<JobRecord> {
    let mut unknown = None;
    let mut named = |what: &str, found: &str| {
        let found: String = found.chars().take(40).collect();
        unknown.get_or_insert(format!("{what} '{found}'"));
    };
    let uid = row.get::<_, Option<String>>(2)?.and_then(|stored| {
        let read = Uid::as_written(&stored).ok();
        read.or_else(|| {
            named("study", &stored);
            None
        })
    });
    let stored: String = row.get(3)?;
    let parameters = serde_json::from_str(&stored).unwrap_or_else(|_| {
        named("parameters", &stored);
        Value::String(stored)
    });
    let state: String = row.get(4)?;
    let phase = row.get::<_, Option<String>>(5)?.and_then(|word| {
        let read = Phase::parse(&word);
        read.or_else(|| {
            named("phase", &word);
            None
        })
    });
    let mut count = |what: &str, stored: i64| {
        u64::try_from(stored).unwrap_or_else(|_| {
            named(what, &stored.to_string());
            0
        })
    };
    let (done, total) = (count("count", row.get(6)?), count("total", row.get(7)?));
    let failure = row.get::<_, Option<String>>(8)?.zip(row.get::<_, Option<String>>(9)?);
    let failure = failure.and_then(|(message, word)| {
        let Some(code) = FailureCode::parse(&word) else {
            named("failure code", &word);
            return None;
        };
        Some(Failure::new(code, message))
    });
    Ok(JobRecord {
        id: JobId(row.get(0)?),
        kind: row.get(1)?,
        study_instance_uid: uid,
        parameters,
        progress: JobProgress {
            state: job_state(&state)?,
            phase,
            done,
            total,
            failure,
        },
        created_by: row.get(10)?,
        created_at: words::time(row.get(11)?),
        updated_at: words::time(row.get(12)?),
        cuts: row.get(13)?,
        working_on: row.get(14)?,
        unknown,
    })
}
