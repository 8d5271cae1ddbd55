//! The row of each job, so that one that was cut off goes on after the next unlock.

use domain::{Failure, FailureCode, Uid};
use records::{JobId, JobProgress, JobRecord, JobState, Op};

use super::work::Work;
use crate::permit::permit;
use crate::time::now;
use crate::vault::{OpenVault, clear_loose_files};

/// Writes the row of a job that waits for its turn.
pub fn queue(open: &mut OpenVault, work: &Work) -> Result<JobId, Failure> {
    permit(&open.session, work.permission())?;
    let parameters = serde_json::to_value(work)
        .map_err(|error| Failure::new(FailureCode::Internal, format!("a job cannot be written down: {error}")))?;
    let study = work.analysed_study().map(Uid::parse).transpose();
    let study = study.map_err(|error| Failure::usage(error.to_string()))?;
    let (job, _) = open.vault.transact(&open.session, Op::JobChange, now(), |tx| {
        tx.insert_job(work.row_kind(), study.as_ref(), &parameters, 0)
    })?;
    Ok(job)
}

pub fn update(open: &mut OpenVault, job: JobId, state: JobState, failure: Option<Failure>) -> Result<(), Failure> {
    let progress = JobProgress {
        state,
        phase: None,
        done: 0,
        total: 0,
        failure,
    };
    open.vault
        .transact(&open.session, Op::JobChange, now(), |tx| tx.update_job(job, &progress))?;
    Ok(())
}

/// What a job row is to do again; `None` for the rows of runs, which end with their run.
pub fn work_of(job: &JobRecord) -> Option<Work> {
    serde_json::from_value(job.parameters.clone()).ok()
}

/// The jobs that were cut off and that this person may go on with. Nothing, when another program has
/// the vault open: they may be that program's; nor while the vault is open for reading only.
pub fn cut_off(open: &mut OpenVault) -> Result<Vec<(JobId, Work)>, Failure> {
    if open.vault.read_only()?.is_some() {
        return Ok(vec![]);
    }
    if open.vault.unfinished_jobs()?.is_empty() || !clear_loose_files(open)? {
        return Ok(vec![]);
    }
    let unfinished = open.vault.unfinished_jobs()?;
    let again = unfinished.iter().filter_map(|job| Some((job.id, work_of(job)?)));
    Ok(again
        .filter(|(_, work)| open.session.role.permits(work.permission()))
        .collect())
}
