//! Raw log-odds to a score that can be read as a probability. Fitted on validation cases only.

use serde::{Deserialize, Serialize};

use crate::LearnError;

/// `score = 1 / (1 + exp(-(slope * logit + intercept)))`; the slope is positive, so ranks stay.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Above 0, so that the order of scores is kept.
    pub slope: f64,
    /// In logits.
    pub intercept: f64,
}

impl Calibration {
    /// Leaves the probability of the logit as it is.
    pub const IDENTITY: Calibration = Calibration {
        slope: 1.0,
        intercept: 0.0,
    };

    /// Calibrated score 0..=1 of a logit.
    pub fn apply(&self, logit: f32) -> f32 {
        sigmoid(self.slope * f64::from(logit) + self.intercept) as f32
    }
}

pub(crate) fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        x.exp() / (1.0 + x.exp())
    }
}

/// Log-odds of a probability, kept finite at 0 and 1.
pub fn logit(probability: f32) -> f32 {
    let inside = f64::from(probability).clamp(1e-7, 1.0 - 1e-7);
    (inside / (1.0 - inside)).ln() as f32
}

/// Temperature scaling (Guo et al. 2017): the slope 1 / T alone. Errors: one class, a logit that is
/// not finite, logits that rank the wrong way round.
pub fn fit_temperature(logits: &[f32], positive: &[bool]) -> Result<Calibration, LearnError> {
    let targets = checked_targets("temperature scaling", logits, positive)?;
    let slope = newton(logits, &targets, false).0;
    monotone(Calibration { slope, intercept: 0.0 })
}

/// Platt scaling (Platt 1999, by Newton as Lin, Lin and Weng 2007): slope and intercept. Errors as above.
pub fn fit_platt(logits: &[f32], positive: &[bool]) -> Result<Calibration, LearnError> {
    let targets = checked_targets("Platt scaling", logits, positive)?;
    let (slope, intercept) = newton(logits, &targets, true);
    monotone(Calibration { slope, intercept })
}

fn monotone(calibration: Calibration) -> Result<Calibration, LearnError> {
    if calibration.slope > 0.0 {
        Ok(calibration)
    } else {
        Err(LearnError::NotMonotone {
            slope: calibration.slope,
        })
    }
}

/// Counts of positives and negatives; an error when the lists differ in length, a value is not
/// finite or a class is empty.
pub(crate) fn both_classes(
    what: &'static str,
    values: &[f32],
    positive: &[bool],
) -> Result<(usize, usize), LearnError> {
    if values.len() != positive.len() {
        return Err(LearnError::Length {
            what,
            expected: positive.len(),
            got: values.len(),
        });
    }
    if let Some(index) = values.iter().position(|value| !value.is_finite()) {
        return Err(LearnError::NotFinite { what, index });
    }
    let positives = positive.iter().filter(|positive| **positive).count();
    let negatives = positive.len() - positives;
    if positives == 0 || negatives == 0 {
        return Err(LearnError::OneClass {
            what,
            positives,
            negatives,
        });
    }
    Ok((positives, negatives))
}

/// Platt's targets, a little inside 0 and 1: a set without a mistake must not give an endless slope.
fn checked_targets(what: &'static str, logits: &[f32], positive: &[bool]) -> Result<Vec<f64>, LearnError> {
    let (positives, negatives) = both_classes(what, logits, positive)?;
    let (high, low) = (
        (positives as f64 + 1.0) / (positives as f64 + 2.0),
        1.0 / (negatives as f64 + 2.0),
    );
    Ok(positive
        .iter()
        .map(|positive| if *positive { high } else { low })
        .collect())
}

/// Minimises the cross-entropy by Newton steps with halving; convex, so it ends at the one minimum.
fn newton(logits: &[f32], targets: &[f64], with_intercept: bool) -> (f64, f64) {
    let prior = targets.iter().sum::<f64>() / targets.len() as f64;
    let mut at = if with_intercept {
        (0.0, (prior / (1.0 - prior)).ln())
    } else {
        (0.0, 0.0)
    };
    let mut loss = cross_entropy(logits, targets, at);
    for _ in 0..100 {
        let (mut gradient, mut curvature) = ([0.0; 2], [1e-12, 0.0, 1e-12]);
        for (logit, target) in logits.iter().zip(targets) {
            let x = f64::from(*logit);
            let p = sigmoid(at.0 * x + at.1);
            let (error, weight) = (p - target, p * (1.0 - p));
            gradient[0] += error * x;
            curvature[0] += weight * x * x;
            if with_intercept {
                gradient[1] += error;
                curvature[1] += weight * x;
                curvature[2] += weight;
            }
        }
        let determinant = curvature[0] * curvature[2] - curvature[1] * curvature[1];
        if gradient.iter().all(|g| g.abs() < 1e-9 * targets.len() as f64) || determinant <= 0.0 {
            break;
        }
        let step = (
            (gradient[0] * curvature[2] - gradient[1] * curvature[1]) / determinant,
            (gradient[1] * curvature[0] - gradient[0] * curvature[1]) / determinant,
        );
        let mut share = 1.0;
        let next = loop {
            let trial = (at.0 - share * step.0, at.1 - share * step.1);
            let trial_loss = cross_entropy(logits, targets, trial);
            if trial_loss <= loss {
                loss = trial_loss;
                break Some(trial);
            }
            share /= 2.0;
            if share < 1e-10 {
                break None;
            }
        };
        match next {
            Some(next) => at = next,
            None => break,
        }
    }
    at
}

