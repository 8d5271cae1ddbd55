//! Files are encrypted and brought to the disk on threads of their own while the next one is decoded.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use domain::{Failure, FailureCode};
use records::{StoredFile, Vault};

/// A file of up to so many bytes is held in memory until it is sealed.
pub(super) const MOST_HELD: u64 = 16 << 20;
/// More than one, for each waits for the disk twice a file.
const THREADS: usize = 2;
/// Files that wait for a thread; with those at work, memory is bounded by five of [`MOST_HELD`].
const WAITING: usize = 2;

type Answer = Result<StoredFile, Failure>;

/// A file that lies in the vault, or will in a moment.
pub(super) enum Sealed {
    Already(StoredFile),
    UnderWay(Receiver<Answer>),
}

impl Sealed {
    /// Waits for the disk.
    pub(super) fn wait(self) -> Answer {
        match self {
            Self::Already(stored) => Ok(stored),
            Self::UnderWay(answer) => answer.recv().unwrap_or_else(|_| Err(gone())),
        }
    }
}

struct Order {
    bytes: Vec<u8>,
    sha256: [u8; 32],
    answer: SyncSender<Answer>,
}

/// The threads, each with a handle on the vault of its own. They end with this.
pub(super) struct Sealer {
    orders: Option<SyncSender<Order>>,
    threads: Vec<JoinHandle<()>>,
}

impl Sealer {
    /// # Errors
    /// When the vault or a thread cannot be had.
    pub(super) fn start(vault: &Vault) -> Result<Self, Failure> {
        let (send, orders) = sync_channel::<Order>(WAITING);
        let orders = Arc::new(Mutex::new(orders));
        let mut sealer = Self {
            orders: Some(send),
            threads: vec![],
        };
        for _ in 0..THREADS {
            let (vault, orders) = (vault.open_another()?, orders.clone());
            let work = move || {
                // One waits for the next order with the lock, the others for the lock.
                let next = || orders.lock().unwrap_or_else(PoisonError::into_inner).recv();
                while let Ok(Order { bytes, sha256, answer }) = next() {
                    let stored = vault.put_held(&bytes, &sha256).map_err(Failure::from);
                    // Who no longer waits has failed of something else, and said so.
                    drop(answer.send(stored));
                }
            };
            let thread = std::thread::Builder::new().name("sealer".into()).spawn(work);
            sealer.threads.push(thread.map_err(|error| {
                let message = format!("no thread could be started: {error}; close other programs and import again");
                Failure::new(FailureCode::Io, message)
            })?);
        }
        Ok(sealer)
    }

    /// Takes bytes with their hash. Waits only while several files are before them.
    pub(super) fn seal(&self, bytes: Vec<u8>, sha256: [u8; 32]) -> Sealed {
        let (answer, receive) = sync_channel(1);
        if let Some(orders) = &self.orders {
            // Threads that are gone are told by the answer that does not come.
            drop(orders.send(Order { bytes, sha256, answer }));
        }
        Sealed::UnderWay(receive)
    }
}

impl Drop for Sealer {
    fn drop(&mut self) {
        drop(self.orders.take());
        for thread in self.threads.drain(..) {
            drop(thread.join());
        }
    }
}

fn gone() -> Failure {
    Failure::new(
        FailureCode::Internal,
        "the file was not encrypted: its thread has ended; import it again",
    )
}
