//! The jobs of this run as the window shows them, with the order to stop that each may be given.

use domain::{FailedInput, Failure, JobKind, JobState, Phase};
use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::rate::Rate;
use contract::window::{JobInfo, JobPace, JobSummary};
use workflow::jobs::rows::SetAside;
use workflow::jobs::work::{Lane, Work};
use workflow::time::now;

/// A list of failed files longer than this helps nobody and is sent with every event.
pub const MOST_LISTED: usize = 500;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// A person stopped it: its row says canceled.
    Cancel,
    /// The vault is being locked: its row stays unfinished and the job goes on after the next unlock.
    Leave,
}

struct Entry {
    info: JobInfo,
    lane: Lane,
    /// Number in the lane's queue.
    queued: u64,
    stop: Option<Stop>,
    rate: Rate,
    /// The study in work, its analysed and all its images.
    at: Option<(String, (u64, u64))>,
    /// What to do when a person starts it again; the word for what this version does not know.
    set_aside: Option<Result<Work, String>>,
}

impl Entry {
    fn new(id: i64, work: Result<&Work, &String>, queued: u64) -> Self {
        let info = JobInfo {
            id,
            kind: work.map_or(JobKind::Unknown, Work::kind),
            subject: work.map_or_else(|word| Some(word.clone()), Work::subject),
            study_instance_uid: work.ok().and_then(Work::study).map(str::to_owned),
            state: JobState::Queued,
            phase: None,
            pace: JobPace::default(),
            code: None,
            message: None,
            working_on: None,
            gave: JobSummary::default(),
            created_at: now(),
            ended_at: None,
        };
        Self {
            info,
            lane: work.map_or(Lane::Waited, Work::lane),
            queued,
            stop: None,
            rate: Rate::default(),
            at: None,
            set_aside: None,
        }
    }
}

#[derive(Clone, Default)]
pub struct JobList {
    shared: Arc<(Mutex<BTreeMap<i64, Entry>>, Condvar)>,
}

impl JobList {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<i64, Entry>> {
        // No code that can panic runs under this lock.
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn all(&self) -> Vec<JobInfo> {
        self.lock().values().map(|entry| entry.info.clone()).collect()
    }

    /// `queued` is asked for its number under the list's lock, so that a job that starts at once
    /// finds itself in the list.
    pub fn add(&self, id: i64, work: &Work, queued: impl FnOnce() -> u64) {
        let mut jobs = self.lock();
        jobs.insert(id, Entry::new(id, Ok(work), queued()));
    }

    /// Told as failed until a person decides about it.
    pub fn add_set_aside(&self, job: SetAside) {
        let failure = job.why();
        let mut entry = Entry::new(job.id.0, job.work.as_ref(), 0);
        entry.info.state = JobState::Failed;
        entry.info.code = Some(failure.code);
        entry.info.message = Some(failure.message);
        entry.info.working_on = job.working_on;
        entry.info.ended_at = Some(entry.info.created_at);
        entry.set_aside = Some(job.work);
        self.lock().insert(job.id.0, entry);
    }

    /// The work of a job that is set aside; the word for what this version does not know.
    pub fn set_aside(&self, id: i64) -> Option<Result<Work, String>> {
        self.lock().get(&id).and_then(|entry| entry.set_aside.clone())
    }

    /// `false` when the job was stopped before it began.
    pub fn begin(&self, id: i64) -> bool {
        let mut jobs = self.lock();
        let Some(entry) = jobs.get_mut(&id).filter(|entry| entry.stop.is_none()) else {
            return false;
        };
        entry.info.state = JobState::Running;
        true
    }

    /// Tells how far the job is; `false` asks it to stop.
    pub fn progress(&self, id: i64, phase: Phase, done: u64, total: u64) -> bool {
        let mut jobs = self.lock();
        let Some(entry) = jobs.get_mut(&id) else { return false };
        entry.rate.see(phase, done, Instant::now());
        let info = &mut entry.info;
        info.phase = Some(phase);
        info.pace = JobPace {
            done,
            total,
            per_second: entry.rate.per_second(),
            seconds_left: entry.rate.seconds_left(done, total),
        };
        entry.stop.is_none()
    }

    /// The study that is in work at this moment.
    pub fn at_study(&self, id: i64, study: &str, done: u64, of: u64) {
        if let Some(entry) = self.lock().get_mut(&id) {
            entry.at = Some((study.to_owned(), (done, of)));
        }
    }

    pub fn ordered_to_stop(&self, id: i64) -> Option<Stop> {
        self.lock().get(&id).and_then(|entry| entry.stop)
    }

