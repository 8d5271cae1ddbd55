//! A window's day without a window: the demo vault, an import, a lock, a kill, and what goes on after.
//! Drives the built decoder and worker.

use contract::commands::*;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use contract::window::{AppEvent, JobInfo, Settings};
use domain::{FailureCode, JobKind, JobState, ReportFormat};
use workflow::{ListRequest, StudyOrder, list_studies, show_study};
use workstation::Workstation;

mod support;
use support::{closed, database, put_back, until};

type Checked = Result<(), Box<dyn Error>>;

/// Set for the process that a test starts in order to kill it.
const CHILD: &str = "OVERREAD_TEST_CHILD";

fn passphrase() -> &'static str {
    "correct horse"
}

fn job(station: &Arc<Workstation>, id: i64) -> Option<JobInfo> {
    station.jobs().ok()?.into_iter().find(|job| job.id == id)
}

fn ended(station: &Arc<Workstation>, id: i64) -> Result<JobInfo, Box<dyn Error>> {
    let live = |job: &JobInfo| matches!(job.state, JobState::Queued | JobState::Running);
    until("the end of a job", || job(station, id).is_none_or(|job| !live(&job)))?;
    job(station, id).ok_or_else(|| "a job is not in the list".into())
}

fn idle(station: &Workstation) -> Checked {
    until("the end of all jobs", || station.running_jobs() == 0)
}

fn studies(station: &Workstation) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let request = ListRequest {
        order: StudyOrder::Suspicion,
        find: None,
    };
    let list = station.with_vault(|open| list_studies(open, &request))?;
    Ok(list
        .studies
        .into_iter()
        .map(|row| (row.study_instance_uid, row.standing.state.to_string()))
        .collect())
}

/// Small images of different content, so that each is a study of its own.
fn many(folder: &Path, count: u32) -> Result<PathBuf, Box<dyn Error>> {
    let many = folder.join("many");
    std::fs::create_dir(&many)?;
    for number in 0..count {
        let grey = image::GrayImage::from_fn(64, 64, |x, y| image::Luma([(x * y + number) as u8]));
        let mut png = std::io::Cursor::new(Vec::new());
        grey.write_to(&mut png, image::ImageFormat::Png)?;
        // Bytes after the end of a PNG make another file of the same image.
        let bytes = [png.get_ref().as_slice(), &number.to_le_bytes()].concat();
        std::fs::write(many.join(format!("{number:04}.png")), bytes)?;
    }
    Ok(many)
}

/// A workstation with an empty vault and no analysis after imports.
fn plain(folder: &Path) -> Result<Arc<Workstation>, Box<dyn Error>> {
    let station = Workstation::new(folder.join("config"));
    station.save_settings(SaveSettings {
        settings: Settings {
            analyze_after_import: false,
            device: domain::DeviceSetting::Cpu,
            ..Settings::default()
        },
    })?;
    station.create_vault(&folder.join("vault"), "ann", passphrase())?;
    Ok(station)
}

