//! Thresholds chosen on validation cases, class by class, with what can be promised for them.

use domain::{Estimate, OperatingPoint, SetRef};
use serde::{Deserialize, Serialize};

use crate::LearnError;
use crate::calibrate::both_classes;
use crate::metrics::{RocPoint, clopper_pearson, confusion, lower_bound, roc_points};

/// Confidence of a certificate.
const CONFIDENCE: f64 = 0.95;

/// What a threshold is to promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The next anomaly is flagged with the target probability on average: class-conditional
    /// conformal rank (Vovk 2012).
    Expected,
    /// The true sensitivity is at least the target with 95 % confidence; falls back to `Expected`
    /// where the set has too few anomalies, and says so.
    Certified,
}

/// Whether the target sensitivity is promised at 95 % confidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certificate {
    /// It is.
    Held {
        /// Sensitivity, 0..=1.
        target: f64,
        /// Exact bound of the sensitivity at that confidence, at or above the target.
        lower_bound: f64,
    },
    /// It is not.
    Refused {
        /// Sensitivity, 0..=1.
        target: f64,
        /// Exact bound at that confidence, below the target.
        lower_bound: f64,
        /// In words, for a card.
        reason: String,
    },
}

/// A threshold with what it did on the set it was chosen on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChosenPoint {
    /// Flagged at or above it.
    pub threshold: f32,
    /// Share of the anomalies at or above the threshold.
    pub sensitivity: f64,
    /// Share of the others below it.
    pub specificity: f64,
    /// Clopper-Pearson 95 % bounds (low, high), exact for independent cases.
    pub sensitivity_bounds: (f64, f64),
    /// The same of the specificity.
    pub specificity_bounds: (f64, f64),
    /// Anomalies of the set.
    pub positives: usize,
    /// Others of the set.
    pub negatives: usize,
    /// `None` for a point that aims at no sensitivity.
    pub certificate: Option<Certificate>,
}

impl ChosenPoint {
    /// As a bundle keeps it, chosen on `set`.
    pub fn named(&self, name: &str, set: &SetRef) -> OperatingPoint {
        let estimate = |value: f64, (low, high): (f64, f64)| Estimate {
            value,
            low: Some(low),
            high: Some(high),
        };
        OperatingPoint {
            name: name.to_owned(),
            threshold: self.threshold,
            sensitivity: estimate(self.sensitivity, self.sensitivity_bounds),
            specificity: Some(estimate(self.specificity, self.specificity_bounds)),
            set: set.clone(),
            chosen_on_it: true,
            patients: None,
        }
    }
}

/// The highest threshold that serves the target under the rule.
///
/// The threshold is the k-th smallest score of an anomaly, so the exact binomial bound on the
/// anomalies at or above it holds though it was chosen on them (Wilks 1941). Slices of one patient
/// are not independent: for a promise about patients give one score (the highest) per patient.
/// Errors: one class, lengths, a score that is not finite, a target outside 0..1.
pub fn operating_point(
    scores: &[f32],
    positive: &[bool],
    target_sensitivity: f64,
    rule: Rule,
) -> Result<ChosenPoint, LearnError> {
    if !(target_sensitivity > 0.0 && target_sensitivity < 1.0) {
        return Err(LearnError::NotAShare {
            what: "a target sensitivity",
            value: target_sensitivity,
        });
    }
    both_classes("an operating point", scores, positive)?;
    let mut anomalies: Vec<f32> = scores
        .iter()
        .zip(positive)
        .filter(|(_, p)| **p)
        .map(|(score, _)| *score)
        .collect();
    anomalies.sort_by(f32::total_cmp);
    let misses = match rule {
        Rule::Certified => certified_misses(anomalies.len(), target_sensitivity),
        Rule::Expected => None,
    };
    let misses = misses.unwrap_or_else(|| expected_misses(anomalies.len(), target_sensitivity));
    let mut chosen = measured(scores, positive, anomalies[misses]);
    let found = anomalies.len() - misses;
    chosen.certificate = Some(certify(found, anomalies.len(), target_sensitivity, "anomalies"));
    Ok(chosen)
}

