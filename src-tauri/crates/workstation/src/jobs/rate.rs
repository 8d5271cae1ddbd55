//! How fast a job goes and how long it will take, smoothed so that the figures can be read.

use domain::Phase;
use std::time::{Duration, Instant};

/// Shorter steps are added up first.
const STEP: Duration = Duration::from_millis(500);
/// Half of the weight lies on the last few seconds.
const MEMORY_SECONDS: f64 = 6.0;

#[derive(Debug, Clone, Default)]
pub struct Rate {
    phase: Option<Phase>,
    at: Option<(Instant, u64)>,
    per_second: Option<f64>,
}

impl Rate {
    /// A new phase counts something else and starts from zero.
    pub fn see(&mut self, phase: Phase, done: u64, now: Instant) {
        if Some(phase) != self.phase || self.at.is_some_and(|(_, before)| done < before) {
            *self = Self {
                phase: Some(phase),
                at: Some((now, done)),
                per_second: None,
            };
            return;
        }
        let Some((before, done_before)) = self.at else {
            self.at = Some((now, done));
            return;
        };
        let passed = now.saturating_duration_since(before);
        if passed < STEP {
            return;
        }
        let seconds = passed.as_secs_f64();
        let measured = (done - done_before) as f64 / seconds;
        let weight = 1.0 - 0.5f64.powf(seconds / MEMORY_SECONDS);
        self.per_second = Some(self.per_second.map_or(measured, |old| old + weight * (measured - old)));
        self.at = Some((now, done));
    }

    pub fn per_second(&self) -> Option<f64> {
        self.per_second
    }

    pub fn seconds_left(&self, done: u64, total: u64) -> Option<f64> {
        let rate = self.per_second.filter(|rate| *rate > 0.0)?;
        Some(total.saturating_sub(done) as f64 / rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_job_has_a_steady_rate_and_a_jump_moves_it_slowly() {
        let start = Instant::now();
        let at = |tenths: u64| start + Duration::from_millis(100 * tenths);
        let mut rate = Rate::default();
        for tenth in 0..100 {
            rate.see(Phase::Importing, tenth * 2, at(tenth));
        }
        let steady = rate.per_second().unwrap_or_default();
        assert!((steady - 20.0).abs() < 0.5, "{steady}");
        let left = rate.seconds_left(200, 400).unwrap_or_default();
        assert!((left - 10.0).abs() < 0.5, "{left}");
        // Half a second without a file: slower, but no collapse.
        rate.see(Phase::Importing, 198, at(105));
        assert!(rate.per_second().is_some_and(|now| now > 15.0 && now < steady));
    }

    #[test]
    fn nothing_is_said_before_something_is_known_and_a_new_phase_starts_from_zero() {
        let start = Instant::now();
        let mut rate = Rate::default();
        rate.see(Phase::Importing, 0, start);
        assert_eq!((rate.per_second(), rate.seconds_left(0, 9)), (None, None));
        rate.see(Phase::Importing, 10, start + Duration::from_secs(1));
        assert_eq!(rate.per_second(), Some(10.0));
        rate.see(Phase::Analysing, 0, start + Duration::from_secs(2));
        assert_eq!(rate.per_second(), None);
        rate.see(Phase::Analysing, 0, start + Duration::from_secs(4));
        assert_eq!((rate.per_second(), rate.seconds_left(0, 9)), (Some(0.0), None));
    }
}