fn cross_entropy(logits: &[f32], targets: &[f64], (slope, intercept): (f64, f64)) -> f64 {
    let each = logits.iter().zip(targets).map(|(logit, target)| {
        let z = slope * f64::from(*logit) + intercept;
        // ln(1 + e^z) - t z, written so that it does not overflow.
        z.max(0.0) + (-z.abs()).exp().ln_1p() - target * z
    });
    each.sum()
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use rand::{Rng, SeedableRng};
    use rand_pcg::Pcg64;

    use super::*;
    use crate::metrics::{ece, roc_auc};

    /// Labels drawn with the probability `sigmoid(slope * logit + intercept)`.
    fn drawn(count: usize, slope: f64, intercept: f64) -> (Vec<f32>, Vec<bool>) {
        let mut rng = Pcg64::seed_from_u64(2);
        let logits: Vec<f32> = (0..count).map(|_| rng.random_range(-6.0..6.0)).collect();
        let labels = logits
            .iter()
            .map(|x| rng.random_bool(sigmoid(slope * f64::from(*x) + intercept)))
            .collect();
        (logits, labels)
    }

    #[test]
    fn the_parameters_that_drew_the_labels_are_found() -> Result<(), Box<dyn Error>> {
        let (logits, labels) = drawn(20_000, 0.4, 0.0);
        let temperature = fit_temperature(&logits, &labels)?;
        assert!((temperature.slope - 0.4).abs() < 0.02, "{temperature:?}");
        let (logits, labels) = drawn(20_000, 0.7, -1.5);
        let platt = fit_platt(&logits, &labels)?;
        assert!(
            (platt.slope - 0.7).abs() < 0.03 && (platt.intercept + 1.5).abs() < 0.08,
            "{platt:?}"
        );
        Ok(())
    }

    #[test]
    fn overconfident_scores_get_a_smaller_error_and_the_same_ranks() -> Result<(), Box<dyn Error>> {
        let (logits, labels) = drawn(2_000, 0.3, 0.5);
        let before: Vec<f32> = logits.iter().map(|x| Calibration::IDENTITY.apply(*x)).collect();
        let fitted = fit_platt(&logits, &labels)?;
        let after: Vec<f32> = logits.iter().map(|x| fitted.apply(*x)).collect();
        let (ece_before, ece_after) = (ece(&before, &labels), ece(&after, &labels));
        assert!(ece_before > Some(0.15), "{ece_before:?}");
        assert!(ece_after < Some(0.04), "{ece_after:?}");
        assert_eq!(roc_auc(&logits, &labels), roc_auc(&after, &labels));
        Ok(())
    }

    #[test]
    fn a_set_without_a_mistake_gives_a_finite_slope() -> Result<(), Box<dyn Error>> {
        let logits = [-3.0, -2.0, -1.0, 1.0, 2.0, 3.0];
        let labels = [false, false, false, true, true, true];
        for fitted in [fit_temperature(&logits, &labels)?, fit_platt(&logits, &labels)?] {
            assert!(fitted.slope.is_finite() && fitted.slope > 0.3, "{fitted:?}");
        }
        Ok(())
    }

    #[test]
    fn one_class_nan_and_reversed_scores_are_refused() {
        assert!(matches!(
            fit_platt(&[1.0, 2.0], &[true, true]),
            Err(LearnError::OneClass { negatives: 0, .. })
        ));
        assert!(matches!(
            fit_platt(&[1.0, f32::NAN], &[true, false]),
            Err(LearnError::NotFinite { index: 1, .. })
        ));
        assert!(matches!(
            fit_platt(&[1.0], &[true, false]),
            Err(LearnError::Length { .. })
        ));
        let (logits, labels) = drawn(500, -1.0, 0.0);
        assert!(matches!(
            fit_temperature(&logits, &labels),
            Err(LearnError::NotMonotone { .. })
        ));
        assert!(matches!(
            fit_platt(&logits, &labels),
            Err(LearnError::NotMonotone { .. })
        ));
    }

    #[test]
    fn logit_undoes_the_sigmoid() {
        for p in [0.01_f32, 0.3, 0.5, 0.99] {
            assert!((Calibration::IDENTITY.apply(logit(p)) - p).abs() < 1e-6);
        }
        assert!(logit(0.0).is_finite() && logit(1.0).is_finite());
    }
}
