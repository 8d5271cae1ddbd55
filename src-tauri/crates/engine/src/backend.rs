//! Where the network runs. The seam for a worker process, a remote engine, or fixed answers in tests.

use crate::bundle::Bundle;
use crate::error::EngineError;
use crate::input::ModelInput;
use crate::tensors::{Answers, Tensor};
use domain::{Device, FailureCode, Precision};

/// Asked at every answer and a few times a second while the backend is at work: `false` stops it at once.
pub type GoOn<'a> = dyn FnMut() -> bool + 'a;

/// What somebody hears who waits for a batch.
pub enum Heard {
    /// The backend is still at work.
    Nothing,
    /// The answer to the next input.
    Answer(Answers),
}

/// What computes a network: a worker process, fixed answers in tests, later another machine.
pub trait Backend: Send {
    /// Runs a batch. `hear` gets one answer for each input, in order and as soon as it is there; where it
    /// says `false`, the rest is abandoned.
    ///
    /// # Errors
    /// `Canceled` where `hear` said `false`; else why an input has no answer. The answers before it stand.
    fn infer(
        &mut self,
        bundle: &Bundle,
        inputs: &[ModelInput],
        hear: &mut dyn FnMut(Heard) -> bool,
    ) -> Result<(), EngineError>;

    /// All answers of a batch together.
    ///
    /// # Errors
    /// As [`Self::infer`].
    fn infer_all(
        &mut self,
        bundle: &Bundle,
        inputs: &[ModelInput],
        go_on: &mut GoOn<'_>,
    ) -> Result<Vec<Answers>, EngineError> {
        let mut outputs = Vec::with_capacity(inputs.len());
        self.infer(bundle, inputs, &mut |heard| {
            if let Heard::Answer(output) = heard {
                outputs.push(output);
            }
            go_on()
        })?;
        Ok(outputs)
    }

    /// What it computes on; the processor before anything was computed.
    fn device(&self) -> Device;
    /// In which precision it computes; 32 bits before anything was computed.
    fn precision(&self) -> Precision;
}

/// The work was abandoned because whoever waited for it said so.
pub(crate) fn stopped() -> EngineError {
    EngineError::new(FailureCode::Canceled, "the model was stopped before it had answered")
}

/// Answers from a function of the input, without a network.
pub struct Fixed<F>(pub F);

impl<F: FnMut(&ModelInput) -> Vec<Tensor> + Send> Backend for Fixed<F> {
    fn infer(
        &mut self,
        bundle: &Bundle,
        inputs: &[ModelInput],
        hear: &mut dyn FnMut(Heard) -> bool,
    ) -> Result<(), EngineError> {
        for input in inputs {
            if !hear(Heard::Answer(bundle.answers((self.0)(input))?)) {
                return Err(stopped());
            }
        }
        Ok(())
    }

    fn device(&self) -> Device {
        Device::Cpu
    }

    fn precision(&self) -> Precision {
        Precision::Fp32
    }
}
