//! Named tensors: what a network is given and what it answers, described as in MONAI's
//! `network_data_format` (MONAI Bundle Specification, "Tensor format specifiers"). The one place that
//! turns bytes into floats.

use std::collections::BTreeMap;

use domain::FailureCode;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::error::EngineError;

/// The one input: an image as [`crate::prepare`] makes it.
pub const IMAGE: &str = "image";
/// The output that the input gate judges.
pub const FEATURES: &str = "features";

/// A tensor of one image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tensor {
    /// As the bundle's metadata names it.
    pub name: String,
    /// Channels, then the spatial dimensions.
    pub shape: Vec<u32>,
    /// In row-major order. On the wire they lie in the block behind the message.
    #[serde(skip)]
    pub values: Vec<f32>,
}

impl Tensor {
    /// A tensor of these values; whether they fit the shape is for [`Answers::new`] to say.
    pub fn new(name: &str, shape: Vec<u32>, values: Vec<f32>) -> Self {
        Self {
            name: name.to_owned(),
            shape,
            values,
        }
    }

    /// Number of values that the shape asks for.
    fn count(&self) -> u64 {
        count(&self.shape)
    }
}

/// Product of the dimensions; greater than any tensor where it is beyond counting.
fn count(shape: &[u32]) -> u64 {
    let all = shape
        .iter()
        .try_fold(1u64, |all, side| all.checked_mul(u64::from(*side)));
    all.unwrap_or(u64::MAX)
}

/// What sort of data a tensor holds: `type` in MONAI's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TensorKind {
    /// Values on a grid of pixels.
    Image,
    /// One value for each class. Ours are logits.
    Probabilities,
    /// Values without a place.
    Tuples,
}

/// What the values mean: `format` in MONAI's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TensorFormat {
    /// Continuous values.
    Magnitude,
    /// A channel for each class, each by itself.
    Classes,
    /// From a layer within the network.
    Latent,
}

/// Kind of the values. A worker may compute in another and answers in this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataType {
    /// IEEE 754, 32 bits.
    Float32,
}

/// What a bundle says of one of its tensors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TensorSpec {
    /// What sort of data it holds.
    #[serde(rename = "type")]
    pub kind: TensorKind,
    /// What the values mean.
    pub format: TensorFormat,
    /// DICOM modalities, or `n/a`.
    pub modality: String,
    /// At least 1.
    pub num_channels: u32,
    /// Pixels; empty where the values have no place.
    pub spatial_shape: Vec<u32>,
    /// Kind of the values.
    pub dtype: DataType,
    /// Lowest and highest value; empty where they are not known.
    pub value_range: Vec<f32>,
    /// Whether it is a part of a larger image.
    pub is_patch_data: bool,
    /// What each channel is, in words; empty where there are no words for it.
    #[serde(deserialize_with = "numbered")]
    pub channel_def: BTreeMap<u32, String>,
}

/// JSON has only texts as keys, and serde turns them into numbers only where it reads JSON itself, which it
/// does not within a message that is known by a tag.
fn numbered<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<u32, String>, D::Error> {
    let named: BTreeMap<String, String> = Deserialize::deserialize(from)?;
    let number = |key: &str| {
        key.parse()
            .map_err(|_| D::Error::custom(format!("'{key}' is no channel")))
    };
    named
        .into_iter()
        .map(|(key, words)| Ok((number(&key)?, words)))
        .collect()
}

impl TensorSpec {
    /// A map over the image: one channel of `side` x `side` pixels.
    pub fn map(format: TensorFormat, side: u32, value_range: &[f32], channel: &str) -> Self {
        Self {
            kind: TensorKind::Image,
            format,
            spatial_shape: vec![side, side],
            value_range: value_range.to_vec(),
            ..Self::vector(TensorKind::Image, format, 1, &[channel])
        }
    }

    /// Values without a place, one for each channel.
    pub fn vector(kind: TensorKind, format: TensorFormat, channels: u32, names: &[impl AsRef<str>]) -> Self {
        Self {
            kind,
            format,
            modality: "n/a".into(),
            num_channels: channels,
            spatial_shape: vec![],
            dtype: DataType::Float32,
            value_range: vec![],
            is_patch_data: false,
            channel_def: (0..)
                .zip(names)
                .map(|(at, name)| (at, name.as_ref().to_owned()))
                .collect(),
        }
    }

    /// Channels, then the spatial dimensions.
    pub fn shape(&self) -> Vec<u32> {
        std::iter::once(self.num_channels)
            .chain(self.spatial_shape.iter().copied())
            .collect()
    }