#[test]
fn the_demo_shows_an_outlined_lesion_and_a_locked_vault_shows_nothing() -> Checked {
    let folder = tempfile::tempdir()?;
    let station = Workstation::new(folder.path().join("config"));
    let events: Arc<Mutex<Vec<AppEvent>>> = Arc::default();
    let seen = events.clone();
    station.subscribe(Box::new(move |event| {
        seen.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }));
    let start = Instant::now();
    let session = station.open_demo()?;
    assert!(session.demo && session.resumed_jobs == 0 && session.permissions.contains(&domain::Permission::Sign));
    let outlined = |station: &Workstation| {
        let found = studies(station)
            .unwrap_or_default()
            .into_iter()
            .find(|(_, state)| state == "outlined");
        found.map(|(study, _)| study)
    };
    until("an outlined study", || outlined(&station).is_some())?;
    let seconds = start.elapsed().as_secs_f64();
    println!("the first outlined study of the demo after {seconds:.1} s");
    idle(&station)?;
    let jobs = station.jobs()?;
    assert_eq!(
        jobs.iter().map(|job| job.kind).collect::<Vec<_>>(),
        [JobKind::Import, JobKind::Analyze]
    );
    assert!(jobs.iter().all(|job| job.state == JobState::Done), "{jobs:?}");
    let summary = jobs[1].gave.analyze.as_ref().ok_or("the analysis has no summary")?;
    assert!(
        summary.outlined > 0 && summary.flagged == 0 && summary.failed.is_empty(),
        "{summary:?}"
    );

    let study = outlined(&station).ok_or("no study is outlined")?;
    let shown = station.with_vault(|open| show_study(open, &study))?;
    let analysis = shown
        .analyses
        .iter()
        .map(|stored| &stored.analysis)
        .find(|a| a.outlined);
    let analysis = analysis.ok_or("the outlined study has no outlined picture")?;
    let (sop, frame) = (analysis.at.sop_instance_uid.as_str(), analysis.at.frame);
    let picture = station.frame(FrameOf {
        sop_instance_uid: sop.to_string(),
        frame,
    })?;
    let map = station.anomaly_map(AnomalyMapOf {
        sop_instance_uid: sop.to_string(),
        frame,
    })?;
    assert_eq!((&picture[..4], &map[..4]), (b"OVF2".as_slice(), b"OVM1".as_slice()));
    assert_eq!(picture[8..16], map[4..12], "the map has another size than its picture");
    assert_eq!(
        station
            .frame(FrameOf {
                sop_instance_uid: sop.to_string(),
                frame: 999
            })
            .err()
            .map(|f| f.code),
        Some(FailureCode::NoSuchFrame)
    );
    assert!(
        station
            .study_thumbnail(StudyThumbnail {
                study_instance_uid: study.to_string()
            })?
            .starts_with(b"\x89PNG")
    );
    assert!(
        station
            .instance_thumbnail(InstanceThumbnail {
                sop_instance_uid: sop.to_string()
            })?
            .starts_with(b"\x89PNG")
    );
    let info = station.device_info()?;
    let words = info.words.first().map_or("", |said| said.words.as_str());
    assert!(words.starts_with("Analyses run on the"), "{words}");

    // Once made, the demo is opened again as it is.
    station.open_demo()?;
    idle(&station)?;
    assert!(station.jobs()?.is_empty());
    station.lock()?;
    for told in [
        station
            .frame(FrameOf {
                sop_instance_uid: sop.to_string(),
                frame: 0,
            })
            .err(),
        station.with_vault(|_| Ok(())).err(),
    ] {
        assert_eq!(told.map(|f| f.code), Some(FailureCode::Locked));
    }
    let events = events.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(events.iter().any(|e| matches!(e, AppEvent::Locked)));
    assert!(
        events
            .iter()
            .any(|e| matches!(e, AppEvent::StudiesChanged { studies } if studies.contains(&study)))
    );
    let places = station.start_info()?.vaults;
    assert!(
        places.len() == 1 && places[0].known.demo && places[0].exists,
        "{places:?}"
    );
    Ok(())
}

#[test]
fn an_import_that_a_lock_cut_off_goes_on_and_a_canceled_one_does_not() -> Checked {
    let folder = tempfile::tempdir()?;
    let station = plain(folder.path())?;
    let vault = folder.path().join("vault");
    let many = many(folder.path(), 300)?;
    let import = station.import(vec![many.clone()])?;
    until("a dozen files", || {
        job(&station, import).is_some_and(|job| job.pace.done >= 12)
    })?;
    station.lock()?;
    assert!(station.jobs()?.is_empty() && station.session().is_none());
    let wrong = station.unlock(&vault, "ann", "battery staple");
    assert_eq!(wrong.err().map(|f| f.code), Some(FailureCode::WrongPassphrase));
    let session = station.unlock(&vault, "ann", passphrase())?;
    assert_eq!(session.resumed_jobs, 1);
    let summary = ended(&station, import)?.gave.import.ok_or("no summary")?;
    assert!(summary.import.already_there >= 12, "{summary:?}");
    assert_eq!(
        summary.import.imported + summary.import.already_there,
        300,
        "{summary:?}"
    );
    assert_eq!(studies(&station)?.len(), 300);

    let again = station.import(vec![many])?;
    until("the second import", || {
        job(&station, again).is_some_and(|job| job.pace.done >= 1)
    })?;
    station.stop_job(StopJob { id: again })?;
    assert_eq!(ended(&station, again)?.state, JobState::Canceled);
    station.dismiss_job(DismissJob { id: again })?;
    assert!(job(&station, again).is_none());
    station.lock()?;
    assert_eq!(station.unlock(&vault, "ann", passphrase())?.resumed_jobs, 0);
    Ok(())
}

#[test]
fn a_report_does_not_stand_behind_a_long_import() -> Checked {
    let folder = tempfile::tempdir()?;
    let station = plain(folder.path())?;
    let one = folder.path().join("one.png");
    image::GrayImage::from_pixel(8, 8, image::Luma([9])).save(&one)?;
    let first = station.import(vec![one])?;
    let study = ended(&station, first)?
        .gave
        .import
        .ok_or("no summary")?
        .import
        .studies
        .remove(0);
    let long = station.import(vec![many(folder.path(), 400)?])?;
    let out = folder.path().join("report.csv");
    let export = station.export_report(&study, ReportFormat::Csv, out.clone())?;
    let written = ended(&station, export)?;
    assert_eq!(written.state, JobState::Done, "{written:?}");
    assert!(out.is_file());
    let import = job(&station, long).ok_or("the import is gone")?;
    assert!(
        import.state == JobState::Running && import.pace.done < 400,
        "{import:?}"
    );
    // The end of the program cancels what runs when the person wishes it.
    station.close(true);
    let session = station.unlock(&folder.path().join("vault"), "ann", passphrase())?;
    assert_eq!(session.resumed_jobs, 0);
    Ok(())
}

