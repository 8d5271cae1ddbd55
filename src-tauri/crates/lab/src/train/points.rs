//! Calibration and operating points, chosen on folds and judged nested.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use domain::{Bounded, ByPatient, Estimate, Failure, FailureCode, OperatingPoint, SetRef};
use engine::bundle::{Calibration, MadeOn, Task};
use engine::task::score::calibrate;
use learn::LearnError;
use learn::folds::{FoldPredictions, Folds, Unseen};
use learn::manifest::Case;
use learn::protocol::{Counted, Judged, NestedPoint, Networks, Report, figures, protocol};

use super::finish::{RawCase, VAL};
use super::folds;
use super::recipe::Recipe;

/// Folds for images that one network never saw; fewer where there are too few patients.
const CROSS_FITTED: u32 = 5;
const SEED: u64 = 1;

/// Images of patients whom the networks that judged them had not seen.
pub struct Unseens {
    images: Vec<(u32, Unseen)>,
    folds: u32,
    folds_sha256: String,
    manifest_sha256: String,
    networks: Option<Networks>,
    set: SetRef,
}

/// What is chosen on them, with what it was seen to do.
pub struct Chosen {
    pub calibration: Calibration,
    /// The first is the default.
    pub points: Vec<OperatingPoint>,
    pub report: Report,
}

impl Unseens {
    /// Of the folder that `train --folds` wrote, of the images that the manifest names.
    pub fn of_folder(folder: &Path, recipe: &Recipe, cases: &[Case], manifest_sha256: &str) -> Result<Self, Failure> {
        let bad = |words: String| Failure::new(FailureCode::BadData, words);
        let mut read = Vec::new();
        while let Some(fold) = folds::read(&folder.join(folds::file_of(read.len() as u32)))? {
            read.push(fold);
        }
        let Some(first) = read.first().cloned() else {
            return Err(bad(format!("{} holds no predictions of folds", folder.display())));
        };
        let other = |one: &&FoldPredictions| {
            one.folds_sha256 != first.folds_sha256
                || one.manifest_sha256 != manifest_sha256
                || one.recipe_sha256 != recipe.sha256
                || (one.epochs, one.seed) != (first.epochs, first.seed)
        };
        if let Some(one) = read.iter().find(other) {
            return Err(bad(format!(
                "{} in {} was made of other folds, images or a recipe other than that of {}; train the folds again",
                folds::file_of(one.fold),
                folder.display(),
                recipe.bundle
            )));
        }
        let images: Vec<(u32, Unseen)> = read
            .into_iter()
            .flat_map(|fold| fold.images.into_iter().map(move |image| (fold.fold, image)))
            .collect();
        let judged: BTreeSet<&str> = images.iter().map(|(_, image)| image.name.as_str()).collect();
        let mut asked = cases.iter().filter(|case| recipe.judges(case));
        if let Some(case) = asked.find(|case| !judged.contains(case.name.as_str())) {
            return Err(bad(format!(
                "{} has no prediction of {}: not all folds are there yet",
                folder.display(),
                case.name
            )));
        }
        let folds = images.iter().map(|(fold, _)| fold + 1).max().unwrap_or_default();
        Ok(Self {
            images,
            folds,
            folds_sha256: first.folds_sha256,
            manifest_sha256: manifest_sha256.to_owned(),
            networks: Some(Networks {
                epochs: first.epochs,
                seed: first.seed,
            }),
            set: recipe.set(None),
        })
    }

    /// Of the validation images, which the bundle's own networks never saw: calibration and thresholds alone are nested.
    pub fn of_validation(
        raw: &BTreeMap<usize, RawCase>,
        cases: &[Case],
        recipe: &Recipe,
        manifest_sha256: &str,
    ) -> Result<Self, Failure> {
        let held = raw.iter().map(|(index, raw)| (raw, &cases[*index]));
        let held: Vec<(&RawCase, &Case)> = held.filter(|(_, case)| !case.split.teaches()).collect();
        let cases: Vec<Case> = held.iter().map(|(_, case)| (*case).clone()).collect();
        let folds = dealt(&cases)?;
        let images = held
            .iter()
            .map(|(raw, case)| (folds.of(&case.patient).unwrap_or_default(), unseen(raw, case)));
        Ok(Self {
            images: images.collect(),
            folds: folds.count(),
            folds_sha256: folds.sha256(),
            manifest_sha256: manifest_sha256.to_owned(),
            networks: None,
            set: recipe.set(VAL),
        })
    }

    /// What [`Self::of_validation`] and [`Self::of_folder`] would refuse, told before anything is trained.
    pub fn check(folder: Option<&Path>, recipe: &Recipe, cases: &[Case], manifest_sha256: &str) -> Result<(), Failure> {
        if let Some(folder) = folder {
            return Self::of_folder(folder, recipe, cases, manifest_sha256).map(drop);
        }
        let held: Vec<Case> = cases.iter().filter(|case| !case.split.teaches()).cloned().collect();
        dealt(&held).map(drop)
    }

    fn judged(&self) -> Vec<Judged<'_>> {
        let images = self.images.iter();
        images.map(|(fold, image)| Judged { fold: *fold, image }).collect()
    }

    /// `points` and `figures` of this.
    fn report(&self, points: Vec<NestedPoint>, figures: learn::protocol::FoldFigures) -> Report {
        let patients: BTreeSet<&str> = self.images.iter().map(|(_, image)| image.patient.as_str()).collect();
        Report {
            folds: self.folds,
            folds_sha256: self.folds_sha256.clone(),
            networks: self.networks,
            images: self.images.len() as u32,
            patients: patients.len() as u32,
            points,
            figures,
        }
    }
}

