//! Long work of the window: every job is a row, waits in a lane, tells its progress and may be stopped.

mod list;
mod rate;
mod run;

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use domain::{Failure, FailureCode, JobId, JobState};
use workflow::jobs::queue::{JobError, JobUrgency, Progress, Queue, Stopped};

pub use list::JobList;
use list::Stop;
use workflow::jobs::rows;
use workflow::jobs::work::Lane;
use workflow::jobs::work::Work;

use super::Workstation;
use contract::window::JobSummary;

/// An image in work is finished before its job stops; so long is that waited for.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Lanes {
    import: Queue,
    analysis: Queue,
    waited: Queue,
}

impl Lanes {
    pub fn start() -> Self {
        Self {
            import: Queue::start(),
            analysis: Queue::start(),
            waited: Queue::start(),
        }
    }

    fn queue(&self, lane: Lane) -> &Queue {
        match lane {
            Lane::Import => &self.import,
            Lane::Analysis => &self.analysis,
            Lane::Waited => &self.waited,
        }
    }
}

impl Workstation {
    /// Jobs that wait or run.
    pub fn running_jobs(&self) -> u64 {
        self.jobs.live().len() as u64
    }

    /// Analysed and all images of each study that is being analysed.
    pub fn study_progress(&self) -> BTreeMap<String, (u64, u64)> {
        self.jobs.study_progress()
    }

    /// Writes the job's row and lets it wait for its turn.
    pub(super) fn submit(self: &Arc<Self>, work: Work) -> Result<i64, Failure> {
        let id = self.with_vault(|open| rows::queue(open, &work))?;
        self.submit_row(id, work);
        Ok(id.0)
    }

    /// The row is there already: a new job, or one that was cut off.
    pub(super) fn submit_row(self: &Arc<Self>, id: JobId, work: Work) {
        // A lane that holds its workstation would keep it alive for ever.
        let station = Arc::downgrade(self);
        let (list, queue) = (self.jobs.clone(), self.lanes.queue(work.lane()));
        list.add(id.0, &work.clone(), || {
            queue.submit(JobUrgency::Background, move |progress| {
                begin(&station, id, work, progress)
            })
        });
        self.notice.jobs_changed();
    }

    /// Stops a job for good: it is canceled and does not go on later.
    pub(super) fn cancel_job(&self, id: i64) -> Result<(), Failure> {
        let Some((lane, queued, state)) = self.jobs.order_stop(id, Stop::Cancel) else {
            return Ok(());
        };
        self.lanes.queue(lane).cancel(queued);
        if state == JobState::Queued {
            let message = "the job was stopped before it began";
            self.with_vault(|open| rows::update(open, JobId(id), JobState::Canceled, None))?;
            self.jobs.end(
                id,
                &Err(Failure::new(FailureCode::Canceled, message)),
                JobSummary::default(),
            );
        }
        self.notice.jobs_changed();
        Ok(())
    }

    /// Starts a job again that was set aside; one more cut sets it aside again.
    pub(super) fn take_up_job(self: &Arc<Self>, id: i64) -> Result<(), Failure> {
        let Some(work) = self.jobs.set_aside(id) else {
            return Err(Failure::new(FailureCode::NotFound, format!("no job {id} is set aside")));
        };
        let work = work.map_err(|word| rows::unknown(&word))?;
        self.with_vault(|open| rows::decide(open, JobId(id), &work, true))?;
        self.jobs.dismiss(id);
        self.submit_row(JobId(id), work);
        Ok(())
    }

    /// Takes an ended job off the list. One that was set aside is let go of.
    pub(super) fn let_go_of_job(&self, id: i64) -> Result<(), Failure> {
        if let Some(work) = self.jobs.set_aside(id) {
            self.with_vault(|open| match &work {
                Ok(work) => rows::decide(open, JobId(id), work, false),
                Err(_) => rows::let_go_of_unknown(open, JobId(id)),
            })?;
        }
        if self.jobs.dismiss(id) {
            self.notice.jobs_changed();
        }
        Ok(())
    }

    pub(super) fn wait_for_jobs(&self) {
        if !self.jobs.wait_until_idle(PATIENCE) {
            tracing::warn!("a job did not stop in time; the vault is locked when it does");
        }
    }

    /// Stops every job and leaves its row unfinished, so that it goes on after the next unlock.
    pub(super) fn leave_jobs(&self) {
        for id in self.jobs.live() {
            if let Some((lane, queued, _)) = self.jobs.order_stop(id, Stop::Leave) {
                self.lanes.queue(lane).cancel(queued);
            }
        }
        self.wait_for_jobs();
        self.jobs.clear();
        self.notice.jobs_changed();
    }
}

fn begin(station: &Weak<Workstation>, id: JobId, work: Work, progress: &mut Progress<'_>) -> Result<(), JobError> {
    let Some(station) = station.upgrade() else {
        return Err(Stopped.into());
    };
    if !station.jobs.begin(id.0) {
        return Err(Stopped.into());
    }
    station.notice.jobs_changed();
    let mut summary = JobSummary::default();
    let outcome = run::run(&station, id, &work, progress, &mut summary);
    let left = station.jobs.ordered_to_stop(id.0) == Some(Stop::Leave);
    station.jobs.end(id.0, &outcome, summary);
    station.notice.jobs_changed();
    if outcome.is_ok() && !left {
        run::afterwards(&station, &work, id);
    }
    match outcome {
        Ok(()) => Ok(()),
        Err(failure) if failure.is_a_stop() => Err(Stopped.into()),
        Err(failure) => Err(JobError::Failed(failure)),
    }
}
