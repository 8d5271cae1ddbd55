//! What the core tells the window unasked, never faster than a person can see.

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use contract::window::{AppEvent, JobInfo};

const JOBS_EVERY: Duration = Duration::from_millis(100);
const STUDIES_EVERY: Duration = Duration::from_millis(500);

pub type Listener = Box<dyn Fn(AppEvent) + Send + Sync>;
type JobsNow = Box<dyn Fn() -> Vec<JobInfo> + Send>;

/// Collects what changed and passes it on from a thread of its own.
pub struct Events {
    shared: Arc<Shared>,
    thread: Option<std::thread::JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    pending: Mutex<Pending>,
    changed: Condvar,
    listeners: Mutex<Vec<Arc<Listener>>>,
}

#[derive(Default)]
struct Pending {
    jobs: bool,
    studies: BTreeSet<String>,
    jobs_told: Option<Instant>,
    studies_told: Option<Instant>,
    closed: bool,
}

impl Shared {
    fn pending(&self) -> MutexGuard<'_, Pending> {
        // No code that can panic runs under this lock.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, event: &AppEvent) {
        // Told outside the lock: a listener may call back.
        let listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for listener in listeners {
            listener(event.clone());
        }
    }
}

/// Says that something changed; cheap, and free to be given to other threads.
#[derive(Clone)]
pub struct Notice(Arc<Shared>);

impl Notice {
    pub fn jobs_changed(&self) {
        self.0.pending().jobs = true;
        self.0.changed.notify_one();
    }

    pub fn studies_changed(&self, studies: impl IntoIterator<Item = String>) {
        self.0.pending().studies.extend(studies);
        self.0.changed.notify_one();
    }

    /// Told at once, on this thread.
    pub fn tell(&self, event: &AppEvent) {
        self.0.tell(event);
    }
}

impl Events {
    /// `jobs` is asked for the jobs as they stand whenever they are told.
    pub fn start(jobs: JobsNow) -> Self {
        let shared = Arc::new(Shared::default());
        let theirs = shared.clone();
        Self {
            shared,
            thread: Some(std::thread::spawn(move || pass_on(&theirs, &jobs))),
        }
    }

    pub fn notice(&self) -> Notice {
        Notice(self.shared.clone())
    }

    pub fn subscribe(&self, listener: Listener) {
        let mut listeners = self.shared.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.push(Arc::new(listener));
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.shared.pending().closed = true;
        self.shared.changed.notify_one();
        // The last handle may go on this very thread, from within a listener.
        if let Some(thread) = self
            .thread
            .take()
            .filter(|t| t.thread().id() != std::thread::current().id())
        {
            let _ = thread.join();
        }
    }
}

fn pass_on(shared: &Shared, jobs: &JobsNow) {
    loop {
        let mut pending = shared.pending();
        let (tell_jobs, studies) = loop {
            if pending.closed {
                return;
            }
            let now = Instant::now();
            let wait = |told: Option<Instant>, every: Duration| {
                told.map_or(Duration::ZERO, |at| (at + every).saturating_duration_since(now))
            };
            let jobs_in = pending.jobs.then(|| wait(pending.jobs_told, JOBS_EVERY));
            let studies_in = (!pending.studies.is_empty()).then(|| wait(pending.studies_told, STUDIES_EVERY));
            let (jobs_due, studies_due) = (jobs_in == Some(Duration::ZERO), studies_in == Some(Duration::ZERO));
            if jobs_due || studies_due {
                if jobs_due {
                    pending.jobs = false;
                    pending.jobs_told = Some(now);
                }
                let mut studies = BTreeSet::new();
                if studies_due {
                    std::mem::swap(&mut studies, &mut pending.studies);
                    pending.studies_told = Some(now);
                }
                break (jobs_due, studies);
            }
            let next = [jobs_in, studies_in].into_iter().flatten().min();
            pending = match next {
                Some(next) => {
                    let waited = shared.changed.wait_timeout(pending, next);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => shared.changed.wait(pending).unwrap_or_else(PoisonError::into_inner),
            };
        };
        drop(pending);
        if tell_jobs {
            shared.tell(&AppEvent::Jobs { jobs: jobs() });
        }
        if !studies.is_empty() {
            let studies = studies.into_iter().collect();
            shared.tell(&AppEvent::StudiesChanged { studies });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn many_changes_become_few_events_and_none_is_lost() -> Result<(), Box<dyn std::error::Error>> {
        let events = Events::start(Box::new(Vec::new));
        let (send, seen) = channel();
        let send = Mutex::new(send);
        events.subscribe(Box::new(move |event| {
            let _ = send
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .send((Instant::now(), event));
        }));
        let notice = events.notice();
        let start = Instant::now();
        for number in 0..400 {
            notice.jobs_changed();
            notice.studies_changed([format!("1.2.{}", number % 7)]);
            std::thread::sleep(Duration::from_millis(2));
        }
        std::thread::sleep(STUDIES_EVERY + JOBS_EVERY);
        let seconds = start.elapsed().as_secs_f64();
        drop((events, notice));
        let told: Vec<(Instant, AppEvent)> = seen.iter().collect();
        let jobs = told.iter().filter(|(_, e)| matches!(e, AppEvent::Jobs { .. })).count() as f64;
        // On a busy machine fewer, never more.
        assert!(jobs >= 1.0 && jobs <= seconds * 10.0 + 2.0, "{jobs} in {seconds} s");
        let mut studies = BTreeSet::new();
        let mut times = 0.0;
        for (_, event) in &told {
            if let AppEvent::StudiesChanged { studies: some } = event {
                times += 1.0;
                studies.extend(some.clone());
            }
        }
        assert_eq!(studies.len(), 7);
        assert!(times >= 1.0 && times <= seconds * 2.0 + 2.0, "{times} in {seconds} s");
        Ok(())
    }
}
