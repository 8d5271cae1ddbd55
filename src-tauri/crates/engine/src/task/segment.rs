//! A map that is compared with a threshold: score, map and regions.

use domain::room::gathered;
use domain::{AnomalyMap, Finding, Flag, Head, Score};

use super::finding::finding;
use super::score::{self, calibrate, raw_score, top_mean};
use super::{Image, Interpreter, Outcome, told};
use crate::bundle::Scored;
use crate::error::EngineError;
use crate::number::rounded;
use crate::regions::components;
use crate::tensors::Answers;

impl Interpreter for Scored {
    fn read(&self, image: Image<'_>, answers: &Answers, outcome: &mut Outcome) -> Result<(), EngineError> {
        let (spec, facts) = (self.region, image.facts);
        let calibration = image.bundle.metadata.calibration;
        let threshold = image.operating_point.threshold;
        let logits = score::logits(self, answers)?;
        let score = calibrate(calibration, outcome.raw_score);
        let reached = score.value() >= threshold;

        let map = image
            .input
            .to_frame(answers.values(&self.map)?, facts.rows, facts.cols)?;
        let enlarged = image.input.enlarged(facts.rows, facts.cols);
        let scaled = |pixels: u32| rounded(f64::from(pixels) * enlarged).max(1);
        let found = |threshold, least| components(&map, facts.rows, facts.cols, threshold, least, &facts.ruler);
        let findings: Vec<Finding> = if reached {
            let mut regions = found(spec.map_threshold, scaled(spec.min_pixels))?;
            if regions.is_empty() {
                // An image that reaches its threshold always says where: around its peak, at half its height, however small.
                let peak = map.iter().copied().fold(0.0, f32::max);
                regions = found(peak / 2.0, 1)?;
                regions.truncate(1);
            }
            let strongest = regions.first().map(|c| c.region.peak);
            regions
                .into_iter()
                .map(|c| {
                    // A region of fewer pixels than the image's score is made of could outdo it; no part is
                    // more suspicious than the whole.
                    let own = top_mean(&c.values, scaled(spec.top_pixels) as usize);
                    let own = calibrate(calibration, raw_score(spec, own, logits));
                    finding(image, c, &self.label, if own > score { score } else { own })
                })
                .filter(|f| f.score.value() >= threshold || Some(f.region.peak) == strongest)
                .collect()
        } else {
            vec![]
        };
        let values = gathered(map.iter().map(|v| sixteen_bits(*v)))?;
        // What was decided stands: only what is told of it moves with the prevalence.
        let told = |score: f32| told(image.bundle, score);
        outcome.score = Some(Score::clamped(told(score.value())));
        if reached {
            outcome.heads.push(Flag {
                head: Head::Lesion,
                score: told(score.value()),
                limit: Some(told(threshold)),
            });
        }
        outcome.findings.extend(findings.into_iter().map(|finding| Finding {
            score: Score::clamped(told(finding.score.value())),
            ..finding
        }));
        outcome.map = Some(AnomalyMap {
            rows: facts.rows,
            cols: facts.cols,
            values,
        });
        Ok(())
    }
}

/// A map value 0..=1 as 0..=65,535.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value was brought into the range before"
)]
fn sixteen_bits(value: f32) -> u16 {
    (value.clamp(0.0, 1.0) * 65_535.0).round() as u16
}
