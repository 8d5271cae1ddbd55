//! The second half of the learned input gate: a plane between the features of images that a model
//! was made for and those of known others (outlier exposure: Hendrycks et al., ICLR 2019). The
//! Mahalanobis distance stands guard against what nobody thought of; this against what is known and
//! lies close, such as another sequence of the same organ.

use std::collections::BTreeMap;

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

/// A kind with fewer images than this does not count as much as one that has them.
const FEW: usize = 8;

/// An image that the model was not made for.
#[derive(Debug, Clone, Copy)]
pub struct Other<'a> {
    /// What it is; every kind counts alike, however many images there are of it.
    pub kind: &'a str,
    /// d values.
    pub features: &'a [f32],
}

/// Fits on features of the model's own training images and of others, and moves the plane so that
/// `share_accepted` of the held-out own images pass. Both sides count alike, and so does each kind of others.
///
/// Errors: no own or no other images, no held-out ones, vectors of unequal length, values that are
/// not finite, a share outside 0..1.
pub fn fit(
    own: &[&[f32]],
    others: &[Other<'_>],
    held_out: &[&[f32]],
    share_accepted: f64,
) -> Result<Contrast, LearnError> {
    if !(share_accepted > 0.0 && share_accepted < 1.0) {
        return Err(LearnError::NotAShare {
            what: "the share of accepted images",
            value: share_accepted,
        });
    }
    let features: Vec<&[f32]> = own
        .iter()
        .copied()
        .chain(others.iter().map(|other| other.features))
        .collect();
    let positive: Vec<bool> = (0..features.len()).map(|at| at >= own.len()).collect();
    let (weights, intercept) = logistic::fit_weighted(&features, &positive, &shares(own.len(), others))?.plane();
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

/// How much each image counts: half of the number of others for either side.
fn shares(own: usize, others: &[Other<'_>]) -> Vec<f64> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    others
        .iter()
        .for_each(|other| *counts.entry(other.kind).or_default() += 1);
    let of_kind = |other: &Other<'_>| 1.0 / counts[other.kind].max(FEW) as f64;
    let whole: f64 = others.iter().map(of_kind).sum();
    let side = others.len() as f64 / 2.0;
    let ours = std::iter::repeat_n(side / own.max(1) as f64, own);
    ours.chain(others.iter().map(|other| of_kind(other) * side / whole))
        .collect()
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

    fn views(cloud: &[Vec<f32>]) -> Vec<&[f32]> {
        cloud.iter().map(Vec::as_slice).collect()
    }

    fn of_kind<'a>(kind: &'a str, cloud: &'a [Vec<f32>]) -> Vec<Other<'a>> {
        cloud.iter().map(|features| Other { kind, features }).collect()
    }

    #[test]
    fn a_kind_of_few_images_counts_as_one_of_many() -> Result<(), LearnError> {
        let (many, few) = (cloud(400, 3.0, 5), cloud(FEW, -3.0, 6));
        let others = [of_kind("many", &many), of_kind("few", &few)].concat();
        let shares = shares(50, &others);
        let sum = |part: &[f64]| part.iter().sum::<f64>();
        assert!((sum(&shares[..50]) - 204.0).abs() < 1e-9 && (sum(&shares[50..]) - 204.0).abs() < 1e-9);
        assert!((sum(&shares[50..450]) - sum(&shares[450..])).abs() < 1e-9);
        Ok(())
    }

    #[test]
    fn the_asked_share_passes_and_neighbours_do_not() -> Result<(), LearnError> {
        let (own, others) = (cloud(400, 0.0, 1), cloud(300, 1.8, 2));
        let held = cloud(200, 0.0, 3);
        let contrast = fit(&views(&own), &of_kind("near", &others), &views(&held), 0.95)?;
        let passed = |centre, seed| -> Result<usize, LearnError> {
            let odds: Vec<f32> = cloud(1000, centre, seed)
                .iter()
                .map(|f| contrast.log_odds(f))
                .collect::<Result<_, _>>()?;
            Ok(odds.iter().filter(|odds| **odds <= 0.0).count())
        };
        let (own, others) = (passed(0.0, 4)?, passed(1.8, 5)?);
        assert!((910..=985).contains(&own), "{own} of 1000 own images");
        assert!(others < 150, "{others} of 1000 others");
        Ok(())
    }

    #[test]
    fn one_side_or_another_length_is_refused() {
        let own = cloud(5, 0.0, 1);
        let (own, others) = (views(&own), of_kind("same", &own));
        assert!(fit(&own, &[], &own, 0.95).is_err());
        assert!(fit(&own, &others, &[], 0.95).is_err());
        assert!(fit(&own, &others, &own, 1.0).is_err());
        assert!(fit(&own, &others, &[&[1.0]], 0.9).is_err());
    }
}
