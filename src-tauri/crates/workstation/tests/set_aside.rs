//! A job that ends the program again and again is set aside by name, and a person decides about it.

use contract::commands::*;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use contract::window::{JobInfo, Settings};
use domain::{FailureCode, JobState};
use workstation::Workstation;

type Checked = Result<(), Box<dyn Error>>;

/// Set for the process that a test starts in order to kill it.
const CHILD: &str = "OVERREAD_TEST_CHILD";
/// Only to tell a hang.
const PATIENCE: Duration = Duration::from_secs(300);
const FILES: u32 = 1000;

fn until(what: &str, mut there: impl FnMut() -> bool) -> Checked {
    let end = Instant::now() + PATIENCE;
    while !there() {
        if Instant::now() > end {
            return Err(format!("{what} did not come").into());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

fn unlocked(folder: &Path) -> Result<(Arc<Workstation>, u64), Box<dyn Error>> {
    let station = Workstation::new(folder.join("config"));
    let session = station.unlock(&folder.join("vault"), "ann", "correct horse")?;
    Ok((station, session.resumed_jobs))
}

/// A vault, and files of different content beside it.
fn prepared(folder: &Path) -> Checked {
    let station = Workstation::new(folder.join("config"));
    station.save_settings(SaveSettings {
        settings: Settings {
            analyze_after_import: false,
            ..Settings::default()
        },
    })?;
    station.create_vault(&folder.join("vault"), "ann", "correct horse")?;
    station.lock()?;
    std::fs::create_dir(files(folder))?;
    for number in 0..FILES {
        let grey = image::GrayImage::from_fn(32, 32, |x, y| image::Luma([(x * y + number) as u8]));
        let mut png = std::io::Cursor::new(Vec::new());
        grey.write_to(&mut png, image::ImageFormat::Png)?;
        // Bytes after the end of a PNG make another file of the same image.
        let bytes = [png.get_ref().as_slice(), &number.to_le_bytes()].concat();
        std::fs::write(files(folder).join(format!("{number:04}.png")), bytes)?;
    }
    Ok(())
}

fn files(folder: &Path) -> PathBuf {
    folder.join("many")
}

/// Lets a program go on with the import and kills it once it has stored so many more files.
fn cut(folder: &Path, more: usize) -> Checked {
    let stored = || {
        let shelves = std::fs::read_dir(folder.join("vault/files"))
            .into_iter()
            .flatten()
            .flatten();
        let files = shelves.filter_map(|shelf| std::fs::read_dir(shelf.path()).ok());
        files.map(Iterator::count).sum::<usize>()
    };
    let wanted = stored() + more;
    assert!(
        wanted + more < FILES as usize,
        "the import would be over before it is cut off"
    );
    let mut child = Command::new(std::env::current_exe()?)
        .args(["--exact", "the_program_that_is_killed", "--nocapture"])
        .env(CHILD, folder)
        .stdout(Stdio::null())
        .spawn()?;
    until("more stored files", || stored() >= wanted)?;
    assert!(child.try_wait()?.is_none(), "the import was over before it was cut off");
    child.kill()?;
    child.wait()?;
    Ok(())
}

/// Not a test by itself: what [`cut`] starts.
#[test]
fn the_program_that_is_killed() -> Checked {
    std::env::var_os(CHILD).map_or(Ok(()), |folder| import_until_the_end(Path::new(&folder)))
}

fn import_until_the_end(folder: &Path) -> Checked {
    let (station, resumed) = unlocked(folder)?;
    if resumed == 0 {
        station.import(vec![files(folder)])?;
    }
    until("the end of all jobs", || station.running_jobs() == 0)
}

fn only_job(station: &Arc<Workstation>) -> Result<JobInfo, Box<dyn Error>> {
    let mut jobs = station.jobs()?;
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    jobs.pop().ok_or_else(|| "there is no job".into())
}

#[test]
fn a_job_cut_off_twice_is_set_aside_with_its_file_and_started_again_by_a_person() -> Checked {
    let folder = tempfile::tempdir()?;
    prepared(folder.path())?;
    cut(folder.path(), 20)?;
    cut(folder.path(), 20)?;
    for _ in 0..2 {
        let (station, resumed) = unlocked(folder.path())?;
        assert_eq!(resumed, 0, "it was taken up a third time");
        let job = only_job(&station)?;
        assert_eq!(
            (job.state, job.code.map(FailureCode::as_str)),
            (JobState::Failed, Some("set_aside")),
            "{job:?}"
        );
        let place = job.working_on.clone().ok_or(format!("no file is named: {job:?}"))?;
        assert!(Path::new(&place).starts_with(files(folder.path())), "{place}");
        assert!(
            job.message.as_ref().is_some_and(|said| said.contains(&place)),
            "{job:?}"
        );
    }
    let (station, _) = unlocked(folder.path())?;
    let id = only_job(&station)?.id;
    station.start_job_again(StartJobAgain { id })?;
    until("the end of the job", || station.running_jobs() == 0)?;
    let job = only_job(&station)?;
    assert_eq!(job.state, JobState::Done, "{job:?}");
    let summary = job.gave.import.ok_or("no summary")?;
    assert_eq!(
        summary.import.imported + summary.import.already_there,
        u64::from(FILES),
        "{summary:?}"
    );
    assert_eq!(
        station.start_job_again(StartJobAgain { id }).err().map(|f| f.code),
        Some(FailureCode::NotFound)
    );
    drop(station);
    let (station, resumed) = unlocked(folder.path())?;
    assert!(resumed == 0 && station.jobs()?.is_empty());
    Ok(())
}

#[test]
fn one_more_cut_sets_it_aside_again_and_a_dismissed_one_does_not_come_back() -> Checked {
    let folder = tempfile::tempdir()?;
    prepared(folder.path())?;
    cut(folder.path(), 20)?;
    cut(folder.path(), 20)?;
    let (station, _) = unlocked(folder.path())?;
    let id = only_job(&station)?.id;
    station.start_job_again(StartJobAgain { id })?;
    // Cut off in order, as the window ends: its row waits, and nothing is counted. The job holds the workstation too.
    station.close(false);
    drop(station);
    cut(folder.path(), 20)?;
    let (station, resumed) = unlocked(folder.path())?;
    let job = only_job(&station)?;
    assert_eq!(
        (resumed, job.code.map(FailureCode::as_str), job.id),
        (0, Some("set_aside"), id),
        "{job:?}"
    );
    station.dismiss_job(DismissJob { id })?;
    assert!(station.jobs()?.is_empty());
    drop(station);
    let (station, resumed) = unlocked(folder.path())?;
    assert!(resumed == 0 && station.jobs()?.is_empty());
    Ok(())
}

#[test]
fn a_vault_that_is_locked_in_order_counts_no_cut() -> Checked {
    let folder = tempfile::tempdir()?;
    prepared(folder.path())?;
    let (station, _) = unlocked(folder.path())?;
    let id = station.import(vec![files(folder.path())])?;
    let vault = folder.path().join("vault");
    let done = |station: &Arc<Workstation>| {
        let jobs = station.jobs().unwrap_or_default();
        jobs.iter().find(|job| job.id == id).map_or(0, |job| job.pace.done)
    };
    for _ in 0..3 {
        until("some files", || done(&station) >= 5)?;
        station.lock()?;
        let session = station.unlock(&vault, "ann", "correct horse")?;
        assert_eq!(session.resumed_jobs, 1);
    }
    until("the end of the job", || station.running_jobs() == 0)?;
    assert_eq!(only_job(&station)?.state, JobState::Done);
    Ok(())
}
