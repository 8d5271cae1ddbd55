//! What training minimises.

use tch::{Kind, Tensor};

use crate::network::NetworkOutput;

const CROSS_ENTROPY_WEIGHT: f64 = 3.0;
const QUARTER_WEIGHT: f64 = 0.4;
const LABEL_SMOOTHING: f64 = 0.05;

/// What a batch should have answered; a weight of 0 says that it is not known.
pub struct Target {
    /// [n, maps, s, s] of 0 and 1, and the weights of the pixels.
    pub masks: Tensor,
    pub mask_weights: Tensor,
    /// [n, classes] of 0 and 1, and their weights.
    pub classes: Tensor,
    pub class_weights: Tensor,
}

impl Target {
    /// Indices of the pictures known not to be abnormal.
    pub fn normal(&self) -> Tensor {
        let normal: Tensor = (1.0 - self.classes.select(1, 0)) * self.class_weights.select(1, 0);
        normal.gt(0.5).nonzero().view(-1)
    }
}

/// For each map Dice + 3 x cross-entropy, 0.4 of the same at quarter size, and `class_weight` x
/// cross-entropy of the classes.
pub fn total(output: &NetworkOutput, target: &Target, class_weight: f64) -> Tensor {
    let smoothed = &target.classes * (1.0 - LABEL_SMOOTHING) + LABEL_SMOOTHING / 2.0;
    let mut loss = cross_entropy(&output.class, &smoothed, &target.class_weights) * class_weight;
    if let Some(masks) = &output.masks {
        loss += segmentation(masks, &target.masks, &target.mask_weights);
    }
    if let Some(quarter) = &output.quarter_masks {
        let small = |plane: &Tensor| plane.avg_pool2d([4, 4], [4, 4], [0, 0], false, true, None);
        loss += segmentation(quarter, &small(&target.masks), &small(&target.mask_weights)) * QUARTER_WEIGHT;
    }
    loss
}

/// Sum over the maps; Dice pools the whole batch, so that a picture without lesion counts too.
fn segmentation(logits: &Tensor, mask: &Tensor, weight: &Tensor) -> Tensor {
    let over = [0i64, 2, 3];
    let sum = |t: Tensor| t.sum_dim_intlist(over.as_slice(), false, Kind::Float);
    let p = logits.sigmoid();
    let overlap = sum(&p * mask * weight);
    let both = sum((&p + mask) * weight);
    let dice: Tensor = (overlap * 2.0 + 1.0) / (both + 1.0);
    let pixels = logits.binary_cross_entropy_with_logits::<Tensor>(mask, None, None, tch::Reduction::None) * weight;
    let cross_entropy = sum(pixels) / sum(weight.shallow_clone()).clamp_min(1.0);
    (dice.neg() + 1.0 + cross_entropy * CROSS_ENTROPY_WEIGHT).sum(Kind::Float)
}

fn cross_entropy(logits: &Tensor, target: &Tensor, weight: &Tensor) -> Tensor {
    let each = logits.binary_cross_entropy_with_logits::<Tensor>(target, None, None, tch::Reduction::None);
    (each * weight).sum(Kind::Float) / weight.sum(Kind::Float).clamp_min(1.0)
}
