//! Where the network runs. The seam for a worker process, a remote engine, or fixed answers in tests.

use crate::bundle::Bundle;
use crate::error::EngineError;
use crate::input::ModelInput;
use domain::{Device, FailureCode, Precision};

/// What the network says of one input, before calibration.
#[derive(Debug, Clone, PartialEq)]
pub struct RawOutput {
    /// Logits of the class head: of the picture being abnormal, then of each kind.
    pub class_logits: Vec<f32>,
    /// `size x size` values 0..1: the lesion map, or the class head's own map where there is none.
    pub map: Vec<f32>,
    /// `size x size` values 0..1 of the unknown-anomaly head; empty where there is none.
    pub foreign: Vec<f32>,
    /// Errors of the autoencoder, 64 x 64, in units of the variance it owned up to; empty where there
    /// is none.
    pub reconstruction: Vec<f32>,
    /// Pooled features of every encoder stage, for the input gate.
    pub features: Vec<f32>,
}

/// Asked at every answer and a few times a second while the backend is at work: `false` stops it at once.
pub type GoOn<'a> = dyn FnMut() -> bool + 'a;

/// What somebody hears who waits for a batch.
pub enum Heard {
    /// The backend is still at work.
    Nothing,
    /// The answer to the next input.
    Answer(RawOutput),
}

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
    ) -> Result<Vec<RawOutput>, EngineError> {
        let mut outputs = Vec::with_capacity(inputs.len());
        self.infer(bundle, inputs, &mut |heard| {
            if let Heard::Answer(output) = heard {
                outputs.push(output);
            }
            go_on()
        })?;
        Ok(outputs)
    }

    fn device(&self) -> Device;
    fn precision(&self) -> Precision;
}

/// The work was abandoned because whoever waited for it said so.
pub(crate) fn stopped() -> EngineError {
    EngineError::new(FailureCode::Canceled, "the model was stopped before it had answered")
}

/// Answers from a function of the input, without a network.
pub struct Fixed<F>(pub F);

impl<F: FnMut(&ModelInput) -> RawOutput + Send> Backend for Fixed<F> {
    fn infer(
        &mut self,
        _: &Bundle,
        inputs: &[ModelInput],
        hear: &mut dyn FnMut(Heard) -> bool,
    ) -> Result<(), EngineError> {
        let mut said = inputs.iter().map(|input| hear(Heard::Answer((self.0)(input))));
        if said.all(|go_on| go_on) {
            Ok(())
        } else {
            Err(stopped())
        }
    }

    fn device(&self) -> Device {
        Device::Cpu
    }

    fn precision(&self) -> Precision {
        Precision::Fp32
    }
}
