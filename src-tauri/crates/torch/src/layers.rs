//! What networks are made of: convolutions in two dresses, with batch normalisation while they train
//! and folded for inference.

use tch::{Kind, Tensor};

/// Where the layers' numbers come from: fresh variables, or a file of weights.
pub trait Layers {
    /// Convolution without bias followed by batch normalisation.
    fn conv_norm(&mut self, name: &str, inputs: i64, outputs: i64, kernel: i64, stride: i64) -> Conv;
    /// 1 x 1 convolution with bias.
    fn conv_bias(&mut self, name: &str, inputs: i64, outputs: i64) -> Conv;
}

/// A convolution, with batch normalisation while it trains and with a folded bias afterwards.
pub struct Conv {
    pub weight: Tensor,
    pub bias: Option<Tensor>,
    pub norm: Option<Norm>,
    pub stride: i64,
}

pub struct Norm {
    pub gamma: Tensor,
    pub beta: Tensor,
    pub mean: Tensor,
    pub variance: Tensor,
}

pub const NORM_EPSILON: f64 = 1e-5;
const NORM_MOMENTUM: f64 = 0.1;

/// How a forward pass computes.
#[derive(Clone, Copy)]
pub struct Pass {
    pub train: bool,
    /// Kind of the convolutions' inputs and weights: `Float` or `BFloat16`.
    pub kind: Kind,
}

impl Conv {
    pub fn forward(&self, x: &Tensor, pass: Pass) -> Tensor {
        let padding = self.weight.size()[2] / 2;
        let weight = self.weight.to_kind(pass.kind);
        let bias = self.bias.as_ref().map(|b| b.to_kind(pass.kind));
        let y = x.conv2d(
            &weight,
            bias.as_ref(),
            [self.stride, self.stride],
            [padding, padding],
            [1, 1],
            1,
        );
        match &self.norm {
            Some(norm) => y.batch_norm(
                Some(&norm.gamma),
                Some(&norm.beta),
                Some(&norm.mean),
                Some(&norm.variance),
                pass.train,
                NORM_MOMENTUM,
                NORM_EPSILON,
                true,
            ),
            None => y,
        }
    }
}

/// Memory laid out as NHWC; the shape stays [n, c, h, w]. oneDNN convolves it faster.
pub fn channels_last(x: &Tensor) -> Tensor {
    x.permute([0, 2, 3, 1]).contiguous().permute([0, 3, 1, 2])
}
