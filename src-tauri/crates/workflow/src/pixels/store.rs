//! Decoded instances of the open vault: three threads, each with a handle on the vault of its own, ask the program's
//! decoders. What somebody waits for goes before hints, and hints go before thumbnails.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use decode::{Source, Turn, Wanted};
use domain::{Decoded, Failure, FailureCode, Uid};

use super::cache::Cache;
use crate::decoders::decoders;
use crate::vault::OpenVault;

/// The interface keeps pixels of its own, within the budget that its person set.
const BUDGET: u64 = 32 << 20;
/// Older thumbnails than these scrolled out of sight.
const MOST_THUMBNAILS_WAITING: usize = 48;

pub type Outcome = Result<Arc<Decoded>, Failure>;

/// Where the one who asked finds the answer.
#[derive(Default)]
struct Answer {
    outcome: Mutex<Option<Outcome>>,
    there: Condvar,
}

impl Answer {
    fn give(&self, outcome: Outcome) {
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
        self.there.notify_all();
    }

    fn wait(&self) -> Outcome {
        let outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = self.there.wait_while(outcome, |outcome| outcome.is_none());
        let outcome = outcome.unwrap_or_else(PoisonError::into_inner);
        outcome.clone().unwrap_or_else(|| Err(locked()))
    }
}

struct Queue {
    cache: Cache,
    asked: VecDeque<String>,
    hints: VecDeque<String>,
    /// Newest last; taken from the end.
    thumbnails: Vec<String>,
    /// What a thread decodes at this moment, and for whom.
    in_work: BTreeMap<String, PixelUrgency>,
    /// Of every instance that is waited for or in work.
    answers: BTreeMap<String, Arc<Answer>>,
    closed: bool,
}

impl Queue {
    fn is_on_its_way(&self, sop: &str) -> bool {
        self.in_work.contains_key(sop) || self.asked.iter().any(|waiting| waiting == sop)
    }

    fn begin(&mut self, sop: String, urgency: PixelUrgency) -> (String, PixelUrgency) {
        self.answers.entry(sop.clone()).or_default();
        self.in_work.insert(sop.clone(), urgency);
        (sop, urgency)
    }
}

struct Shared {
    queue: Mutex<Queue>,
    more: Condvar,
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // No code that can panic runs under this lock.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub struct Store {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum PixelUrgency {
    Asked,
    Hint,
    Thumbnail,
}

impl From<PixelUrgency> for decode::Urgency {
    fn from(urgency: PixelUrgency) -> Self {
        match urgency {
            PixelUrgency::Asked => Self::Screen,
            PixelUrgency::Hint => Self::Work,
            PixelUrgency::Thumbnail => Self::Thumbnail,
        }
    }
}

impl Store {
    pub fn start(open: &OpenVault) -> Result<Self, Failure> {
        let queue = Queue {
            cache: Cache::new(BUDGET),
            asked: VecDeque::new(),
            hints: VecDeque::new(),
            thumbnails: Vec::new(),
            in_work: BTreeMap::new(),
            answers: BTreeMap::new(),
            closed: false,
        };
        let shared = Arc::new(Shared {
            queue: Mutex::new(queue),
            more: Condvar::new(),
        });
        // So that the first image need not wait for a child; where there is none, it says why.
        if let Err(error) = decoders().and_then(|decoders| Ok(decoders.start_ahead()?)) {
            tracing::warn!(%error, "a decoder could not be started ahead");
        }
        // One works for whoever waits and for nothing else, so that a viewer is served at once.
        let threads = [PixelUrgency::Asked, PixelUrgency::Hint, PixelUrgency::Thumbnail]
            .into_iter()
            .map(|least| {
                let (open, shared) = (open.open_another()?, shared.clone());
                Ok(std::thread::spawn(move || work(&open, &shared, least)))
            });
        let threads = threads.collect::<Result<Vec<_>, Failure>>()?;
        Ok(Self { shared, threads })
    }

    /// The decoded instance; somebody waits for it.
    pub fn get(&self, sop: &str) -> Outcome {
        let answer = {
            let mut queue = self.shared.queue();
            if let Some(decoded) = queue.cache.take_up(sop) {
                return Ok(decoded);
            }
            if queue.closed {
                return Err(locked());
            }
            queue.hints.retain(|hint| hint != sop);
            queue.thumbnails.retain(|thumbnail| thumbnail != sop);
            if let Some(urgency) = queue.in_work.get_mut(sop) {
                // Begun as a hint or for a thumbnail: the same work serves.
                *urgency = PixelUrgency::Asked;
            } else if !queue.asked.iter().any(|waiting| waiting == sop) {
                queue.asked.push_back(sop.to_owned());
            }
            queue.answers.entry(sop.to_owned()).or_default().clone()
        };
        self.shared.more.notify_all();
        answer.wait()
    }

    /// Decodes these soon, in this order; replaces the hint before.
    pub fn prefetch(&self, sops: Vec<String>) {
        let mut queue = self.shared.queue();
        queue.cache.forget_hints();
        let hints = sops
            .into_iter()
            .filter(|sop| !queue.cache.holds(sop) && !queue.answers.contains_key(sop));
        let hints: VecDeque<String> = hints.collect();
        queue.hints = hints;
        drop(queue);
        self.shared.more.notify_all();
    }

