//! What the network's features say of whether the image is of the kind that it was trained on.

use domain::{InputCheck, InputVerdict, Sentence};

use super::made_for_value;
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
                "gate.no_statistics",
                [],
                "this bundle has no gate statistics, so it cannot tell whether the image suits it",
            )),
            score: None,
        });
    };
    Ok(of_score(gate.score(answers.values(FEATURES)?), &bundle.metadata.input))
}

/// The one verdict on slices that are scrolled through together, by the median of their distances: never some of them
/// scored and others refused. `None` where no slice was judged by its features.
pub fn stack_verdict(slices: &[&InputCheck], spec: &InputSpec) -> Option<InputCheck> {
    let mut scores: Vec<f32> = slices.iter().filter_map(|check| check.score).collect();
    scores.sort_by(f32::total_cmp);
    let upper = scores.get(scores.len() / 2).copied()?;
    // Of an even number the lower of the two in the middle counts: half of the slices are within it.
    let median = match scores.len() % 2 {
        0 => scores.get(scores.len() / 2 - 1).copied().unwrap_or(upper),
        _ => upper,
    };
    Some(of_score(Some(median), spec))
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
                "gate.unlike",
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
    use crate::testing::metadata;

    #[test]
    fn the_median_of_its_slices_decides_on_a_stack() {
        let spec = metadata().input;
        let verdict = |scores: &[f32]| {
            let checks: Vec<InputCheck> = scores.iter().map(|score| of_score(Some(*score), &spec)).collect();
            let check = stack_verdict(&checks.iter().collect::<Vec<_>>(), &spec)?;
            Some((check.verdict, check.score?))
        };
        assert_eq!(verdict(&[0.5, 4.0, 0.9]), Some((InputVerdict::InRange, 0.9)));
        assert_eq!(verdict(&[1.5, 0.7]), Some((InputVerdict::InRange, 0.7)));
        assert_eq!(verdict(&[1.2, 0.7, 1.3]), Some((InputVerdict::OutOfRange, 1.2)));
        assert_eq!(verdict(&[]), None);
    }
}
