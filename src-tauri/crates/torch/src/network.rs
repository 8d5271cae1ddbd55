//! The network family `res-unet-pcam`: a residual U-Net with a map for each of `maps` at full size,
//! the same at quarter size for deep supervision, and a class head with probabilistic class
//! activation map pooling (PCAM: Ye et al., 2020, arXiv:2005.14480) on the deepest stage. Without
//! maps it is the encoder and the class head alone. An autoencoder may stand beside it.

use tch::{Kind, Tensor};

use crate::autoencoder::Autoencoder;
use crate::layers::{Conv, Layers, Pass, channels_last};
use engine::bundle::{MapKind, NetworkSpec};

pub const FAMILY: &str = "res-unet-pcam";

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
    decoder: Option<Decoder>,
    class: Conv,
    pub autoencoder: Option<Autoencoder>,
    lesion: Option<usize>,
    foreign: Option<usize>,
    widths: Vec<i64>,
}

struct Decoder {
    stages: Vec<DecoderStage>,
    mask: Conv,
    quarter_mask: Conv,
}

pub struct NetworkOutput {
    /// [n, maps, s, s] logits; none of a network without a decoder.
    pub masks: Option<Tensor>,
    /// [n, maps, s/4, s/4] logits; only in a training pass of a network with at least three stages.
    pub quarter_masks: Option<Tensor>,
    /// [n, classes] logits.
    pub class: Tensor,
    /// [n, classes, s/2^(stages - 1), same] probabilities: where each class was seen.
    pub class_maps: Tensor,
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
        let stages = |layers: &mut dyn Layers| -> Vec<DecoderStage> {
            (0..deepest)
                .map(|stage| DecoderStage {
                    merge: layers.conv_norm(
                        &format!("decoder.{stage}.merge"),
                        widths[stage + 1] + widths[stage],
                        widths[stage],
                        3,
                        1,
                    ),
                    refine: (stage > 0).then(|| {
                        layers.conv_norm(&format!("decoder.{stage}.refine"), widths[stage], widths[stage], 3, 1)
                    }),
                })
                .collect()
        };
        let maps = spec.maps.len() as i64;
        let decoder = (maps > 0).then(|| Decoder {
            stages: stages(layers),
            mask: layers.conv_bias("mask", widths[0], maps),
            quarter_mask: layers.conv_bias("quarter_mask", widths[deepest.min(2)], maps),
        });
        Self {
            stem,
            encoder,
            decoder,
            class: layers.conv_bias("class", widths[deepest], i64::from(spec.classes)),
            autoencoder: spec.autoencoder.then(|| Autoencoder::new(layers)),
            lesion: spec.map(MapKind::Lesion),
            foreign: spec.map(MapKind::Foreign),
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
        let (class, class_maps) = pcam(&h, &self.class, pass);
        let (masks, quarter_masks) = match &self.decoder {
            Some(decoder) => decoder.forward(h, &skips, pass),
            None => (None, None),
        };
        let features = (!pass.train).then(|| {
            let pooled: Vec<Tensor> = skips
                .iter()
                .map(|s| s.mean_dim([2i64, 3].as_slice(), false, Kind::Float))
                .collect();
            Tensor::cat(&pooled, 1)
        });
        NetworkOutput {
            masks,
            quarter_masks,
            class,
            class_maps,
            features,
        }
    }

    /// Length of the feature vector.
    pub fn features(&self) -> i64 {
        self.widths.iter().sum()
    }

    /// [n, 1, s, s] logits of the map that a score is made of: of lesions, or where there is none of the
    /// class "abnormal". Gradients pass through them where its probabilities are all but 0 or 1.
    pub fn scored_logits(&self, output: &NetworkOutput, size: i64) -> Tensor {
        match (&output.masks, self.lesion) {
            (Some(masks), Some(place)) => masks.narrow(1, place as i64, 1),
            _ => output
                .class_maps
                .narrow(1, 0, 1)
                .upsample_bilinear2d([size, size], false, None, None)
                .logit(1e-6),
        }
    }

    /// [n, s, s] probabilities of a pass where lesions lie; `None` without such a map.
    pub fn lesion_map(&self, output: &NetworkOutput) -> Option<Tensor> {
        decoded(output, self.lesion)
    }

    /// [n, s, s] probabilities where something lies that does not belong there; `None` without such a map.
    pub fn foreign_map(&self, output: &NetworkOutput) -> Option<Tensor> {
        decoded(output, self.foreign)
    }

    /// [n, s, s] probabilities where the class "abnormal" was seen.
    pub fn class_map(&self, output: &NetworkOutput, size: i64) -> Tensor {
        let abnormal = output.class_maps.narrow(1, 0, 1);
        abnormal
            .upsample_bilinear2d([size, size], false, None, None)
            .select(1, 0)
    }
}

fn decoded(output: &NetworkOutput, place: Option<usize>) -> Option<Tensor> {
    let masks = output.masks.as_ref()?;
    Some(masks.select(1, place? as i64).sigmoid())
}

impl Decoder {
    fn forward(&self, mut h: Tensor, skips: &[Tensor], pass: Pass) -> (Option<Tensor>, Option<Tensor>) {
        let mut quarter_masks = None;
        for (stage, decoder) in self.stages.iter().enumerate().rev() {
            let skip = &skips[stage];
            let (rows, cols) = (skip.size()[2], skip.size()[3]);
            let up = h.upsample_nearest2d([rows, cols], None, None);
            h = decoder.merge.forward(&Tensor::cat(&[&up, skip], 1), pass).relu_();
            if let Some(refine) = &decoder.refine {
                h = refine.forward(&h, pass).relu_();
            }
            if stage == 2 && pass.train {
                quarter_masks = Some(self.quarter_mask.forward(&h, pass).to_kind(Kind::Float));
            }
        }
        (Some(self.mask.forward(&h, pass).to_kind(Kind::Float)), quarter_masks)
    }
}

/// What is averaged: a lone member sees the image and its mirror image; of several each sees it
/// once, every other one mirrored, which costs nothing. `true` says mirrored; the first never is.
pub fn views(members: &[Network], mirror: bool) -> Vec<(&Network, bool)> {
    match members {
        [only] if mirror => vec![(only, false), (only, true)],
        _ => members
            .iter()
            .enumerate()
            .map(|(place, network)| (network, mirror && place % 2 == 1))
            .collect(),
    }
}

/// The class head's own maps weigh where its features are pooled, for each class by itself.
/// Gives [n, k] logits and the maps, [n, k, h, w].
fn pcam(h: &Tensor, class: &Conv, pass: Pass) -> (Tensor, Tensor) {
    let maps = class.forward(h, pass).to_kind(Kind::Float).sigmoid();
    let weights = &maps
        / maps
            .sum_dim_intlist([2i64, 3].as_slice(), true, Kind::Float)
            .clamp_min(1e-6);
    // [n, k, hw] x [n, hw, c]: the pooled features of each class.
    let pooled = weights
        .flatten(2, 3)
        .bmm(&h.to_kind(Kind::Float).flatten(2, 3).transpose(1, 2));
    let own = class.weight.to_kind(Kind::Float).flatten(1, 3);
    let logits = (pooled * own).sum_dim_intlist([2i64].as_slice(), false, Kind::Float);
    match &class.bias {
        Some(bias) => (logits + bias.to_kind(Kind::Float), maps),
        None => (logits, maps),
    }
}
