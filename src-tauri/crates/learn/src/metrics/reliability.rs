//! Whether a score of .7 means 7 of 10: expected calibration error and Brier score.

use domain::Estimate;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;
use serde::Serialize;

use super::bootstrap::percentile;

/// Equal-width bins, as in Guo et al. 2017.
pub const BINS: usize = 15;

/// One bin of the reliability diagram. Scores in `[low, high)`; the last bin holds 1 too.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ReliabilityBin {
    /// Lowest score of the bin.
    pub low: f64,
    /// Where the next bin begins.
    pub high: f64,
    /// Total weight of the cases in it.
    pub count: f64,
    /// `None` for an empty bin.
    pub mean_score: Option<f64>,
    /// `None` for an empty bin.
    pub share_positive: Option<f64>,
}

pub(crate) fn bin_of(score: f32) -> usize {
    ((f64::from(score) * BINS as f64) as usize).min(BINS - 1)
}

/// ECE from per-bin sums of weight, score and positives: `sum |positives - scores| / sum weight`.
pub(crate) fn ece_of_sums(sums: &[[f64; 3]; BINS]) -> Option<f64> {
    let total: f64 = sums.iter().map(|[weight, _, _]| weight).sum();
    (total > 0.0).then(|| {
        sums.iter()
            .map(|[_, score, positive]| (positive - score).abs())
            .sum::<f64>()
            / total
    })
}

fn sums(scores: &[f32], positive: &[bool]) -> [[f64; 3]; BINS] {
    let mut sums = [[0.0; 3]; BINS];
    for (score, positive) in scores.iter().zip(positive) {
        let [weight, score_sum, positives] = &mut sums[bin_of(*score)];
        *weight += 1.0;
        *score_sum += f64::from(*score);
        *positives += f64::from(u8::from(*positive));
    }
    sums
}

/// Expected calibration error of the score as the probability of an anomaly; `None` without cases.
pub fn ece(scores: &[f32], positive: &[bool]) -> Option<f64> {
    ece_of_sums(&sums(scores, positive))
}

/// The error that these scores would show were they calibrated perfectly, for bins of few images never
/// agree with their mean (Roelofs et al., AISTATS 2022): labels are drawn by the scores themselves.
/// Mean and percentiles 2.5 and 97.5 of the rounds; `None` without cases or rounds.
pub fn ece_if_calibrated(scores: &[f32], rounds: usize, seed: u64) -> Option<Estimate> {
    let mut rng = Pcg64::seed_from_u64(seed);
    let mut drawn: Vec<f64> = (0..rounds)
        .filter_map(|_| {
            let labels: Vec<bool> = scores.iter().map(|score| rng.random::<f32>() < *score).collect();
            ece(scores, &labels)
        })
        .collect();
    drawn.sort_by(f64::total_cmp);
    (!drawn.is_empty()).then(|| Estimate {
        value: drawn.iter().sum::<f64>() / drawn.len() as f64,
        low: Some(percentile(&drawn, 0.025)),
        high: Some(percentile(&drawn, 0.975)),
    })
}

/// Mean squared distance of the score from 0 or 1 (Brier 1950); `None` without cases.
pub fn brier(scores: &[f32], positive: &[bool]) -> Option<f64> {
    let count = scores.len().min(positive.len());
    let sum: f64 = scores
        .iter()
        .zip(positive)
        .map(|(score, positive)| brier_of(*score, *positive))
        .sum();
    (count > 0).then(|| sum / count as f64)
}

pub(crate) fn brier_of(score: f32, positive: bool) -> f64 {
    (f64::from(score) - f64::from(u8::from(positive))).powi(2)
}

/// The bins of the reliability diagram.
pub fn reliability(scores: &[f32], positive: &[bool]) -> Vec<ReliabilityBin> {
    let bins = sums(scores, positive);
    let edge = |index: usize| index as f64 / BINS as f64;
    bins.iter()
        .enumerate()
        .map(|(index, [count, score, positives])| ReliabilityBin {
            low: edge(index),
            high: edge(index + 1),
            count: *count,
            mean_score: (*count > 0.0).then(|| score / count),
            share_positive: (*count > 0.0).then(|| positives / count),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: Option<f64>, expected: f64) {
        assert!(
            found.is_some_and(|found| (found - expected).abs() < 1e-7),
            "{found:?} is not {expected}"
        );
    }

    #[test]
    fn hand_computed_values() {
        // Bins of .9 and .1 stand apart: |2 * .9 - 1| = .8 and |2 * .1 - 1| = .8 over 4 cases.
        near(ece(&[0.9, 0.9, 0.1, 0.1], &[true, false, true, false]), 0.4);
        near(
            brier(&[0.9, 0.9, 0.1, 0.1], &[true, false, true, false]),
            (0.01 + 0.81) / 2.0,
        );
        // One bin, half of it positive: calibrated, though useless.
        near(ece(&[0.5; 4], &[true, false, true, false]), 0.0);
        near(brier(&[0.5; 4], &[true, false, true, false]), 0.25);
        near(ece(&[1.0, 0.0], &[true, false]), 0.0);
        near(ece(&[1.0, 0.0], &[false, true]), 1.0);
        assert_eq!(ece(&[], &[]), None);
        assert_eq!(brier(&[], &[]), None);
    }

    #[test]
    fn the_ends_fall_into_the_outer_bins() {
        let bins = reliability(&[0.0, 1.0, 1.0], &[false, true, false]);
        assert_eq!(bins.len(), BINS);
        assert_eq!(bins[0].count, 1.0);
        assert_eq!(bins[BINS - 1].share_positive, Some(0.5));
        assert_eq!(bins[7].mean_score, None);
    }
}
