//! `train --folds`: networks that each leave one fold of the patients out, and what they say of the patients that they
//! never saw.

use std::path::{Path, PathBuf};

use domain::{Failure, FailureCode, Permission, Session, Split};
use engine::bundle::{WEIGHTS_FILE, sha256_hex};
use engine::{Bundle, Worker, WorkerSettings};
use learn::ScoredCase;
use learn::folds::{FoldPredictions, Folds, Overlap, Unseen};
use learn::manifest::Case;
use serde::Serialize;

use super::finish::{Record, draft};
use super::members::{self, Network, SET_FILE, going_on};
use super::pack::{Pack, Part};
use super::recipe::Recipe;
use super::runs::{Place, run_all};
use super::{TrainRequest, WORK_FOLDER, labelled_cases, work_alone};
use crate::evaluate;
use crate::judged::Judged;
use crate::phase::Watch;
use workflow::files::{create_folder, io_failure, keep_out_of_vaults, write_whole};
use workflow::permit::permit;

/// Which fold each patient is in.
pub const FOLDS_FILE: &str = "folds.csv";

/// Where the folds of a training stand.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FoldsTrained {
    pub folder: PathBuf,
    pub folds: u32,
    /// Hash of `folds.csv`.
    pub folds_sha256: String,
    pub patients: usize,
    pub images: usize,
    /// Each with what one network said of the images that it never saw.
    pub predictions: Vec<String>,
}

/// The file of a fold's predictions, counted from 0.
pub fn file_of(fold: u32) -> String {
    format!("fold-{fold}.json")
}

/// Trains a network for each fold that has no predictions yet, and writes them as they come. A training that was
/// stopped goes on at the same fold and epoch.
///
/// # Errors
/// `wrong_usage` for a router, for weights to begin with, for time instead of epochs; `bad_data` for patients that
/// cannot be dealt out and for predictions of other folds, images or recipes; `canceled`, `training_failed`, `io`.
pub fn train_folds(
    session: &Session,
    request: &TrainRequest,
    count: u32,
    watch: &mut Watch<'_>,
) -> Result<FoldsTrained, Failure> {
    permit(session, Permission::ManageModels)?;
    let recipe = Recipe::of(&request.recipe)?;
    check_words(request, &recipe)?;
    keep_out_of_vaults(&request.out)?;
    let (cases, manifest_sha256) = labelled_cases(request, &recipe, watch)?;
    let judged: Vec<Case> = cases.iter().filter(|case| recipe.judges(case)).cloned().collect();
    let folds = Folds::deal(&judged, count, request.seed)?;
    create_folder(&request.out)?;
    freeze(&folds, &request.out)?;
    let mut training = FoldTraining {
        session,
        request,
        recipe: Recipe {
            network: engine::bundle::NetworkSpec {
                members: 1,
                ..recipe.network.clone()
            },
            ..recipe.clone()
        },
        cases: &cases,
        folds: &folds,
        folds_sha256: folds.sha256(),
        manifest_sha256,
        work: request.out.join(WORK_FOLDER),
    };
    training.train(watch)?;
    let work = &training.work;
    if work.is_dir() {
        std::fs::remove_dir_all(work).map_err(|error| io_failure(work, "removed", &error))?;
    }
    let patients: std::collections::BTreeSet<&str> = judged.iter().map(|case| case.patient.as_str()).collect();
    Ok(FoldsTrained {
        folder: request.out.clone(),
        folds: count,
        folds_sha256: training.folds_sha256,
        patients: patients.len(),
        images: judged.len(),
        predictions: (0..count).map(file_of).collect(),
    })
}

fn check_words(request: &TrainRequest, recipe: &Recipe) -> Result<(), Failure> {
    let refused = if recipe.is_router() {
        "--folds is for bundles that read images, not for the router"
    } else if request.from.is_some() {
        "--folds begins with random weights: those of --from have seen patients whom they are to judge"
    } else if request.minutes.is_some() {
        "--folds needs a number of epochs that was decided before: give --epochs and not --minutes"
    } else if request.without.is_some() || request.others.is_some() {
        "--folds leaves no label out and shows no gate others: give neither --without nor --others"
    } else if request.epochs == Some(0) {
        "--folds needs at least one epoch"
    } else {
        return Ok(());
    };
    Err(Failure::usage(refused))
}

