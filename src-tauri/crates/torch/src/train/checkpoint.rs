//! All that a training needs to go on to the same weights: written whole after an epoch, or not at all.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use tch::Tensor;

use super::adamw::AdamW;
use super::{TrainConfig, TrainError, write};
use crate::weights::floats;
use engine::tensors::{f32_from_bytes, f32_to_bytes};
use engine::training::Progress;

pub const CHECKPOINT_FILE: &str = "checkpoint.safetensors";

/// The tensors of a training by name: `now.…`, `average.…`, `first.…`, `second.…`.
fn tensors(
    variables: &BTreeMap<String, Tensor>,
    average: &BTreeMap<String, Tensor>,
    optimizer: &AdamW,
) -> BTreeMap<String, Tensor> {
    let named = |kind: &str, of: &BTreeMap<String, Tensor>| -> Vec<(String, Tensor)> {
        of.iter()
            .map(|(name, tensor)| (format!("{kind}.{name}"), tensor.detach()))
            .collect()
    };
    let moments = optimizer.moments().map(|(name, tensor)| (name, tensor.shallow_clone()));
    named("now", variables)
        .into_iter()
        .chain(named("average", average))
        .chain(moments)
        .collect()
}

/// Writes the state after the last epoch of `curve`.
pub fn save(
    config: &TrainConfig,
    variables: &BTreeMap<String, Tensor>,
    average: &BTreeMap<String, Tensor>,
    optimizer: &AdamW,
    curve: &[Progress],
) -> Result<(), TrainError> {
    let path = config.out.join(CHECKPOINT_FILE);
    let blocks: Vec<(String, Vec<usize>, Vec<u8>)> = tensors(variables, average, optimizer)
        .into_iter()
        .map(|(name, tensor)| {
            let shape = tensor.size().iter().map(|d| *d as usize).collect();
            (name, shape, f32_to_bytes(&floats(&tensor)))
        })
        .collect();
    let text = |value: Result<String, serde_json::Error>| {
        value.map_err(|error| TrainError::Io {
            path: path.display().to_string(),
            error: error.into(),
        })
    };
    let facts = HashMap::from([
        ("config".to_owned(), text(config.identity())?),
        ("steps".to_owned(), optimizer.steps().to_string()),
        ("curve".to_owned(), text(serde_json::to_string(curve))?),
    ]);
    let views: Result<Vec<_>, _> = blocks
        .iter()
        .map(|(name, shape, bytes)| Ok((name.clone(), TensorView::new(Dtype::F32, shape.clone(), bytes)?)))
        .collect();
    let bytes = views
        .and_then(|views| safetensors::serialize(views, Some(facts)))
        .map_err(|error: safetensors::SafeTensorError| TrainError::Checkpoint(error.to_string()))?;
    write(&path, &bytes)
}

/// Fills the training from the checkpoint in `config.out`, where there is one; gives its curve.
pub fn resume(
    config: &TrainConfig,
    variables: &BTreeMap<String, Tensor>,
    average: &BTreeMap<String, Tensor>,
    optimizer: &mut AdamW,
) -> Result<Vec<Progress>, TrainError> {
    let path = config.out.join(CHECKPOINT_FILE);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(vec![]),
        Err(error) => return Err(io(&path, error)),
    };
    let bad = |what: String| TrainError::Checkpoint(what);
    let (_, header) = SafeTensors::read_metadata(&bytes).map_err(|error| bad(error.to_string()))?;
    let facts = header.metadata().clone().unwrap_or_default();
    let fact = |name: &str| {
        facts
            .get(name)
            .ok_or_else(|| bad(format!("it does not say its {name}")))
    };
    if *fact("config")? != config.identity().map_err(|error| bad(error.to_string()))? {
        return Err(bad(
            "it was written with other settings or images; remove it to begin again".into(),
        ));
    }
    let curve = serde_json::from_str(fact("curve")?).map_err(|error| bad(error.to_string()))?;
    let file = SafeTensors::deserialize(&bytes).map_err(|error| bad(error.to_string()))?;
    for (name, mut tensor) in tensors(variables, average, optimizer) {
        let view = file.tensor(&name).map_err(|error| bad(error.to_string()))?;
        let shape: Vec<i64> = view.shape().iter().map(|d| *d as i64).collect();
        if shape != tensor.size() || view.dtype() != Dtype::F32 {
            return Err(bad(format!("{name} has the shape {shape:?}")));
        }
        let values = Tensor::from_slice(&f32_from_bytes(view.data())).view(shape.as_slice());
        tch::no_grad(|| tensor.copy_(&values.to_device(tensor.device())));
    }
    optimizer.resume_at(
        fact("steps")?
            .parse()
            .map_err(|_| bad("its steps are not a number".into()))?,
    );
    Ok(curve)
}

fn io(path: &Path, error: std::io::Error) -> TrainError {
    TrainError::Io {
        path: path.display().to_string(),
        error,
    }
}
