//! The parent's side: a few children that decode file after file, for the whole program.
//!
//! Whoever wants a file decoded waits for a turn, the most urgent first, and has one child for as long. A child dies
//! with the thread that started it, so that one thread, the keeper, starts them all and does nothing else.

mod ask;
mod child;
mod death;
mod slots;
mod unpack;

use std::{
    io::Read,
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{Sender, channel},
    },
    time::{Duration, Instant},
};

use crate::{
    DecodeError, Limits,
    protocol::{self, Wanted},
};
use ask::{Broken, Input};
pub use ask::{Source, Watch};
use child::Child;
use death::Cause;
use domain::{Decoded, FailureCode};
use slots::Slots;
pub use slots::{MOST_CHILDREN, Urgency};
pub use unpack::{ReadSeek, Unpacked};

const PROGRAM: &str = "overread-decoder";

/// Decodes files in sandboxed children, at most [`MOST_CHILDREN`] at once. They are started when they are needed, kept
/// for the next file, and replaced when one dies. A clone is the same pool.
#[derive(Debug, Clone)]
pub struct Decoders {
    pool: Arc<Pool>,
}

#[derive(Debug)]
struct Pool {
    program: PathBuf,
    limits: Limits,
    state: Mutex<State>,
    /// Told whenever a slot or a child was given back.
    freed: Condvar,
    /// Orders to the thread that starts children; it ends with the pool.
    keeper: OnceLock<Sender<Order>>,
    started: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    slots: Slots,
    /// Children without work, the last used last.
    idle: Vec<Child>,
    /// All children: those without work, those at work, those that are being started.
    children: usize,
    /// Children of an earlier era are not kept.
    era: u64,
}

/// What the keeper is told.
#[derive(Debug)]
enum Order {
    /// A child is to be there, with nothing to do.
    Ahead,
    /// A child is waited for.
    For(Sender<Result<Child, DecodeError>>),
    /// A child of its own is waited for, that is no part of the pool.
    Apart(Sender<Result<Child, DecodeError>>),
}

impl Decoders {
    /// `program` is the path of `overread-decoder`. Nothing is started yet.
    pub fn new(program: PathBuf, limits: Limits) -> Self {
        Self {
            pool: Arc::new(Pool {
                program,
                limits,
                state: Mutex::default(),
                freed: Condvar::new(),
                keeper: OnceLock::new(),
                started: AtomicU64::new(0),
            }),
        }
    }

    /// Takes the `overread-decoder` beside the running executable, or one folder up (where test
    /// programs find it).
    ///
    /// # Errors
    /// `decoder_missing` when there is none.
    pub fn beside_executable(limits: Limits) -> Result<Self, DecodeError> {
        let executable = std::env::current_exe().map_err(|e| DecodeError::io("the running program's own path", &e))?;
        let program = executable
            .ancestors()
            .skip(1)
            .take(2)
            .map(|folder| folder.join(PROGRAM))
            .find(|candidate| candidate.is_file())
            .ok_or_else(|| missing(&executable.with_file_name(PROGRAM)))?;
        Ok(Self::new(program, limits))
    }

    /// What is wanted of one file, when its turn comes. However the file breaks the child, the answer is an error that
    /// says so, and the next file is decoded by a fresh child.
    ///
    /// # Errors
    /// Why the file was not read or not decoded.
    pub fn ask(&self, source: Source<'_>, wanted: &Wanted, urgency: Urgency) -> Result<Decoded, DecodeError> {
        self.turn(urgency).ask(source, wanted)
    }

