//! The second half of the learned input gate: a plane between the features of images that a model
//! was made for and those of known others (outlier exposure: Hendrycks et al., ICLR 2019). The
//! Mahalanobis distance stands guard against what nobody thought of; this against what is known and
//! lies close, such as another sequence of the same organ.

use serde::{Deserialize, Serialize};

use crate::{LearnError, logistic};

/// `weights . features + intercept`: above 0 an image is rather one of the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contrast {
    /// One for each feature.
    pub weights: Vec<f32>,
    /// In logits.
    pub intercept: f32,
}

/// Fits on features of the model's own training images and of others, and moves the plane so that
/// `share_accepted` of the held-out own images pass.
///
/// Errors: no own or no other images, no held-out ones, vectors of unequal length, values that are
/// not finite, a share outside 0..1.
pub fn fit(
    own: &[Vec<f32>],
    others: &[Vec<f32>],
    held_out: &[Vec<f32>],
    share_accepted: f64,
) -> Result<Contrast, LearnError> {
    if !(share_accepted > 0.0 && share_accepted < 1.0) {
        return Err(LearnError::NotAShare {
            what: "the share of accepted images",
            value: share_accepted,
        });
    }
    let features: Vec<&[f32]> = own.iter().chain(others).map(Vec::as_slice).collect();
    let positive: Vec<bool> = (0..features.len()).map(|at| at >= own.len()).collect();
    let (weights, intercept) = logistic::fit(&features, &positive)?.plane();
    let mut contrast = Contrast { weights, intercept };
    let mut odds = held_out
        .iter()
        .map(|features| contrast.log_odds(features))
        .collect::<Result<Vec<f32>, LearnError>>()?;
    odds.sort_by(f32::total_cmp);
    let rank = ((odds.len() as f64 + 1.0) * share_accepted).ceil() as usize;
    let limit = odds
        .get(rank.clamp(1, odds.len().max(1)) - 1)
        .ok_or(LearnError::TooFew {
            what: "the input gate",
            needed: 1,
            got: 0,
        })?;
    contrast.intercept -= limit;
    Ok(contrast)
}

impl Contrast {
    /// Log-odds of being one of the others, less the limit.
    pub fn log_odds(&self, features: &[f32]) -> Result<f32, LearnError> {
        if features.len() != self.weights.len() {
            return Err(LearnError::Length {
                what: "a feature vector of the input gate",
                expected: self.weights.len(),
                got: features.len(),
            });
        }
        let sum: f64 = features
            .iter()
            .zip(&self.weights)
            .map(|(f, w)| f64::from(*f) * f64::from(*w))
            .sum();
        Ok((sum + f64::from(self.intercept)) as f32)
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_pcg::Pcg64;

    use super::*;

    fn cloud(count: usize, centre: f32, seed: u64) -> Vec<Vec<f32>> {
        let mut rng = Pcg64::seed_from_u64(seed);
        (0..count)
            .map(|_| {
                (0..6)
                    .map(|at| 10.0 * at as f32 + if at == 2 { centre } else { 0.0 } + rng.random_range(-1.0..1.0))
                    .collect()
            })
            .collect()
    }

    #[test]
    fn the_asked_share_passes_and_neighbours_do_not() -> Result<(), LearnError> {
        let (own, others) = (cloud(400, 0.0, 1), cloud(300, 1.8, 2));
        let contrast = fit(&own, &others, &cloud(200, 0.0, 3), 0.95)?;
        let passed = |centre, seed| -> Result<usize, LearnError> {
            let odds: Vec<f32> = cloud(1000, centre, seed)
                .iter()
                .map(|f| contrast.log_odds(f))
                .collect::<Result<_, _>>()?;
            Ok(odds.iter().filter(|odds| **odds <= 0.0).count())
        };
        let (own, others) = (passed(0.0, 4)?, passed(1.8, 5)?);
        assert!((910..=985).contains(&own), "{own} of 1000 own pictures");
        assert!(others < 150, "{others} of 1000 others");
        Ok(())
    }

    #[test]
    fn one_side_or_another_length_is_refused() {
        let own = cloud(5, 0.0, 1);
        assert!(fit(&own, &[], &own, 0.95).is_err());
        assert!(fit(&own, &own, &[], 0.95).is_err());
        assert!(fit(&own, &own, &own, 1.0).is_err());
        assert!(fit(&own, &own, &[vec![1.0]], 0.9).is_err());
    }
}