#[test]
fn the_end_of_the_program_waits_for_a_verb_that_is_not_done() -> Checked {
    let folder = tempfile::tempdir()?;
    let station = plain(folder.path())?;
    let done = Arc::new(AtomicBool::new(false));
    let (begin, begun) = std::sync::mpsc::channel();
    let (slow, told) = (station.clone(), done.clone());
    let verb = std::thread::spawn(move || {
        slow.with_vault(|_| {
            let _ = begin.send(());
            std::thread::sleep(Duration::from_millis(300));
            told.store(true, Ordering::Relaxed);
            Ok(())
        })
    });
    begun.recv()?;
    station.close(false);
    assert!(done.load(Ordering::Relaxed), "the verb still ran");
    verb.join()
        .map_err(|_| "the verb panicked")?
        .map_err(|failure| failure.message)?;
    Ok(())
}

#[test]
fn files_given_before_the_unlock_are_imported_after_it_and_shown() -> Checked {
    let folder = tempfile::tempdir()?;
    let vault = folder.path().join("vault");
    plain(folder.path())?.lock()?;
    let station = Workstation::new(folder.path().join("config"));
    let shown: Arc<Mutex<Option<String>>> = Arc::default();
    let told = shown.clone();
    let waiting: Arc<Mutex<Vec<u64>>> = Arc::default();
    let counted = waiting.clone();
    station.subscribe(Box::new(move |event| match event {
        AppEvent::ShowStudy { study_instance_uid } => {
            *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(study_instance_uid);
        }
        AppEvent::PathsWait { count } => counted.lock().unwrap_or_else(PoisonError::into_inner).push(count),
        _ => {}
    }));
    let one = folder.path().join("one.png");
    image::GrayImage::from_pixel(8, 8, image::Luma([9])).save(&one)?;
    let broken = folder.path().join("broken.png");
    std::fs::write(&broken, &std::fs::read(&one)?[..40])?;
    assert_eq!(station.open_paths(vec![one])?, None);
    assert_eq!(station.open_paths(vec![broken])?, None);
    // The unlock screen is told, for it is on the screen already.
    assert_eq!(*waiting.lock().unwrap_or_else(PoisonError::into_inner), [1, 2]);
    assert_eq!(station.start_info()?.waiting_paths, 2);
    station.unlock(&vault, "ann", passphrase())?;
    assert_eq!(station.start_info()?.waiting_paths, 0);
    idle(&station)?;
    let import = station.jobs()?.remove(0).gave.import.ok_or("no summary")?;
    assert_eq!(
        (import.import.imported, import.import.failed.len()),
        (1, 1),
        "{import:?}"
    );
    assert!(import.import.failed[0].file.ends_with("broken.png") && import.import.failed[0].message.len() > 10);
    // The event comes after the job is over; a minute tells a hang.
    let until = Instant::now() + Duration::from_secs(60);
    let told = || shown.lock().unwrap_or_else(PoisonError::into_inner).clone();
    while told().is_none() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(told().as_ref(), import.import.studies.first());
    Ok(())
}

#[test]
fn an_import_that_a_kill_cut_off_goes_on_after_the_next_unlock() -> Checked {
    let folder = tempfile::tempdir()?;
    plain(folder.path())?.lock()?;
    many(folder.path(), 300)?;
    let mut child = Command::new(std::env::current_exe()?)
        .args(["--exact", "the_program_that_is_killed", "--nocapture"])
        .env(CHILD, folder.path())
        .stdout(Stdio::null())
        .spawn()?;
    let stored = folder.path().join("vault/files");
    let shelves = || std::fs::read_dir(&stored).map(|entries| entries.count()).unwrap_or(0);
    until("many stored files", || shelves() >= 60)?;
    child.kill()?;
    child.wait()?;
    let station = Workstation::new(folder.path().join("config"));
    let session = station.unlock(&folder.path().join("vault"), "ann", passphrase())?;
    assert_eq!(session.resumed_jobs, 1);
    idle(&station)?;
    let import = station.jobs()?.remove(0);
    assert_eq!(import.state, JobState::Done, "{import:?}");
    let summary = import.gave.import.ok_or("no summary")?;
    assert!(
        summary.import.already_there > 0 && summary.import.already_there < 300,
        "{summary:?}"
    );
    assert_eq!(studies(&station)?.len(), 300);
    Ok(())
}