/// The threshold with the largest sum of sensitivity and specificity (Youden 1950); the highest of equals.
pub fn balanced_point(scores: &[f32], positive: &[bool]) -> Result<ChosenPoint, LearnError> {
    both_classes("an operating point", scores, positive)?;
    let points = roc_points(scores, positive);
    let gain = |point: &RocPoint| point.sensitivity - point.false_positive_rate;
    let mut best = points[1];
    for point in &points[2..] {
        // Equal sums differ in their last bit.
        if gain(point) > gain(&best) + 1e-12 {
            best = *point;
        }
    }
    Ok(measured(scores, positive, best.threshold))
}

/// The most misses with which the lower bound still reaches the target.
fn certified_misses(anomalies: usize, target: f64) -> Option<usize> {
    (0..anomalies)
        .take_while(|misses| bound(anomalies, *misses) >= target)
        .last()
}

/// A new anomaly falls below the k-th smallest of n with probability at most k / (n + 1).
fn expected_misses(anomalies: usize, target: f64) -> usize {
    // The small addend undoes the rounding of 1 - target, so that .9 of 9 anomalies gives rank 1.
    let rank = ((anomalies as f64 + 1.0) * (1.0 - target) + 1e-9).floor() as usize;
    rank.saturating_sub(1).min(anomalies - 1)
}

fn bound(anomalies: usize, misses: usize) -> f64 {
    lower_bound((anomalies - misses) as u64, anomalies as u64, CONFIDENCE)
}

/// What `found` of `anomalies` promise: the exact one-sided 95 % bound against the target, in words of
/// what was counted (`anomalies`, `patients with an anomaly`).
pub fn certify(found: usize, anomalies: usize, target: f64, counted: &str) -> Certificate {
    let lower_bound = bound(anomalies, anomalies - found);
    if lower_bound >= target {
        return Certificate::Held { target, lower_bound };
    }
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    let needed = positives_needed(target);
    let reason = if anomalies < needed {
        format!(
            "no certificate: a sensitivity of {} can be certified from {needed} {counted} on, and the set has {anomalies}",
            percent(target)
        )
    } else {
        format!(
            "no certificate: {found} of {anomalies} {counted} were flagged, which certifies a sensitivity of {} and not of {}",
            percent(lower_bound),
            percent(target)
        )
    };
    Certificate::Refused {
        target,
        lower_bound,
        reason,
    }
}

/// The smallest number of anomalies that, all flagged, certify the target: 59 for 95 %.
pub fn positives_needed(target: f64) -> usize {
    ((1.0 - CONFIDENCE).ln() / target.ln()).ceil() as usize
}

