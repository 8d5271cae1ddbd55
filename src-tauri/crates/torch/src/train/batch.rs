//! Which images an epoch sees, and batches of them as they are varied.

use rand::{Rng, SeedableRng, seq::SliceRandom};
use rand_pcg::Pcg64Mcg;
use tch::{Device, Tensor};

use super::TrainConfig;
use crate::augment::{Plane, vary};
use crate::loss::Target;
use crate::paste::{Patch, paste};
use crate::training_set::TrainingSet;
use engine::bundle::MapKind;

/// The same number of images from every group, shuffled. A small group is gone through again.
pub fn epoch_order(groups: &[Vec<usize>], per_group: usize, seed: u64, epoch: u32) -> Vec<usize> {
    let mut rng = Pcg64Mcg::seed_from_u64(seed ^ (u64::from(epoch) << 32));
    let mut order = Vec::with_capacity(per_group * groups.len());
    for group in groups {
        let mut pool = group.clone();
        let mut wanted = per_group;
        while wanted > 0 {
            pool.shuffle(&mut rng);
            let some = wanted.min(pool.len());
            order.extend(&pool[..some]);
            wanted -= some;
        }
    }
    order.shuffle(&mut rng);
    order
}

/// Plain numbers, so that they can be made on another thread.
#[derive(Default)]
pub struct Batch {
    count: i64,
    side: i64,
    images: Vec<f32>,
    masks: Vec<f32>,
    mask_weights: Vec<f32>,
    classes: Vec<f32>,
    class_weights: Vec<f32>,
}

impl Batch {
    /// Varies the images of `chunk` to `side` pixels; the same for a seed, an epoch and an image.
    pub fn assemble(config: &TrainConfig, set: &TrainingSet, chunk: &[usize], side: usize, epoch: u32) -> Self {
        let mut batch = Self {
            count: chunk.len() as i64,
            side: side as i64,
            ..Self::default()
        };
        for index in chunk {
            let mut rng = Pcg64Mcg::seed_from_u64(config.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ *index as u64);
            // A jump per epoch gives each image a new variation that still repeats for a seed.
            rng.advance(u128::from(epoch) << 40);
            batch.add(config, set, *index, side, &mut rng);
        }
        batch
    }

    fn add(&mut self, config: &TrainConfig, set: &TrainingSet, index: usize, side: usize, rng: &mut Pcg64Mcg) {
        let plane = Plane {
            image: set.image(index),
            mask: set.mask(index),
        };
        let mut varied = vary(&plane, set.size, side, &config.variation, rng);
        let outlined = set.outlined(index);
        let patch = (config.paste > 0.0 && outlined && rng.random_bool(config.paste))
            .then(|| source(set, rng))
            .flatten()
            .and_then(|source| paste(&mut varied.image, &varied.mask, side, &source, set.size, rng));
        for map in &config.network.maps {
            self.add_map(*map, &varied.mask, outlined, patch.as_ref());
        }
        for label in set.class_labels(index) {
            // A pasted patch may be what the class head would call abnormal.
            let known = label.is_some() && patch.is_none();
            self.classes.push(f32::from(u8::from(label == Some(true))));
            self.class_weights.push(f32::from(u8::from(known)));
        }
        self.images.extend(varied.image);
    }

    fn add_map(&mut self, map: MapKind, lesion: &[f32], outlined: bool, patch: Option<&Patch>) {
        let outlined = f32::from(u8::from(outlined));
        match map {
            MapKind::Lesion => {
                self.masks.extend(lesion);
                // What was pasted is neither lesion nor surely none.
                let weight = |at: usize| patch.map_or(1.0, |patch| 1.0 - patch.area[at]);
                self.mask_weights
                    .extend((0..lesion.len()).map(|at| outlined * weight(at)));
            }
            MapKind::Foreign => {
                let changed = |at: usize| patch.map_or(0.0, |patch| patch.changed[at]);
                self.masks.extend((0..lesion.len()).map(changed));
                // Lesions are foreign too, but not what this map learns; a patch that hardly shows is not asked for.
                let unsure = |at: usize| patch.map_or(0.0, |patch| patch.area[at] - patch.changed[at]);
                self.mask_weights
                    .extend((0..lesion.len()).map(|at| outlined * (1.0 - lesion[at]) * (1.0 - unsure(at)).max(0.0)));
            }
        }
    }

    /// The images, [n, 1, side, side], and what they should be answered with.
    pub fn tensors(&self, device: Device) -> (Tensor, Target) {
        let maps = self.masks.len() as i64 / (self.count * self.side * self.side).max(1);
        let classes = self.classes.len() as i64 / self.count.max(1);
        let tensor = |values: &[f32], shape: &[i64]| Tensor::from_slice(values).view(shape).to_device(device);
        let planes = [self.count, maps, self.side, self.side];
        let target = Target {
            masks: tensor(&self.masks, &planes),
            mask_weights: tensor(&self.mask_weights, &planes),
            classes: tensor(&self.classes, &[self.count, classes]),
            class_weights: tensor(&self.class_weights, &[self.count, classes]),
        };
        (tensor(&self.images, &[self.count, 1, self.side, self.side]), target)
    }
}

/// An image whose healthy tissue is known, to take a patch from.
fn source(set: &TrainingSet, rng: &mut Pcg64Mcg) -> Option<Plane> {
    let known = set.outlined_training();
    let index = *known.get(rng.random_range(0..known.len().max(1)))?;
    Some(Plane {
        image: set.image(index),
        mask: set.mask(index),
    })
}
