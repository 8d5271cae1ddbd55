//! The demo vault: synthetic scans, so that a newcomer sees an outlined lesion without a file of their own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::{Failure, Session};
use workflow::Passphrase;

use super::{Workstation, locked, stored};
use contract::window::SessionInfo;
use workflow::OpenVault;
use workflow::files::io_failure;
use workflow::jobs::work::Work;
use workflow::places::make_private;
use workflow::{SampleSize, write_samples};

/// Whoever can read the folder may see synthetic scans; the vault is encrypted like any other.
const USER: &str = "demo";
const PASSPHRASE: &str = "demo";

impl Workstation {
    /// Opens the demo vault. It is made at the first call, and finished or made again when an earlier
    /// call was cut off.
    pub(super) fn enter_demo(self: &Arc<Self>) -> Result<SessionInfo, Failure> {
        let _alone = locked(&self.changing);
        make_private(&self.config)?;
        let folder = self.demo_folder();
        self.close_session();
        let open = open_or_make(&folder)?;
        let begun = open.is_begun()?;
        // Before the vault is entered: what can fail has failed then.
        let scans = if begun { None } else { Some(self.sample_scans()?) };
        let info = self.enter(open, true)?;
        if let Some(scans) = scans {
            self.submit(Work::Import {
                paths: stored(vec![scans]),
                show: false,
                analyze: true,
            })?;
        }
        Ok(info)
    }

    fn demo_folder(&self) -> PathBuf {
        self.config.join("demo")
    }

    pub(super) fn is_demo(&self, folder: &Path) -> bool {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        real(folder) == real(&self.demo_folder())
    }

    /// The scans that the demo imports, whole or not there.
    fn sample_scans(&self) -> Result<PathBuf, Failure> {
        let scans = self.config.join("demo-scans");
        if scans.is_dir() {
            return Ok(scans);
        }
        let partial = self.config.join("demo-scans.partial");
        remove_folder(&partial)?;
        write_samples(&Session::local_administrator(USER), &partial, SampleSize::Small)?;
        std::fs::rename(&partial, &scans).map_err(|error| io_failure(&scans, "made", &error))?;
        Ok(scans)
    }
}

fn open_or_make(folder: &Path) -> Result<OpenVault, Failure> {
    let passphrase = Passphrase::new(PASSPHRASE);
    if folder.join("vault.json").is_file() {
        return workflow::open_vault(folder, USER, &passphrase);
    }
    // Without its manifest no vault can be opened, so nothing of worth is in what was left behind.
    remove_folder(folder)?;
    workflow::create_vault(folder, USER, &passphrase)
}

fn remove_folder(folder: &Path) -> Result<(), Failure> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io_failure(folder, "removed", &error)),
        _ => Ok(()),
    }
}