fn measured(scores: &[f32], positive: &[bool], threshold: f32) -> ChosenPoint {
    let counts = confusion(scores, positive, threshold);
    ChosenPoint {
        threshold,
        sensitivity: counts.sensitivity().unwrap_or(0.0),
        specificity: counts.specificity().unwrap_or(0.0),
        sensitivity_bounds: clopper_pearson(counts.true_positives, counts.positives(), CONFIDENCE),
        specificity_bounds: clopper_pearson(counts.true_negatives, counts.negatives(), CONFIDENCE),
        positives: counts.positives() as usize,
        negatives: counts.negatives() as usize,
        certificate: None,
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use rand::{Rng, SeedableRng};
    use rand_pcg::Pcg64;

    use super::*;

    /// `positives` rising scores in .5..1 and as many negatives in 0..0.5, no overlap.
    fn separable(positives: usize) -> (Vec<f32>, Vec<bool>) {
        let step = 0.5 / positives as f32;
        let scores = (0..2 * positives).map(|index| index as f32 * step).collect();
        (scores, (0..2 * positives).map(|index| index >= positives).collect())
    }

    #[test]
    fn under_59_anomalies_the_certificate_is_refused_in_words() -> Result<(), Box<dyn Error>> {
        let (scores, labels) = separable(58);
        let point = operating_point(&scores, &labels, 0.95, Rule::Certified)?;
        let Some(Certificate::Refused { reason, .. }) = point.certificate else {
            return Err("held".into());
        };
        assert!(reason.contains("from 59 anomalies on, and the set has 58"), "{reason}");
        let (scores, labels) = separable(59);
        let point = operating_point(&scores, &labels, 0.95, Rule::Certified)?;
        assert!(matches!(point.certificate, Some(Certificate::Held { lower_bound, .. }) if lower_bound >= 0.95));
        assert_eq!((point.sensitivity, point.specificity), (1.0, 1.0));
        assert_eq!(positives_needed(0.95), 59);
        assert_eq!(positives_needed(0.9), 29);
        Ok(())
    }

    #[test]
    fn the_expected_rule_takes_the_conformal_rank() -> Result<(), Box<dyn Error>> {
        let (scores, labels) = separable(99);
        // Rank floor(100 * .1) = 10: nine misses of 99.
        let point = operating_point(&scores, &labels, 0.9, Rule::Expected)?;
        assert!((point.sensitivity - 90.0 / 99.0).abs() < 1e-12, "{}", point.sensitivity);
        assert!(
            matches!(point.certificate, Some(Certificate::Refused { ref reason, .. }) if reason.contains("90 of 99"))
        );
        assert_eq!(expected_misses(9, 0.9), 0);
        assert_eq!(expected_misses(3, 0.95), 0);
        Ok(())
    }

    #[test]
    fn a_certified_threshold_keeps_its_promise_on_new_cases() -> Result<(), Box<dyn Error>> {
        // Scores of anomalies are uniform: the true sensitivity at t is 1 - t.
        let mut rng = Pcg64::seed_from_u64(9);
        let rounds = 400;
        let mut broken = 0;
        for _ in 0..rounds {
            let scores: Vec<f32> = (0..200).map(|_| rng.random()).collect();
            let labels: Vec<bool> = (0..200).map(|index| index < 150).collect();
            let point = operating_point(&scores, &labels, 0.9, Rule::Certified)?;
            broken += usize::from(1.0 - f64::from(point.threshold) < 0.9);
        }
        // At most 5 % expected; 8 % is four standard deviations above what is aimed at.
        assert!(broken * 100 <= rounds * 8, "{broken} of {rounds}");
        Ok(())
    }

    #[test]
    fn the_balanced_point_splits_what_can_be_split() -> Result<(), Box<dyn Error>> {
        let point = balanced_point(
            &[0.1, 0.2, 0.3, 0.6, 0.7, 0.9],
            &[false, false, true, false, true, true],
        )?;
        assert_eq!(point.threshold, 0.7);
        assert_eq!((point.sensitivity, point.specificity), (2.0 / 3.0, 1.0));
        let set = SetRef::new("made set", None, None);
        let named = point.named("balanced", &set);
        assert_eq!((named.name.as_str(), named.threshold), ("balanced", 0.7));
        assert!(named.chosen_on_it && named.set == set);
        assert_eq!(named.sensitivity.low, Some(point.sensitivity_bounds.0));
        Ok(())
    }

    #[test]
    fn one_class_and_a_target_outside_its_range_are_refused() {
        let refused = operating_point(&[0.1, 0.2], &[true, true], 0.9, Rule::Expected);
        assert!(matches!(refused, Err(LearnError::OneClass { negatives: 0, .. })));
        for target in [0.0, 1.0, f64::NAN] {
            let refused = operating_point(&[0.1, 0.2], &[true, false], target, Rule::Expected);
            assert!(matches!(refused, Err(LearnError::NotAShare { .. })), "{target}");
        }
        assert!(matches!(
            balanced_point(&[f32::NAN, 0.1], &[true, false]),
            Err(LearnError::NotFinite { .. })
        ));
    }
}
