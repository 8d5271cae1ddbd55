//! The network's layers as fresh variables.

use std::collections::BTreeMap;

use tch::{Tensor, nn};

use crate::layers::{Conv, Layers, Norm};

/// Fresh variables in a store; the names are those of the weights file.
pub struct TrainableLayers<'a>(pub nn::Path<'a>);

impl TrainableLayers<'_> {
    fn at(&self, name: &str) -> nn::Path<'_> {
        name.split('.').fold(self.0.sub("net"), |path, part| path.sub(part))
    }

    fn weight(&self, name: &str, dims: &[i64]) -> Tensor {
        let init = nn::Init::Kaiming {
            dist: nn::init::NormalOrUniform::Normal,
            fan: nn::init::FanInOut::FanIn,
            non_linearity: nn::init::NonLinearity::ReLU,
        };
        self.at(name).var("weight", dims, init)
    }
}

impl Layers for TrainableLayers<'_> {
    fn conv_norm(&mut self, name: &str, inputs: i64, outputs: i64, kernel: i64, stride: i64) -> Conv {
        let weight = self.weight(name, &[outputs, inputs, kernel, kernel]);
        let plain = self.at(name);
        let norm = Norm {
            gamma: plain.ones("gamma", &[outputs]),
            beta: plain.zeros("beta", &[outputs]),
            mean: plain.zeros_no_train("mean", &[outputs]),
            variance: plain.ones_no_train("variance", &[outputs]),
        };
        Conv {
            weight,
            bias: None,
            norm: Some(norm),
            stride,
        }
    }

    fn conv_bias(&mut self, name: &str, inputs: i64, outputs: i64) -> Conv {
        let weight = self.weight(name, &[outputs, inputs, 1, 1]);
        // Lesions are rare: starting near "none" saves the first epochs.
        let bias = self.at(name).var("bias", &[outputs], nn::Init::Const(-2.0));
        Conv {
            weight,
            bias: Some(bias),
            norm: None,
            stride: 1,
        }
    }
}

/// The store's tensors by the names of the weights file.
pub fn variables(store: &nn::VarStore) -> BTreeMap<String, Tensor> {
    store
        .variables()
        .into_iter()
        .map(|(name, tensor)| (name.trim_start_matches("net.").to_owned(), tensor))
        .collect()
}