/// Writes `folds.csv`, or finds the same there.
fn freeze(folds: &Folds, out: &Path) -> Result<(), Failure> {
    let path = out.join(FOLDS_FILE);
    if !path.exists() {
        return write_whole(&path, folds.text().as_bytes());
    }
    let kept = std::fs::read(&path).map_err(|error| io_failure(&path, "read", &error))?;
    match sha256_hex(&kept) == folds.sha256() {
        true => Ok(()),
        false => Err(Failure::new(
            FailureCode::BadData,
            format!(
                "{} deals the patients out otherwise than --folds {} --seed of this call; name a new folder",
                path.display(),
                folds.count()
            ),
        )),
    }
}

struct FoldTraining<'a> {
    session: &'a Session,
    request: &'a TrainRequest,
    /// With one member.
    recipe: Recipe,
    cases: &'a [Case],
    folds: &'a Folds,
    folds_sha256: String,
    manifest_sha256: String,
    work: PathBuf,
}

impl FoldTraining<'_> {
    fn train(&mut self, watch: &mut Watch<'_>) -> Result<(), Failure> {
        let mut missing = Vec::new();
        for fold in 0..self.folds.count() {
            match read(&self.request.out.join(file_of(fold)))? {
                Some(kept) => self.check_kept(&kept)?,
                None => missing.push(fold),
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let _alone = work_alone(&self.work)?;
        let mut pack = Pack::default();
        let part = |case: &Case| self.part_of(case);
        pack.add_cases(self.cases, part, &self.recipe, watch)?;
        pack.add_synthetic(self.recipe.synthetic, &self.recipe.input)?;
        pack.write(&self.work.join(SET_FILE), &self.recipe.input)?;
        let set_sha256 = members::set_sha256(&self.work)?;
        members::note_code(&self.recipe, &self.work)?;
        let planned: Vec<_> = missing
            .iter()
            .map(|fold| {
                Network {
                    folder: self.folder_of(*fold),
                    set_sha256: &set_sha256,
                    seed: self.request.seed,
                    held: Part::Held(*fold),
                    validate: false,
                    per_group: pack.largest_group(Part::Held(*fold)),
                    from: None,
                }
                .planned(self.request, &self.recipe, &self.work)
            })
            .collect();
        drop(pack);
        let place = Place::of_cores(self.request);
        run_all(&planned, place, watch, &mut |at, watch| self.judge(missing[at], watch))
            .map_err(|failure| going_on(failure, self.request))
    }

    fn part_of(&self, case: &Case) -> Part {
        self.folds.of(&case.patient).map_or(Part::Always, Part::Held)
    }

    fn folder_of(&self, fold: u32) -> PathBuf {
        self.work.join(format!("fold-{fold}"))
    }

    /// Predictions that were kept belong to these folds, images and this recipe, or nothing is mixed.
    fn check_kept(&self, kept: &FoldPredictions) -> Result<(), Failure> {
        let epochs = self.request.epochs.unwrap_or(self.recipe.epochs);
        let same = [
            ("the folds", kept.folds_sha256 == self.folds_sha256),
            ("the manifest", kept.manifest_sha256 == self.manifest_sha256),
            ("the recipe", kept.recipe_sha256 == self.recipe.sha256),
            ("the number of epochs", kept.epochs == epochs),
            ("the seed", kept.seed == self.request.seed),
        ];
        match same.iter().find(|(_, same)| !same) {
            None => Ok(()),
            Some((what, _)) => Err(Failure::new(
                FailureCode::BadData,
                format!(
                    "{} was made with another value of {what}; name a new folder",
                    self.request.out.join(file_of(kept.fold)).display()
                ),
            )),
        }
    }

    /// What the network of a fold says of the images of its patients.
    fn judge(&self, fold: u32, watch: &mut Watch<'_>) -> Result<(), Failure> {
        let weights_path = self.folder_of(fold).join(WEIGHTS_FILE);
        let weights = std::fs::read(&weights_path).map_err(|error| io_failure(&weights_path, "read", &error))?;
        let cases: Vec<Case> = self
            .cases
            .iter()
            .filter(|case| self.folds.of(&case.patient) == Some(fold))
            .cloned()
            .collect();
        let record = Record {
            epochs: self.request.epochs.unwrap_or(self.recipe.epochs),
            manifest_sha256: self.manifest_sha256.clone(),
            images: (self.cases.len() - cases.len()) as u32,
            code: members::code(&self.work)?,
        };
        let training = record.training(self.request, &self.recipe, None);
        let bundle: Bundle = draft(self.request, &self.recipe, training, weights);
        let mut worker = Worker::new(WorkerSettings::beside_executable(self.request.device)?);
        let set = self.recipe.set(Some(Split::Val));
        let judged = Judged {
            bundle: &bundle,
            cases: &cases,
            training: &[],
            set: &set,
            manifest_sha256: None,
        };
        let scored = evaluate::scored(self.session, &judged, &mut worker, watch)?;
        let predictions = FoldPredictions {
            fold,
            folds_sha256: self.folds_sha256.clone(),
            manifest_sha256: self.manifest_sha256.clone(),
            recipe_sha256: self.recipe.sha256.clone(),
            seed: self.request.seed,
            epochs: bundle.metadata.training.epochs,
            code: bundle.metadata.training.code_version.clone(),
            trained_on: bundle.metadata.training.images,
            images: scored.iter().map(unseen).collect(),
        };
        write(&self.request.out.join(file_of(fold)), &predictions)
    }
}

/// An image with the answer of a network that never saw its patient.
pub fn unseen(case: &ScoredCase) -> Unseen {
    let prediction = case.prediction.as_ref();
    let overlap = prediction.and_then(|prediction| {
        let (found, lesion) = (prediction.localisation.as_ref()?, case.reference.as_ref()?);
        (!lesion.is_empty()).then(|| Overlap {
            lesion: lesion.area_px(),
            predicted: found.predicted.area_px(),
            both: lesion.intersection_px(&found.predicted),
            pointed: lesion.contains(found.peak),
        })
    });
    Unseen {
        name: case.name.clone(),
        patient: case.patient.clone(),
        label: case.label.clone(),
        anomaly: case.anomaly,
        core: case.core,
        adjacent_to_lesion: case.adjacent_to_lesion,
        raw_score: prediction.and_then(|p| p.raw_score).map_or(0.0, |score| score.value()),
        malignancy: prediction.and_then(|prediction| prediction.malignancy),
        overlap,
    }
}

/// `None` where there are none yet.
pub fn read(path: &Path) -> Result<Option<FoldPredictions>, Failure> {
    if !path.exists() {
        return Ok(None);
    }
    let bytes = std::fs::read(path).map_err(|error| io_failure(path, "read", &error))?;
    serde_json::from_slice(&bytes).map(Some).map_err(|error| {
        let words = format!("{} holds no predictions of a fold: {error}", path.display());
        Failure::new(FailureCode::BadData, words)
    })
}

/// A line an image, so that a difference shows which.
fn write(path: &Path, predictions: &FoldPredictions) -> Result<(), Failure> {
    let internal = |error: serde_json::Error| Failure::new(FailureCode::Internal, error.to_string());
    let head = FoldPredictions {
        images: vec![],
        ..predictions.clone()
    };
    let head = serde_json::to_string_pretty(&head).map_err(internal)?;
    let images = predictions
        .images
        .iter()
        .map(serde_json::to_string)
        .collect::<Result<Vec<_>, _>>()
        .map_err(internal)?;
    let images = format!("\"images\": [\n{}\n]", images.join(",\n"));
    write_whole(path, (head.replace("\"images\": []", &images) + "\n").as_bytes())
}
