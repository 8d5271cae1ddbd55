//! The input gate: is this image of the kind that the model was made for?
//!
//! Rules on what the file's own header and a person say speak first ([`HeaderFacts`], [`fit()`]), then what the network's
//! features were like in training ([`feature_verdict`], by the bundle's [`crate::bundle::GateStatistics`]).

mod fit;
mod header;
mod learned;

use domain::{InputCheck, InputVerdict, Sentence, SentenceCode, SentenceValue};

use crate::bundle::InputSpec;
use crate::number::rounded;

pub use fit::{Fit, Rule, fit, header_verdict};
pub use header::HeaderFacts;
pub use learned::{feature_verdict, stack_verdict};

fn made_for_value(spec: &InputSpec) -> (&'static str, SentenceValue) {
    ("made_for", spec.description.as_str().into())
}

/// An image that the router gave to no model in use.
pub fn no_model_verdict(spec: &InputSpec) -> InputCheck {
    InputCheck {
        verdict: InputVerdict::OutOfRange,
        reason: Some(Sentence::new(
            SentenceCode::GateNoModel,
            [made_for_value(spec)],
            format!(
                "no model in use was made for this image; there are models for {}",
                spec.description
            ),
        )),
        score: None,
    }
}

/// A frame whose percentiles coincide: one value, or one value but for a few pixels.
pub fn blank_verdict() -> InputCheck {
    InputCheck {
        verdict: InputVerdict::OutOfRange,
        reason: Some(Sentence::new(
            SentenceCode::GateBlank,
            [],
            "the image is blank: all but a few of its pixels have the same value",
        )),
        score: None,
    }
}

/// An image with so much noise (a share of its grey range) that what the model would say of it is not to be trusted;
/// `None` where there is less, or the bundle sets no limit.
pub fn noise_verdict(noise: f32, spec: &InputSpec) -> Option<InputCheck> {
    let limit = spec
        .quality
        .filter(|limits| noise > limits.refused_above)?
        .refused_above;
    let percent = |share: f32| rounded(f64::from(share) * 100.0);
    // What was rounded down to the limit is above it all the same.
    let found = percent(noise).max(percent(limit) + 1);
    Some(InputCheck {
        verdict: InputVerdict::OutOfRange,
        reason: Some(Sentence::new(
            SentenceCode::GateNoise,
            [("found", found.into()), ("limit", percent(limit).into())],
            format!(
                "the image is too poor for this model: its noise is {found} % of its grey range, and at most {} % is \
                 accepted",
                percent(limit)
            ),
        )),
        score: None,
    })
}
