//! Figures of the averaged weights, through the same folded network as inference.

use tch::{Device, Kind, Tensor};

use super::TrainError;
use crate::layers::Pass;
use crate::training_set::TrainingSet;
use crate::weights::{floats, networks};
use engine::bundle::NetworkSpec;
use engine::training::ValidationFigures;

/// Images of one forward pass.
const BATCH: usize = 16;

/// Means over the outlined validation images with a lesion, and the mean area under the ROC
/// curve of the classes that have both kinds of images.
pub fn validate(
    spec: &NetworkSpec,
    weights: &[u8],
    set: &TrainingSet,
    device: Device,
    kind: Kind,
) -> Result<ValidationFigures, TrainError> {
    let (networks, _) = networks(weights, spec, device, kind)?;
    let (mut dice, mut hits, mut count) = (0.0, 0u32, 0u32);
    let mut scores: Vec<Vec<(f32, bool)>> = vec![vec![]; set.classes];
    let side = set.size as i64;
    for chunk in set.validation().chunks(BATCH) {
        let values: Vec<f32> = chunk.iter().flat_map(|index| set.image(*index)).collect();
        let input = Tensor::from_slice(&values)
            .view([chunk.len() as i64, 1, side, side])
            .to_device(device)
            .to_kind(kind);
        let Some(network) = networks.first() else { continue };
        let output = tch::no_grad(|| network.forward(&input, Pass { train: false, kind }));
        let logits = floats(&output.class);
        let maps = network.lesion_map(&output).as_ref().map(floats);
        for (place, index) in chunk.iter().enumerate() {
            for (class, label) in set.class_labels(*index).enumerate() {
                if let Some(label) = label {
                    scores[class].push((logits[place * set.classes + class], label));
                }
            }
            let Some(maps) = maps.as_ref().filter(|_| set.outlined(*index)) else {
                continue;
            };
            let map = &maps[place * set.size * set.size..(place + 1) * set.size * set.size];
            if let Some((hit, overlap)) = judge(map, &set.mask(*index)) {
                hits += u32::from(hit);
                dice += overlap;
                count += 1;
            }
        }
    }
    let areas: Vec<f64> = scores.into_iter().filter_map(area_under_roc).collect();
    let share = |sum: f64, of: usize| (of > 0).then(|| sum / of as f64);
    Ok(ValidationFigures {
        slice_dice: share(dice, count as usize),
        pointing: share(f64::from(hits), count as usize),
        class_auc: share(areas.iter().sum(), areas.len()),
    })
}

/// Whether the map peaks in the lesion, and the Dice overlap at 0.5; `None` without a lesion.
fn judge(map: &[f32], mask: &[f32]) -> Option<(bool, f64)> {
    let lesion = mask.iter().filter(|m| **m > 0.5).count();
    let peak = map.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?.0;
    let found = map.iter().filter(|p| **p >= 0.5).count();
    let both = map.iter().zip(mask).filter(|(p, m)| **p >= 0.5 && **m > 0.5).count();
    (lesion > 0).then(|| (mask[peak] > 0.5, 2.0 * both as f64 / (lesion + found) as f64))
}

/// Mann and Whitney's statistic; equal scores count half. `None` where one kind is missing.
fn area_under_roc(mut scores: Vec<(f32, bool)>) -> Option<f64> {
    scores.sort_by(|a, b| a.0.total_cmp(&b.0));
    let positives = scores.iter().filter(|(_, label)| *label).count() as f64;
    let negatives = scores.len() as f64 - positives;
    let (mut below, mut won) = (0.0, 0.0);
    for equal in scores.chunk_by(|a, b| a.0 == b.0) {
        let here = equal.iter().filter(|(_, label)| *label).count() as f64;
        let others = equal.len() as f64 - here;
        won += here * (below + others / 2.0);
        below += others;
    }
    (positives > 0.0 && negatives > 0.0).then(|| won / (positives * negatives))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_and_overlaps_of_known_answers() {
        let scores = |values: [f32; 4]| values.into_iter().zip([false, false, true, true]).collect::<Vec<_>>();
        assert_eq!(area_under_roc(scores([0.1, 0.2, 0.3, 0.4])), Some(1.0));
        assert_eq!(area_under_roc(scores([0.5, 0.5, 0.5, 0.5])), Some(0.5));
        assert_eq!(area_under_roc(scores([0.4, 0.1, 0.3, 0.2])), Some(0.5));
        assert_eq!(area_under_roc(vec![(0.1, true)]), None);
        assert_eq!(judge(&[0.9, 0.6, 0.1], &[1.0, 0.0, 0.0]), Some((true, 2.0 / 3.0)));
        assert_eq!(judge(&[0.1, 0.6, 0.1], &[1.0, 0.0, 0.0]), Some((false, 0.0)));
        assert_eq!(judge(&[0.9, 0.6, 0.1], &[0.0; 3]), None);
    }
}
