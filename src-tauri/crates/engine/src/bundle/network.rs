//! The network family `res-unet-pcam` as a bundle asks for it: `torch` builds it and refuses weights
//! that do not fit.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::tensors::{FEATURES, IMAGE, TensorFormat, TensorKind, TensorSpec};

/// Logits of the class head.
pub const CLASS: &str = "class";
/// Where lesions as the training data outlines them lie, 0..=1.
pub const LESION: &str = "lesion";
/// Where the class head saw its first class, 0..=1.
pub const CLASS_MAP: &str = "class_map";
/// Where something lies that does not belong into an image of this kind, 0..=1.
pub const FOREIGN: &str = "foreign";
/// Errors of the autoencoder, in units of the variance that it owned up to.
pub const RECONSTRUCTION: &str = "reconstruction";

/// Side of the autoencoder's images, pixels.
pub const RECONSTRUCTION_SIDE: u32 = 64;
/// Values of an input lie within this range: z-scores, clipped.
const INPUT_RANGE: [f32; 2] = [-6.0, 6.0];

/// Shape of the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkSpec {
    /// The family, `res-unet-pcam`.
    pub family: String,
    /// Channels of each encoder stage; each stage after the first halves the image.
    pub widths: Vec<u32>,
    /// Maps of the decoder, in the order of its outputs. Empty: the network has no decoder.
    #[serde(default = "lesion_map")]
    pub maps: Vec<MapKind>,
    /// Outputs of the class head. Of a reader the first is "abnormal" and its kinds follow; of a router
    /// each is a route.
    #[serde(default = "one")]
    pub classes: u32,
    /// Whether an uncertainty autoencoder of normal images stands beside it.
    #[serde(default)]
    pub autoencoder: bool,
    /// Networks trained from different seeds, whose answers are averaged.
    #[serde(default = "one")]
    pub members: u32,
}

/// What a map of the decoder shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MapKind {
    /// Lesions as the training data outlines them.
    Lesion,
    /// What does not belong into an image of this kind; learned from pasted patches.
    Foreign,
}

impl NetworkSpec {
    /// Place of a map among the decoder's outputs.
    pub fn map(&self, kind: MapKind) -> Option<usize> {
        self.maps.iter().position(|map| *map == kind)
    }

    /// The one input: an image of `side` x `side` pixels.
    pub fn inputs(side: u32) -> BTreeMap<String, TensorSpec> {
        let image = TensorSpec::map(TensorFormat::Magnitude, side, &INPUT_RANGE, "image");
        [(IMAGE.to_owned(), image)].into()
    }

    /// Every tensor that the network can give for an image of `side` x `side` pixels. `classes` names the
    /// outputs of the class head.
    pub fn outputs(&self, side: u32, classes: &[impl AsRef<str>]) -> BTreeMap<String, TensorSpec> {
        let map = |name: &str| TensorSpec::map(TensorFormat::Classes, side, &[0.0, 1.0], name);
        let mut outputs: BTreeMap<String, TensorSpec> = [
            (
                CLASS.to_owned(),
                TensorSpec::vector(TensorKind::Probabilities, TensorFormat::Classes, self.classes, classes),
            ),
            (CLASS_MAP.to_owned(), map("abnormal")),
            (
                FEATURES.to_owned(),
                TensorSpec::vector(TensorKind::Tuples, TensorFormat::Latent, self.features(), &[""; 0]),
            ),
        ]
        .into();
        for kind in &self.maps {
            let name = match kind {
                MapKind::Lesion => LESION,
                MapKind::Foreign => FOREIGN,
            };
            outputs.insert(name.to_owned(), map(name));
        }
        if self.autoencoder {
            let errors = TensorSpec::map(TensorFormat::Magnitude, RECONSTRUCTION_SIDE, &[], "error");
            outputs.insert(RECONSTRUCTION.to_owned(), errors);
        }
        outputs
    }

    /// Length of the feature vector: a mean over space of each channel of each encoder stage.
    pub fn features(&self) -> u32 {
        self.widths.iter().fold(0, |all, width| width.saturating_add(all))
    }

    /// What is wrong with it by itself, or for inputs of that side.
    pub(super) fn check(&self, side: u32) -> Result<(), String> {
        if self.widths.len() < 2 || self.widths.iter().any(|w| !(1..=2048).contains(w)) {
            return Err(format!("network widths {:?} are not usable", self.widths));
        }
        if !(1..=64).contains(&self.classes) || !(1..=8).contains(&self.members) {
            return Err(format!(
                "a network with {} class outputs and {} members is not usable",
                self.classes, self.members
            ));
        }
        if self.maps.len() > 2 || self.maps.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(format!("the maps {:?} are not distinct", self.maps));
        }
        let halvings = u32::try_from(self.widths.len() - 1).unwrap_or(u32::MAX);
        let strides = 1u32.checked_shl(halvings).unwrap_or(0);
        if side == 0 || side > 2048 || strides == 0 || !side.is_multiple_of(strides) {
            return Err(format!("input size {side} does not fit {} stages", self.widths.len()));
        }
        Ok(())
    }
}

fn lesion_map() -> Vec<MapKind> {
    vec![MapKind::Lesion]
}

fn one() -> u32 {
    1
}