    /// The decoded instance for a thumbnail, of many frames perhaps the middle one alone, when nothing else is
    /// to do. Newer requests go first; one that too many newer ones pushed out fails as `given_up`.
    pub fn get_for_thumbnail(&self, sop: &str) -> Outcome {
        let (answer, pushed_out) = {
            let mut queue = self.shared.queue();
            if let Some(decoded) = queue.cache.look(sop) {
                return Ok(decoded);
            }
            if queue.closed {
                return Err(locked());
            }
            queue.thumbnails.retain(|waiting| waiting != sop);
            if !queue.answers.contains_key(sop) || !queue.is_on_its_way(sop) {
                queue.thumbnails.push(sop.to_owned());
            }
            let answer = queue.answers.entry(sop.to_owned()).or_default().clone();
            let too_many = queue.thumbnails.len() > MOST_THUMBNAILS_WAITING;
            let oldest = too_many.then(|| queue.thumbnails.remove(0));
            (answer, oldest.and_then(|oldest| queue.answers.remove(&oldest)))
        };
        if let Some(pushed_out) = pushed_out {
            let message = "newer thumbnails were asked for; ask again when this one is in sight";
            pushed_out.give(Err(Failure::new(FailureCode::GivenUp, message)));
        }
        self.shared.more.notify_all();
        answer.wait()
    }

    /// Forgets every image and answers all who wait that the vault is locked.
    pub fn close(&self) {
        let mut queue = self.shared.queue();
        queue.closed = true;
        queue.cache = Cache::new(0);
        let waiting = std::mem::take(&mut queue.answers);
        drop(queue);
        waiting.into_values().for_each(|answer| answer.give(Err(locked())));
        self.shared.more.notify_all();
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.close();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn locked() -> Failure {
    Failure::new(FailureCode::Locked, "the vault is locked; unlock it to see its images")
}

/// Works on what is at least as urgent as `least`.
fn work(open: &OpenVault, shared: &Shared, least: PixelUrgency) {
    while let Some(urgency) = wait(shared, least) {
        let mut turn = decoders().map(|decoders| decoders.turn(urgency.into()));
        // Only now, for something more urgent may have come while the turn was waited for.
        let Some((sop, urgency)) = take(shared, least) else {
            continue;
        };
        let mut outcome = decode(open, &mut turn, &sop, urgency);
        let mut queue = shared.queue();
        if outcome.as_ref().is_ok_and(is_a_part)
            && queue
                .in_work
                .get(&sop)
                .is_some_and(|now| *now != PixelUrgency::Thumbnail)
        {
            // Somebody wants the whole of it by now.
            drop(queue);
            outcome = decode(open, &mut turn, &sop, PixelUrgency::Asked);
            queue = shared.queue();
        }
        let outcome = outcome.map(Arc::new);
        let urgency = queue.in_work.remove(&sop);
        if let (Ok(decoded), Some(urgency)) = (&outcome, urgency)
            && !queue.closed
            && urgency != PixelUrgency::Thumbnail
            // What came without an image may be completed by a later import.
            && decoded.header.holds_picture()
        {
            queue
                .cache
                .keep(sop.clone(), decoded.clone(), urgency == PixelUrgency::Hint);
        }
        let answer = queue.answers.remove(&sop);
        drop(queue);
        drop(turn);
        if let Some(answer) = answer {
            answer.give(outcome);
        }
        // Room was made or a hint became a cached image: the other threads may go on.
        shared.more.notify_all();
    }
}

impl Queue {
    /// How urgent the most urgent work is that a thread may do.
    fn most_urgent(&self, least: PixelUrgency) -> Option<PixelUrgency> {
        let there = |urgency: &PixelUrgency| match urgency {
            PixelUrgency::Asked => !self.asked.is_empty(),
            PixelUrgency::Hint => self.cache.has_room_ahead() && !self.hints.is_empty(),
            PixelUrgency::Thumbnail => !self.thumbnails.is_empty(),
        };
        let all = [PixelUrgency::Asked, PixelUrgency::Hint, PixelUrgency::Thumbnail];
        all.into_iter().filter(|urgency| *urgency <= least).find(there)
    }
}

/// Waits until there is work; `None` when the store closes.
fn wait(shared: &Shared, least: PixelUrgency) -> Option<PixelUrgency> {
    let mut queue = shared.queue();
    loop {
        if queue.closed {
            return None;
        }
        if let Some(urgency) = queue.most_urgent(least) {
            return Some(urgency);
        }
        queue = shared.more.wait(queue).unwrap_or_else(PoisonError::into_inner);
    }
}

/// The most urgent instance, unless another thread was quicker.
fn take(shared: &Shared, least: PixelUrgency) -> Option<(String, PixelUrgency)> {
    let mut queue = shared.queue();
    if queue.closed {
        return None;
    }
    let urgency = queue.most_urgent(least)?;
    let sop = match urgency {
        PixelUrgency::Asked => queue.asked.pop_front(),
        PixelUrgency::Hint => queue.hints.pop_front(),
        PixelUrgency::Thumbnail => queue.thumbnails.pop(),
    };
    sop.map(|sop| queue.begin(sop, urgency))
}

fn is_a_part(decoded: &Decoded) -> bool {
    decoded.pixels.frames < decoded.header.image.frames
}

fn decode(
    open: &OpenVault,
    turn: &mut Result<Turn, Failure>,
    sop: &str,
    urgency: PixelUrgency,
) -> Result<Decoded, Failure> {
    let uid = Uid::as_written(sop).map_err(|error| Failure::usage(error.to_string()))?;
    let file = open.vault.file_of_instance(&uid)?.ok_or_else(|| {
        Failure::new(
            FailureCode::NotFound,
            format!("there is no instance {uid} in the vault"),
        )
    })?;
    let content = open.vault.read_file(&file)?;
    let turn = turn.as_mut().map_err(|failure| failure.clone())?;
    let wanted = match urgency {
        PixelUrgency::Thumbnail => Wanted::Middle,
        PixelUrgency::Asked | PixelUrgency::Hint => Wanted::All,
    };
    Ok(turn.ask(Source::Bytes(&content), &wanted)?)
}
