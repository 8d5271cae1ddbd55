//! Area under the ROC curve as the Mann-Whitney statistic (Hanley and McNeil 1982), ties count half.

use serde::Serialize;

/// Scores in rising order with the patient each belongs to, so that a resample costs one pass.
#[derive(Debug, Clone)]
pub struct RankedScores {
    rising: Vec<(f32, usize, bool)>,
}

impl RankedScores {
    /// `(score, patient index, positive)` of each case. Cases whose score is NaN rank above all others.
    pub fn of(cases: impl IntoIterator<Item = (f32, usize, bool)>) -> Self {
        let mut rising: Vec<_> = cases.into_iter().collect();
        rising.sort_by(|a, b| a.0.total_cmp(&b.0));
        Self { rising }
    }

    /// Area with each case counted as often as its patient; `None` when a class is empty.
    pub fn auc(&self, weights: &[u32]) -> Option<f64> {
        let (mut positives, mut negatives, mut wins) = (0.0, 0.0, 0.0);
        for tied in self.rising.chunk_by(|a, b| a.0 == b.0) {
            let (mut tied_positives, mut tied_negatives) = (0.0, 0.0);
            for (_, patient, positive) in tied {
                let weight = f64::from(weights.get(*patient).copied().unwrap_or(0));
                if *positive {
                    tied_positives += weight;
                } else {
                    tied_negatives += weight;
                }
            }
            wins += tied_positives * (negatives + tied_negatives / 2.0);
            positives += tied_positives;
            negatives += tied_negatives;
        }
        (positives > 0.0 && negatives > 0.0).then(|| wins / (positives * negatives))
    }
}

/// Area under the ROC curve; `None` when a class is empty.
pub fn roc_auc(scores: &[f32], positive: &[bool]) -> Option<f64> {
    let cases = scores
        .iter()
        .zip(positive)
        .map(|(score, positive)| (*score, 0, *positive));
    RankedScores::of(cases).auc(&[1])
}

/// The curve at one threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RocPoint {
    /// Flagged at or above it; infinite at the curve's first point, which flags nothing (null in JSON).
    pub threshold: f32,
    /// Share of the anomalies that are flagged.
    pub sensitivity: f64,
    /// Share of the others that are flagged.
    pub false_positive_rate: f64,
}

/// The ROC curve from (0, 0) to (1, 1), one point per distinct score; empty when a class is empty.
pub fn roc_points(scores: &[f32], positive: &[bool]) -> Vec<RocPoint> {
    let mut falling: Vec<(f32, bool)> = scores.iter().copied().zip(positive.iter().copied()).collect();
    falling.sort_by(|a, b| b.0.total_cmp(&a.0));
    let positives = falling.iter().filter(|(_, positive)| *positive).count();
    let negatives = falling.len() - positives;
    if positives == 0 || negatives == 0 {
        return Vec::new();
    }
    let mut points = vec![RocPoint {
        threshold: f32::INFINITY,
        sensitivity: 0.0,
        false_positive_rate: 0.0,
    }];
    let (mut hits, mut alarms) = (0, 0);
    for tied in falling.chunk_by(|a, b| a.0 == b.0) {
        let tied_hits = tied.iter().filter(|(_, positive)| *positive).count();
        hits += tied_hits;
        alarms += tied.len() - tied_hits;
        points.push(RocPoint {
            threshold: tied[0].0,
            sensitivity: hits as f64 / positives as f64,
            false_positive_rate: alarms as f64 / negatives as f64,
        });
    }
    points
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_pcg::Pcg64;

    use super::*;

    #[test]
    fn hand_computed_areas() {
        // Pairs (positive, negative): .9>.8, .9>.1, .4<.8, .4>.1 -> 3 of 4.
        assert_eq!(roc_auc(&[0.9, 0.8, 0.4, 0.1], &[true, false, true, false]), Some(0.75));
        // One win, one tie of two pairs.
        assert_eq!(roc_auc(&[0.5, 0.5, 0.2], &[true, false, false]), Some(0.75));
        assert_eq!(roc_auc(&[0.3, 0.3], &[true, false]), Some(0.5));
        assert_eq!(roc_auc(&[0.1, 0.9], &[true, false]), Some(0.0));
        assert_eq!(roc_auc(&[0.1, 0.9], &[true, true]), None);
        assert_eq!(roc_auc(&[], &[]), None);
    }

    #[test]
    fn the_area_is_the_share_of_won_pairs() {
        let mut rng = Pcg64::seed_from_u64(1);
        for _ in 0..50 {
            let count = rng.random_range(2..60);
            // Few levels, so that ties are common.
            let scores: Vec<f32> = (0..count).map(|_| rng.random_range(0..8) as f32 / 8.0).collect();
            let positive: Vec<bool> = (0..count).map(|_| rng.random_bool(0.4)).collect();
            let (mut wins, mut pairs) = (0.0, 0.0);
            for (a, _) in scores.iter().zip(&positive).filter(|(_, positive)| **positive) {
                for (b, _) in scores.iter().zip(&positive).filter(|(_, positive)| !**positive) {
                    pairs += 1.0;
                    wins += if a > b {
                        1.0
                    } else if a == b {
                        0.5
                    } else {
                        0.0
                    };
                }
            }
            match roc_auc(&scores, &positive) {
                Some(area) => assert!((area - wins / pairs).abs() < 1e-12, "{area}"),
                None => assert_eq!(pairs, 0.0),
            }
        }
    }

    #[test]
    fn a_weight_of_two_counts_as_the_case_twice() {
        let ranked = RankedScores::of([(0.9, 0, true), (0.5, 1, false), (0.4, 2, true), (0.1, 3, false)]);
        let twice = roc_auc(&[0.9, 0.9, 0.5, 0.4, 0.1], &[true, true, false, true, false]);
        assert_eq!(ranked.auc(&[2, 1, 1, 1]), twice);
        assert_eq!(ranked.auc(&[0, 1, 0, 1]), None);
    }

    #[test]
    fn the_curve_encloses_the_area() {
        let mut rng = Pcg64::seed_from_u64(5);
        let scores: Vec<f32> = (0..200).map(|_| rng.random_range(0..20) as f32).collect();
        let positive: Vec<bool> = scores
            .iter()
            .map(|s| rng.random_bool(f64::from(*s) / 25.0 + 0.1))
            .collect();
        let points = roc_points(&scores, &positive);
        let trapezoids: f64 = points
            .windows(2)
            .map(|p| {
                (p[1].false_positive_rate - p[0].false_positive_rate) * (p[0].sensitivity + p[1].sensitivity) / 2.0
            })
            .sum();
        let area = roc_auc(&scores, &positive);
        assert!(
            area.is_some_and(|area| (area - trapezoids).abs() < 1e-12),
            "{area:?} {trapezoids}"
        );
        assert_eq!(
            points.last().map(|p| (p.sensitivity, p.false_positive_rate)),
            Some((1.0, 1.0))
        );
    }
}
