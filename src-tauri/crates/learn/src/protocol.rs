//! Nested figures: nothing that chooses may judge.
//!
//! Calibration and thresholds that judge a fold come from the other folds alone (nested cross-validation, Varma and
//! Simon 2006); what a bundle carries comes from all of them. Counts are of patients and their bounds exact.

mod figures;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use domain::SPECIFICITY_FLOOR;
use serde::{Deserialize, Serialize};

use crate::LearnError;
use crate::calibrate::{Calibration, fit_platt, logit};
use crate::folds::Unseen;
use crate::metrics::{clopper_pearson, lower_bound, roc_points};
use crate::operating_point::{Rule, operating_point};

pub use figures::{FoldFigures, figures};

/// Of every bound and interval.
const CONFIDENCE: f64 = 0.95;
/// Sensitivities that a threshold aims at.
const TARGETS: [f64; 2] = [0.85, 0.90];
/// Offered only where the curve is flat there.
const HIGH_TARGET: f64 = 0.95;
/// Slope of the curve about [`HIGH_TARGET`] from which it is not: a small change of the sensitivity is a large one of
/// the threshold's place among the anomalies.
const FLAT: f64 = 3.0;
/// A specificity whose two-sided interval is wider either way is not established.
pub const HALF_WIDTH: f64 = 0.10;

/// An image with what a network said that never saw its patient, and the fold of the patient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged<'a> {
    /// Counted from 0.
    pub fold: u32,
    /// What was said of it.
    pub image: &'a Unseen,
}

/// `hits` of `of` patients, with the exact bound below (one-sided, 95 %) and the exact interval (two-sided, 95 %).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Counted {
    /// Of them.
    pub hits: u32,
    /// Patients.
    pub of: u32,
    /// The share is at least this with 95 % confidence.
    pub at_least: f64,
    /// Two-sided.
    pub interval: (f64, f64),
}

impl Counted {
    /// With its bounds.
    pub fn new(hits: u32, of: u32) -> Self {
        let (k, n) = (u64::from(hits), u64::from(of));
        Self {
            hits,
            of,
            at_least: lower_bound(k, n, CONFIDENCE),
            interval: clopper_pearson(k, n, CONFIDENCE),
        }
    }

    /// `None` of nobody.
    pub fn share(&self) -> Option<f64> {
        (self.of > 0).then(|| f64::from(self.hits) / f64::from(self.of))
    }

    /// Half of the two-sided interval.
    pub fn half_width(&self) -> f64 {
        (self.interval.1 - self.interval.0) / 2.0
    }
}

/// A threshold that was chosen for a sensitivity, and what it did on patients whose images were not used to choose it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NestedPoint {
    /// Sensitivity that it aims at, 0..=1.
    pub target: f64,
    /// Before calibration, 0..=1; chosen on all folds.
    pub raw_threshold: f32,
    /// Patients with an anomaly of whom an image with one was flagged.
    pub sensitivity: Counted,
    /// Patients without an anomaly of whom no image was flagged; of nobody where the set has none.
    pub specificity: Counted,
    /// The same of images, whose bounds would not hold: those of one patient speak with one voice.
    pub images: (ImageShare, ImageShare),
}

/// `hits` of `of` images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImageShare {
    /// Of them.
    pub hits: u32,
    /// Images.
    pub of: u32,
}

impl NestedPoint {
    /// Whether the sensitivity that it aims at is certain at 95 %.
    pub fn is_certified(&self) -> bool {
        self.sensitivity.at_least >= self.target
    }

    /// Whether its specificity is known closely enough to be printed.
    pub fn is_established(&self) -> bool {
        self.specificity.of > 0 && self.specificity.half_width() <= HALF_WIDTH
    }

    /// Whether a bundle may say that there is something; else it says only where.
    pub fn may_flag(&self) -> bool {
        self.specificity.at_least >= SPECIFICITY_FLOOR
    }
}

/// All that is chosen on a set, and what it was seen to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Protocol {
    /// Of all folds.
    pub calibration: Calibration,
    /// Images with an anomaly, and without, that calibrated.
    pub calibrated_on: (u32, u32),
    /// By rising target.
    pub points: Vec<NestedPoint>,
    /// Nested.
    pub figures: FoldFigures,
}

/// How figures were made that stand beside a bundle, and what they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Of the patients.
    pub folds: u32,
    /// Hash of who is in which.
    pub folds_sha256: String,
    /// Of the networks that left a fold out; `None` where one network saw none of the patients, and calibration and
    /// thresholds alone are nested.
    pub networks: Option<Networks>,
    /// Judged.
    pub images: u32,
    /// Judged.
    pub patients: u32,
    /// By rising target; none where nothing is known of lesion-free images.
    pub points: Vec<NestedPoint>,
    /// Of the unseen.
    pub figures: FoldFigures,
}

/// One for each fold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Networks {
    /// Of each; decided before.
    pub epochs: u32,
    /// Of their random weights.
    pub seed: u64,
}