    pub fn end(&self, id: i64, outcome: &Result<(), Failure>, summary: JobSummary) {
        let mut jobs = self.lock();
        if let Some(entry) = jobs.get_mut(&id) {
            let info = &mut entry.info;
            info.ended_at = Some(now());
            (info.pace.per_second, info.pace.seconds_left) = (None, None);
            info.gave = summary;
            match outcome {
                Ok(()) => {
                    info.state = JobState::Done;
                    info.pace.done = info.pace.total;
                }
                Err(failure) if failure.is_a_stop() => {
                    info.state = JobState::Canceled;
                    info.message = Some(failure.message.clone());
                }
                Err(failure) => {
                    info.state = JobState::Failed;
                    info.code = Some(failure.code);
                    info.message = Some(failure.message.clone());
                }
            }
        }
        self.shared.1.notify_all();
    }

    /// Orders a job to stop; its lane and its number there. `None` when it is over or unknown.
    pub fn order_stop(&self, id: i64, stop: Stop) -> Option<(Lane, u64, JobState)> {
        let mut jobs = self.lock();
        let entry = jobs.get_mut(&id).filter(|entry| is_live(&entry.info))?;
        entry.stop = Some(stop);
        Some((entry.lane, entry.queued, entry.info.state))
    }

    pub fn live(&self) -> Vec<i64> {
        let jobs = self.lock();
        jobs.values()
            .filter(|entry| is_live(&entry.info))
            .map(|entry| entry.info.id)
            .collect()
    }

    /// Takes an ended job off the list; a live one stays.
    pub fn dismiss(&self, id: i64) -> bool {
        let mut jobs = self.lock();
        let ended = jobs.get(&id).is_some_and(|entry| !is_live(&entry.info));
        ended && jobs.remove(&id).is_some()
    }

    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Waits until no job runs; `false` when some still do after `limit`.
    pub fn wait_until_idle(&self, limit: Duration) -> bool {
        let running = |jobs: &mut BTreeMap<i64, Entry>| jobs.values().any(|e| e.info.state == JobState::Running);
        let waited = self.shared.1.wait_timeout_while(self.lock(), limit, running);
        let (mut jobs, _) = waited.unwrap_or_else(PoisonError::into_inner);
        !running(&mut jobs)
    }

    /// Done and total images of each study that is being analysed.
    pub fn study_progress(&self) -> BTreeMap<String, (u64, u64)> {
        let jobs = self.lock();
        let running = jobs.values().filter(|entry| entry.info.state == JobState::Running);
        running.filter_map(|entry| entry.at.clone()).collect()
    }
}

fn is_live(info: &JobInfo) -> bool {
    matches!(info.state, JobState::Queued | JobState::Running)
}

/// The first failures, and how many more there are.
pub fn capped(mut failed: Vec<FailedInput>) -> (Vec<FailedInput>, u64) {
    let unlisted = failed.len().saturating_sub(MOST_LISTED) as u64;
    failed.truncate(MOST_LISTED);
    (failed, unlisted)
}

#[cfg(test)]
mod tests {
    use domain::FailureCode;

    use super::*;

    #[test]
    fn a_job_is_stopped_ended_and_dismissed() {
        let jobs = JobList::default();
        jobs.add(7, &Work::AnalyzeNew, || 1);
        assert!(jobs.begin(7) && jobs.progress(7, Phase::Analysing, 1, 9));
        assert!(!jobs.dismiss(7), "a running job was dismissed");
        assert_eq!(jobs.order_stop(7, Stop::Cancel).map(|(_, queued, _)| queued), Some(1));
        assert!(!jobs.progress(7, Phase::Analysing, 2, 9));
        jobs.end(
            7,
            &Err(Failure::new(FailureCode::Canceled, "stopped")),
            JobSummary::default(),
        );
        assert!(jobs.wait_until_idle(Duration::ZERO));
        assert_eq!(jobs.all().first().map(|job| job.state), Some(JobState::Canceled));
        assert!(jobs.dismiss(7) && jobs.all().is_empty());
    }

    #[test]
    fn a_long_list_of_failures_is_cut_with_a_count() {
        let failed = (0..MOST_LISTED + 3)
            .map(|number| FailedInput::new(number.to_string(), Failure::new(FailureCode::Corrupt, "damaged")));
        let (listed, unlisted) = capped(failed.collect());
        assert_eq!((listed.len(), unlisted), (MOST_LISTED, 3));
    }
}
