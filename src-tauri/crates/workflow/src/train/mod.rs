//! `train`: from a folder of labelled pictures to a bundle.
//!
//! The manifest is checked whole before anything is computed; the worker trains; then the bundle is
//! calibrated, judged and described through the same engine that will use it.

mod card;
mod finish;
mod pack;
mod recipe;

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use domain::{Permission, Session};
use engine::bundle::sha256_hex;
use engine::{DeviceChoice, WorkerSettings};
use learn::{Checks, Selection, manifest};
use serde::Deserialize;

use crate::error::Failure;
use crate::files::{create_folder, io_failure, write_whole};
use crate::frames::Watch;
use crate::permit::permit;
pub use card::figures as evaluation_figures;
pub use pack::{grey, mask_of};
use recipe::Recipe;

pub struct TrainRequest {
    pub bundle: String,
    /// The folder that holds `manifest.csv`.
    pub data: PathBuf,
    /// A new or empty folder for the bundle.
    pub out: PathBuf,
    pub device: DeviceChoice,
    pub threads: u32,
    pub seed: u64,
    /// Instead of the recipe's number.
    pub epochs: Option<u32>,
}

/// What the worker prints after each epoch.
#[derive(Deserialize)]
struct Progress {
    epoch: u32,
    epochs: u32,
    loss: f64,
    seconds_left: f64,
    validation: Option<ValidationFigures>,
}

#[derive(Deserialize)]
struct ValidationFigures {
    slice_dice: f64,
    pointing: f64,
}

/// Trains, calibrates, evaluates on the validation split and writes the bundle.
pub fn train(session: &Session, request: &TrainRequest, watch: &mut Watch<'_>) -> Result<learn::Evaluation, Failure> {
    permit(session, Permission::ManageModels)?;
    let recipe = recipe::find(&request.bundle).ok_or_else(|| {
        let known: Vec<&str> = recipe::all().iter().map(|r| r.bundle).collect();
        Failure::usage(format!(
            "there is no recipe for '{}'; there is: {}",
            request.bundle,
            known.join(", ")
        ))
    })?;
    if std::fs::read_dir(&request.out).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Failure::usage(format!(
            "{} is not empty; name a new folder",
            request.out.display()
        )));
    }
    let manifest_path = request.data.join("manifest.csv");
    let selection = Selection {
        splits: vec!["train".into(), "val".into()],
        subset: recipe.subset.map(str::to_owned),
    };
    let checks = Checks {
        sha256: true,
        masks: true,
        both_classes: true,
    };
    let cases = manifest::load(&manifest_path, &selection, checks)?;
    let manifest_bytes = std::fs::read(&manifest_path).map_err(|error| io_failure(&manifest_path, "read", &error))?;

    create_folder(&request.out)?;
    let work = request.out.join(".training");
    create_folder(&work)?;
    let outcome = train_in(
        session,
        request,
        &recipe,
        &cases,
        &sha256_hex(&manifest_bytes),
        &work,
        watch,
    );
    let removed = std::fs::remove_dir_all(&work);
    let evaluation = outcome?;
    removed.map_err(|error| io_failure(&work, "removed", &error))?;
    Ok(evaluation)
}

fn train_in(
    session: &Session,
    request: &TrainRequest,
    recipe: &Recipe,
    cases: &[manifest::Case],
    manifest_sha256: &str,
    work: &Path,
    watch: &mut Watch<'_>,
) -> Result<learn::Evaluation, Failure> {
    let mut set = pack::Pack::default();
    set.add_cases(cases, &recipe.input, watch)?;
    let images = cases.iter().filter(|case| case.split == "train").count() as u32;
    set.add_synthetic(recipe.synthetic, &recipe.input);
    set.write(&work.join("set.safetensors"), &recipe.input)?;
    drop(set);
    let epochs = request.epochs.unwrap_or(recipe.epochs);
    run_worker(request, recipe, epochs, work, watch)?;
    let record = finish::Record {
        epochs,
        seed: request.seed,
        manifest_sha256: manifest_sha256.to_owned(),
        images,
    };
    finish::finish(session, request, recipe, &record, cases, work, watch)
}

fn run_worker(
    request: &TrainRequest,
    recipe: &Recipe,
    epochs: u32,
    work: &Path,
    watch: &mut Watch<'_>,
) -> Result<(), Failure> {
    let small = epochs * recipe.small_epochs / recipe.epochs.max(1);
    let config = serde_json::json!({
        "set": work.join("set.safetensors"),
        "out": work,
        "network": recipe.network,
        "seed": request.seed,
        "epochs": epochs,
        "batch": recipe.batch,
        "learning_rate": recipe.learning_rate,
        "first": { "size": recipe.input.size * 2 / 3, "epochs": small },
    });
    let path = work.join("config.json");
    write_whole(&path, config.to_string().as_bytes())?;
    let program = WorkerSettings::beside_executable(request.device)?.program;
    let mut child = Command::new(&program)
        .args([
            "train",
            "--device",
            &request.device.to_string(),
            "--threads",
            &request.threads.to_string(),
        ])
        .arg("--config")
        .arg(&path)
        .env_remove("OVERREAD_PASSPHRASE")
        .env("OMP_WAIT_POLICY", "passive")
        .env("OMP_NUM_THREADS", request.threads.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| io_failure(&program, "started", &error))?;
    // Read beside stdout, or a worker with much to say would wait for us for ever.
    let said = child.stderr.take().map(|mut stderr| {
        std::thread::spawn(move || {
            let mut text = String::new();
            let _ = stderr.read_to_string(&mut text);
            text
        })
    });
    let mut go_on = true;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let Ok(progress) = serde_json::from_str::<Progress>(&line) else {
                continue;
            };
            go_on = watch(
                &in_words(&progress),
                u64::from(progress.epoch),
                u64::from(progress.epochs),
            );
            if !go_on {
                let _ = child.kill();
                break;
            }
        }
    }
    let status = child
        .wait()
        .map_err(|error| io_failure(&program, "waited for", &error))?;
    let said = said.and_then(|thread| thread.join().ok()).unwrap_or_default();
    // Ctrl+C on a terminal reaches the worker before it reaches us.
    let go_on = go_on && (status.success() || watch("training", 0, u64::from(epochs)));
    match (go_on, status.success()) {
        (false, _) => Err(Failure::new("canceled", "the training was stopped; nothing was kept")),
        (true, true) => Ok(()),
        (true, false) => {
            let last = said.lines().last().unwrap_or("it said nothing");
            Err(Failure::new(
                "training_failed",
                format!("the training ended by {status}: {last}"),
            ))
        }
    }
}

fn in_words(progress: &Progress) -> String {
    let figures = progress
        .validation
        .as_ref()
        .map(|v| format!(", validation Dice {:.3}, pointing {:.3}", v.slice_dice, v.pointing))
        .unwrap_or_default();
    format!(
        "training: loss {:.4}{figures}, {:.0} min left",
        progress.loss,
        progress.seconds_left / 60.0
    )
}
