//! Jobs in the background: one thread takes them in order of urgency, publishes their progress and
//! asks them to stop. What a job does is its own affair; the caller keeps its record.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use domain::{Failure, FailureCode, Phase};

/// At most this often per job is progress passed on.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// Which job goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum JobUrgency {
    /// Somebody waits for it: it goes before all that is in the background.
    Waiting,
    /// After all that somebody waits for, in the order of their coming.
    Background,
}

/// Where a job stands in its queue, with what it says of itself: its phase `P`, or how it failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing<P> {
    /// It waits for its turn.
    Queued,
    /// It runs: what it does, and how much of it is done.
    Running {
        /// What it does.
        phase: P,
        /// How many things are done.
        done: u64,
        /// How many there are; 0 where that is not known.
        of: u64,
    },
    /// It ended well.
    Done,
    /// It ended with an error.
    Failed(Failure),
    /// It was asked to stop, before or while it ran.
    Canceled,
}

impl<P> Standing<P> {
    /// Whether nothing more will come of it.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Done | Self::Failed(_) | Self::Canceled)
    }
}

/// Handed to a running job: one call both publishes progress and asks whether to go on.
pub struct Progress<'a, P = Phase> {
    shared: &'a Shared<P>,
    id: u64,
    stop: Arc<AtomicBool>,
    published: Option<Instant>,
}

/// The job was asked to stop; it ends as canceled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped;

impl<P> Progress<'_, P> {
    /// Publishes how far the job is.
    ///
    /// # Errors
    /// Where the job was asked to stop.
    pub fn report(&mut self, phase: P, done: u64, of: u64) -> Result<(), Stopped> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(Stopped);
        }
        let due = self.published.is_none_or(|at| at.elapsed() >= PROGRESS_EVERY) || done == of;
        if due {
            self.published = Some(Instant::now());
            self.shared.set(self.id, Standing::Running { phase, done, of });
        }
        Ok(())
    }
}

/// How a job ends that does not end well.
pub enum JobError {
    /// It was asked to.
    Stopped,
    /// By an error.
    Failed(Failure),
}