    /// What is wrong with it by itself.
    pub(crate) fn check(&self) -> Result<(), String> {
        const LARGEST: u64 = 1 << 26;
        let shape = self.shape();
        if shape.contains(&0) || count(&shape) > LARGEST {
            return Err(format!("the shape {shape:?} is not usable"));
        }
        if !matches!(self.value_range.as_slice(), [] | [_, _]) {
            return Err(format!(
                "the value range {:?} is not a lowest and a highest value",
                self.value_range
            ));
        }
        match self.channel_def.keys().find(|channel| **channel >= self.num_channels) {
            Some(channel) => Err(format!("channel {channel} is described, of {}", self.num_channels)),
            None => Ok(()),
        }
    }
}

/// Every output of a network for one image, each with its shape and finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Answers {
    bundle: String,
    tensors: Vec<Tensor>,
}

impl Answers {
    /// The tensors that `outputs` of this bundle asks for.
    ///
    /// # Errors
    /// `WorkerRefused` where one is missing, unknown, of another shape or not finite; the message names the
    /// bundle and the tensor.
    pub fn new(
        bundle: &str,
        outputs: &BTreeMap<String, TensorSpec>,
        tensors: Vec<Tensor>,
    ) -> Result<Self, EngineError> {
        let refuse = |what: String| {
            let message = format!("the bundle '{bundle}' {what}; its result is not shown");
            Err(EngineError::new(FailureCode::WorkerRefused, message))
        };
        for Tensor { name, shape, values } in &tensors {
            let Some(spec) = outputs.get(name) else {
                return refuse(format!("gave the tensor '{name}', which its metadata does not name"));
            };
            if *shape != spec.shape() || values.len() as u64 != count(shape) {
                let (found, wanted) = (values.len(), spec.shape());
                return refuse(format!(
                    "gave the tensor '{name}' with the shape {shape:?} and {found} values, and its metadata says {wanted:?}"
                ));
            }
            if values.iter().any(|value| !value.is_finite()) {
                return refuse(format!("gave values that are not finite in the tensor '{name}'"));
            }
        }
        let given = |name: &&String| tensors.iter().filter(|tensor| tensor.name == **name).count();
        if let Some(name) = outputs.keys().find(|name| given(name) != 1) {
            return refuse(format!("gave the tensor '{name}' {} times, not once", given(&name)));
        }
        Ok(Self {
            bundle: bundle.to_owned(),
            tensors,
        })
    }

    /// The values of an output.
    ///
    /// # Errors
    /// `WorkerRefused` where the bundle has no such output.
    pub fn values(&self, name: &str) -> Result<&[f32], EngineError> {
        let found = self.tensors.iter().find(|tensor| tensor.name == name);
        found.map(|tensor| tensor.values.as_slice()).ok_or_else(|| {
            let names: Vec<&str> = self.tensors.iter().map(|tensor| tensor.name.as_str()).collect();
            EngineError::new(
                FailureCode::WorkerRefused,
                format!(
                    "the bundle '{}' gives no tensor '{name}'; it gives {}",
                    self.bundle,
                    names.join(", ")
                ),
            )
        })
    }
}

/// The values of all tensors, one after the other, as a block of the protocol.
pub fn to_block(tensors: &[Tensor]) -> Vec<u8> {
    let mut block = Vec::new();
    tensors.iter().for_each(|tensor| put_f32(&tensor.values, &mut block));
    block
}

/// Gives tensors that came without their values those of the block; `None` where it is too short or too long.
pub fn from_block(mut tensors: Vec<Tensor>, block: &[u8]) -> Option<Vec<Tensor>> {
    let mut rest = block;
    for tensor in &mut tensors {
        let bytes = usize::try_from(tensor.count().checked_mul(4)?).ok()?;
        let (own, others) = rest.split_at_checked(bytes)?;
        tensor.values = f32_from_bytes(own);
        rest = others;
    }
    rest.is_empty().then_some(tensors)
}

/// Appends the values, little endian; in one stride, since a batch holds millions of them.
pub fn put_f32(values: &[f32], block: &mut Vec<u8>) {
    let start = block.len();
    block.resize(start + 4 * values.len(), 0);
    for (place, value) in block[start..].as_chunks_mut::<4>().0.iter_mut().zip(values) {
        *place = value.to_le_bytes();
    }
}

/// The values, little endian.
pub fn f32_to_bytes(values: &[f32]) -> Vec<u8> {
    let mut block = Vec::new();
    put_f32(values, &mut block);
    block
}

