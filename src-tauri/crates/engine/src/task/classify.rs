//! The class head: how likely each kind is, and where no task segments, the score and where it was seen.

use super::{Image, Interpreter, Outcome};
use crate::bundle::Classify;
use crate::error::EngineError;
use crate::tensors::Answers;

impl Interpreter for Classify {
    fn read(&self, image: Image<'_>, answers: &Answers, outcome: &mut Outcome) -> Result<(), EngineError> {
        if let Some(scored) = &self.scored {
            scored.read(image, answers, outcome)?;
        }
        let logits = answers.values(&self.logits)?.iter().skip(1);
        outcome.kinds.extend(self.kinds.iter().cloned().zip(logits.copied()));
        Ok(())
    }
}
