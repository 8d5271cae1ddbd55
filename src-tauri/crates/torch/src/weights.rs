//! Weights as safetensors: written from variables, read into folded layers. Names, shapes, kinds
//! and finiteness are checked, for libtorch itself would broadcast or load NaN in silence.
//! Convolutions are stored as F16, normalisation and biases as F32.

use std::collections::BTreeMap;

use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use tch::{Device, Kind, Tensor};

use crate::layers::{Conv, Layers, NORM_EPSILON};
use crate::network::Network;
use engine::bundle::NetworkSpec;
use engine::tensors::{f32_from_bytes, f32_to_bytes};

#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    #[error("the weights are not a safetensors file: {0}")]
    Format(String),
    #[error("the weights lack the tensor '{0}' that the network needs")]
    Missing(String),
    #[error("the tensor '{name}' has the shape {found:?}, and the network needs {needed:?}")]
    Shape {
        name: String,
        found: Vec<usize>,
        needed: Vec<i64>,
    },
    #[error("the tensor '{0}' is neither of kind F32 nor F16")]
    Kind(String),
    #[error("the tensor '{0}' holds values that are not finite")]
    NotFinite(String),
    #[error("the weights hold the tensor '{0}', which the network does not know")]
    Unknown(String),
    #[error("networks of the family '{0}' are not known to this worker")]
    Family(String),
}

/// How convolutions are stored; all other tensors are F32.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// To the bit, for going on with the training.
    Exact,
    /// Half the size, for use.
    Half,
}

/// Named tensors as safetensors bytes, sorted by name.
pub fn to_safetensors(tensors: &BTreeMap<String, Tensor>, stored: Stored) -> Result<Vec<u8>, WeightsError> {
    let blocks: Vec<(String, Vec<usize>, Dtype, Vec<u8>)> = tensors
        .iter()
        .map(|(name, tensor)| {
            let shape: Vec<usize> = tensor.size().iter().map(|d| *d as usize).collect();
            let values = floats(tensor);
            if stored == Stored::Half && shape.len() == 4 {
                let bytes = values
                    .iter()
                    .flat_map(|v| half::f16::from_f32(*v).to_le_bytes())
                    .collect();
                (name.clone(), shape, Dtype::F16, bytes)
            } else {
                (name.clone(), shape, Dtype::F32, f32_to_bytes(&values))
            }
        })
        .collect();
    let views: Result<Vec<_>, _> = blocks
        .iter()
        .map(|(name, shape, dtype, bytes)| Ok((name.clone(), TensorView::new(*dtype, shape.clone(), bytes)?)))
        .collect();
    views
        .and_then(|views| safetensors::serialize(views, None))
        .map_err(|error: safetensors::SafeTensorError| WeightsError::Format(error.to_string()))
}

/// All values of a tensor as f32, in row-major order.
pub fn floats(tensor: &Tensor) -> Vec<f32> {
    let flat = tensor.to_device(Device::Cpu).to_kind(Kind::Float).contiguous().view(-1);
    let mut values = vec![0f32; flat.numel()];
    flat.copy_data(&mut values, flat.size()[0] as usize);
    values
}

/// Shape and values by name.
type Named = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

fn read(bytes: &[u8]) -> Result<Named, WeightsError> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| WeightsError::Format(error.to_string()))?;
    let mut tensors = BTreeMap::new();
    for (name, view) in file.tensors() {
        let values = match view.dtype() {
            Dtype::F32 => f32_from_bytes(view.data()),
            Dtype::F16 => (view.data().as_chunks::<2>().0.iter())
                .map(|b| half::f16::from_le_bytes(*b).to_f32())
                .collect(),
            _ => return Err(WeightsError::Kind(name)),
        };
        if values.iter().any(|v| !v.is_finite()) {
            return Err(WeightsError::NotFinite(name));
        }
        tensors.insert(name, (view.shape().to_vec(), values));
    }
    Ok(tensors)
}

/// Gives variables the values of the tensors whose names are theirs behind `prefix`.
pub fn fill(variables: &BTreeMap<String, Tensor>, bytes: &[u8], prefix: &str) -> Result<(), WeightsError> {
    let mut tensors = read(bytes)?;
    for (name, variable) in variables {
        let name = format!("{prefix}{name}");
        let needed = variable.size();
        let (found, values) = tensors
            .remove(&name)
            .ok_or_else(|| WeightsError::Missing(name.clone()))?;
        if !found.iter().map(|d| *d as i64).eq(needed.iter().copied()) {
            return Err(WeightsError::Shape { name, found, needed });
        }
        let values = Tensor::from_slice(&values).view(needed.as_slice());
        tch::no_grad(|| variable.shallow_clone().copy_(&values.to_device(variable.device())));
    }
    Ok(())
}

