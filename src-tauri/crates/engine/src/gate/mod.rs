//! The input gate: is this image of the kind that the model was made for?
//!
//! Rules on what the file's own header and a person say speak first ([`HeaderFacts`], [`fit()`]), then what the network's
//! features were like in training ([`feature_verdict`], by the bundle's [`crate::bundle::GateStatistics`]).

mod fit;
mod header;
mod learned;

use domain::{InputCheck, InputVerdict, Sentence, SentenceValue};

use crate::bundle::InputSpec;

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
            "gate.no_model",
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
            "gate.blank",
            [],
            "the image is blank: all but a few of its pixels have the same value",
        )),
        score: None,
    }
}
