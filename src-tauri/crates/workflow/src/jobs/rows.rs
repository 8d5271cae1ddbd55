//! The row of each job, so that one that was cut off goes on after the next unlock.

use domain::{Failure, FailureCode, JobId, JobState, Permission, Uid};
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
        tx.insert_job(work.row(), study.as_ref(), &parameters, 0)
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

/// What a job's row asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Nothing: it is the row of a run, and ends with it.
    Run,
    /// To be done again.
    Work(Work),
    /// Work that this version does not know, or a word of its row, such as `job 'export'`. Nobody guesses what it was.
    Unknown(String),
}

/// What the row of a job asks for.
pub fn asked(job: &JobRecord) -> Asked {
    let Some(word) = job.parameters.get("work") else {
        // A run is over whatever its row says of it, where that can be read at all.
        return match &job.unknown {
            Some(what) if job.parameters.is_string() => Asked::Unknown(what.clone()),
            _ => Asked::Run,
        };
    };
    if let Some(what) = &job.unknown {
        return Asked::Unknown(what.clone());
    }
    match serde_json::from_value(job.parameters.clone()) {
        Ok(work) => Asked::Work(work),
        Err(_) => {
            let word = word.as_str().map_or_else(|| word.to_string(), str::to_owned);
            Asked::Unknown(format!("job '{}'", word.chars().take(40).collect::<String>()))
        }
    }
}

/// A job that a person decides about: it ended the program too often, or this version does not know it.
pub struct SetAside {
    pub id: JobId,
    /// What to do again; what of it this version does not know, where it does not, such as `job 'export'`.
    pub work: Result<Work, String>,
    /// The file or study that it worked on when it was cut off last, where that is known.
    pub working_on: Option<String>,
}

impl SetAside {
    /// Why it was not gone on with.
    pub fn why(&self) -> Failure {
        match &self.work {
            Ok(_) => set_aside(self.working_on.as_deref()),
            Err(what) => unknown(what),
        }
    }
}

/// A job that only another version of the program can go on with, by what of it this one does not know.
pub fn unknown(what: &str) -> Failure {
    Failure::new(
        FailureCode::UnknownJob,
        format!(
            "this version of Overread does not know the {what}; unlock the vault with the version that queued \
             it, or dismiss it"
        ),
    )
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
    let mine = |work: &Work| role.permits(work.permission());
    if !open.vault.unfinished_jobs()?.is_empty() && clear_loose_files(open)? {
        for job in open.vault.unfinished_jobs()? {
            match asked(&job) {
                Asked::Work(work) if mine(&work) => {
                    if job.progress.state == JobState::Running && count_cut(open, &job)? {
                        continue;
                    }
                    left.again.push((job.id, work));
                }
                // Its row stays as it is for the version that knows it.
                Asked::Unknown(what) => left.set_aside.push(SetAside {
                    id: job.id,
                    work: Err(what),
                    working_on: job.working_on,
                }),
                Asked::Work(_) | Asked::Run => {}
            }
        }
    }
    for job in open.vault.jobs_set_aside()? {
        let work = match asked(&job) {
            Asked::Work(work) if mine(&work) => Ok(work),
            Asked::Unknown(what) => Err(what),
            Asked::Work(_) | Asked::Run => continue,
        };
        left.set_aside.push(SetAside {
            id: job.id,
            work,
            working_on: job.working_on,
        });
    }
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

/// A person lets go of a job that this version does not know. What it would do is not known either, so it is for
/// those who may do everything.
pub fn let_go_of_unknown(open: &mut OpenVault, job: JobId) -> Result<(), Failure> {
    permit(&open.session, Permission::ManageVault)?;
    if open.vault.jobs_set_aside()?.iter().any(|row| row.id == job) {
        open.vault
            .transact(&open.session, Op::JobChange, now(), |tx| tx.decide_job(job, false))?;
        return Ok(());
    }
    update(open, job, JobState::Canceled, None)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opening::{create_vault, open_vault};
    use crate::vault::Passphrase;
    use domain::JobRow;

    #[test]
    fn a_job_that_this_version_does_not_know_is_named_and_left_as_it_is() -> Result<(), Box<dyn std::error::Error>> {
        for (parameters, word) in [
            (serde_json::json!({ "work": "teleport", "to": "PACS" }), "teleport"),
            (serde_json::json!({ "work": "analyze_study" }), "analyze_study"),
            (
                serde_json::json!({ "work": "export", "study": "1.2", "format": "hologram", "out": "/x" }),
                "export",
            ),
            (serde_json::json!({ "work": 7 }), "7"),
            (serde_json::json!({ "work": null }), "null"),
        ] {
            let folder = tempfile::tempdir()?;
            let place = folder.path().join("vault");
            let passphrase = Passphrase::new("a passphrase");
            let mut open = create_vault(&place, "admin", &passphrase)?;
            for running in [false, true] {
                open.vault.transact(&open.session, Op::JobChange, now(), |tx| {
                    let job = tx.insert_job(JobRow::Export, None, &parameters, 0)?;
                    let progress = JobProgress {
                        state: JobState::Running,
                        phase: None,
                        done: 0,
                        total: 0,
                        failure: None,
                    };
                    if running { tx.update_job(job, &progress) } else { Ok(()) }
                })?;
            }
            drop(open);
            let mut open = open_vault(&place, "admin", &passphrase)?;
            let before = open.vault.unfinished_jobs()?;
            assert_eq!(before.len(), 2, "{parameters}: a run was seen in it");
            let left = left(&mut open)?;
            assert!(left.again.is_empty() && left.set_aside.len() == 2, "{parameters}");
            for job in &left.set_aside {
                let why = job.why();
                assert_eq!(
                    (why.code, job.work.clone()),
                    (FailureCode::UnknownJob, Err(format!("job '{word}'")))
                );
                assert!(why.message.contains(&format!("'{word}'")), "{why}");
            }
            assert_eq!(open.vault.unfinished_jobs()?, before);
            for job in left.set_aside {
                let_go_of_unknown(&mut open, job.id)?;
            }
            assert_eq!(open.vault.unfinished_jobs()?, []);
        }
        Ok(())
    }

    #[test]
    fn a_row_with_a_word_that_is_unknown_is_for_a_person_but_for_a_run_that_is_over() {
        let row = |parameters: serde_json::Value, unknown: Option<&str>| JobRecord {
            id: JobId(1),
            kind: "export".into(),
            study_instance_uid: None,
            parameters,
            progress: JobProgress {
                state: JobState::Running,
                phase: None,
                done: 0,
                total: 0,
                failure: None,
            },
            cuts: 0,
            working_on: None,
            created_by: "admin".into(),
            created_at: now(),
            updated_at: now(),
            unknown: unknown.map(str::to_owned),
        };
        let export = serde_json::json!({ "work": "export", "study": "1.2", "format": "csv", "out": "/x" });
        assert!(matches!(asked(&row(export.clone(), None)), Asked::Work(_)));
        let what = "phase 'melting'";
        assert_eq!(asked(&row(export, Some(what))), Asked::Unknown(what.into()));
        assert_eq!(asked(&row(serde_json::Value::Null, Some(what))), Asked::Run);
        let what = "parameters 'no JSON'";
        assert_eq!(asked(&row("no JSON".into(), Some(what))), Asked::Unknown(what.into()));
    }
}
