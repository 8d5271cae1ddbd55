//! Where the network runs. The seam for a worker process, a remote engine, or fixed answers in tests.

use domain::{Device, Precision};

use crate::bundle::Bundle;
use crate::error::EngineError;
use crate::preprocess::ModelInput;

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

pub trait Backend: Send {
    /// Runs a batch; one output for each input, in order.
    fn infer(&mut self, bundle: &Bundle, inputs: &[ModelInput]) -> Result<Vec<RawOutput>, EngineError>;
    fn device(&self) -> Device;
    fn precision(&self) -> Precision;
}

/// Answers from a function of the input, without a network.
pub struct Fixed<F>(pub F);

impl<F: FnMut(&ModelInput) -> RawOutput + Send> Backend for Fixed<F> {
    fn infer(&mut self, _: &Bundle, inputs: &[ModelInput]) -> Result<Vec<RawOutput>, EngineError> {
        Ok(inputs.iter().map(&mut self.0).collect())
    }

    fn device(&self) -> Device {
        Device::Cpu
    }

    fn precision(&self) -> Precision {
        Precision::Fp32
    }
}
