//! Logistic regression with an L2 penalty by Newton steps (iteratively reweighted least squares).

use crate::LearnError;
use crate::calibrate::sigmoid;
use crate::linear::{cholesky, solve};

/// Strength of the penalty on standardised features (scikit-learn's `C = 1`).
const PENALTY: f64 = 1.0;

#[derive(Debug, Clone)]
pub(crate) struct Logistic {
    mean: Vec<f64>,
    spread: Vec<f64>,
    /// One per feature, then the intercept.
    weights: Vec<f64>,
}

impl Logistic {
    /// Weights and intercept for features in their own units.
    pub(crate) fn plane(&self) -> (Vec<f32>, f32) {
        let own: Vec<f64> = self.weights.iter().zip(&self.spread).map(|(w, s)| w / s).collect();
        let shift: f64 = own.iter().zip(&self.mean).map(|(w, m)| w * m).sum();
        let intercept = self.weights.last().copied().unwrap_or_default() - shift;
        (own.into_iter().map(|w| w as f32).collect(), intercept as f32)
    }

    /// Log-odds of the positive class.
    pub(crate) fn log_odds(&self, features: &[f32]) -> Result<f32, LearnError> {
        checked(features, self.mean.len())?;
        let row = standardised(features, &self.mean, &self.spread);
        Ok(dot(&row, &self.weights) as f32)
    }
}

/// Errors: one class, no features, vectors of unequal length, values that are not finite.
pub(crate) fn fit(features: &[&[f32]], positive: &[bool]) -> Result<Logistic, LearnError> {
    fit_weighted(features, positive, &vec![1.0; positive.len()])
}

/// The same where rows count as much as `share` says, one for each row and above 0.
pub(crate) fn fit_weighted(features: &[&[f32]], positive: &[bool], share: &[f64]) -> Result<Logistic, LearnError> {
    let positives = positive.iter().filter(|positive| **positive).count();
    let negatives = positive.len() - positives;
    if positives == 0 || negatives == 0 {
        return Err(LearnError::OneClass {
            what: "a logistic regression",
            positives,
            negatives,
        });
    }
    let size = features.first().map_or(0, |first| first.len());
    features.iter().try_for_each(|vector| checked(vector, size))?;
    let count = features.len() as f64;
    let mut mean = vec![0.0; size];
    for vector in features {
        mean.iter_mut()
            .zip(*vector)
            .for_each(|(sum, value)| *sum += f64::from(*value) / count);
    }
    let mut spread = vec![0.0; size];
    for vector in features {
        for ((sum, value), mean) in spread.iter_mut().zip(*vector).zip(&mean) {
            *sum += (f64::from(*value) - mean).powi(2) / count;
        }
    }
    // A constant feature says nothing and is divided by one.
    spread
        .iter_mut()
        .for_each(|sum| *sum = if *sum > 1e-12 { sum.sqrt() } else { 1.0 });
    let rows: Vec<Vec<f64>> = features
        .iter()
        .map(|vector| standardised(vector, &mean, &spread))
        .collect();
    let weights = newton(&rows, positive, share, size + 1);
    Ok(Logistic { mean, spread, weights })
}

fn checked(features: &[f32], size: usize) -> Result<(), LearnError> {
    let what = "the features of a logistic regression";
    if features.len() != size {
        return Err(LearnError::Length {
            what,
            expected: size,
            got: features.len(),
        });
    }
    match features.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(LearnError::NotFinite { what, index }),
        None => Ok(()),
    }
}