    /// Waits for a turn. Who has one must not wait for another.
    pub fn turn(&self, urgency: Urgency) -> Turn {
        let mut state = self.pool.state();
        let ticket = state.slots.line_up(urgency);
        while !state.slots.take(ticket) {
            state = self.pool.freed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let era = state.era;
        drop(state);
        // Another one may have waited for the room that this one did not take.
        self.pool.freed.notify_all();
        Turn {
            pool: self.pool.clone(),
            urgency,
            era,
            child: None,
        }
    }

    /// Has a child started before there is anything to decode, unless one is there.
    ///
    /// # Errors
    /// When no thread could be started. Why there is no child, the first file says.
    pub fn start_ahead(&self) -> Result<(), DecodeError> {
        self.pool.order(Order::Ahead)
    }

    /// Ends the children: those without work now, the others after the file that they have. Nothing of what they
    /// decoded stays in memory.
    pub fn let_go(&self) {
        let mut state = self.pool.state();
        state.era += 1;
        let gone = std::mem::take(&mut state.idle);
        state.children -= gone.len();
        drop(state);
        self.pool.freed.notify_all();
        drop(gone);
    }

    /// Children that were started so far.
    pub fn started(&self) -> u64 {
        self.pool.started.load(Ordering::Relaxed)
    }
}

impl Pool {
    fn state(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn order(self: &Arc<Self>, order: Order) -> Result<(), DecodeError> {
        let keeper = match self.keeper.get() {
            Some(keeper) => keeper,
            None => {
                let made = self.start_keeper()?;
                // Should another thread have been quicker, this one's keeper ends for want of orders.
                self.keeper.get_or_init(|| made)
            }
        };
        keeper.send(order).map_err(|_| no_keeper())
    }

    fn start_keeper(self: &Arc<Self>) -> Result<Sender<Order>, DecodeError> {
        let (send, orders) = channel();
        let pool = Arc::downgrade(self);
        let keeper = std::thread::Builder::new().name("decoders".into());
        let started = keeper.spawn(move || {
            for order in orders {
                let Some(pool) = pool.upgrade() else { return };
                match order {
                    Order::Ahead => pool.start_ahead(),
                    // Who no longer waits has it dropped, and so ended.
                    Order::For(waiting) => drop(waiting.send(pool.idle_or_new())),
                    Order::Apart(waiting) => drop(waiting.send(Child::start(&pool.program, &pool.limits))),
                }
            }
        });
        started.map_err(|error| DecodeError::io("a thread for decoders", &error))?;
        Ok(send)
    }

    /// On the keeper's thread.
    fn start_ahead(&self) {
        let mut state = self.state();
        if state.children > 0 {
            return;
        }
        state.children += 1;
        let era = state.era;
        drop(state);
        match Child::start(&self.program, &self.limits) {
            Ok(child) => self.keep(child, era),
            Err(_) => self.lost(),
        }
    }

    /// On the keeper's thread, for somebody by whom the child is counted already.
    fn idle_or_new(&self) -> Result<Child, DecodeError> {
        let mut state = self.state();
        // Started ahead since it was asked for, or given back; it is counted twice.
        while let Some(mut child) = state.idle.pop() {
            state.children -= 1;
            if child.is_alive() {
                return Ok(child);
            }
        }
        drop(state);
        Child::start(&self.program, &self.limits)
    }

    /// A child without work, or `None` where one more may be started, which is counted from here on. Who asks has a
    /// slot, so that where all children are there, one is on its way back.
    fn idle(&self) -> Option<Child> {
        let mut state = self.state();
        loop {
            if let Some(mut child) = state.idle.pop() {
                if child.is_alive() {
                    return Some(child);
                }
                state.children -= 1;
                continue;
            }
            if state.children < MOST_CHILDREN {
                state.children += 1;
                return None;
            }
            state = self.freed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Keeps a child of this era for the next file.
    fn keep(&self, mut child: Child, era: u64) {
        let alive = child.is_alive();
        let mut state = self.state();
        let gone = if alive && era == state.era {
            state.idle.push(child);
            None
        } else {
            state.children -= 1;
            Some(child)
        };
        drop(state);
        self.freed.notify_all();
        drop(gone);
    }

    /// The child, once it has said hello.
    fn greeted(&self, mut child: Child) -> Result<Child, DecodeError> {
        let limits = &self.limits;
        if child.greeted {
            return Ok(child);
        }
        let mut hello = [0; protocol::HELLO.len()];
        child.set_deadline(Instant::now() + limits.wall.max(Duration::from_secs(5)));
        match child.read_exact(&mut hello) {
            Ok(()) if hello == protocol::HELLO => {
                child.greeted = true;
                self.started.fetch_add(1, Ordering::Relaxed);
                Ok(child)
            }
            Ok(()) => Err(DecodeError::new(
                FailureCode::DecoderMissing,
                format!(
                    "'{}' belongs to another version; install the application again",
                    self.program.display()
                ),
            )),
            Err(error) => Err(child.bury(Cause::of(&error)).report("the start", limits)),
        }
    }

    /// A child is no more.
    fn lost(&self) {
        self.state().children -= 1;
        self.freed.notify_all();
    }
}

/// The right to one child, until it is dropped.
#[derive(Debug)]
pub struct Turn {
    pool: Arc<Pool>,
    urgency: Urgency,
    era: u64,
    child: Option<Child>,
}

impl Turn {
    /// As [`Decoders::ask`]; several files may follow one another.
    ///
    /// # Errors
    /// Why the file was not read or not decoded.
    pub fn ask(&mut self, source: Source<'_>, wanted: &Wanted) -> Result<Decoded, DecodeError> {
        let pool = self.pool.clone();
        let limits = &pool.limits;
        let mut input = Input::open(source, limits)?;
        tracing::debug!(bytes = input.length, ?wanted, urgency = ?self.urgency, "a file is decoded");
        let mut child = self.living_child()?;
        match ask::run(&mut child, &mut input, wanted, limits) {
            Ok(answer) => {
                let damaged = answer.as_ref().is_err_and(|error| {
                    use FailureCode::{Corrupt, Internal, LimitExceeded, Truncated};
                    matches!(error.code, Corrupt | Internal | LimitExceeded | Truncated)
                });
                if child.may_go_on(damaged) {
                    self.child = Some(child);
                } else {
                    drop(child);
                    pool.lost();
                }
                answer
            }
            Err(broken) => {
                let told = match broken {
                    // The child waits for bytes that will not come, so it is of no more use.
                    Broken::Input(error) => DecodeError::io(&input.name, &error),
                    Broken::Child(cause) => child.bury(cause).report(&input.name, limits),
                };
                pool.lost();
                Err(told)
            }
        }
    }

    fn living_child(&mut self) -> Result<Child, DecodeError> {
        if let Some(mut child) = self.child.take() {
            if child.is_alive() {
                return Ok(child);
            }
            self.pool.lost();
        }
        let child = match self.pool.idle() {
            Some(child) => Ok(child),
            None => self.started(),
        };
        let greeted = child.and_then(|child| self.pool.greeted(child));
        if greeted.is_err() {
            self.pool.lost();
        }
        greeted
    }

    fn started(&self) -> Result<Child, DecodeError> {
        let (send, receive) = channel();
        self.pool.order(Order::For(send))?;
        receive.recv().map_err(|_| no_keeper())?
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(child) = self.child.take() {
            self.pool.keep(child, self.era);
        }
        self.pool.state().slots.give_back(self.urgency);
        self.pool.freed.notify_all();
    }
}

fn no_keeper() -> DecodeError {
    DecodeError::new(FailureCode::Internal, "the thread that starts decoders is gone")
}

fn missing(path: &Path) -> DecodeError {
    DecodeError::new(
        FailureCode::DecoderMissing,
        format!(
            "the program '{}' is missing; install the application again",
            path.display()
        ),
    )
}
