//! Verbs in the background: each shell submits them here, watches them and may stop them.

use std::sync::mpsc::{Receiver, sync_channel};

use domain::{Failure, FailureCode, Phase};

pub mod queue;
pub mod rows;
pub mod work;

pub use queue::JobUrgency;
use queue::{JobError, Progress, Queue, Standing, Stopped};

use crate::frames::Watch;

/// One thread that takes jobs in order of urgency.
pub struct Jobs<P = Phase> {
    queue: Queue<P>,
}

pub struct Job<R> {
    id: u64,
    result: Receiver<Result<R, Failure>>,
}

impl<P: Clone + PartialEq + Send + 'static> Jobs<P> {
    pub fn start() -> Self {
        Self { queue: Queue::start() }
    }

    /// Runs a verb in the background; its `watch` is the job's progress and its order to stop.
    pub fn submit<R: Send + 'static>(
        &self,
        urgency: JobUrgency,
        verb: impl FnOnce(&mut Watch<'_, P>) -> Result<R, Failure> + Send + 'static,
    ) -> Job<R> {
        let (send, result) = sync_channel(1);
        let id = self.queue.submit(urgency, move |progress: &mut Progress<'_, P>| {
            let outcome = verb(&mut |phase: P, done: u64, of: u64| progress.report(phase, done, of).is_ok());
            let state = match &outcome {
                Ok(_) => Ok(()),
                Err(failure) if failure.is_a_stop() => Err(JobError::from(Stopped)),
                Err(failure) => Err(JobError::Failed(failure.clone())),
            };
            // Nobody waits for the result of a job that was let go.
            let _ = send.send(outcome);
            state
        });
        Job { id, result }
    }

    /// Waits for the end; `watch` sees the progress and stops the job by answering `false`. Of a job that ends well it
    /// sees the last step too, which may pass too quickly to be noticed.
    pub fn wait<R>(&self, job: Job<R>, watch: &mut Watch<'_, P>) -> Result<R, Failure> {
        let mut last = None;
        let end = self.queue.wait(job.id, |state| {
            if let Standing::Running { phase, done, of } = state {
                last = Some((phase.clone(), *of));
                if !watch(phase.clone(), *done, *of) {
                    self.queue.cancel(job.id);
                }
            }
        });
        if let (Some(Standing::Done), Some((phase, of))) = (&end, last) {
            watch(phase, of, of);
        }
        job.result.try_recv().unwrap_or_else(|_| match end {
            Some(Standing::Canceled) => Err(Failure::new(
                FailureCode::Canceled,
                "the job was stopped before it began",
            )),
            Some(Standing::Failed(failure)) => Err(failure),
            _ => Err(Failure::new(FailureCode::Internal, "the job ended without a result")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_gives_its_result_and_its_failure() {
        let jobs = Jobs::<Phase>::start();
        let good = jobs.submit(JobUrgency::Waiting, |watch| {
            watch(Phase::Importing, 1, 2);
            Ok(41 + 1)
        });
        let bad = jobs.submit(JobUrgency::Waiting, |_| {
            Err::<(), _>(Failure::new(FailureCode::DiskFull, "no room"))
        });
        assert_eq!(jobs.wait(good, &mut |_, _, _| true), Ok(42));
        assert_eq!(
            jobs.wait(bad, &mut |_, _, _| true),
            Err(Failure::new(FailureCode::DiskFull, "no room"))
        );
    }

    #[test]
    fn a_watcher_stops_a_job() {
        let jobs = Jobs::<Phase>::start();
        let endless = jobs.submit(JobUrgency::Waiting, |watch| {
            let mut done = 0;
            while watch(Phase::Copying, done, 1 << 40) {
                done += 1;
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            Err::<(), _>(Failure::new(FailureCode::Canceled, "stopped while counting"))
        });
        let end = jobs.wait(endless, &mut |_, done, _| done < 20);
        assert_eq!(end, Err(Failure::new(FailureCode::Canceled, "stopped while counting")));
    }
}
