//! How long the window waits for an image: `cargo run --example pictures -- FILE …` imports the files
//! into a vault that is thrown away and asks for the first frame of each, decoded and kept.

use contract::commands::*;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use contract::window::Settings;
use workflow::{ListRequest, StudyOrder, list_studies, show_study};
use workstation::Workstation;

const ROUNDS: usize = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let files: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if files.is_empty() {
        return Err("name files".into());
    }
    let folder = std::env::temp_dir().join(format!("overread-pictures-{}", std::process::id()));
    let outcome = measure(&folder, files);
    std::fs::remove_dir_all(&folder)?;
    outcome
}

fn measure(folder: &std::path::Path, mut files: Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    let station = Workstation::new(folder.join("config"));
    station.save_settings(SaveSettings {
        settings: Settings {
            analyze_after_import: false,
            ..Settings::default()
        },
    })?;
    let (vault, passphrase) = (folder.join("vault"), "a passphrase");
    station.create_vault(&vault, "bench", passphrase)?;
    for level in [1, 2] {
        files.push(tiny(folder, level)?);
    }
    station.import(files)?;
    while station.running_jobs() > 0 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let request = ListRequest {
        order: StudyOrder::Date,
        find: None,
    };
    let studies = station.with_vault(|open| list_studies(open, &request))?.studies;
    let mut instances = Vec::new();
    for row in &studies {
        let study = station.with_vault(|open| show_study(open, &row.study_instance_uid))?;
        let named = study
            .instances
            .into_iter()
            .map(|i| (i.sop_instance_uid, i.file_name.unwrap_or_default()));
        instances.extend(named);
    }
    let is_tiny = |name: &str| name.starts_with("tiny-");
    let mut warmers = instances
        .iter()
        .filter(|(_, name)| is_tiny(name))
        .map(|(sop, _)| sop.clone());
    let warmers = [warmers.next(), warmers.next()].map(Option::unwrap_or_default);
    for (sop, name) in instances.iter().filter(|(_, name)| !is_tiny(name)) {
        let (mut fresh, mut kept, mut thumbnails) = (vec![], vec![], vec![]);
        let mut bytes = 0;
        for _ in 0..ROUNDS {
            // A new unlock forgets every image; the first request also starts the decoder.
            station.lock()?;
            station.unlock(&vault, "bench", passphrase)?;
            warm(&station, &warmers)?;
            let start = Instant::now();
            bytes = station
                .frame(FrameOf {
                    sop_instance_uid: sop.to_string(),
                    frame: 0,
                })?
                .len();
            fresh.push(milliseconds(start));
            let start = Instant::now();
            station.frame(FrameOf {
                sop_instance_uid: sop.to_string(),
                frame: 0,
            })?;
            kept.push(milliseconds(start));
            let start = Instant::now();
            station.instance_thumbnail(InstanceThumbnail {
                sop_instance_uid: sop.to_string(),
            })?;
            thumbnails.push(milliseconds(start));
        }
        println!(
            "{name}: {bytes} bytes; decoded {:.1} ms, kept {:.1} ms, thumbnail of a kept one {:.1} ms (medians of {ROUNDS})",
            median(fresh),
            median(kept),
            median(thumbnails)
        );
    }
    Ok(())
}

/// Starts both decoders: one decodes ahead while the other is asked.
fn warm(station: &Arc<Workstation>, [one, other]: &[String; 2]) -> Result<(), Box<dyn Error>> {
    station.prefetch(Prefetch {
        sop_instance_uids: vec![one.clone()],
    })?;
    station.frame(FrameOf {
        sop_instance_uid: other.to_string(),
        frame: 0,
    })?;
    station.frame(FrameOf {
        sop_instance_uid: one.to_string(),
        frame: 0,
    })?;
    Ok(())
}

/// A tiny image of its own content.
fn tiny(folder: &std::path::Path, level: u8) -> Result<PathBuf, Box<dyn Error>> {
    let path = folder.join(format!("tiny-{level}.png"));
    image::GrayImage::from_pixel(8, 8, image::Luma([level])).save(&path)?;
    Ok(path)
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
