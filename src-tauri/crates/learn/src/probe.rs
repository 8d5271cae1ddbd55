//! The leakage probe: how well a label can be guessed from what is no anatomy. A logistic regression
//! on an 8 x 8 thumbnail, on the border ring and on trivial figures (mean, spread, sharpness, size)
//! is judged beside the model; a model that is hardly better may have learned the same shortcut.

mod features;

use std::collections::BTreeMap;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;

use crate::{LearnError, logistic};

pub use features::{ProbeFeatures, features};

/// What the probe knows of one image.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeCase {
    /// What is no anatomy.
    pub features: ProbeFeatures,
    /// What is to be guessed.
    pub anomaly: bool,
    /// What must not be learned and judged at once.
    pub patient: String,
}

/// The probe's log-odds of an anomaly from each kind of features; only their order matters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProbeScores {
    /// From the block means.
    pub thumbnail: f32,
    /// From the border ring.
    pub border: f32,
    /// From the trivial figures.
    pub trivial: f32,
}

/// Scores of `judged`, learned on `training`, which must hold both classes.
pub fn trained_scores(training: &[ProbeCase], judged: &[ProbeFeatures]) -> Result<Vec<ProbeScores>, LearnError> {
    let known: Vec<&ProbeCase> = training.iter().collect();
    let judged: Vec<&ProbeFeatures> = judged.iter().collect();
    scores(&known, &judged)
}

/// Scores of every case, learned on the other patients in `folds` rounds: for a manifest that has
/// no training split. Error: fewer than two patients, or a round without one of the classes.
pub fn cross_validated_scores(cases: &[ProbeCase], folds: usize, seed: u64) -> Result<Vec<ProbeScores>, LearnError> {
    let mut by_patient: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, case) in cases.iter().enumerate() {
        by_patient.entry(&case.patient).or_default().push(index);
    }
    let mut patients: Vec<Vec<usize>> = by_patient.into_values().collect();
    if patients.len() < 2 || folds < 2 {
        let got = patients.len().min(folds);
        return Err(LearnError::TooFew {
            what: "a cross-validated probe (patients and folds)",
            needed: 2,
            got,
        });
    }
    patients.shuffle(&mut Pcg64::seed_from_u64(seed));
    let folds = folds.min(patients.len());
    let mut all: Vec<Option<ProbeScores>> = vec![None; cases.len()];
    for fold in 0..folds {
        let in_fold = |place: usize| place % folds == fold;
        let indices = |held: bool| -> Vec<usize> {
            let places = patients.iter().enumerate().filter(|(place, _)| in_fold(*place) == held);
            places.flat_map(|(_, indices)| indices.iter().copied()).collect()
        };
        let training: Vec<&ProbeCase> = indices(false).into_iter().map(|index| &cases[index]).collect();
        let held = indices(true);
        let judged: Vec<&ProbeFeatures> = held.iter().map(|index| &cases[*index].features).collect();
        for (index, score) in held.iter().zip(scores(&training, &judged)?) {
            all[*index] = Some(score);
        }
    }
    Ok(all.into_iter().flatten().collect())
}

fn scores(training: &[&ProbeCase], judged: &[&ProbeFeatures]) -> Result<Vec<ProbeScores>, LearnError> {
    let labels: Vec<bool> = training.iter().map(|case| case.anomaly).collect();
    let of = |pick: fn(&ProbeFeatures) -> &[f32]| -> Result<Vec<f32>, LearnError> {
        let known: Vec<&[f32]> = training.iter().map(|case| pick(&case.features)).collect();
        let model = logistic::fit(&known, &labels)?;
        judged.iter().map(|features| model.log_odds(pick(features))).collect()
    };
    let thumbnail = of(|features| &features.thumbnail)?;
    let border = of(|features| &features.border)?;
    let trivial = of(|features| &features.trivial)?;
    let three = thumbnail.into_iter().zip(border).zip(trivial);
    Ok(three
        .map(|((thumbnail, border), trivial)| ProbeScores {
            thumbnail,
            border,
            trivial,
        })
        .collect())
}

#[cfg(test)]
mod tests;
