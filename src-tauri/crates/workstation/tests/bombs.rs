//! Files that declare more than they can hold, through an import of the window.

use contract::commands::*;
use std::error::Error;
use std::time::{Duration, Instant};

use contract::window::Settings;
use domain::{FailureCode, JobState};
use workstation::Workstation;

#[path = "../../codecs/tests/common/bombs.rs"]
mod bombs;

/// Only to tell a hang.
const PATIENCE: Duration = Duration::from_secs(300);

#[test]
fn an_import_names_every_bomb_and_takes_the_rest() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let files = folder.path().join("files");
    std::fs::create_dir(&files)?;
    let bombs = bombs::all();
    for bomb in &bombs {
        std::fs::write(files.join(bomb.name), &bomb.file)?;
    }
    image::GrayImage::from_pixel(8, 8, image::Luma([9])).save(files.join("image.png"))?;
    let station = Workstation::new(folder.path().join("config"));
    station.save_settings(SaveSettings {
        settings: Settings {
            analyze_after_import: false,
            ..Settings::default()
        },
    })?;
    let passphrase = "correct horse";
    station.create_vault(&folder.path().join("vault"), "ann", passphrase)?;
    let id = station.import(vec![files])?;
    let until = Instant::now() + PATIENCE;
    let job = loop {
        let job = station.jobs()?.into_iter().find(|job| job.id == id);
        let job = job.ok_or("the job is not in the list")?;
        if !matches!(job.state, JobState::Queued | JobState::Running) {
            break job;
        }
        assert!(Instant::now() < until, "the import hangs: {job:?}");
        std::thread::sleep(Duration::from_millis(10));
    };
    assert_eq!(job.state, JobState::Done, "{job:?}");
    let summary = job.gave.import.ok_or("the import has no summary")?;
    assert_eq!(summary.import.imported, 1, "{summary:?}");
    assert_eq!(summary.import.failed.len(), bombs.len(), "{summary:?}");
    for failed in &summary.import.failed {
        assert_eq!(
            failed.code,
            FailureCode::LimitExceeded,
            "{}: {}",
            failed.file,
            failed.message
        );
    }
    station.lock()?;
    let session = station.unlock(&folder.path().join("vault"), "ann", passphrase)?;
    assert_eq!(session.resumed_jobs, 0);
    Ok(())
}
