//! `train`: from a folder of labelled images to a bundle.
//!
//! The manifest is checked whole before anything is computed; the worker trains; then the bundle is
//! calibrated, judged and described through the same engine that will use it.

mod card;
mod finish;
mod folds;
mod gate;
mod members;
mod pack;
mod points;
mod recipe;
mod router;
mod runs;
mod start;

use crate::phase::Watch;
use std::path::{Path, PathBuf};

use domain::{DeviceChoice, Failure, FailureCode, Permission, Session, Split};
use engine::Bundle;
use engine::bundle::sha256_hex;
use learn::{Checks, Selection, manifest};

use crate::labelled;
use crate::others;
pub use card::figures as evaluation_figures;
pub use folds::{FoldsTrained, train_folds};
use recipe::Recipe;
use workflow::files::{create_folder, io_failure, keep_out_of_vaults};
use workflow::permit::permit;

/// Where the packed images and the checkpoints lie while a training runs, below the bundle's folder.
const WORK_FOLDER: &str = ".training";

/// Which recipe is followed.
#[derive(Debug, Clone)]
pub enum RecipeOf {
    /// That of a shipped bundle.
    Bundle(String),
    File(PathBuf),
}

pub struct TrainRequest {
    pub recipe: RecipeOf,
    /// The folder that holds `manifest.csv`.
    pub data: PathBuf,
    /// A new or empty folder for the bundle.
    pub out: PathBuf,
    pub device: DeviceChoice,
    pub threads: u32,
    pub seed: u64,
    /// Instead of the recipe's number.
    pub epochs: Option<u32>,
    /// Name or path of a bundle to begin with, instead of random weights. With 0 epochs its weights
    /// and their record stay, and all that follows a training is made again.
    pub from: Option<String>,
    /// Fewer epochs where this machine would need longer.
    pub minutes: Option<f64>,
    /// A label of the manifest whose images are left out of the training, to see whether they are
    /// found as unknown anomalies.
    pub without: Option<String>,
    /// Folder of [`train_folds`], whose predictions choose calibration and thresholds; else the validation images do.
    pub predictions: Option<PathBuf>,
    /// Judge the bundle on shifted copies of the validation images too.
    pub shifted: bool,
    /// Folder of packs whose images the gate learns to refuse, beside spoilt ones of the own data.
    pub others: Option<PathBuf>,
}

/// Trains, calibrates, evaluates on the validation split and writes the bundle.
pub fn train(session: &Session, request: &TrainRequest, watch: &mut Watch<'_>) -> Result<learn::Evaluation, Failure> {
    permit(session, Permission::ManageModels)?;
    let recipe = Recipe::of(&request.recipe)?;
    keep_out_of_vaults(&request.out)?;
    let from = start::read(request, &recipe)?;
    let work = request.out.join(WORK_FOLDER);
    let goes_on = work.is_dir();
    if !goes_on && std::fs::read_dir(&request.out).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Failure::usage(format!(
            "{} is not empty; name a new folder, or that of a training that was stopped",
            request.out.display()
        )));
    }
    if recipe.is_router() {
        if request.without.is_some() || request.others.is_some() || request.predictions.is_some() {
            return Err(Failure::usage(
                "the router is trained on all packs of --data; --without, --others and --predictions are for the \
                 other bundles",
            ));
        }
        let evaluation = router::train(session, request, &recipe, from.as_ref(), &work, watch)?;
        std::fs::remove_dir_all(&work).map_err(|error| io_failure(&work, "removed", &error))?;
        return Ok(evaluation);
    }
    let (mut cases, manifest_sha256) = labelled_cases(request, &recipe, watch)?;
    if let Some(label) = &request.without {
        leave_out(&mut cases, label)?;
    }
    points::Unseens::check(request.predictions.as_deref(), &recipe, &cases, &manifest_sha256)?;
    let mut others = others::choose(
        request.others.as_deref(),
        (&manifest_of(request), recipe.subset.as_deref()),
        &cases,
    )?;
    let folder = request.others.as_deref();
    let kinds = others::of_kinds(folder, &recipe.gate.own, recipe.commercial_use, &cases)?;
    others.extend(kinds);
    others::leave_to_header(&mut others, &recipe.gate.left_to_header);
    others::check(&others, watch)?;

    create_folder(&request.out)?;
    let _alone = work_alone(&work)?;
    let evaluation = train_in(
        session,
        request,
        &recipe,
        &Chosen {
            cases: &cases,
            others: &others,
            from: from.as_ref(),
            manifest_sha256,
        },
        &work,
        watch,
    )?;
    std::fs::remove_dir_all(&work).map_err(|error| io_failure(&work, "removed", &error))?;
    Ok(evaluation)
}

