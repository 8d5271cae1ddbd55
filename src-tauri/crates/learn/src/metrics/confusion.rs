//! The four counts at a threshold.

use serde::{Deserialize, Serialize};

/// How many cases were flagged, by what they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    /// Anomalies that were flagged.
    pub true_positives: u64,
    /// Others that were flagged.
    pub false_positives: u64,
    /// Others that were not.
    pub true_negatives: u64,
    /// Anomalies that were not.
    pub false_negatives: u64,
}

impl Confusion {
    /// Counts a case.
    pub fn add(&mut self, flagged: bool, positive: bool) {
        match (flagged, positive) {
            (true, true) => self.true_positives += 1,
            (true, false) => self.false_positives += 1,
            (false, false) => self.true_negatives += 1,
            (false, true) => self.false_negatives += 1,
        }
    }

    /// All anomalies.
    pub fn positives(&self) -> u64 {
        self.true_positives + self.false_negatives
    }

    /// All others.
    pub fn negatives(&self) -> u64 {
        self.true_negatives + self.false_positives
    }

    /// `None` without positives.
    pub fn sensitivity(&self) -> Option<f64> {
        share(self.true_positives, self.positives())
    }

    /// `None` without negatives.
    pub fn specificity(&self) -> Option<f64> {
        share(self.true_negatives, self.negatives())
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Counts with a case flagged when its score is at or above the threshold.
pub fn confusion(scores: &[f32], positive: &[bool], threshold: f32) -> Confusion {
    let mut counts = Confusion::default();
    for (score, positive) in scores.iter().zip(positive) {
        counts.add(*score >= threshold, *positive);
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_on_the_threshold_is_flagged() {
        let counts = confusion(&[0.5, 0.4, 0.5, 0.1, 0.2], &[true, true, false, false, false], 0.5);
        let expected = Confusion {
            true_positives: 1,
            false_positives: 1,
            true_negatives: 2,
            false_negatives: 1,
        };
        assert_eq!(counts, expected);
        assert_eq!(counts.sensitivity(), Some(0.5));
        assert_eq!(counts.specificity(), Some(2.0 / 3.0));
        assert_eq!(confusion(&[0.1], &[false], 0.5).sensitivity(), None);
        assert_eq!(confusion(&[0.1], &[true], 0.5).specificity(), None);
    }
}