impl From<Stopped> for JobError {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

type Work<P> = Box<dyn FnOnce(&mut Progress<'_, P>) -> Result<(), JobError> + Send>;

struct Waiting<P> {
    work: Work<P>,
    stop: Arc<AtomicBool>,
}

struct Jobs<P> {
    next: u64,
    waiting: BTreeMap<(JobUrgency, u64), Waiting<P>>,
    states: BTreeMap<u64, Standing<P>>,
    stops: BTreeMap<u64, Arc<AtomicBool>>,
    closed: bool,
}

struct Shared<P> {
    jobs: Mutex<Jobs<P>>,
    changed: Condvar,
}

impl<P> Default for Shared<P> {
    fn default() -> Self {
        Self {
            jobs: Mutex::new(Jobs {
                next: 0,
                waiting: BTreeMap::new(),
                states: BTreeMap::new(),
                stops: BTreeMap::new(),
                closed: false,
            }),
            changed: Condvar::new(),
        }
    }
}

impl<P> Shared<P> {
    fn lock(&self) -> MutexGuard<'_, Jobs<P>> {
        // No code that can panic runs under this lock.
        self.jobs.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn set(&self, id: u64, state: Standing<P>) {
        self.lock().states.insert(id, state);
        self.changed.notify_all();
    }
}

/// One thread that takes jobs in order of urgency. Dropping it asks the running one to stop and waits for it.
pub struct Queue<P = Phase> {
    shared: Arc<Shared<P>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl<P: Clone + PartialEq + Send + 'static> Queue<P> {
    /// A queue with its thread.
    pub fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let theirs = shared.clone();
        Self {
            shared,
            thread: Some(std::thread::spawn(move || run(&theirs))),
        }
    }

    /// Lets a job wait for its turn; its number.
    pub fn submit(
        &self,
        urgency: JobUrgency,
        work: impl FnOnce(&mut Progress<'_, P>) -> Result<(), JobError> + Send + 'static,
    ) -> u64 {
        let stop = Arc::new(AtomicBool::new(false));
        let mut jobs = self.shared.lock();
        jobs.next += 1;
        let id = jobs.next;
        jobs.states.insert(id, Standing::Queued);
        jobs.stops.insert(id, stop.clone());
        jobs.waiting.insert(
            (urgency, id),
            Waiting {
                work: Box::new(work),
                stop,
            },
        );
        drop(jobs);
        self.shared.changed.notify_all();
        id
    }

    /// A waiting job never starts; a running one stops at its next report.
    pub fn cancel(&self, id: u64) {
        let mut jobs = self.shared.lock();
        if let Some(stop) = jobs.stops.get(&id) {
            stop.store(true, Ordering::Relaxed);
        }
        let waiting = jobs.waiting.keys().find(|(_, waiting)| *waiting == id).copied();
        if let Some(key) = waiting {
            jobs.waiting.remove(&key);
            jobs.states.insert(id, Standing::Canceled);
        }
        drop(jobs);
        self.shared.changed.notify_all();
    }

    /// Waits for the next change of the job's state after `seen`, at most `limit`.
    pub fn wait_for_change(&self, id: u64, seen: Option<&Standing<P>>, limit: Duration) -> Option<Standing<P>> {
        let jobs = self.shared.lock();
        let waited = self
            .shared
            .changed
            .wait_timeout_while(jobs, limit, |jobs| jobs.states.get(&id) == seen);
        let (jobs, _) = waited.unwrap_or_else(std::sync::PoisonError::into_inner);
        jobs.states.get(&id).cloned()
    }

    /// Waits for the job's end. `watch` sees the state on every change and at least every tenth of a
    /// second, so that it can also ask the job to stop.
    pub fn wait(&self, id: u64, mut watch: impl FnMut(&Standing<P>)) -> Option<Standing<P>> {
        let mut seen = None;
        loop {
            let state = self.wait_for_change(id, seen.as_ref(), PROGRESS_EVERY)?;
            watch(&state);
            if state.is_over() {
                return Some(state);
            }
            seen = Some(state);
        }
    }
}

impl<P> Drop for Queue<P> {
    fn drop(&mut self) {
        let mut jobs = self.shared.lock();
        jobs.closed = true;
        jobs.stops.values().for_each(|stop| stop.store(true, Ordering::Relaxed));
        drop(jobs);
        self.shared.changed.notify_all();
        // The last owner may go at the end of a job, on the queue's own thread.
        let own = std::thread::current().id();
        if let Some(thread) = self.thread.take().filter(|thread| thread.thread().id() != own) {
            let _ = thread.join();
        }
    }
}

fn run<P>(shared: &Shared<P>) {
    loop {
        let mut jobs = shared.lock();
        let (id, waiting) = loop {
            if jobs.closed {
                return;
            }
            if let Some(((_, id), waiting)) = jobs.waiting.pop_first() {
                break (id, waiting);
            }
            jobs = shared
                .changed
                .wait(jobs)
                .unwrap_or_else(std::sync::PoisonError::into_inner);
        };
        drop(jobs);
        let mut progress = Progress {
            shared,
            id,
            stop: waiting.stop,
            published: None,
        };
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (waiting.work)(&mut progress)));
        let state = match outcome {
            Ok(Ok(())) => Standing::Done,
            Ok(Err(JobError::Stopped)) => Standing::Canceled,
            Ok(Err(JobError::Failed(failure))) => Standing::Failed(failure),
            Err(_) => Standing::Failed(Failure::new(
                FailureCode::Internal,
                "the job ended by an internal error; what it stored before stays",
            )),
        };
        shared.lock().stops.remove(&id);
        shared.set(id, state);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn urgent_jobs_go_first_and_every_job_ends() {
        let queue = Queue::<Phase>::start();
        let (start, started) = channel();
        let (order, seen) = channel();
        let held = queue.submit(JobUrgency::Background, move |_| {
            let _ = started.recv();
            Ok(())
        });
        let jobs: Vec<u64> = [(JobUrgency::Background, "later"), (JobUrgency::Waiting, "first")]
            .into_iter()
            .map(|(urgency, name)| {
                let order = order.clone();
                queue.submit(urgency, move |_| {
                    let _ = order.send(name);
                    Ok(())
                })
            })
            .collect();
        let _ = start.send(());
        assert_eq!(queue.wait(held, |_| ()), Some(Standing::Done));
        for job in jobs {
            assert_eq!(queue.wait(job, |_| ()), Some(Standing::Done));
        }
        assert_eq!((seen.recv(), seen.recv()), (Ok("first"), Ok("later")));
    }

    #[test]
    fn a_running_job_stops_and_a_waiting_one_never_starts() {
        let queue = Queue::<Phase>::start();
        let running = queue.submit(JobUrgency::Background, |progress| {
            for done in 0u64.. {
                progress.report(Phase::Copying, done, u64::MAX)?;
                std::thread::sleep(Duration::from_millis(1));
            }
            Ok(())
        });
        let waiting = queue.submit(JobUrgency::Background, |_| {
            Err(JobError::Failed(Failure::new(
                FailureCode::Internal,
                "a stopped job ran",
            )))
        });
        queue.cancel(waiting);
        let mut phases = 0;
        let end = queue.wait(running, |state| {
            if matches!(state, Standing::Running { .. }) {
                phases += 1;
                queue.cancel(running);
            }
        });
        assert_eq!(end, Some(Standing::Canceled));
        assert!(phases > 0);
        assert_eq!(queue.wait(waiting, |_| ()), Some(Standing::Canceled));
    }

    #[test]
    fn a_panicking_job_fails_and_the_next_one_works() {
        let queue = Queue::<Phase>::start();
        let broken = queue.submit(JobUrgency::Background, |_| {
            let empty: Vec<u8> = Vec::with_capacity(1);
            let at = empty.capacity() + 7;
            Err(JobError::Failed(Failure::new(
                FailureCode::BadInput,
                format!("{}", empty[at]),
            )))
        });
        assert!(
            matches!(queue.wait(broken, |_| ()), Some(Standing::Failed(failure)) if failure.code == FailureCode::Internal)
        );
        let next = queue.submit(JobUrgency::Background, |_| Ok(()));
        assert_eq!(queue.wait(next, |_| ()), Some(Standing::Done));
    }
}
