//! What the networks of the folds said of images that they never saw, beside the spread of the folds.

use std::collections::BTreeMap;

use domain::Estimate;
use serde::{Deserialize, Serialize};

use super::Judged;
use crate::metrics::reliability::{BINS, bin_of, brier_of, ece_if_calibrated, ece_of_sums};
use crate::metrics::{PatientRatio, RankedScores, Resamples};

/// Bootstrap rounds, and the seed of their draws.
const ROUNDS: (usize, u64) = (1000, 1);

/// Each with its interval by patient; `None` where it does not apply.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FoldFigures {
    /// Images without those adjacent to a lesion.
    pub image_auc: Option<Estimate>,
    /// The same of each fold alone.
    pub image_auc_of_folds: Vec<Option<f64>>,
    /// Of scores that other folds calibrated.
    pub ece: Option<Estimate>,
    /// What perfectly calibrated scores would show on so many images.
    pub ece_if_calibrated: Option<Estimate>,
    /// Mean squared distance of those scores from 0 or 1.
    pub brier: Option<Estimate>,
    /// Mean over the outlined images.
    pub slice_dice: Option<Estimate>,
    /// The same of each fold alone.
    pub slice_dice_of_folds: Vec<Option<f64>>,
    /// Share of the outlined images whose map peaks in the lesion.
    pub pointing: Option<Estimate>,
    /// Label MALIGNANT against label BENIGN.
    pub malignant_auc: Option<Estimate>,
}

/// `nested` holds a score for each of the `counted`; overlaps are of all that were judged.
pub fn figures(judged: &[Judged<'_>], counted: &[Judged<'_>], nested: &[f32]) -> FoldFigures {
    let mut index: BTreeMap<&str, usize> = judged.iter().map(|one| (one.image.patient.as_str(), 0)).collect();
    index.values_mut().enumerate().for_each(|(place, value)| *value = place);
    let patient = |one: &Judged<'_>| index.get(one.image.patient.as_str()).copied().unwrap_or_default();
    let draws = Resamples::draw(index.len(), ROUNDS.0, ROUNDS.1);
    let auc = |of: &dyn Fn(&Judged<'_>) -> Option<(f32, bool)>, among: &[Judged<'_>]| {
        RankedScores::of(among.iter().filter_map(|one| {
            let (score, positive) = of(one)?;
            Some((score, patient(one), positive))
        }))
    };
    let mean = |of: &dyn Fn(&Judged<'_>) -> Option<f64>, among: &[Judged<'_>]| {
        let mut ratio = PatientRatio::new(index.len());
        for one in among {
            if let Some(value) = of(one) {
                ratio.add(patient(one), value, 1.0);
            }
        }
        ratio
    };
    let of_image = |one: &Judged<'_>| Some((one.image.raw_score, one.image.anomaly));
    let malignant = |one: &Judged<'_>| {
        let is = |label: &str| one.image.label.eq_ignore_ascii_case(label);
        let told = is("MALIGNANT") || is("BENIGN");
        Some((one.image.malignancy.filter(|_| told)?, is("MALIGNANT")))
    };
    let dice = |one: &Judged<'_>| {
        let overlap = one.image.overlap?;
        let both = f64::from(overlap.lesion) + f64::from(overlap.predicted);
        (both > 0.0).then(|| 2.0 * f64::from(overlap.both) / both)
    };
    let pointed = |one: &Judged<'_>| Some(f64::from(u8::from(one.image.overlap?.pointed)));
    let folds = super::folds_of(judged);
    let once = vec![1; index.len()];
    let places: Vec<usize> = counted.iter().map(patient).collect();
    let brier = {
        let mut ratio = PatientRatio::new(index.len());
        let scored = counted.iter().zip(nested).zip(&places);
        scored.for_each(|((one, score), place)| ratio.add(*place, brier_of(*score, one.image.anomaly), 1.0));
        draws.estimate(|weights| ratio.value(weights))
    };
    let image = auc(&of_image, counted);
    let slices = mean(&dice, judged);
    let points = mean(&pointed, judged);
    let kinds = auc(&malignant, judged);
    FoldFigures {
        image_auc: draws.estimate(|weights| image.auc(weights)),
        image_auc_of_folds: folds
            .iter()
            .map(|fold| auc(&of_image, &super::of_fold(counted, *fold)).auc(&once))
            .collect(),
        ece: draws.estimate(|weights| ece(counted, nested, &places, weights)),
        ece_if_calibrated: ece_if_calibrated(nested, ROUNDS.0, ROUNDS.1),
        brier,
        slice_dice: draws.estimate(|weights| slices.value(weights)),
        slice_dice_of_folds: folds
            .iter()
            .map(|fold| mean(&dice, &super::of_fold(judged, *fold)).value(&once))
            .collect(),
        pointing: draws.estimate(|weights| points.value(weights)),
        malignant_auc: draws.estimate(|weights| kinds.auc(weights)),
    }
}

fn ece(counted: &[Judged<'_>], nested: &[f32], places: &[usize], weights: &[u32]) -> Option<f64> {
    let mut sums = [[0.0; 3]; BINS];
    for ((one, score), place) in counted.iter().zip(nested).zip(places) {
        let weight = f64::from(weights[*place]);
        let [all, scores, positives] = &mut sums[bin_of(*score)];
        *all += weight;
        *scores += weight * f64::from(*score);
        *positives += weight * f64::from(u8::from(one.image.anomaly));
    }
    ece_of_sums(&sums)
}
