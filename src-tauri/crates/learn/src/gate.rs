//! Statistics of the learned input gate: how far an image's features lie from those of the training
//! images (Mahalanobis distance, Lee et al. 2018), with the covariance shrunk as Ledoit and Wolf 2004.
//!
//! Here they are fitted; `engine` applies them to every image.

use serde::{Deserialize, Serialize};

use crate::LearnError;
use crate::linear::inverse;

/// A feature's spread counts at least this share of the median spread: a feature that hardly
/// varied in training must not refuse an image for its rounding.
const SPREAD_FLOOR: f64 = 1e-3;

/// Mean and inverse covariance of the training features, and the distance that is still in range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateStatistics {
    /// d values.
    pub mean: Vec<f32>,
    /// d x d, row by row.
    pub precision: Vec<f32>,
    /// Distance that `share_accepted` of held-out images stay below; distance / limit > 1 is out of range.
    pub limit: f32,
}

/// Fits on the training images' features (one vector of d values per image) and sets the limit so
/// that `share_accepted` (such as .98) of the held-out in-range images pass.
///
/// Errors: fewer than two images on either side, vectors of unequal length, values that are not
/// finite, a share outside 0..1.
pub fn fit(training: &[Vec<f32>], held_out: &[Vec<f32>], share_accepted: f64) -> Result<GateStatistics, LearnError> {
    if !(share_accepted > 0.0 && share_accepted < 1.0) {
        return Err(LearnError::NotAShare {
            what: "the share of accepted images",
            value: share_accepted,
        });
    }
    checked(training, training.first().map_or(0, Vec::len))?;
    checked(held_out, training[0].len())?;
    let size = training[0].len();
    let mean = mean_of(training, size);
    let spread = spread_of(training, &mean);
    let scaled: Vec<Vec<f64>> = training.iter().map(|feature| scale(feature, &mean, &spread)).collect();
    let precision = inverse(shrunk_covariance(&scaled, size).0, size).ok_or(LearnError::Singular)?;
    // Back from standardised to the features' own units.
    let precision = (0..size * size).map(|at| (precision[at] / (spread[at / size] * spread[at % size])) as f32);
    let mut statistics = GateStatistics {
        mean: mean.iter().map(|value| *value as f32).collect(),
        precision: precision.collect(),
        limit: 1.0,
    };
    statistics.limit = limit_of(&statistics, held_out, share_accepted)?;
    Ok(statistics)
}

/// Mahalanobis distance of one image's features, in standard deviations.
pub fn distance(statistics: &GateStatistics, feature: &[f32]) -> Result<f32, LearnError> {
    let size = statistics.mean.len();
    checked_vector(feature, size)?;
    let offset: Vec<f64> = feature
        .iter()
        .zip(&statistics.mean)
        .map(|(value, mean)| f64::from(*value) - f64::from(*mean))
        .collect();
    let squared: f64 = statistics
        .precision
        .chunks_exact(size)
        .zip(&offset)
        .map(|(row, left)| {
            left * row
                .iter()
                .zip(&offset)
                .map(|(p, right)| f64::from(*p) * right)
                .sum::<f64>()
        })
        .sum();
    Ok(squared.max(0.0).sqrt() as f32)
}

/// Distance over limit: above 1 the image is out of range.
pub fn score(statistics: &GateStatistics, feature: &[f32]) -> Result<f32, LearnError> {
    Ok(distance(statistics, feature)? / statistics.limit)
}

fn checked(features: &[Vec<f32>], size: usize) -> Result<(), LearnError> {
    if features.len() < 2 || size == 0 {
        return Err(LearnError::TooFew {
            what: "the input gate",
            needed: 2,
            got: features.len().min(size),
        });
    }
    features.iter().try_for_each(|feature| checked_vector(feature, size))
}

fn checked_vector(feature: &[f32], size: usize) -> Result<(), LearnError> {
    let what = "a feature vector of the input gate";
    if feature.len() != size {
        return Err(LearnError::Length {
            what,
            expected: size,
            got: feature.len(),
        });
    }
    match feature.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(LearnError::NotFinite { what, index }),
        None => Ok(()),
    }
}

