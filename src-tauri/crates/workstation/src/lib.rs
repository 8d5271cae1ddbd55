//! The state behind a window: the open vault, its jobs, the images that are on the screen and what
//! a person set. Shells hold one [`Workstation`] and call it from any thread; every call blocks.
//!
//! Why it is here: permission, order and resumption are rules, and a shell holds none (decision
//! record 13). It is not a place for verbs: those take the vault, as for the terminal.

mod demo;
mod events;
mod jobs;
mod known_vaults;
mod session;
mod settings;
mod verbs;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{DeviceChoice, Failure, ReportFormat};

use events::{Events, Notice};
use jobs::{JobList, Lanes};
use session::OpenSession;
use workflow::jobs::work::{StoredPath, Work};

use contract::commands::Commands;
use contract::window::{AppEvent, Settings, StartInfo};
pub use events::Listener;
use workflow::files::keep_out_of_vaults;
use workflow::parse_uid;

pub struct Workstation {
    config: PathBuf,
    settings: Mutex<Settings>,
    settings_problem: Option<String>,
    session: Mutex<Option<OpenSession>>,
    /// One person at a time may unlock or lock.
    changing: Mutex<()>,
    /// Files given at the start, until a vault is open.
    waiting: Mutex<Vec<PathBuf>>,
    jobs: JobList,
    lanes: Lanes,
    notice: Notice,
    events: Events,
}

impl Workstation {
    /// Reads the settings of `config`, the folder that [`config_folder`] names.
    pub fn new(config: PathBuf) -> Arc<Self> {
        let (settings, problem) = settings::load(&config);
        let problems: Vec<String> = problem.into_iter().chain(known_vaults::look(&config)).collect();
        let settings_problem = (!problems.is_empty()).then(|| problems.join(" "));
        let jobs = JobList::default();
        let told = jobs.clone();
        let events = Events::start(Box::new(move || told.all()));
        Arc::new(Self {
            config,
            settings: Mutex::new(settings),
            settings_problem,
            session: Mutex::new(None),
            changing: Mutex::new(()),
            waiting: Mutex::new(vec![]),
            jobs,
            lanes: Lanes::start(),
            notice: events.notice(),
            events,
        })
    }

    /// `listener` is told everything that happens; it may be called from any thread.
    pub fn subscribe(&self, listener: Listener) {
        self.events.subscribe(listener);
    }

    /// Tells the listeners something that only the shell knows: a drop, the wish to close.
    pub fn tell(&self, event: &AppEvent) {
        self.notice.tell(event);
    }

    pub fn config(&self) -> &Path {
        &self.config
    }

    pub fn settings(&self) -> Settings {
        locked(&self.settings).clone()
    }

    fn keep_settings(&self, settings: Settings) -> Result<Settings, Failure> {
        settings::save(&self.config, &settings)?;
        *locked(&self.settings) = settings.clone();
        Ok(settings)
    }

    pub fn forget_vault(self: &Arc<Self>, folder: &Path) -> Result<StartInfo, Failure> {
        known_vaults::forget(&self.config, folder)?;
        self.start_info()
    }

    /// What analyses are to run on, by the settings.
    fn device_choice(&self) -> DeviceChoice {
        self.settings().device.into()
    }

    /// Files of the command line, of a second start or of a drop: imported at once when a vault is
    /// open, else after the next unlock. The job's id in the first case.
    pub fn open_paths(self: &Arc<Self>, paths: Vec<PathBuf>) -> Result<Option<i64>, Failure> {
        if paths.is_empty() {
            return Ok(None);
        }
        if self.session().is_none() {
            let waiting = {
                let mut waiting = locked(&self.waiting);
                waiting.extend(paths);
                waiting.len() as u64
            };
            self.tell(&AppEvent::PathsWait { count: waiting });
            return Ok(None);
        }
        self.submit_import(paths, true).map(Some)
    }

    pub fn import(self: &Arc<Self>, paths: Vec<PathBuf>) -> Result<i64, Failure> {
        self.submit_import(paths, false)
    }

    fn submit_import(self: &Arc<Self>, paths: Vec<PathBuf>, show: bool) -> Result<i64, Failure> {
        self.submit(Work::Import {
            paths: stored(paths),
            show,
            analyze: self.settings().analyze_after_import,
        })
    }

    pub fn export_report(self: &Arc<Self>, study: &str, format: ReportFormat, out: PathBuf) -> Result<i64, Failure> {
        keep_out_of_vaults(&out)?;
        let uid = parse_uid(study)?;
        self.with_vault(|open| workflow::require_opinion(open, &uid))?;
        self.submit(Work::Export {
            study: study.to_owned(),
            format: format.to_owned(),
            out: StoredPath(out),
        })
    }
}

impl Drop for Workstation {
    fn drop(&mut self) {
        // Cut off, not canceled: what runs goes on after the next unlock.
        self.leave_jobs();
    }
}

fn stored(paths: Vec<PathBuf>) -> Vec<StoredPath> {
    // Another start may have another working folder.
    let absolute = |path: PathBuf| StoredPath(std::path::absolute(&path).unwrap_or(path));
    paths.into_iter().map(absolute).collect()
}

fn locked<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    // No code that can panic runs under these locks.
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The folder of a person's settings.
///
/// # Errors
/// `no_config_folder` when the environment names none.
pub fn config_folder() -> Result<PathBuf, Failure> {
    workflow::config_folder()
}
