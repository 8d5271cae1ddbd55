//! The open vault: unlocked, asked from any thread, locked again without a trace in memory.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use domain::{Failure, FailureCode, Permission, Policy};
use workflow::Passphrase;

use super::verbs::Views;
use super::{Workstation, known_vaults, locked};
use contract::window::{AppEvent, SessionInfo};
use workflow::OpenVault;
use workflow::decoders;
use workflow::jobs::rows;
use workflow::permit::permit;
use workflow::pixels::{Store, Thumbnails};
use workflow::time::now;

/// Handles that wait for the next question; more are opened when more threads ask at once.
const MOST_IDLE: usize = 6;
/// How long the end of the program waits for verbs.
const PATIENCE: Duration = Duration::from_secs(10);
/// A lock that is let go of and taken at once would keep others from it.
const BETWEEN_WORDS: Duration = Duration::from_millis(2);

pub struct OpenSession {
    info: SessionInfo,
    /// New handles are made from this one.
    first: OpenVault,
    pub(super) view: Arc<View>,
}

/// What threads share of an open vault; the last one to let go of it closes it.
pub struct View {
    idle: Mutex<Vec<OpenVault>>,
    /// The list's own handle: it keeps what decides the order of all studies, once.
    pub list: Arc<Mutex<OpenVault>>,
    words_asked: AtomicBool,
    pub views: Mutex<Views>,
    /// Studies that were opened, and so are in the audit.
    pub opened: Mutex<BTreeSet<String>>,
    pub store: Store,
    /// Shared with imports, which make them of what they decode.
    pub thumbnails: Arc<Thumbnails>,
}

impl View {
    /// Once the first list is shown, the words for searches and for the order by name are read, a few at a time, so
    /// that nobody who asks for the list waits for them all.
    pub(super) fn take_up_words(&self) {
        if self.words_asked.swap(true, Ordering::Relaxed) {
            return;
        }
        let list = Arc::downgrade(&self.list);
        std::thread::spawn(move || {
            // A vault that was locked by then is not kept open for this.
            while let Some(list) = list.upgrade() {
                match locked(&list).take_up_words() {
                    Ok(true) => {}
                    Ok(false) => return,
                    Err(error) => return tracing::warn!(%error, "the words of the list could not be taken up"),
                }
                drop(list);
                std::thread::sleep(BETWEEN_WORDS);
            }
        });
    }
}

impl OpenSession {
    pub(super) fn who(&self) -> &domain::Session {
        &self.first.session
    }
}

impl Workstation {
    pub fn session(&self) -> Option<SessionInfo> {
        locked(&self.session).as_ref().map(|session| session.info.clone())
    }

    pub fn create_vault(
        self: &Arc<Self>,
        folder: &Path,
        user: &str,
        passphrase: impl Into<String>,
    ) -> Result<SessionInfo, Failure> {
        let _alone = locked(&self.changing);
        self.close_session();
        let open = workflow::create_vault(folder, user, &Passphrase::new(passphrase))?;
        self.enter(open, false)
    }

    pub fn unlock(
        self: &Arc<Self>,
        folder: &Path,
        user: &str,
        passphrase: impl Into<String>,
    ) -> Result<SessionInfo, Failure> {
        let _alone = locked(&self.changing);
        // A wrong passphrase does not cost the session that is there.
        let open = workflow::open_vault(folder, user, &Passphrase::new(passphrase))?;
        self.close_session();
        let demo = self.is_demo(folder);
        self.enter(open, demo)
    }

    /// An administrator takes restored records as they are; from here on the vault may be changed. It is entered again,
    /// as after an unlock.
    pub(super) fn take_restored(self: &Arc<Self>) -> Result<SessionInfo, Failure> {
        let _alone = locked(&self.changing);
        let mut open = self.another_handle()?;
        let demo = self.is_demo(open.folder());
        // Refused before the session is let go of; alone with the vault, loose files can be set aside.
        permit(&open.session, Permission::ManageVault)?;
        self.close_session();
        let accepted = workflow::accept_restored(&mut open);
        let info = self.enter(open, demo)?;
        accepted.map(|_| info)
    }

    /// Decides on the vault's policy; it holds at once.
    pub(super) fn set_policy(&self, policy: Policy) -> Result<SessionInfo, Failure> {
        self.with_vault(|open| workflow::set_policy(open, policy))?;
        let mut session = locked(&self.session);
        let info = &mut session.as_mut().ok_or_else(no_vault)?.info;
        info.read_first = policy.read_first;
        info.read_first_offered = false;
        Ok(info.clone())
    }

    /// Closes the vault: handles, images and keys go; jobs stop and go on after the next unlock.
    pub(super) fn end_session(&self) {
        let _alone = locked(&self.changing);
        if self.close_session() {
            self.notice.tell(&AppEvent::Locked);
        }
    }