/// Chooses on all folds and judges nested. Images adjacent to a lesion, whose label is unsure, choose and count nothing.
///
/// # Errors
/// One class, fewer than two folds, a score that falls where the share of anomalies rises.
pub fn protocol(judged: &[Judged<'_>]) -> Result<Protocol, LearnError> {
    let counted: Vec<Judged<'_>> = judged
        .iter()
        .copied()
        .filter(|one| !one.image.adjacent_to_lesion)
        .collect();
    let folds = folds_of(&counted);
    if folds.len() < 2 {
        return Err(LearnError::TooFewFolds {
            count: folds.len() as u32,
        });
    }
    let calibration = fit(&counted)?;
    let mut nested = vec![0.0; counted.len()];
    for fold in &folds {
        // Where the others cannot be calibrated the fold is judged by scores as they are.
        let others = match fit(&without(&counted, *fold)) {
            Err(LearnError::NotMonotone { .. }) => Calibration::IDENTITY,
            fitted => fitted?,
        };
        for (score, one) in nested.iter_mut().zip(&counted).filter(|(_, one)| one.fold == *fold) {
            *score = others.apply(logit(one.image.raw_score));
        }
    }
    let mut points = Vec::new();
    for target in TARGETS.into_iter().chain(is_flat(&counted).then_some(HIGH_TARGET)) {
        points.push(point(&counted, &folds, target)?);
    }
    let anomalies = counted.iter().filter(|one| one.image.anomaly).count();
    Ok(Protocol {
        calibration,
        calibrated_on: (anomalies as u32, (counted.len() - anomalies) as u32),
        points,
        figures: figures(judged, &counted, &nested),
    })
}

fn folds_of(judged: &[Judged<'_>]) -> Vec<u32> {
    let all: std::collections::BTreeSet<u32> = judged.iter().map(|one| one.fold).collect();
    all.into_iter().collect()
}

fn without<'a>(judged: &[Judged<'a>], fold: u32) -> Vec<Judged<'a>> {
    judged.iter().copied().filter(|one| one.fold != fold).collect()
}

fn of_fold<'a>(judged: &[Judged<'a>], fold: u32) -> Vec<Judged<'a>> {
    judged.iter().copied().filter(|one| one.fold == fold).collect()
}

fn scores(judged: &[Judged<'_>]) -> (Vec<f32>, Vec<bool>) {
    judged
        .iter()
        .map(|one| (one.image.raw_score, one.image.anomaly))
        .unzip()
}

fn fit(judged: &[Judged<'_>]) -> Result<Calibration, LearnError> {
    let (raw, positive) = scores(judged);
    let logits: Vec<f32> = raw.into_iter().map(logit).collect();
    fit_platt(&logits, &positive)
}

fn threshold(judged: &[Judged<'_>], target: f64) -> Result<f32, LearnError> {
    let (raw, positive) = scores(judged);
    Ok(operating_point(&raw, &positive, target, Rule::Expected)?.threshold)
}

fn point(judged: &[Judged<'_>], folds: &[u32], target: f64) -> Result<NestedPoint, LearnError> {
    let mut flagged = vec![false; judged.len()];
    for fold in folds {
        let threshold = threshold(&without(judged, *fold), target)?;
        for (flag, one) in flagged.iter_mut().zip(judged).filter(|(_, one)| one.fold == *fold) {
            *flag = one.image.raw_score >= threshold;
        }
    }
    let (mut found, mut spared) = (ImageShare::default(), ImageShare::default());
    // Of each patient: whether there is an anomaly, whether one was flagged, whether anything was.
    let mut patients: BTreeMap<&str, [bool; 3]> = BTreeMap::new();
    for (one, flag) in judged.iter().zip(&flagged) {
        let share = if one.image.anomaly { &mut found } else { &mut spared };
        share.of += 1;
        share.hits += u32::from(*flag == one.image.anomaly);
        let [anomaly, hit, any] = patients.entry(&one.image.patient).or_default();
        *anomaly |= one.image.anomaly;
        *hit |= one.image.anomaly && *flag;
        *any |= *flag;
    }
    let count = |keep: &dyn Fn(&[bool; 3]) -> bool| patients.values().filter(|one| keep(one)).count() as u32;
    Ok(NestedPoint {
        target,
        raw_threshold: threshold(judged, target)?,
        sensitivity: Counted::new(
            count(&|[anomaly, hit, _]| *anomaly && *hit),
            count(&|[anomaly, _, _]| *anomaly),
        ),
        specificity: Counted::new(
            count(&|[anomaly, _, any]| !*anomaly && !*any),
            count(&|[anomaly, _, _]| !*anomaly),
        ),
        images: (found, spared),
    })
}

/// Whether the ROC curve about the high target rises by less than [`FLAT`] for each step to the right.
fn is_flat(judged: &[Judged<'_>]) -> bool {
    let (raw, positive) = scores(judged);
    if positive.iter().all(|p| *p) || !positive.contains(&true) {
        return false;
    }
    let curve = roc_points(&raw, &positive);
    let at = |wanted: f64| {
        let reached = curve.iter().find(|point| point.sensitivity >= wanted);
        reached.map_or(1.0, |point| point.false_positive_rate)
    };
    let half = (1.0 - HIGH_TARGET) / 2.0;
    let run = at(HIGH_TARGET + half) - at(HIGH_TARGET - half);
    2.0 * half < FLAT * run
}
