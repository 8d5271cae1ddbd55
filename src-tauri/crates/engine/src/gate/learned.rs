//! What the network's features say of whether the image is of the kind that it was trained on.

use domain::{InputCheck, InputVerdict, Sentence};

use super::made_for_value;
use crate::bundle::Bundle;
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
    Ok(match gate.score(answers.values(FEATURES)?) {
        Some(score) if score <= 1.0 => InputCheck {
            verdict: InputVerdict::InRange,
            reason: None,
            score: Some(score),
        },
        score => InputCheck {
            verdict: InputVerdict::OutOfRange,
            reason: Some(Sentence::new(
                "gate.unlike",
                [made_for_value(&bundle.metadata.input)],
                format!(
                    "this model was made for {}; the image is unlike those it was trained on",
                    bundle.metadata.input.description
                ),
            )),
            score,
        },
    })
}
