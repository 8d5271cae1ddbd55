//! The row of each job, so that one that was cut off goes on after the next unlock.

use domain::{Failure, FailureCode, JobId, JobState, Uid};
use records::{JobProgress, JobRecord, MOST_CUTS, Op};

use super::work::Work;
use crate::permit::permit;
use crate::time::now;
use crate::vault::{OpenVault, clear_loose_files};

/// Writes the row of a job that waits for its turn.
pub fn queue(open: &mut OpenVault, work: &Work) -> Result<JobId, Failure> {
    permit(&open.session, work.permission())?;
    let parameters = serde_json::to_value(work)
        .map_err(|error| Failure::new(FailureCode::Internal, format!("a job cannot be written down: {error}")))?;
    let study = work.analysed_study().map(Uid::as_written).transpose();
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

/// A job that ended the program so often that a person decides about it.
pub struct SetAside {
    pub id: JobId,
    pub work: Work,
    /// The file or study that it worked on when it was cut off last, where that is known.
    pub working_on: Option<String>,
}

/// What an earlier run left to this person.
#[derive(Default)]
pub struct Left {
    /// Cut off, and gone on with.
    pub again: Vec<(JobId, Work)>,
    pub set_aside: Vec<SetAside>,
}

/// The jobs that were cut off and that this person may go on with. None, when another program has
/// the vault open: they may be that program's; nor while the vault is open for reading only.
pub fn left(open: &mut OpenVault) -> Result<Left, Failure> {
    let mut left = Left::default();
    if open.vault.read_only()?.is_some() {
        return Ok(left);
    }
    let role = open.session.role;
    let mine = |job: &JobRecord| work_of(job).filter(|work| role.permits(work.permission()));
    if !open.vault.unfinished_jobs()?.is_empty() && clear_loose_files(open)? {
        for job in open.vault.unfinished_jobs()? {
            let Some(work) = mine(&job) else { continue };
            if job.progress.state == JobState::Running && count_cut(open, &job)? {
                continue;
            }
            left.again.push((job.id, work));
        }
    }
    let set_aside = open.vault.jobs_set_aside()?.into_iter().filter_map(|job| {
        Some(SetAside {
            id: job.id,
            work: mine(&job)?,
            working_on: job.working_on,
        })
    });
    left.set_aside = set_aside.collect();
    Ok(left)
}

/// The program ended while the job ran. `true` when that was once too often, and the job is set aside.
fn count_cut(open: &mut OpenVault, job: &JobRecord) -> Result<bool, Failure> {
    let failed = JobProgress {
        state: JobState::Failed,
        phase: None,
        done: 0,
        total: 0,
        failure: Some(set_aside(job.working_on.as_deref())),
    };
    // Counted and set aside in one step: a cut between the two would let it run a third time.
    let (once_too_often, _) = open.vault.transact(&open.session, Op::JobChange, now(), |tx| {
        let once_too_often = tx.count_cut(job.id)? >= MOST_CUTS;
        if once_too_often {
            tx.update_job(job.id, &failed)?;
        }
        Ok(once_too_often)
    })?;
    Ok(once_too_often)
}

pub fn set_aside(working_on: Option<&str>) -> Failure {
    let at = working_on
        .map(|what| format!("; it was working on {what}"))
        .unwrap_or_default();
    Failure::new(
        FailureCode::SetAside,
        format!("the program ended {MOST_CUTS} times while this job ran{at}; start the job again, or dismiss it"),
    )
}

/// A person starts a job again that was set aside, or lets go of it.
pub fn decide(open: &mut OpenVault, job: JobId, work: &Work, again: bool) -> Result<(), Failure> {
    permit(&open.session, work.permission())?;
    open.vault
        .transact(&open.session, Op::JobChange, now(), |tx| tx.decide_job(job, again))?;
    Ok(())
}

/// Whether the program ended before while this job ran, so that it says what it works on.
pub fn was_cut_off(open: &OpenVault, job: JobId) -> Result<bool, Failure> {
    let unfinished = open.vault.unfinished_jobs()?;
    Ok(unfinished.iter().any(|row| row.id == job && row.cuts > 0))
}

pub fn working_on(open: &mut OpenVault, job: JobId, what: &str) -> Result<(), Failure> {
    open.vault
        .transact(&open.session, Op::JobChange, now(), |tx| tx.note_working_on(job, what))?;
    Ok(())
}
