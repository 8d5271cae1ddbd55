//! The packed training set: inputs already prepared by `engine::preprocess`, so that training sees
//! exactly what inference will see. Written by `workflow`, read here.
//!
//! A safetensors file: `images` F16 [n, s, s], `masks` U8 [n, s, s] of 0 and 1, `labels` U8 [n],
//! `validation` U8 [n] (1: never trained on).

use half::f16;
use safetensors::{Dtype, SafeTensors};

#[derive(Debug, thiserror::Error)]
pub enum TrainingSetError {
    #[error("the training set {path} cannot be read: {error}")]
    Io { path: String, error: std::io::Error },
    #[error("the training set is damaged: {0}")]
    Damaged(String),
    #[error("the training set has no picture {0}")]
    Empty(&'static str),
}

pub struct TrainingSet {
    pub size: usize,
    images: Vec<f16>,
    masks: Vec<u8>,
    labels: Vec<u8>,
    validation: Vec<bool>,
}

impl TrainingSet {
    pub fn read(path: &std::path::Path) -> Result<Self, TrainingSetError> {
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
        let (_, labels) = tensor("labels", Dtype::U8)?;
        let (_, validation) = tensor("validation", Dtype::U8)?;
        if mask_shape != shape || labels.len() != count || validation.len() != count || shape[1] != shape[2] {
            return Err(damaged(format!(
                "{count} images, masks {mask_shape:?}, {} labels",
                labels.len()
            )));
        }
        let set = Self {
            size,
            images: images
                .as_chunks::<2>()
                .0
                .iter()
                .map(|b| f16::from_le_bytes(*b))
                .collect(),
            masks: masks.to_vec(),
            labels: labels.to_vec(),
            validation: validation.iter().map(|v| *v == 1).collect(),
        };
        if set.training(true).is_empty() {
            return Err(TrainingSetError::Empty("with a lesion to train on"));
        }
        if set.training(false).is_empty() {
            return Err(TrainingSetError::Empty("without a lesion to train on"));
        }
        Ok(set)
    }

    /// Indices to train on with that label.
    pub fn training(&self, lesion: bool) -> Vec<usize> {
        (0..self.labels.len())
            .filter(|i| !self.validation[*i] && (self.labels[*i] == 1) == lesion)
            .collect()
    }

    pub fn validation(&self) -> Vec<usize> {
        (0..self.labels.len()).filter(|i| self.validation[*i]).collect()
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

    pub fn label(&self, index: usize) -> f32 {
        f32::from(self.labels[index])
    }
}
