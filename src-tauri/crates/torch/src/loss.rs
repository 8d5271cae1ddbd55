//! What training minimises.

use tch::{Kind, Reduction, Tensor};

use crate::network::NetworkOutput;

const CROSS_ENTROPY_WEIGHT: f64 = 3.0;
const QUARTER_WEIGHT: f64 = 0.4;
const CLASS_WEIGHT: f64 = 0.3;
const LABEL_SMOOTHING: f64 = 0.05;

/// Dice + 3 x cross-entropy of the mask, 0.4 of the same at quarter size, 0.3 x cross-entropy of
/// the class. `mask` is [n, 1, s, s] of 0 and 1, `label` is [n].
pub fn total(output: &NetworkOutput, mask: &Tensor, label: &Tensor) -> Tensor {
    let mut loss = segmentation(&output.mask, mask);
    if let Some(quarter) = &output.quarter_mask {
        let small = mask.avg_pool2d([4, 4], [4, 4], [0, 0], false, true, None);
        loss += segmentation(quarter, &small) * QUARTER_WEIGHT;
    }
    let smoothed = label * (1.0 - LABEL_SMOOTHING) + LABEL_SMOOTHING / 2.0;
    loss + cross_entropy(&output.class, &smoothed) * CLASS_WEIGHT
}

fn segmentation(logits: &Tensor, mask: &Tensor) -> Tensor {
    let p = logits.sigmoid();
    let overlap = (&p * mask).sum(Kind::Float);
    let dice: Tensor = (overlap * 2.0 + 1.0) / (p.sum(Kind::Float) + mask.sum(Kind::Float) + 1.0);
    dice.neg() + 1.0 + cross_entropy(logits, mask) * CROSS_ENTROPY_WEIGHT
}

fn cross_entropy(logits: &Tensor, target: &Tensor) -> Tensor {
    logits.binary_cross_entropy_with_logits::<Tensor>(target, None, None, Reduction::Mean)
}
