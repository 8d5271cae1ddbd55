//! The packed training set: inputs already prepared by `engine::prepare`, so that training sees
//! exactly what inference will see. Written by `workflow`, read here.
//!
//! A safetensors file: `images` F16 [n, s, s], `masks` U8 [n, s, s] of 0 and 1, `outlined` U8 [n]
//! (1: the mask says where lesion is and where not), `classes` U8 [n, classes] (0, 1, or 255 where
//! it is not known), `groups` U8 [n] (images are drawn evenly from the groups), `parts` U8 [n] (0: always
//! trained on; another number: not by the training that holds that part out).

use half::f16;
use safetensors::{Dtype, SafeTensors};

/// A class that is not known of an image.
const UNKNOWN: u8 = 255;

#[derive(Debug, thiserror::Error)]
pub enum TrainingSetError {
    #[error("the training set {path} cannot be read: {error}")]
    Io { path: String, error: std::io::Error },
    #[error("the training set is damaged: {0}")]
    Damaged(String),
    #[error("the training set has no image to train on")]
    Empty,
}

pub struct TrainingSet {
    pub size: usize,
    pub classes: usize,
    images: Vec<f16>,
    masks: Vec<u8>,
    outlined: Vec<u8>,
    class_labels: Vec<u8>,
    groups: Vec<u8>,
    held: Vec<bool>,
}

impl TrainingSet {
    /// The set of a training that never sees the images of part `held_out`.
    pub fn read(path: &std::path::Path, held_out: u8) -> Result<Self, TrainingSetError> {
        let bytes = std::fs::read(path).map_err(|error| TrainingSetError::Io {
            path: path.display().to_string(),
            error,
        })?;
        let damaged = |what: String| TrainingSetError::Damaged(what);
        let file = SafeTensors::deserialize(&bytes).map_err(|error| damaged(error.to_string()))?;
        let tensor = |name: &str, dtype| {
            let view = file.tensor(name).map_err(|error| damaged(error.to_string()))?;
            if view.dtype() != dtype {
                return Err(damaged(format!("{name} is of kind {:?}", view.dtype())));
            }
            Ok((view.shape().to_vec(), view.data()))
        };
        let (shape, images) = tensor("images", Dtype::F16)?;
        let [count, size, _] = shape[..] else {
            return Err(damaged(format!("images have the shape {shape:?}")));
        };
        let (mask_shape, masks) = tensor("masks", Dtype::U8)?;
        let (class_shape, class_labels) = tensor("classes", Dtype::U8)?;
        let [labelled, classes] = class_shape[..] else {
            return Err(damaged(format!("classes have the shape {class_shape:?}")));
        };
        let each = ["outlined", "groups", "parts"].map(|name| tensor(name, Dtype::U8));
        let [outlined, groups, parts] = each;
        let (outlined, groups, parts) = (outlined?.1, groups?.1, parts?.1);
        let lengths = [labelled, outlined.len(), groups.len(), parts.len()];
        if mask_shape != shape || lengths.iter().any(|len| *len != count) || shape[1] != shape[2] {
            return Err(damaged(format!(
                "{count} images, masks {mask_shape:?}, labels {lengths:?}"
            )));
        }
        let set = Self {
            size,
            classes,
            images: images
                .as_chunks::<2>()
                .0
                .iter()
                .map(|b| f16::from_le_bytes(*b))
                .collect(),
            masks: masks.to_vec(),
            outlined: outlined.to_vec(),
            class_labels: class_labels.to_vec(),
            groups: groups.to_vec(),
            held: parts.iter().map(|part| *part != 0 && *part == held_out).collect(),
        };
        if set.groups().is_empty() {
            return Err(TrainingSetError::Empty);
        }
        Ok(set)
    }

    /// Indices to train on, by group.
    pub fn groups(&self) -> Vec<Vec<usize>> {
        let mut groups = std::collections::BTreeMap::<u8, Vec<usize>>::new();
        for index in (0..self.groups.len()).filter(|i| !self.held[*i]) {
            groups.entry(self.groups[index]).or_default().push(index);
        }
        groups.into_values().collect()
    }

    pub fn validation(&self) -> Vec<usize> {
        (0..self.groups.len()).filter(|i| self.held[*i]).collect()
    }

    /// Indices to train on of images whose healthy tissue is known.
    pub fn outlined_training(&self) -> Vec<usize> {
        let known = |i: &usize| !self.held[*i] && self.outlined[*i] == 1;
        (0..self.groups.len()).filter(known).collect()
    }

    pub fn image(&self, index: usize) -> Vec<f32> {
        let len = self.size * self.size;
        self.images[index * len..(index + 1) * len]
            .iter()
            .map(|v| v.to_f32())
            .collect()
    }

    pub fn mask(&self, index: usize) -> Vec<f32> {
        let len = self.size * self.size;
        self.masks[index * len..(index + 1) * len]
            .iter()
            .map(|v| f32::from(*v))
            .collect()
    }

    /// Whether it is known where lesion is and where not.
    pub fn outlined(&self, index: usize) -> bool {
        self.outlined[index] == 1
    }

    /// Of each class whether the image is of it; `None` where that is not known.
    pub fn class_labels(&self, index: usize) -> impl Iterator<Item = Option<bool>> + '_ {
        self.class_labels[index * self.classes..(index + 1) * self.classes]
            .iter()
            .map(|label| (*label != UNKNOWN).then_some(*label == 1))
    }
}