    /// For the end of the program: cancels the jobs, or leaves them to the next unlock, and waits for
    /// verbs that are not done. SQLCipher frees its memory when the program exits, and would take it
    /// from under a thread that still reads.
    pub fn close(&self, stop_jobs: bool) {
        if stop_jobs {
            for id in self.jobs.live() {
                if let Err(failure) = self.cancel_job(id) {
                    tracing::warn!(%failure, "a job could not be stopped");
                }
            }
            self.wait_for_jobs();
        }
        // Every thread that works on the vault holds its list.
        let list = self.view().ok().map(|view| Arc::downgrade(&view.list));
        self.end_session();
        let start = Instant::now();
        while list.as_ref().is_some_and(|list| list.strong_count() > 0) {
            if start.elapsed() > PATIENCE {
                tracing::warn!("something still works on the vault");
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Runs a verb on the open vault. Calls from many threads run beside each other.
    pub fn with_vault<T>(&self, verb: impl FnOnce(&mut OpenVault) -> Result<T, Failure>) -> Result<T, Failure> {
        let view = self.view()?;
        let idle = locked(&view.idle).pop();
        let mut open = match idle {
            Some(open) => open,
            None => self.another_handle()?,
        };
        let outcome = verb(&mut open);
        let mut idle = locked(&view.idle);
        if idle.len() < MOST_IDLE {
            idle.push(open);
        }
        outcome
    }

    /// A handle for long work on a thread of its own.
    pub(super) fn another_handle(&self) -> Result<OpenVault, Failure> {
        let session = locked(&self.session);
        session.as_ref().ok_or_else(no_vault)?.first.open_another()
    }

    pub(super) fn view(&self) -> Result<Arc<View>, Failure> {
        let session = locked(&self.session);
        session
            .as_ref()
            .map(|session| session.view.clone())
            .ok_or_else(no_vault)
    }

    /// Called with `changing` held. `false` when no vault was open.
    pub(super) fn close_session(&self) -> bool {
        if locked(&self.session).is_none() {
            return false;
        }
        self.leave_jobs();
        // Taken out under the lock and dropped outside it: closing waits for the decoders.
        let session = locked(&self.session).take();
        if let Some(session) = &session {
            session.view.store.close();
        }
        drop(session);
        // With the pixels that they decoded.
        decoders::let_go();
        true
    }

    /// Called with `changing` held.
    pub(super) fn enter(self: &Arc<Self>, mut open: OpenVault, demo: bool) -> Result<SessionInfo, Failure> {
        let rows::Left { again, set_aside } = rows::left(&mut open)?;
        let notice = self.notice.clone();
        open.tell_changed_studies(move |studies| notice.studies_changed(studies.iter().map(ToString::to_string)));
        // The list is what a person sees first: a large one is taken up while the rest is made ready.
        let list = Arc::new(Mutex::new(open.open_another()?));
        let taking = list.clone();
        std::thread::spawn(move || {
            // Should this fail, the first question for the list meets the same and tells it.
            if let Err(error) = locked(&taking).take_up_changes() {
                tracing::warn!(%error, "the list of studies could not be taken up");
            }
        });
        let role = open.session.role;
        let permitted = Permission::ALL.iter().filter(|permission| role.permits(**permission));
        let (policy, read_only) = (open.policy()?, open.read_only()?);
        let may_decide = read_only.is_none() && role.permits(Permission::ManageVault);
        let offered = policy.is_none() && may_decide && self.settings().read_first;
        let info = SessionInfo {
            user: open.session.user.clone(),
            role,
            vault: open.folder().to_string_lossy().into_owned(),
            demo,
            permissions: permitted.copied().collect(),
            resumed_jobs: again.len() as u64,
            read_first: policy.is_some_and(|policy| policy.read_first),
            read_first_offered: offered,
            read_only,
        };
        let folder = open.folder().to_owned();
        if let Err(failure) = known_vaults::remember(&self.config, &folder, &info.user, demo, now()) {
            tracing::warn!(%failure, "the list of known vaults could not be written");
        }
        let view = View {
            idle: Mutex::new(vec![]),
            list,
            words_asked: AtomicBool::new(false),
            views: Mutex::default(),
            opened: Mutex::default(),
            store: Store::start(&open)?,
            thumbnails: Arc::default(),
        };
        *locked(&self.session) = Some(OpenSession {
            info: info.clone(),
            first: open,
            view: Arc::new(view),
        });
        for (id, work) in again {
            self.submit_row(id, work);
        }
        for job in set_aside {
            self.jobs.add_set_aside(job);
        }
        self.notice.jobs_changed();
        let waiting = std::mem::take(&mut *locked(&self.waiting));
        // Who may not import is told when asking for it; unlocking succeeds all the same.
        if let Err(failure) = self.open_paths(waiting) {
            tracing::warn!(%failure, "the files given at the start are not imported");
        }
        Ok(info)
    }
}

fn no_vault() -> Failure {
    Failure::new(FailureCode::Locked, "no vault is open; unlock one first")
}
