//! Patient-level bootstrap: patients, not slices, are drawn with replacement, for the slices of one
//! patient speak with one voice (Efron and Tibshirani 1993, percentile interval).

use domain::Estimate;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;

/// Draws of patients: how often each one was drawn, round by round. The same draws serve every
/// figure of a set, so that figures can be compared.
#[derive(Debug, Clone)]
pub struct Resamples {
    patients: usize,
    rounds: Vec<Vec<u32>>,
}

impl Resamples {
    /// As many patients as there are, with replacement, in each of `rounds`.
    pub fn draw(patients: usize, rounds: usize, seed: u64) -> Self {
        let mut rng = Pcg64::seed_from_u64(seed);
        let rounds = (0..rounds)
            .map(|_| {
                let mut drawn = vec![0; patients];
                for _ in 0..patients {
                    drawn[rng.random_range(0..patients)] += 1;
                }
                drawn
            })
            .collect();
        Self { patients, rounds }
    }

    /// `statistic` is given how often each patient counts, and answers `None` where it does not
    /// apply. The value is that of every patient counted once; the interval is the percentiles
    /// 2.5 and 97.5 of the rounds, provided that at least half of them have an answer.
    pub fn estimate(&self, statistic: impl Fn(&[u32]) -> Option<f64>) -> Option<Estimate> {
        let value = statistic(&vec![1; self.patients])?;
        let mut drawn: Vec<f64> = self.rounds.iter().filter_map(|weights| statistic(weights)).collect();
        if self.patients < 2 || drawn.is_empty() || drawn.len() * 2 < self.rounds.len() {
            return Some(Estimate {
                value,
                low: None,
                high: None,
            });
        }
        drawn.sort_by(f64::total_cmp);
        Some(Estimate {
            value,
            low: Some(percentile(&drawn, 0.025)),
            high: Some(percentile(&drawn, 0.975)),
        })
    }
}

/// Linear between the two nearest of the sorted, non-empty values.
pub(crate) fn percentile(sorted: &[f64], share: f64) -> f64 {
    let at = share * (sorted.len() - 1) as f64;
    let below = at.floor();
    let (low, high) = (sorted[below as usize], sorted[at.ceil() as usize]);
    low + (high - low) * (at - below)
}

/// Sums per patient of which the figure is the quotient, such as hits and lesion images.
#[derive(Debug, Clone)]
pub struct PatientRatio {
    sums: Vec<(f64, f64)>,
}

impl PatientRatio {
    /// Without a case yet.
    pub fn new(patients: usize) -> Self {
        Self {
            sums: vec![(0.0, 0.0); patients],
        }
    }

    /// Adds a case of a patient: `top` of `bottom`.
    pub fn add(&mut self, patient: usize, top: f64, bottom: f64) {
        self.sums[patient].0 += top;
        self.sums[patient].1 += bottom;
    }

    /// `None` when the lower sum is zero.
    pub fn value(&self, weights: &[u32]) -> Option<f64> {
        let (top, bottom) = self
            .sums
            .iter()
            .zip(weights)
            .fold((0.0, 0.0), |(top, bottom), (sums, weight)| {
                (top + sums.0 * f64::from(*weight), bottom + sums.1 * f64::from(*weight))
            });
        (bottom > 0.0).then(|| top / bottom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_interpolate() {
        let sorted = [0.0, 1.0, 2.0, 3.0, 4.0];
        assert_eq!(percentile(&sorted, 0.5), 2.0);
        assert_eq!(percentile(&sorted, 0.975), 3.9);
        assert_eq!(percentile(&sorted, 0.0), 0.0);
        assert_eq!(percentile(&[7.0], 0.975), 7.0);
    }

    #[test]
    fn the_interval_of_a_mean_is_as_wide_as_theory_says() {
        // 200 patients, half 0 and half 1: standard error .5 / sqrt(200) = .0354.
        let mut ratio = PatientRatio::new(200);
        (0..200).for_each(|patient| ratio.add(patient, f64::from(patient as u32 % 2), 1.0));
        let estimate = Resamples::draw(200, 1000, 7).estimate(|weights| ratio.value(weights));
        let estimate = estimate.expect("there are cases");
        assert_eq!(estimate.value, 0.5);
        let half_width = (estimate.high.expect("spread") - estimate.low.expect("spread")) / 2.0;
        assert!((half_width - 1.96 * 0.0354).abs() < 0.01, "{half_width}");
    }

    #[test]
    fn slices_of_one_patient_do_not_narrow_the_interval() {
        let wide = |slices: usize| {
            let mut ratio = PatientRatio::new(10);
            for patient in 0..10 {
                (0..slices).for_each(|_| ratio.add(patient, f64::from(u8::from(patient < 6)), 1.0));
            }
            Resamples::draw(10, 1000, 1).estimate(|weights| ratio.value(weights))
        };
        assert_eq!(wide(1), wide(50));
    }

    #[test]
    fn the_same_seed_gives_the_same_interval_and_one_patient_none() {
        let statistic = |weights: &[u32]| Some(f64::from(weights[0]));
        let first = Resamples::draw(9, 200, 4).estimate(statistic);
        assert_eq!(first, Resamples::draw(9, 200, 4).estimate(statistic));
        let alone = Resamples::draw(1, 200, 4).estimate(statistic);
        assert_eq!(
            alone,
            Some(Estimate {
                value: 1.0,
                low: None,
                high: None
            })
        );
        assert_eq!(Resamples::draw(3, 10, 4).estimate(|_| None), None);
        assert_eq!(Resamples::draw(0, 10, 4).estimate(|_| None), None);
    }
}
