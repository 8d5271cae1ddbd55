//! What the window holds while it is open. No rule of the work is here: those are the workstation's.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use contract::commands::Commands;
use contract::window::VaultPlace;
use domain::{Failure, FailureCode};
use tauri::State;
use tokio::task::spawn_blocking;
use workstation::Workstation;

use crate::dialogs::Dialogs;
use crate::events::Events;
use crate::placement::Placement;

pub type Held<'a> = State<'a, Arc<Shell>>;
pub type Answer<T> = Result<T, Failure>;

pub struct Shell {
    pub station: Arc<Workstation>,
    pub events: Arc<Events>,
    pub dialogs: Dialogs,
    /// Set once the window may close without a question.
    pub may_close: AtomicBool,
    placement: Mutex<Placement>,
    /// Folders that a person chose in a dialog of this run.
    granted: Mutex<BTreeSet<PathBuf>>,
}

/// No code that can panic runs under these locks.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shell {
    pub fn new(station: Arc<Workstation>) -> Arc<Self> {
        let events = Arc::new(Events::default());
        let told = events.clone();
        station.subscribe(Box::new(move |event| {
            told.tell(event);
        }));
        Arc::new(Self {
            placement: Mutex::new(Placement::read(station.config())),
            station,
            events,
            dialogs: Dialogs::default(),
            may_close: AtomicBool::new(false),
            granted: Mutex::default(),
        })
    }

    /// Runs a verb where it may take its time. One that panics is a failure with words, not a vanished window.
    pub async fn work<T: Send + 'static>(
        &self,
        verb: impl FnOnce(&Arc<Workstation>) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let station = self.station.clone();
        let done = spawn_blocking(move || verb(&station)).await;
        done.unwrap_or_else(|_| {
            Err(Failure::new(
                FailureCode::Internal,
                "the program met an internal error; the log has the details. Try again; if it happens again, close the \
                 program and restart it",
            ))
        })
    }

    /// The job that imports what was picked in a dialog; `None` when that was nothing.
    pub async fn import(&self, paths: Vec<PathBuf>) -> Answer<Option<i64>> {
        if paths.is_empty() {
            return Ok(None);
        }
        self.work(|station| station.import(paths).map(Some)).await
    }

    /// Imports what was dropped or named on a command line: at once, or as soon as a vault is open.
    pub fn bring_in(&self, paths: Vec<PathBuf>) {
        tracing::info!(paths = paths.len(), "paths to import");
        if let Err(failure) = self.station.open_paths(paths) {
            tracing::warn!(code = failure.code.as_str(), "an import did not start");
        }
    }

    pub fn language(&self) -> domain::Language {
        self.station.settings().language
    }

    /// Remembers a folder that was chosen in a dialog, and gives it as the interface names it.
    pub fn grant(&self, folder: PathBuf) -> String {
        let named = folder.to_string_lossy().into_owned();
        locked(&self.granted).insert(folder);
        named
    }

    /// The folder, if it is a vault that is known or was chosen in a dialog: the interface invents none.
    pub fn granted(&self, folder: &str) -> Answer<PathBuf> {
        let path = PathBuf::from(folder);
        let known = || {
            let is_it = |vault: &VaultPlace| vault.known.folder.as_os_str() == folder;
            self.station
                .start_info()
                .is_ok_and(|start| start.vaults.iter().any(is_it))
        };
        if locked(&self.granted).contains(&path) || known() {
            return Ok(path);
        }
        Err(Failure::new(
            FailureCode::NotGranted,
            format!("the folder {folder} was not chosen in this window; choose it with the folder button"),
        ))
    }

    pub fn placement(&self) -> MutexGuard<'_, Placement> {
        locked(&self.placement)
    }
}