/// Values that lie little endian in `bytes`; an odd rest is left out.
pub fn f32_from_bytes(bytes: &[u8]) -> Vec<f32> {
    bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|b| f32::from_le_bytes(*b))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs() -> BTreeMap<String, TensorSpec> {
        [
            ("map", TensorSpec::map(TensorFormat::Classes, 2, &[0.0, 1.0], "lesion")),
            (
                "class",
                TensorSpec::vector(
                    TensorKind::Probabilities,
                    TensorFormat::Classes,
                    2,
                    &["abnormal", "odd"],
                ),
            ),
        ]
        .map(|(name, spec)| (name.to_owned(), spec))
        .into()
    }

    fn good() -> Vec<Tensor> {
        vec![
            Tensor::new("class", vec![2], vec![0.5, -1.0]),
            Tensor::new("map", vec![1, 2, 2], vec![0.1, 0.2, 0.3, 0.4]),
        ]
    }

    #[test]
    fn answers_are_found_by_name_whatever_their_order() -> Result<(), EngineError> {
        let answers = Answers::new("toy", &outputs(), good())?;
        assert_eq!(answers.values("class")?, [0.5, -1.0]);
        assert_eq!(answers.values("map")?, [0.1, 0.2, 0.3, 0.4]);
        let missing = answers
            .values("other")
            .err()
            .map(|error| error.message)
            .unwrap_or_default();
        assert!(
            missing.contains("'toy' gives no tensor 'other'; it gives class, map"),
            "{missing}"
        );
        Ok(())
    }

    #[test]
    fn a_wrong_answer_is_refused_and_names_bundle_and_tensor() {
        type Spoil<'a> = &'a dyn Fn(&mut Vec<Tensor>);
        let spoilt = |spoil: Spoil<'_>| {
            let mut tensors = good();
            spoil(&mut tensors);
            let refused = Answers::new("toy", &outputs(), tensors).err();
            refused
                .map(|error| (error.code, error.message))
                .unwrap_or((FailureCode::Io, String::new()))
        };
        let cases: [(Spoil<'_>, &str); 6] = [
            (
                &|all| all[1].shape = vec![1, 4, 1],
                "'map' with the shape [1, 4, 1] and 4 values, and its metadata says [1, 2, 2]",
            ),
            (
                &|all| all[1].values.truncate(3),
                "'map' with the shape [1, 2, 2] and 3 values",
            ),
            (&|all| all[0].values[1] = f32::NAN, "not finite in the tensor 'class'"),
            (
                &|all| all[1].name = "mop".into(),
                "'mop', which its metadata does not name",
            ),
            (&|all| drop(all.remove(0)), "'class' 0 times"),
            (&|all| all.push(all[0].clone()), "'class' 2 times"),
        ];
        for (spoil, said) in cases {
            let (code, message) = spoilt(spoil);
            assert_eq!(code, FailureCode::WorkerRefused);
            assert!(
                message.contains("'toy'") && message.contains(said),
                "{message:?} does not say {said:?}"
            );
        }
    }

    #[test]
    fn tensors_survive_the_wire_and_a_block_that_does_not_fit_is_refused() -> Result<(), serde_json::Error> {
        let block = to_block(&good());
        let heads: Vec<Tensor> = serde_json::from_str(&serde_json::to_string(&good())?)?;
        assert!(heads.iter().all(|head| head.values.is_empty()));
        assert_eq!(from_block(heads.clone(), &block), Some(good()));
        assert_eq!(from_block(heads.clone(), &block[4..]), None);
        assert_eq!(from_block(heads.clone(), &[block.as_slice(), &[0; 4]].concat()), None);
        let endless = Tensor::new("map", vec![u32::MAX; 3], vec![]);
        assert_eq!(from_block(vec![endless], &block), None);
        Ok(())
    }

    #[test]
    fn a_tensor_is_described_as_monai_does_it() -> Result<(), serde_json::Error> {
        let spec = &outputs()["map"];
        let json = serde_json::json!({
            "type": "image", "format": "classes", "modality": "n/a", "num_channels": 1, "spatial_shape": [2, 2],
            "dtype": "float32", "value_range": [0.0, 1.0], "is_patch_data": false, "channel_def": {"0": "lesion"}
        });
        assert_eq!(serde_json::to_value(spec)?, json);
        assert_eq!(&serde_json::from_value::<TensorSpec>(json)?, spec);
        Ok(())
    }
}