fn manifest_of(request: &TrainRequest) -> PathBuf {
    request.data.join("manifest.csv")
}

/// The images of train and val, each looked into, and the hash of the manifest that names them.
fn labelled_cases(
    request: &TrainRequest,
    recipe: &Recipe,
    watch: &mut Watch<'_>,
) -> Result<(Vec<manifest::Case>, String), Failure> {
    let path = manifest_of(request);
    let selection = Selection {
        splits: vec![Split::Train, Split::Val],
        subsets: recipe.subset.iter().chain(&recipe.also).cloned().collect(),
    };
    let checks = Checks {
        sha256: true,
        masks: recipe.outlines() && !recipe.unoutlined,
        both_classes: recipe.class_weight > 0.0,
    };
    let mut cases = labelled::load(&path, &selection, checks, watch)?;
    // What is not judged all teaches.
    cases
        .iter_mut()
        .filter(|case| !recipe.judges(case))
        .for_each(|case| case.split = Split::Train);
    let bytes = std::fs::read(&path).map_err(|error| io_failure(&path, "read", &error))?;
    Ok((cases, sha256_hex(&bytes)))
}

/// The work folder, made where it is missing, for this training alone until the handle is dropped.
fn work_alone(work: &Path) -> Result<std::fs::File, Failure> {
    create_folder(work)?;
    let path = work.join("in-use.lock");
    let file = std::fs::File::create(&path).map_err(|error| io_failure(&path, "created", &error))?;
    file.try_lock().map_err(|_| {
        let folder = work.parent().unwrap_or(work).display();
        Failure::usage(format!(
            "another training writes into {folder}; wait for it or name another folder"
        ))
    })?;
    Ok(file)
}

/// What a training ends with that was asked to stop.
fn stopped_unless(go_on: bool) -> Result<(), Failure> {
    match go_on {
        true => Ok(()),
        false => Err(Failure::new(FailureCode::Canceled, "the training was stopped")),
    }
}

/// Images of that label are judged, but not trained on.
fn leave_out(cases: &mut Vec<manifest::Case>, label: &str) -> Result<(), Failure> {
    let of_label = |case: &manifest::Case| case.label.eq_ignore_ascii_case(label);
    if !cases.iter().any(of_label) {
        let known: std::collections::BTreeSet<&str> = cases.iter().map(|case| case.label.as_str()).collect();
        let known = known.into_iter().collect::<Vec<_>>().join(", ");
        return Err(Failure::usage(format!(
            "no image has the label '{label}'; there is: {known}"
        )));
    }
    cases.retain(|case| !case.split.teaches() || !of_label(case));
    Ok(())
}

/// What a training begins with; all images were looked into.
struct Chosen<'a> {
    cases: &'a [manifest::Case],
    others: &'a [others::Other],
    manifest_sha256: String,
    from: Option<&'a Bundle>,
}

fn train_in(
    session: &Session,
    request: &TrainRequest,
    recipe: &Recipe,
    chosen: &Chosen<'_>,
    work: &Path,
    watch: &mut Watch<'_>,
) -> Result<learn::Evaluation, Failure> {
    let cases = chosen.cases;
    if let (Some(bundle), Some(0)) = (chosen.from, request.epochs) {
        let training = start::take_over(bundle, work)?;
        return finish::finish(session, request, recipe, training, chosen, work, watch);
    }
    let mut set = pack::Pack::default();
    set.add_cases(cases, |case| pack::Part::of_split(&case.split), recipe, watch)?;
    let images = cases.iter().filter(|case| case.split.teaches()).count() as u32;
    set.add_synthetic(recipe.synthetic, &recipe.input)?;
    let per_group = set.largest_group(pack::Part::VALIDATION);
    let path = work.join(members::SET_FILE);
    set.write(&path, &recipe.input)?;
    drop(set);
    members::note_code(recipe, work)?;
    let epochs = members::train(request, recipe, chosen.from, per_group, work, watch)?;
    let training = finish::Record {
        epochs,
        manifest_sha256: chosen.manifest_sha256.clone(),
        images,
        code: members::code(work)?,
    }
    .training(request, recipe, chosen.from);
    finish::finish(session, request, recipe, training, chosen, work, watch)
}