/// As many folds as there are patients for.
fn dealt(cases: &[Case]) -> Result<Folds, Failure> {
    let mut count = CROSS_FITTED;
    loop {
        match Folds::deal(cases, count, SEED) {
            Err(LearnError::EmptyFold { .. }) if count > 2 => count -= 1,
            folds => return Ok(folds?),
        }
    }
}

fn unseen(raw: &RawCase, case: &Case) -> Unseen {
    Unseen {
        name: case.name.clone(),
        patient: case.patient.clone(),
        label: case.label.clone(),
        anomaly: case.anomaly,
        core: case.core,
        adjacent_to_lesion: case.adjacent_to_lesion,
        raw_score: raw.raw_score,
        malignancy: None,
        overlap: None,
    }
}

pub fn fit_scores(unseens: &Unseens) -> Result<Chosen, Failure> {
    let fitted = protocol(&unseens.judged())?;
    let (with, without) = fitted.calibrated_on;
    let calibration = Calibration {
        slope: fitted.calibration.slope as f32,
        intercept: fitted.calibration.intercept as f32,
        made_on: Some(MadeOn { with, without }),
    };
    let report = unseens.report(fitted.points.clone(), fitted.figures);
    let set = SetRef {
        images: Some(report.images),
        patients: Some(report.patients),
        ..unseens.set.clone()
    };
    let mut points: Vec<(bool, OperatingPoint)> = fitted
        .points
        .iter()
        .map(|point| {
            (
                is_default(point, &fitted.points),
                named(point, calibration, unseens, &set),
            )
        })
        .collect();
    points.sort_by_key(|(default, _)| !default);
    Ok(Chosen {
        calibration,
        points: points.into_iter().map(|(_, point)| point).collect(),
        report,
    })
}

/// The most sensitive point that may flag. Where none may, the most sensitive of all: a false outline costs less than a
/// false flag.
fn is_default(point: &NestedPoint, all: &[NestedPoint]) -> bool {
    let most = |targets: &mut dyn Iterator<Item = &NestedPoint>| targets.map(|one| one.target).reduce(f64::max);
    let target = most(&mut all.iter().filter(|one| one.may_flag())).or_else(|| most(&mut all.iter()));
    target == Some(point.target)
}

fn named(point: &NestedPoint, calibration: Calibration, unseens: &Unseens, set: &SetRef) -> OperatingPoint {
    let bounded = |counted: Counted| Bounded {
        hits: counted.hits,
        of: counted.of,
        at_least: counted.at_least,
    };
    let estimate = |counted: Counted| {
        counted.share().map(|value| Estimate {
            value,
            low: Some(counted.interval.0),
            high: Some(counted.interval.1),
        })
    };
    OperatingPoint {
        name: format!("sensitivity-{:.0}", point.target * 100.0),
        threshold: calibrate(calibration, point.raw_threshold).value(),
        sensitivity: estimate(point.sensitivity).unwrap_or(Estimate::bare(0.0)),
        specificity: estimate(point.specificity),
        set: set.clone(),
        chosen_on_it: false,
        patients: Some(ByPatient {
            sensitivity: bounded(point.sensitivity),
            specificity: bounded(point.specificity),
            established: point.is_established(),
            chosen_on: unseens.folds_sha256.clone(),
            manifest_sha256: unseens.manifest_sha256.clone(),
        }),
    }
}

/// Without lesion-free images nothing is known of scores: they stay as they are, and the one point
/// is that at which the map outlines.
pub fn outline_point(
    raw: &BTreeMap<usize, RawCase>,
    cases: &[Case],
    unseens: &Unseens,
    recipe: &Recipe,
) -> Result<Chosen, Failure> {
    let validation = || raw.iter().filter(|(index, _)| !cases[**index].split.teaches());
    let scored = recipe.tasks.iter().find_map(Task::scored);
    let scored = scored.ok_or_else(|| Failure::usage(format!("the recipe of {} gives no score", recipe.bundle)))?;
    let (all, threshold) = (validation().count(), scored.region.map_threshold);
    let found = validation().filter(|(_, case)| case.raw_score >= threshold).count();
    let calibration = Calibration {
        slope: 1.0,
        intercept: 0.0,
        made_on: None,
    };
    let point = OperatingPoint {
        name: "outline".into(),
        threshold,
        sensitivity: Estimate::bare(found as f64 / all.max(1) as f64),
        specificity: None,
        set: SetRef {
            images: Some(all as u32),
            ..recipe.set(VAL)
        },
        chosen_on_it: false,
        patients: None,
    };
    Ok(Chosen {
        calibration,
        points: vec![point],
        report: unseens.report(vec![], figures(&unseens.judged(), &[], &[])),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_begins_at_its_most_sensitive_point_and_at_one_that_may_flag_where_there_is_one() {
        let counted = |hits: u32| Counted::new(hits, 100);
        let point = |target: f64, silent: u32| NestedPoint {
            target,
            raw_threshold: 0.5,
            sensitivity: counted(98),
            specificity: counted(silent),
            images: Default::default(),
        };
        let begins = |all: &[NestedPoint]| all.iter().find(|one| is_default(one, all)).map(|one| one.target);
        assert_eq!(begins(&[point(0.85, 90), point(0.90, 80), point(0.95, 40)]), Some(0.90));
        assert_eq!(begins(&[point(0.85, 50), point(0.95, 30), point(0.90, 40)]), Some(0.95));
        assert_eq!(begins(&[]), None);
    }
}