fn mean_of(features: &[Vec<f32>], size: usize) -> Vec<f64> {
    let mut mean = vec![0.0; size];
    for feature in features {
        mean.iter_mut()
            .zip(feature)
            .for_each(|(sum, value)| *sum += f64::from(*value));
    }
    mean.iter().map(|sum| sum / features.len() as f64).collect()
}

/// Standard deviation of each feature, not below a share of the median one.
fn spread_of(features: &[Vec<f32>], mean: &[f64]) -> Vec<f64> {
    let mut spread = vec![0.0; mean.len()];
    for feature in features {
        for ((sum, value), mean) in spread.iter_mut().zip(feature).zip(mean) {
            *sum += (f64::from(*value) - mean).powi(2);
        }
    }
    spread
        .iter_mut()
        .for_each(|sum| *sum = (*sum / features.len() as f64).sqrt());
    let mut sorted = spread.clone();
    sorted.sort_by(f64::total_cmp);
    let median = sorted[sorted.len() / 2];
    let floor = if median > 0.0 {
        median * SPREAD_FLOOR
    } else {
        SPREAD_FLOOR
    };
    spread.iter().map(|value| value.max(floor)).collect()
}

fn scale(feature: &[f32], mean: &[f64], spread: &[f64]) -> Vec<f64> {
    feature
        .iter()
        .zip(mean)
        .zip(spread)
        .map(|((value, mean), spread)| (f64::from(*value) - mean) / spread)
        .collect()
}

/// Ledoit and Wolf 2004: `(1 - s) S + s m I` with the mean variance m and the share s that minimises
/// the expected squared error. Rows are centred. Returns the matrix (row by row) and s.
fn shrunk_covariance(rows: &[Vec<f64>], size: usize) -> (Vec<f64>, f64) {
    let count = rows.len() as f64;
    let mut covariance = vec![0.0; size * size];
    for row in rows {
        for (at, left) in row.iter().enumerate() {
            let line = &mut covariance[at * size..at * size + at + 1];
            line.iter_mut().zip(row).for_each(|(sum, right)| *sum += left * right);
        }
    }
    for at in 0..size {
        for other in 0..=at {
            let value = covariance[at * size + other] / count;
            covariance[at * size + other] = value;
            covariance[other * size + at] = value;
        }
    }
    let mean_variance = (0..size).map(|at| covariance[at * size + at]).sum::<f64>() / size as f64;
    let squared: f64 = covariance.iter().map(|value| value * value).sum();
    let from_target = squared - size as f64 * mean_variance * mean_variance;
    let fourth: f64 = rows
        .iter()
        .map(|row| row.iter().map(|value| value * value).sum::<f64>().powi(2))
        .sum();
    let noise = (fourth - count * squared) / (count * count);
    // With hardly any difference from the target, the target itself is taken.
    let share = if from_target > 1e-12 {
        (noise / from_target).clamp(0.0, 1.0)
    } else {
        1.0
    };
    covariance.iter_mut().for_each(|value| *value *= 1.0 - share);
    // A floor far below every variance keeps the matrix invertible where no noise was seen.
    (0..size).for_each(|at| covariance[at * size + at] += share * mean_variance + 1e-9);
    (covariance, share)
}

/// Conformal rank of the held-out distances; the largest of them where there are too few.
fn limit_of(statistics: &GateStatistics, held_out: &[Vec<f32>], share: f64) -> Result<f32, LearnError> {
    let mut distances: Vec<f32> = held_out
        .iter()
        .map(|feature| distance(statistics, feature))
        .collect::<Result<_, _>>()?;
    distances.sort_by(f32::total_cmp);
    let rank = ((distances.len() as f64 + 1.0) * share).ceil() as usize;
    // A limit of zero would make every image infinitely far.
    Ok(distances[rank.clamp(1, distances.len()) - 1].max(f32::MIN_POSITIVE))
}

#[cfg(test)]
mod tests;
