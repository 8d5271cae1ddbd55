//! The network family `res-unet-pcam`: a residual U-Net with a lesion mask at full size, a second
//! mask at quarter size for deep supervision, and a class head with probabilistic class activation
//! map pooling (PCAM: Ye et al., 2020, arXiv:2005.14480) on the deepest stage.

use tch::{Kind, Tensor};

use engine::bundle::NetworkSpec;

pub const FAMILY: &str = "res-unet-pcam";

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
    fn forward(&self, x: &Tensor, pass: Pass) -> Tensor {
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

/// Two 3 x 3 convolutions around a shortcut (He et al., 2016).
struct Residual {
    first: Conv,
    second: Conv,
    shortcut: Option<Conv>,
}

impl Residual {
    fn new(layers: &mut dyn Layers, name: &str, inputs: i64, outputs: i64, stride: i64) -> Self {
        let shortcut = (inputs != outputs || stride != 1)
            .then(|| layers.conv_norm(&format!("{name}.shortcut"), inputs, outputs, 1, stride));
        Self {
            first: layers.conv_norm(&format!("{name}.first"), inputs, outputs, 3, stride),
            second: layers.conv_norm(&format!("{name}.second"), outputs, outputs, 3, 1),
            shortcut,
        }
    }

    fn forward(&self, x: &Tensor, pass: Pass) -> Tensor {
        let y = self.second.forward(&self.first.forward(x, pass).relu_(), pass);
        match &self.shortcut {
            Some(shortcut) => (y + shortcut.forward(x, pass)).relu_(),
            None => (y + x).relu_(),
        }
    }
}

struct DecoderStage {
    merge: Conv,
    refine: Option<Conv>,
}

pub struct Network {
    stem: Conv,
    encoder: Vec<Vec<Residual>>,
    decoder: Vec<DecoderStage>,
    mask: Conv,
    quarter_mask: Conv,
    class: Conv,
    widths: Vec<i64>,
}

pub struct NetworkOutput {
    /// [n, 1, s, s] logits.
    pub mask: Tensor,
    /// [n, 1, s/4, s/4] logits; only in a training pass of a network with at least three stages.
    pub quarter_mask: Option<Tensor>,
    /// [n] logits.
    pub class: Tensor,
    /// [n, sum of widths]: mean of each encoder stage over space; empty in a training pass.
    pub features: Option<Tensor>,
}

impl Network {
    pub fn new(spec: &NetworkSpec, layers: &mut dyn Layers) -> Self {
        let widths: Vec<i64> = spec.widths.iter().map(|w| i64::from(*w)).collect();
        let deepest = widths.len() - 1;
        let stem = layers.conv_norm("stem", 1, widths[0], 3, 1);
        let encoder = (0..=deepest)
            .map(|stage| {
                let (inputs, stride) = if stage == 0 {
                    (widths[0], 1)
                } else {
                    (widths[stage - 1], 2)
                };
                let mut blocks = vec![Residual::new(
                    layers,
                    &format!("encoder.{stage}.0"),
                    inputs,
                    widths[stage],
                    stride,
                )];
                if stage >= 2 {
                    blocks.push(Residual::new(
                        layers,
                        &format!("encoder.{stage}.1"),
                        widths[stage],
                        widths[stage],
                        1,
                    ));
                }
                blocks
            })
            .collect();
        let decoder = (0..deepest)
            .map(|stage| DecoderStage {
                merge: layers.conv_norm(
                    &format!("decoder.{stage}.merge"),
                    widths[stage + 1] + widths[stage],
                    widths[stage],
                    3,
                    1,
                ),
                refine: (stage > 0)
                    .then(|| layers.conv_norm(&format!("decoder.{stage}.refine"), widths[stage], widths[stage], 3, 1)),
            })
            .collect();
        Self {
            stem,
            encoder,
            decoder,
            mask: layers.conv_bias("mask", widths[0], 1),
            quarter_mask: layers.conv_bias("quarter_mask", widths[deepest.min(2)], 1),
            class: layers.conv_bias("class", widths[deepest], 1),
            widths,
        }
    }

    /// `x` is [n, 1, s, s] of kind `pass.kind`, s divisible by 2^(stages - 1).
    pub fn forward(&self, x: &Tensor, pass: Pass) -> NetworkOutput {
        let mut skips = Vec::with_capacity(self.encoder.len());
        let mut h = self.stem.forward(&channels_last(x), pass).relu_();
        for stage in &self.encoder {
            for block in stage {
                h = block.forward(&h, pass);
            }
            skips.push(h.shallow_clone());
        }
        let class = pcam(&h, &self.class, pass);
        let mut quarter_mask = None;
        for (stage, decoder) in self.decoder.iter().enumerate().rev() {
            let skip = &skips[stage];
            let (rows, cols) = (skip.size()[2], skip.size()[3]);
            let up = h.upsample_nearest2d([rows, cols], None, None);
            h = decoder.merge.forward(&Tensor::cat(&[&up, skip], 1), pass).relu_();
            if let Some(refine) = &decoder.refine {
                h = refine.forward(&h, pass).relu_();
            }
            if stage == 2 && pass.train {
                quarter_mask = Some(self.quarter_mask.forward(&h, pass).to_kind(Kind::Float));
            }
        }
        let features = (!pass.train).then(|| {
            let pooled: Vec<Tensor> = skips
                .iter()
                .map(|s| s.mean_dim([2i64, 3].as_slice(), false, Kind::Float))
                .collect();
            Tensor::cat(&pooled, 1)
        });
        NetworkOutput {
            mask: self.mask.forward(&h, pass).to_kind(Kind::Float),
            quarter_mask,
            class,
            features,
        }
    }

    /// Length of the feature vector.
    pub fn features(&self) -> i64 {
        self.widths.iter().sum()
    }
}

/// The class head's own map weighs where its features are pooled.
fn pcam(h: &Tensor, class: &Conv, pass: Pass) -> Tensor {
    let weights = class.forward(h, pass).to_kind(Kind::Float).sigmoid();
    let weights = &weights
        / weights
            .sum_dim_intlist([2i64, 3].as_slice(), true, Kind::Float)
            .clamp_min(1e-6);
    let pooled = (h.to_kind(Kind::Float) * weights).sum_dim_intlist([2i64, 3].as_slice(), true, Kind::Float);
    class
        .forward(
            &pooled,
            Pass {
                kind: Kind::Float,
                ..pass
            },
        )
        .flatten(0, -1)
}

/// Memory laid out as NHWC; the shape stays [n, c, h, w]. oneDNN convolves it faster.
pub fn channels_last(x: &Tensor) -> Tensor {
    x.permute([0, 2, 3, 1]).contiguous().permute([0, 3, 1, 2])
}
