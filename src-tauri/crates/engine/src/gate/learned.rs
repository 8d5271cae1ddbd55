//! What the network's features say of whether the image is of the kind that it was trained on.

use domain::{InputCheck, InputVerdict, Sentence, SentenceCode};

use super::{made_for_value, noise_verdict};
use crate::bundle::{Bundle, InputSpec};
use crate::error::EngineError;
use crate::tensors::{Answers, FEATURES};

/// The learned gate's verdict on a network's features.
///
/// # Errors
/// Where the bundle has a gate, and the answers lack the features.
pub fn feature_verdict(bundle: &Bundle, answers: &Answers) -> Result<InputCheck, EngineError> {
    let Some(gate) = &bundle.gate else {
        return Ok(InputCheck {
            verdict: InputVerdict::Unknown,
            reason: Some(Sentence::new(
                SentenceCode::GateNoStatistics,
                [],
                "this bundle has no gate statistics, so it cannot tell whether the image suits it",
            )),
            score: None,
        });
    };
    Ok(of_score(gate.score(answers.values(FEATURES)?), &bundle.metadata.input))
}

/// The one verdict on slices that are scrolled through together, by the medians of their distances and of their noise:
/// never some of them scored and others refused. `None` where no slice was judged by its features.
pub fn stack_verdict(slices: &[&InputCheck], noise: &[f32], spec: &InputSpec) -> Option<InputCheck> {
    let distance = lower_median(slices.iter().filter_map(|check| check.score).collect())?;
    let poor = lower_median(noise.to_vec()).and_then(|noise| noise_verdict(noise, spec));
    Some(poor.unwrap_or_else(|| of_score(Some(distance), spec)))
}

/// Of an even number the lower of the two in the middle: half of the slices are within it.
fn lower_median(mut values: Vec<f32>) -> Option<f32> {
    values.sort_by(f32::total_cmp);
    values.get(values.len().checked_sub(1)? / 2).copied()
}

fn of_score(score: Option<f32>, spec: &InputSpec) -> InputCheck {
    match score {
        Some(score) if score <= 1.0 => InputCheck {
            verdict: InputVerdict::InRange,
            reason: None,
            score: Some(score),
        },
        score => InputCheck {
            verdict: InputVerdict::OutOfRange,
            reason: Some(Sentence::new(
                SentenceCode::GateUnlike,
                [made_for_value(spec)],
                format!(
                    "this model was made for {}; the image is unlike those it was trained on",
                    spec.description
                ),
            )),
            score,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::QualitySpec;
    use crate::testing::metadata;

    #[test]
    fn the_median_of_its_slices_decides_on_a_stack() {
        let spec = metadata().input;
        let verdict = |scores: &[f32]| {
            let checks: Vec<InputCheck> = scores.iter().map(|score| of_score(Some(*score), &spec)).collect();
            let check = stack_verdict(&checks.iter().collect::<Vec<_>>(), &[0.0; 3], &spec)?;
            Some((check.verdict, check.score?))
        };
        assert_eq!(verdict(&[0.5, 4.0, 0.9]), Some((InputVerdict::InRange, 0.9)));
        assert_eq!(verdict(&[1.5, 0.7]), Some((InputVerdict::InRange, 0.7)));
        assert_eq!(verdict(&[1.2, 0.7, 1.3]), Some((InputVerdict::OutOfRange, 1.2)));
        assert_eq!(verdict(&[]), None);
    }

    #[test]
    fn a_stack_is_too_poor_by_the_median_of_its_noise() {
        let mut spec = metadata().input;
        let slice = of_score(Some(0.5), &spec);
        let code = |noise: &[f32], spec: &InputSpec| {
            let check = stack_verdict(&vec![&slice; noise.len()], noise, spec)?;
            Some(check.reason.and_then(|reason| reason.coded).map(|coded| coded.code))
        };
        assert_eq!(code(&[0.3, 0.3, 0.3], &spec), Some(None), "it sets no limit");
        spec.quality = Some(QualitySpec {
            exposure: [0.3, 0.5],
            smoothed_above: 0.02,
            refused_above: 0.1,
        });
        assert_eq!(code(&[0.3, 0.05, 0.09], &spec), Some(None));
        assert_eq!(code(&[0.3, 0.05, 0.11], &spec), Some(Some("gate.noise".into())));
        assert_eq!(code(&[0.3, 0.05], &spec), Some(None));
        let words = noise_verdict(0.101, &spec)
            .and_then(|check| check.reason)
            .map(|reason| reason.words);
        assert!(words.is_some_and(|words| words.contains("11 %") && words.contains("at most 10 %")));
    }
}
