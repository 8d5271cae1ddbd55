//! Asking the worker to attack pictures, for the evaluation alone.

use super::Worker;
use crate::backend::GoOn;
use crate::bundle::Bundle;
use crate::error::EngineError;
use crate::input::ModelInput;
use crate::number::count;
use crate::protocol::{AttackSpec, AttackedGate, Request, Response};
use crate::tensors::{f32_from_bytes, put_f32};
use domain::FailureCode;

impl Worker {
    /// The inputs, changed within the bounds of `spec` so that their scores err. With `adaptive` the
    /// bundle's gate is fooled too. `spec` says one thing of each input.
    pub fn attack(
        &mut self,
        bundle: &Bundle,
        inputs: &[ModelInput],
        spec: &AttackSpec,
        adaptive: bool,
        go_on: &mut GoOn<'_>,
    ) -> Result<Vec<ModelInput>, EngineError> {
        self.load(bundle, go_on)?;
        let mut block = Vec::new();
        inputs.iter().for_each(|input| put_f32(&input.values, &mut block));
        let gate = bundle.gate.as_ref().filter(|_| adaptive);
        if let Some(gate) = gate {
            gate.centres.iter().for_each(|centre| put_f32(centre, &mut block));
            put_f32(&gate.precision, &mut block);
            gate.contrast.iter().for_each(|plane| put_f32(plane, &mut block));
        }
        let request = Request::Attack {
            weights_sha256: bundle.model.weights_sha256.clone(),
            attack: spec.clone(),
            gate: gate.map(|gate| AttackedGate {
                features: count(gate.features()),
                centres: count(gate.centres.len()),
                limit: gate.limit,
                contrast: gate.contrast.is_some(),
            }),
        };
        let size = bundle.metadata.input.size as usize;
        match self.ask(&request, &block, go_on)? {
            (Response::Attacked { count: all }, block) if all == count(inputs.len()) => {
                let values = f32_from_bytes(&block);
                if values.len() != inputs.len() * size * size || values.iter().any(|v| !v.is_finite()) {
                    return Err(EngineError::new(
                        FailureCode::WorkerRefused,
                        "the attack gave values that are not finite or not of the images' size",
                    ));
                }
                let changed = inputs.iter().zip(values.chunks_exact(size * size));
                Ok(changed
                    .map(|(input, values)| ModelInput {
                        values: values.to_vec(),
                        ..input.clone()
                    })
                    .collect())
            }
            (other, _) => Err(self.unexpected(&other)),
        }
    }
}