/// Not a test by itself: what [`an_import_that_a_kill_cut_off_goes_on_after_the_next_unlock`] starts.
#[test]
fn the_program_that_is_killed() -> Checked {
    std::env::var_os(CHILD).map_or(Ok(()), |folder| import_many(Path::new(&folder)))
}

fn import_many(folder: &Path) -> Checked {
    let station = Workstation::new(folder.join("config"));
    station.unlock(&folder.join("vault"), "ann", passphrase())?;
    station.import(vec![folder.join("many")])?;
    idle(&station)
}

/// Images may be fetched before a study is opened; whoever gets to see it is in the audit.
#[test]
fn a_restored_vault_is_entered_for_reading_and_goes_on_once_it_is_accepted() -> Checked {
    let folder = tempfile::tempdir()?;
    let station = plain(folder.path())?;
    let vault = folder.path().join("vault");
    let scans = many(folder.path(), 3)?;
    station.lock()?;
    closed(&vault)?;
    let older = database(&vault);
    station.unlock(&vault, "ann", passphrase())?;
    let import = station.import(vec![scans.clone()])?;
    assert_eq!(ended(&station, import)?.state, JobState::Done);
    station.lock()?;
    closed(&vault)?;
    put_back(older)?;

    let session = station.unlock(&vault, "ann", passphrase())?;
    assert_eq!(session.read_only, Some(domain::ReadOnly::RecordsReplaced));
    let refused = |failure: Option<domain::Failure>| failure.map(|failure| failure.code);
    for failure in [
        station.import(vec![scans.clone()]).err(),
        station.analyze_new().err(),
        station.backup(folder.path().to_owned()).err(),
    ] {
        assert_eq!(refused(failure), Some(FailureCode::VaultReadOnly));
    }
    assert_eq!(studies(&station)?, []);
    station.audit_rows(AuditRows {
        find: "".to_string(),
        before: None,
        limit: 10,
    })?;
    let status = station.vault_status()?;
    assert_eq!(
        (status.numbers.read_only, status.numbers.lost.files),
        (session.read_only, 0)
    );

    let session = station.accept_restored()?;
    assert_eq!(session.read_only, None);
    assert_eq!(station.vault_status()?.numbers.lost.files, 3);
    let nothing = station.accept_restored().err();
    assert_eq!(refused(nothing), Some(FailureCode::WrongUsage));
    let import = station.import(vec![scans])?;
    assert_eq!(ended(&station, import)?.state, JobState::Done);
    assert_eq!(studies(&station)?.len(), 3);
    assert_eq!(station.vault_status()?.numbers.lost.files, 0);
    let rows = station
        .audit_rows(AuditRows {
            find: "".to_string(),
            before: None,
            limit: 100,
        })?
        .rows;
    let times = |op: &str| rows.iter().filter(|row| row.deed.op == op).count();
    assert_eq!((times("restored_accepted"), times("audit_log_used")), (1, 2));
    Ok(())
}

#[test]
fn reading_ahead_is_not_looking_and_every_way_of_looking_is_audited() -> Checked {
    let folder = tempfile::tempdir()?;
    let station = plain(folder.path())?;
    let scans = many(folder.path(), 1)?;
    ended(&station, station.import(vec![scans])?)?;
    let (study, _) = studies(&station)?.remove(0);
    let looked = |station: &Arc<Workstation>| -> Result<usize, Box<dyn Error>> {
        Ok(station
            .audit_rows(AuditRows {
                find: "instances_accessed".to_string(),
                before: None,
                limit: 50,
            })?
            .rows
            .len())
    };
    let picture = station.read_ahead(ReadAhead {
        study_instance_uid: study.to_string(),
    })?[0]
        .instances[0]
        .instance
        .sop_instance_uid
        .to_string();
    station.prefetch(Prefetch {
        sop_instance_uids: vec![picture.clone()],
    })?;
    station.frame(FrameOf {
        sop_instance_uid: picture.to_string(),
        frame: 0,
    })?;
    assert_eq!(looked(&station)?, 0);
    // Asking for a study that was not opened is opening it, once.
    station.refresh_study(RefreshStudy {
        study_instance_uid: study.to_string(),
    })?;
    assert_eq!(looked(&station)?, 1);
    station.refresh_study(RefreshStudy {
        study_instance_uid: study.to_string(),
    })?;
    assert_eq!(looked(&station)?, 1);
    station.open_study(OpenStudy {
        study_instance_uid: study.to_string(),
    })?;
    assert_eq!(looked(&station)?, 2);
    station.lock()?;
    station.unlock(&folder.path().join("vault"), "ann", passphrase())?;
    station.refresh_study(RefreshStudy {
        study_instance_uid: study.to_string(),
    })?;
    assert_eq!(looked(&station)?, 3);
    Ok(())
}