/// Layers for inference from safetensors bytes: batch normalisation is folded into the convolutions.
pub struct FoldedLayers {
    tensors: Named,
    device: Device,
    kind: Kind,
    /// Of the member whose tensors are taken.
    prefix: String,
    problem: Option<WeightsError>,
    pub parameters: u64,
}

/// The networks of a bundle, one for each member.
pub fn networks(
    bytes: &[u8],
    spec: &NetworkSpec,
    device: Device,
    kind: Kind,
) -> Result<(Vec<Network>, u64), WeightsError> {
    let mut layers = FoldedLayers::parse(bytes, spec, device, kind)?;
    let members = (0..spec.members)
        .map(|member| {
            layers.prefix = if spec.members > 1 {
                format!("{member}.")
            } else {
                String::new()
            };
            Network::new(spec, &mut layers)
        })
        .collect();
    Ok((members, layers.finish()?))
}

impl FoldedLayers {
    pub fn parse(bytes: &[u8], spec: &NetworkSpec, device: Device, kind: Kind) -> Result<Self, WeightsError> {
        if spec.family != crate::network::FAMILY {
            return Err(WeightsError::Family(spec.family.clone()));
        }
        Ok(Self {
            tensors: read(bytes)?,
            device,
            kind,
            prefix: String::new(),
            problem: None,
            parameters: 0,
        })
    }

    /// To be asked after the network was built: whether every tensor was there, fitted and was used.
    pub fn finish(self) -> Result<u64, WeightsError> {
        match (self.problem, self.tensors.into_keys().next()) {
            (Some(problem), _) => Err(problem),
            (None, Some(unused)) => Err(WeightsError::Unknown(unused)),
            (None, None) => Ok(self.parameters),
        }
    }

    fn take(&mut self, name: String, needed: &[i64]) -> Vec<f32> {
        let name = self.prefix.clone() + &name;
        let count = needed.iter().product::<i64>() as usize;
        let error = match self.tensors.remove(&name) {
            Some((found, values)) if found.iter().map(|d| *d as i64).eq(needed.iter().copied()) => {
                self.parameters += count as u64;
                return values;
            }
            Some((found, _)) => WeightsError::Shape {
                name,
                found,
                needed: needed.to_vec(),
            },
            None => WeightsError::Missing(name),
        };
        self.problem.get_or_insert(error);
        vec![1.0; count]
    }

    fn conv(&self, weight: &[f32], bias: &[f32], shape: [i64; 4], stride: i64) -> Conv {
        let weight = Tensor::from_slice(weight)
            .view(shape)
            .to_device(self.device)
            .to_kind(self.kind);
        let weight = crate::layers::channels_last(&weight);
        let bias = Tensor::from_slice(bias).to_device(self.device).to_kind(self.kind);
        Conv {
            weight,
            bias: Some(bias),
            norm: None,
            stride,
        }
    }
}

impl Layers for FoldedLayers {
    fn conv_norm(&mut self, name: &str, inputs: i64, outputs: i64, kernel: i64, stride: i64) -> Conv {
        let shape = [outputs, inputs, kernel, kernel];
        let mut weight = self.take(format!("{name}.weight"), &shape);
        let [gamma, beta, mean, variance] =
            ["gamma", "beta", "mean", "variance"].map(|part| self.take(format!("{name}.{part}"), &[outputs]));
        let mut bias = Vec::with_capacity(outputs as usize);
        for (channel, filter) in weight.chunks_exact_mut((inputs * kernel * kernel) as usize).enumerate() {
            let scale = gamma[channel] / (variance[channel] + NORM_EPSILON as f32).sqrt();
            filter.iter_mut().for_each(|w| *w *= scale);
            bias.push(beta[channel] - mean[channel] * scale);
        }
        self.conv(&weight, &bias, shape, stride)
    }

    fn conv_bias(&mut self, name: &str, inputs: i64, outputs: i64) -> Conv {
        let shape = [outputs, inputs, 1, 1];
        let weight = self.take(format!("{name}.weight"), &shape);
        let bias = self.take(format!("{name}.bias"), &[outputs]);
        self.conv(&weight, &bias, shape, 1)
    }
}
