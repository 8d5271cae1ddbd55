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
    /// Indices of the images known not to be abnormal.
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

/// Sum over the maps. Half of the Dice loss pools the whole batch, so that an image without lesion
/// counts too; half is the mean over the images with a lesion, so that a small one counts as a large.
fn segmentation(logits: &Tensor, mask: &Tensor, weight: &Tensor) -> Tensor {
    let pixels = |t: Tensor| t.sum_dim_intlist([2i64, 3].as_slice(), false, Kind::Float);
    let pictures = |t: &Tensor| t.sum_dim_intlist([0i64].as_slice(), false, Kind::Float);
    let p = logits.sigmoid();
    let overlap = pixels(&p * mask * weight);
    let both = pixels((&p + mask) * weight);
    let dice_loss = |overlap: &Tensor, both: &Tensor| -> Tensor { ((overlap * 2.0 + 1.0) / (both + 1.0)).neg() + 1.0 };
    let pooled = dice_loss(&pictures(&overlap), &pictures(&both));
    let shown = pixels(mask * weight).gt(0.0).to_kind(Kind::Float);
    let each = pictures(&(dice_loss(&overlap, &both) * &shown)) / pictures(&shown).clamp_min(1.0);
    let entropy = logits.binary_cross_entropy_with_logits::<Tensor>(mask, None, None, tch::Reduction::None) * weight;
    let cross_entropy = pictures(&pixels(entropy)) / pictures(&pixels(weight.shallow_clone())).clamp_min(1.0);
    ((pooled + each) * 0.5 + cross_entropy * CROSS_ENTROPY_WEIGHT).sum(Kind::Float)
}

fn cross_entropy(logits: &Tensor, target: &Tensor, weight: &Tensor) -> Tensor {
    let each = logits.binary_cross_entropy_with_logits::<Tensor>(target, None, None, tch::Reduction::None);
    (each * weight).sum(Kind::Float) / weight.sum(Kind::Float).clamp_min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_small_lesion_costs_as_much_as_a_missed_large_one() {
        let side = 8;
        let mask = |pixels: i64| {
            let flat: Vec<f32> = (0..side * side).map(|at| f32::from(u8::from(at < pixels))).collect();
            Tensor::from_slice(&flat).view([1, 1, side, side])
        };
        let (small, large, none) = (mask(4), mask(32), mask(0));
        let masks = Tensor::cat(&[&small, &large, &none], 0);
        let weight = Tensor::ones_like(&masks);
        // Sure of everything, so that cross-entropy says little where the answer is right.
        let sure = |answer: &Tensor| (answer - 0.5) * 40.0;
        let loss =
            |answers: [&Tensor; 3]| segmentation(&sure(&Tensor::cat(&answers, 0)), &masks, &weight).double_value(&[]);
        let dice = |answers: [&Tensor; 3]| {
            let wrong = (Tensor::cat(&answers, 0) - &masks)
                .abs()
                .sum(Kind::Float)
                .double_value(&[]);
            loss(answers) - CROSS_ENTROPY_WEIGHT * wrong * 20.0 / (3.0 * 64.0)
        };
        assert!(loss([&small, &large, &none]) < 1e-4);
        // Pooled: 1 - (2 x 32 + 1) / (32 + 36 + 1); of each: one of two images has Dice 1 / 5.
        let missed_small = dice([&none, &large, &none]);
        assert!((missed_small - (4.0 / 69.0 + 0.4) / 2.0).abs() < 1e-4, "{missed_small}");
        let missed_large = dice([&small, &none, &none]);
        assert!(
            (missed_large - (1.0 - 9.0 / 41.0 + 16.0 / 33.0) / 2.0).abs() < 1e-4,
            "{missed_large}"
        );
        // A false lesion costs only what is pooled.
        let invented = dice([&small, &large, &small]);
        assert!((invented - (1.0 - 73.0 / 77.0) / 2.0).abs() < 1e-4, "{invented}");
    }
}
