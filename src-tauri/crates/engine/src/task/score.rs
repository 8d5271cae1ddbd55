//! From a map and a logit to a score.

use domain::Score;

use crate::bundle::{Calibration, RegionSpec, Scored};
use crate::error::EngineError;
use crate::input::{ModelInput, crop};
use crate::tensors::Answers;

/// An image's score before calibration, 0..=1.
///
/// # Errors
/// Where the answers lack the map or the logits.
pub fn of_image(scored: &Scored, input: &ModelInput, answers: &Answers) -> Result<f32, EngineError> {
    let map = crop(answers.values(&scored.map)?, input.letterbox);
    let highest = top_mean(&map, scored.region.top_pixels as usize);
    Ok(raw_score(scored.region, highest, logits(scored, answers)?))
}

/// The logits that have a share in the score; none where there are none.
pub(super) fn logits<'a>(scored: &Scored, answers: &'a Answers) -> Result<&'a [f32], EngineError> {
    match &scored.logits {
        Some(name) => answers.values(name),
        None => Ok(&[]),
    }
}

/// The score before calibration, of an image or a region: the mean of its highest map values and
/// the first logit, mixed as logits by the bundle's share.
pub fn raw_score(spec: RegionSpec, highest: f32, logits: &[f32]) -> f32 {
    let Some(class) = logits.first().filter(|_| spec.class_share > 0.0) else {
        return highest;
    };
    let logit = (1.0 - spec.class_share) * raw_logit(highest) + spec.class_share * class;
    1.0 / (1.0 + (-logit).exp())
}

/// Platt scaling of the raw score.
pub fn calibrate(calibration: Calibration, raw: f32) -> Score {
    let logit = raw_logit(raw);
    let score = 1.0 / (1.0 + (-(calibration.slope * logit + calibration.intercept)).exp());
    Score::clamped(score)
}

/// Logit of a raw score, kept away from the ends so that it stays finite.
pub fn raw_logit(raw: f32) -> f32 {
    let p = raw.clamp(1e-6, 1.0 - 1e-6);
    (p / (1.0 - p)).ln()
}

/// Mean of the `count` highest values; of all when there are fewer.
pub fn top_mean(values: &[f32], count: usize) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let count = count.clamp(1, values.len());
    let mut order = values.to_vec();
    order.select_nth_unstable_by(count - 1, |a, b| b.total_cmp(a));
    order[..count].iter().sum::<f32>() / count as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn top_mean_takes_the_highest_and_copes_with_few() {
        assert_eq!(top_mean(&[0.1, 0.9, 0.5], 2), 0.7);
        assert_eq!(top_mean(&[0.25], 60), 0.25);
        assert_eq!(top_mean(&[], 60), 0.0);
    }

    #[test]
    fn calibration_keeps_order_and_ends() {
        let calibration = Calibration {
            slope: 2.0,
            intercept: -1.0,
            made_on: None,
        };
        let scores: Vec<f32> = [0.0, 0.2, 0.5, 0.9, 1.0]
            .map(|raw| calibrate(calibration, raw).value())
            .to_vec();
        assert!(scores.windows(2).all(|w| w[0] < w[1]), "{scores:?}");
        assert!((scores[2] - 0.268_941_4).abs() < 1e-6);
    }

    #[test]
    fn the_share_mixes_map_and_logit_as_logits() {
        let spec = |class_share| RegionSpec {
            top_pixels: 1,
            map_threshold: 0.5,
            min_pixels: 1,
            class_share,
        };
        assert_eq!(raw_score(spec(0.0), 0.7, &[3.0]), 0.7);
        assert_eq!(raw_score(spec(0.5), 0.7, &[]), 0.7);
        assert_eq!(raw_score(spec(1.0), 0.7, &[0.0]), 0.5);
        let mixed = raw_score(spec(0.5), 0.5, &[2.0]);
        assert!((mixed - 0.731_058_6).abs() < 1e-6, "{mixed}");
    }
}
