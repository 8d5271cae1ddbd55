//! How frequent an anomaly is among the images that a score speaks of, and what another prevalence makes of the score.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Rounds of expectation and maximisation; the estimate moves by less than [`STILL`] long before.
const ROUNDS: usize = 1_000;
const STILL: f64 = 1e-9;

/// Share of the images with an anomaly, 0.001..=0.999: beyond that a score would say nothing but the prevalence.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(try_from = "f64", into = "f64")]
pub struct Prevalence(f64);

/// A number that is no prevalence.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("a prevalence is the share of images with an anomaly, from 0.001 to 0.999, not {0}; write 8 % as 0.08")]
pub struct InvalidPrevalence(pub f64);

impl TryFrom<f64> for Prevalence {
    type Error = InvalidPrevalence;

    fn try_from(share: f64) -> Result<Self, InvalidPrevalence> {
        match (0.001..=0.999).contains(&share) {
            true => Ok(Self(share)),
            false => Err(InvalidPrevalence(share)),
        }
    }
}

impl From<Prevalence> for f64 {
    fn from(prevalence: Prevalence) -> f64 {
        prevalence.0
    }
}

/// As a person reads it, such as `8.0 %`.
impl fmt::Display for Prevalence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} %", self.0 * 100.0)
    }
}

impl Prevalence {
    /// The share, 0..=1.
    pub fn share(self) -> f64 {
        self.0
    }

    /// The nearest prevalence; NaN becomes the smallest.
    pub fn clamped(share: f64) -> Self {
        Self(if share.is_nan() {
            0.001
        } else {
            share.clamp(0.001, 0.999)
        })
    }

    fn odds(self) -> f64 {
        self.0 / (1.0 - self.0)
    }
}

/// From scores that hold at one prevalence to those of another, where images of each class look as they did: the odds
/// change by the ratio of the odds of the prevalences. Saerens M, Latinne P, Decaestecker C. Neural Computation
/// 2002;14:21-41, equation 2.4.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PriorShift {
    ratio: f64,
}

impl PriorShift {
    /// From scores that hold at `made_at` to those that hold at `site`.
    pub fn between(made_at: Prevalence, site: Prevalence) -> Self {
        Self {
            ratio: site.odds() / made_at.odds(),
        }
    }

    /// A probability 0..=1. No two of them change their order.
    #[allow(clippy::cast_possible_truncation, reason = "a share is rounded to the nearest f32")]
    pub fn of(self, score: f32) -> f32 {
        let score = f64::from(score);
        (score * self.ratio / (score * self.ratio + (1.0 - score))) as f32
    }
}

/// The prevalence among images of which scores are known that hold at `made_at`, by expectation and maximisation (the
/// same article, equations 2.9); each score with how often it counts. `None` without any.
pub fn estimate(scores: &[(f32, f64)], made_at: Prevalence) -> Option<Prevalence> {
    let weights: f64 = scores.iter().map(|(_, weight)| weight).sum();
    if weights <= 0.0 {
        return None;
    }
    let mut now = made_at;
    for _ in 0..ROUNDS {
        let shift = PriorShift::between(made_at, now);
        let sum: f64 = scores.iter().map(|(s, weight)| f64::from(shift.of(*s)) * weight).sum();
        let next = Prevalence::clamped(sum / weights);
        let moved = (next.0 - now.0).abs();
        now = next;
        if moved < STILL {
            break;
        }
    }
    Some(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(share: f64) -> Prevalence {
        Prevalence::try_from(share).expect("a share of a test lies within the bounds")
    }

    #[test]
    fn a_prevalence_lies_between_its_bounds() {
        for share in [0.0, 1.0, -0.2, 8.0, f64::NAN] {
            assert!(Prevalence::try_from(share).is_err(), "{share}");
        }
        assert_eq!(of(0.08).to_string(), "8.0 %");
    }

    #[test]
    fn odds_change_by_the_ratio_of_the_prevalences_and_no_order_does() {
        let shift = PriorShift::between(of(0.5), of(0.1));
        // Even odds become one in nine.
        assert!((shift.of(0.5) - 0.1).abs() < 1e-6);
        assert_eq!((shift.of(0.0), shift.of(1.0)), (0.0, 1.0));
        let back = PriorShift::between(of(0.1), of(0.5));
        let mut last = 0.0;
        for step in 0..=10_000_u16 {
            let score = f32::from(step) / 10_000.0;
            let moved = shift.of(score);
            assert!(moved >= last, "{score}");
            assert!((back.of(moved) - score).abs() < 1e-5, "{score}");
            last = moved;
        }
    }

    /// Scores of two classes as a calibrated model gives them at one half, drawn at another share.
    #[test]
    fn the_share_of_a_mixture_is_found_again() {
        let made_at = of(0.5);
        for share in [0.05, 0.2, 0.5, 0.8] {
            // Densities 2 s and 2 (1 - s) of a score s: the posterior at one half is s itself.
            let grid = (1..2_000_u16).map(|step| f32::from(step) / 2_000.0);
            let mixed: Vec<(f32, f64)> = grid
                .map(|s| {
                    let s64 = f64::from(s);
                    (s, share * s64 + (1.0 - share) * (1.0 - s64))
                })
                .collect();
            let found = estimate(&mixed, made_at).expect("there are scores").share();
            assert!((found - share).abs() < 0.01, "{share}: {found}");
        }
        assert_eq!(estimate(&[], made_at), None);
    }
}
