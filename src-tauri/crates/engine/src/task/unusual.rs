//! The heads that look for what nobody outlined: the map learned from pasted patches and the
//! autoencoder. Each head's score becomes a p-value among held-out images without an anomaly, and
//! the p-values are fused by Bonferroni's bound, which holds however the heads depend on each other.

use domain::{Finding, Flag, Score};

use super::finding::finding;
use super::score::top_mean;
use super::{Image, Interpreter, Outcome};
use crate::bundle::{Head, Normals, RECONSTRUCTION_SIDE, UnusualHeads};
use crate::error::EngineError;
use crate::input::{ModelInput, crop, resize};
use crate::regions::components;
use crate::tensors::Answers;

/// What the heads say together, and which of them speaks loudest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unusual {
    /// 0..=1: how often a normal image would look as unusual.
    pub p: f32,
    /// Which head speaks loudest.
    pub head: Head,
}

impl Interpreter for UnusualHeads {
    /// Silent where the bundle cannot tell how rare their scores are.
    fn read(&self, image: Image<'_>, answers: &Answers, outcome: &mut Outcome) -> Result<(), EngineError> {
        let Some(normals) = &image.bundle.normals else {
            return Ok(());
        };
        outcome.unusual = judge(normals, self, image.input, answers)?;
        let Some(loudest) = outcome.unusual.filter(|unusual| unusual.p <= normals.limit) else {
            return Ok(());
        };
        if let Some(found) = strongest_region(self, loudest, image, answers)? {
            outcome.heads.push(Flag {
                head: domain::Head::Unusual,
                score: 1.0 - loudest.p,
                limit: Some(1.0 - normals.limit),
            });
            // What lies in a finding was told already.
            let mut known = outcome.findings.iter();
            if !known.any(|known| known.region.bounds.contains(found.region.peak)) {
                outcome.findings.push(found);
            }
        }
        Ok(())
    }
}

/// What the heads make of an image; `None` where the bundle has none of them.
fn judge(
    normals: &Normals,
    heads: &UnusualHeads,
    input: &ModelInput,
    answers: &Answers,
) -> Result<Option<Unusual>, EngineError> {
    let mut loudest: Option<Unusual> = None;
    for one in &normals.heads {
        if let Some(score) = head_score(one.head, heads, input, answers)? {
            let p = p_value(&one.scores, score);
            if loudest.is_none_or(|loudest| p.total_cmp(&loudest.p).is_lt()) {
                loudest = Some(Unusual { p, head: one.head });
            }
        }
    }
    Ok(loudest.map(|loudest| Unusual {
        p: (loudest.p * normals.heads.len() as f32).min(1.0),
        ..loudest
    }))
}

/// A head's score of an image: the mean of its highest pixels, or the mean error of the whole. `None`
/// where the bundle has no such head.
///
/// # Errors
/// Where the answers lack the head's tensor.
pub fn head_score(
    head: Head,
    heads: &UnusualHeads,
    input: &ModelInput,
    answers: &Answers,
) -> Result<Option<f32>, EngineError> {
    let Some(name) = heads.tensor(head) else {
        return Ok(None);
    };
    let values = answers.values(name)?;
    Ok(Some(match head {
        Head::Foreign => top_mean(&crop(values, input.letterbox), heads.top_pixels as usize),
        Head::Reconstruction => values.iter().sum::<f32>() / values.len() as f32,
    }))
}

/// The strongest region of the head that spoke. Its score is the share of normal images that look less
/// unusual.
fn strongest_region(
    heads: &UnusualHeads,
    Unusual { p, head }: Unusual,
    image: Image<'_>,
    answers: &Answers,
) -> Result<Option<Finding>, EngineError> {
    let Some(name) = heads.tensor(head) else {
        return Ok(None);
    };
    let (facts, input) = (image.facts, image.input);
    let values = answers.values(name)?;
    let map = match head {
        Head::Foreign => input.to_frame(values, facts.rows, facts.cols)?,
        Head::Reconstruction => {
            let (side, size) = (RECONSTRUCTION_SIDE, input.letterbox.size);
            input.to_frame(&resize(values, side, side, size, size)?, facts.rows, facts.cols)?
        }
    };
    let peak = map.iter().copied().fold(0.0, f32::max);
    let regions = components(&map, facts.rows, facts.cols, peak / 2.0, 1, &facts.ruler)?;
    let region = regions.into_iter().next();
    Ok(region.map(|region| finding(image, region, &heads.label, Score::clamped(1.0 - p))))
}

/// Share of normal images with a score at least as high, the image itself counted with them.
fn p_value(normals: &[f32], score: f32) -> f32 {
    let below = normals.partition_point(|normal| *normal < score);
    (normals.len() - below + 1) as f32 / (normals.len() + 1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_values_count_the_picture_itself() {
        let normals = [0.1, 0.2, 0.3, 0.4];
        assert_eq!(p_value(&normals, 0.5), 0.2);
        assert_eq!(p_value(&normals, 0.4), 0.4);
        assert_eq!(p_value(&normals, 0.0), 1.0);
    }
}
