//! How soon the first image of 500 slices is there, from the drop: the folder, the ZIP file and the disc are not read
//! through by then.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use contract::commands::*;
use contract::window::{Settings, WorklistQuery};
use workstation::Workstation;

use super::jobs::Slices;
use super::{Outcome, median, milliseconds};

const SLICES: usize = 500;
const ROUNDS: usize = 5;
const LONGEST: Duration = Duration::from_secs(60);

pub fn first(series: &Path) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let slices = folder.path().join("slices");
    Slices::read(series)?.of_512()?.write(&slices, 1, SLICES)?;
    for (what, made) in [
        ("folder", Some(slices.clone())),
        ("ZIP file", zip(&slices, &folder.path().join("slices.zip"))?),
        ("disc image", disc(&slices, &folder.path().join("slices.iso"))?),
    ] {
        let Some(path) = made else {
            println!("first image of a {what}: not measured, the program that makes one is not installed");
            continue;
        };
        let (mut firsts, mut wholes) = (vec![], vec![]);
        for _ in 0..ROUNDS {
            let (first, whole) = one(&path)?;
            firsts.push(milliseconds(first));
            wholes.push(whole.as_secs_f64());
        }
        println!(
            "first image of a {what} with {SLICES} slices of 512 x 512: {:.0} ms (aim 300); all of it after {:.2} s; median of {ROUNDS}",
            median(firsts),
            median(wholes)
        );
    }
    Ok(())
}

/// From the drop to the samples of an image of a study that stands in the worklist, and to the end of the import.
fn one(path: &Path) -> Outcome<(Duration, Duration)> {
    let folder = tempfile::tempdir()?;
    let station = Workstation::new(folder.path().join("config"));
    let settings = Settings {
        analyze_after_import: false,
        ..station.settings()
    };
    station.save_settings(SaveSettings { settings })?;
    station.create_vault(&folder.path().join("vault"), "bench", "a passphrase for measuring")?;
    let start = Instant::now();
    station.import(vec![path.to_owned()])?;
    while !shown(&station)? {
        if start.elapsed() > LONGEST {
            return Err(format!("no image of {} appeared", path.display()).into());
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let first = start.elapsed();
    while station.running_jobs() > 0 {
        std::thread::sleep(Duration::from_millis(2));
    }
    let whole = start.elapsed();
    let rows = rows(&station)?;
    let images = rows.first().map_or(0, |row| row.instances);
    station.close(false);
    if images == SLICES as u64 {
        Ok((first, whole))
    } else {
        Err(format!("{images} of {SLICES} slices of {} were imported", path.display()).into())
    }
}

fn rows(station: &Arc<Workstation>) -> Outcome<Vec<domain::WorklistRow>> {
    let query = WorklistQuery::default();
    let view = station.open_worklist(OpenWorklist { query })?;
    Ok(station.worklist_rows(WorklistRows {
        view: view.view,
        offset: 0,
        limit: 1,
    })?)
}

/// Whether a study is listed, and the samples of its first image come.
fn shown(station: &Arc<Workstation>) -> Outcome<bool> {
    let Some(row) = rows(station)?.into_iter().next() else {
        return Ok(false);
    };
    let detail = station.open_study(OpenStudy {
        study_instance_uid: row.study_instance_uid.to_string(),
    })?;
    let slice = detail.series.first().and_then(|series| series.slices.first());
    let slice = slice.ok_or("a study without an image")?;
    let bytes = station.frame(FrameOf {
        sop_instance_uid: slice.sop_instance_uid.to_string(),
        frame: slice.frame,
    })?;
    Ok(!bytes.is_empty())
}

fn zip(slices: &Path, out: &Path) -> Outcome<Option<PathBuf>> {
    made(
        Command::new("python3")
            .args(["-m", "zipfile", "-c"])
            .arg(out)
            .arg(slices),
        out,
    )
}

fn disc(slices: &Path, out: &Path) -> Outcome<Option<PathBuf>> {
    made(
        Command::new("genisoimage")
            .args(["-quiet", "-J", "-r", "-o"])
            .arg(out)
            .arg(slices),
        out,
    )
}

/// `None` where there is no such program.
fn made(command: &mut Command, out: &Path) -> Outcome<Option<PathBuf>> {
    match command.status() {
        Ok(status) if status.success() => Ok(Some(out.to_owned())),
        Ok(status) => Err(format!("{} was not made: {status}", out.display()).into()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}