/// The features in standard deviations, and a one for the intercept.
fn standardised(features: &[f32], mean: &[f64], spread: &[f64]) -> Vec<f64> {
    let scaled = features
        .iter()
        .zip(mean)
        .zip(spread)
        .map(|((value, mean), spread)| (f64::from(*value) - mean) / spread);
    scaled.chain([1.0]).collect()
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

fn newton(rows: &[Vec<f64>], positive: &[bool], share: &[f64], size: usize) -> Vec<f64> {
    let mut weights = vec![0.0; size];
    let mut loss = penalised_loss(rows, positive, share, &weights);
    for _ in 0..50 {
        let mut gradient: Vec<f64> = weights.iter().map(|weight| PENALTY * weight).collect();
        gradient[size - 1] = 0.0;
        let mut curvature = vec![0.0; size * size];
        for ((row, positive), share) in rows.iter().zip(positive).zip(share) {
            let p = sigmoid(dot(row, &weights));
            let (error, weight) = (share * (p - f64::from(u8::from(*positive))), share * p * (1.0 - p));
            for (at, value) in row.iter().enumerate() {
                gradient[at] += error * value;
                let line = &mut curvature[at * size..at * size + at + 1];
                line.iter_mut()
                    .zip(row)
                    .for_each(|(sum, other)| *sum += weight * value * other);
            }
        }
        // The intercept is not penalised; the tiny share keeps the matrix invertible.
        (0..size).for_each(|at| curvature[at * size + at] += if at + 1 < size { PENALTY } else { 1e-9 });
        let largest = gradient.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        if largest < 1e-7 * rows.len() as f64 || cholesky(&mut curvature, size).is_none() {
            break;
        }
        solve(&curvature, size, &mut gradient);
        let Some((next, next_loss)) = downhill(rows, positive, share, &weights, &gradient, loss) else {
            break;
        };
        (weights, loss) = (next, next_loss);
    }
    weights
}

/// The Newton step, halved until the loss falls.
fn downhill(
    rows: &[Vec<f64>],
    positive: &[bool],
    share: &[f64],
    weights: &[f64],
    step: &[f64],
    loss: f64,
) -> Option<(Vec<f64>, f64)> {
    let mut part = 1.0;
    while part > 1e-6 {
        let trial: Vec<f64> = weights
            .iter()
            .zip(step)
            .map(|(weight, step)| weight - part * step)
            .collect();
        let trial_loss = penalised_loss(rows, positive, share, &trial);
        if trial_loss < loss {
            return Some((trial, trial_loss));
        }
        part /= 2.0;
    }
    None
}

fn penalised_loss(rows: &[Vec<f64>], positive: &[bool], share: &[f64], weights: &[f64]) -> f64 {
    let penalty: f64 = weights[..weights.len() - 1].iter().map(|weight| weight * weight).sum();
    let each = rows.iter().zip(positive).zip(share).map(|((row, positive), share)| {
        let z = dot(row, weights);
        share * (z.max(0.0) + (-z.abs()).exp().ln_1p() - if *positive { z } else { 0.0 })
    });
    each.sum::<f64>() + PENALTY / 2.0 * penalty
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use rand::{Rng, SeedableRng};
    use rand_pcg::Pcg64;

    use super::*;

    #[test]
    fn the_weights_that_drew_the_labels_are_found() -> Result<(), Box<dyn Error>> {
        let mut rng = Pcg64::seed_from_u64(4);
        let rows: Vec<[f32; 3]> = (0..20_000)
            .map(|_| std::array::from_fn(|_| rng.random_range(-1.7320508..1.7320508)))
            .collect();
        let labels: Vec<bool> = rows
            .iter()
            .map(|[a, b, _]| rng.random_bool(sigmoid(1.2 * f64::from(*a) - 0.6 * f64::from(*b) - 0.4)))
            .collect();
        let views: Vec<&[f32]> = rows.iter().map(|row| row.as_slice()).collect();
        let model = fit(&views, &labels)?;
        for (found, expected) in model.weights.iter().zip([1.2, -0.6, 0.0, -0.4]) {
            assert!((found - expected).abs() < 0.06, "{:?}", model.weights);
        }
        Ok(())
    }

    #[test]
    fn a_row_of_weight_two_is_a_row_twice() -> Result<(), Box<dyn Error>> {
        let rows: Vec<[f32; 2]> = (0..30)
            .map(|at| [(at * 7 % 30) as f32, (at * 11 % 13) as f32])
            .collect();
        let labels: Vec<bool> = (0..30).map(|at| (at * 7 % 30) + at % 9 > 17).collect();
        let share: Vec<f64> = (0..30).map(|at| if at % 3 == 0 { 2.0 } else { 1.0 }).collect();
        let views: Vec<&[f32]> = rows.iter().map(|row| row.as_slice()).collect();
        let weighted = fit_weighted(&views, &labels, &share)?;
        // The same centre and spread, so that the penalty is the same.
        let standard: Vec<Vec<f64>> = views
            .iter()
            .map(|row| standardised(row, &weighted.mean, &weighted.spread))
            .collect();
        let twice: Vec<usize> = (0..30).flat_map(|at| vec![at; share[at] as usize]).collect();
        let of = |at: &usize| (standard[*at].clone(), labels[*at]);
        let (rows, labels): (Vec<Vec<f64>>, Vec<bool>) = twice.iter().map(of).unzip();
        let repeated = newton(&rows, &labels, &vec![1.0; rows.len()], 3);
        for (left, right) in weighted.weights.iter().zip(repeated) {
            assert!((left - right).abs() < 1e-6, "{left} {right}");
        }
        Ok(())
    }

    #[test]
    fn the_gradient_vanishes_at_the_end_even_when_classes_part_cleanly() -> Result<(), Box<dyn Error>> {
        let rows: Vec<[f32; 2]> = (0..40).map(|at| [at as f32, 7.0]).collect();
        let labels: Vec<bool> = (0..40).map(|at| at >= 20).collect();
        let views: Vec<&[f32]> = rows.iter().map(|row| row.as_slice()).collect();
        let model = fit(&views, &labels)?;
        let scaled: Vec<Vec<f64>> = views
            .iter()
            .map(|row| standardised(row, &model.mean, &model.spread))
            .collect();
        let slope: f64 = scaled
            .iter()
            .zip(&labels)
            .map(|(row, label)| (sigmoid(dot(row, &model.weights)) - f64::from(u8::from(*label))) * row[0])
            .sum::<f64>()
            + PENALTY * model.weights[0];
        assert!(slope.abs() < 1e-4, "{slope}");
        assert!(model.log_odds(&[39.0, 7.0])? > 0.0 && model.log_odds(&[0.0, 7.0])? < 0.0);
        Ok(())
    }
}
