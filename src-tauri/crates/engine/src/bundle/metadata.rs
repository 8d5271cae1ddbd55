//! `metadata.json`: what a bundle says of itself. Unknown fields are refused, so that a newer
//! bundle is never half understood.

use std::collections::BTreeMap;

use domain::{CommercialUse, FailureCode, ModelVersion, OperatingPoint, Prevalence, Says, Sequence, SlicePlane};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::damaged;
use super::format_2::Format2;
use super::network::NetworkSpec;
use super::tasks::{self, Route, Scored, Task, UnusualHeads};
use crate::error::EngineError;
use crate::tensors::{FEATURES, TensorSpec};

/// 3: tensors by name, tasks, and what computes them; the set of an operating point in parts. 4: an operating point
/// counted by patient, what a calibration was made on, and how poor an image may be. 5: whether it may be used
/// commercially. Older ones are still read.
pub const BUNDLE_FORMAT: u32 = 5;
/// The first format that states it.
const STATES_COMMERCIAL_USE: u32 = 5;

/// A bundle's description of itself, in the newest format.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// [`BUNDLE_FORMAT`]: what was read from an older format says the newest.
    pub format: u32,
    /// As the folder is called.
    pub name: String,
    /// Three numbers; a new one for new weights.
    pub version: String,
    /// What it finds, in a few words.
    pub title: String,
    /// For whom and for which images it was made, in sentences.
    pub intended_use: String,
    /// What it does; they speak in this order.
    pub tasks: Vec<Task>,
    /// What the network takes, by name, in the form of MONAI's `network_data_format`.
    pub inputs: BTreeMap<String, TensorSpec>,
    /// What the network answers, likewise.
    pub outputs: BTreeMap<String, TensorSpec>,
    /// What computes the network.
    pub runtime: Runtime,
    /// How a frame becomes the tensor `image`, and what the file's header must say.
    pub input: InputSpec,
    /// From a raw score to the score that is shown.
    pub calibration: Calibration,
    /// The first is the default.
    pub operating_points: Vec<OperatingPoint>,
    /// `None`: nothing was learned of which images suit it.
    pub gate: Option<GateSpec>,
    /// What it was trained on.
    pub data: Vec<DataSource>,
    /// Whether it may be used in paid work; of a format before 5 by the licences of its data.
    #[serde(default)]
    pub commercial_use: CommercialUse,
    /// Figures on the set each names; the card tells them in words.
    pub metrics: Vec<Metric>,
    /// How it was made.
    pub training: Training,
}

/// What computes the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Runtime {
    /// `overread-worker`, from weights in safetensors.
    Torch {
        /// Its shape.
        network: NetworkSpec,
        /// Average over the image and its mirror image; of several members every other one sees the
        /// mirror image instead.
        mirror: bool,
    },
}

/// How a frame becomes the network's input, and what the header must say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSpec {
    /// Side of the square input, pixels.
    pub size: u32,
    /// Grey values are clipped to this range of percentiles, 0..=100.
    pub percentiles: [f32; 2],
    /// After clipping to 0..=1, pixels above this belong to the body; mean and deviation are taken there.
    pub body_threshold: f32,
    /// DICOM modalities the model was made for. A picture file without a header is left to the learned gate.
    pub modalities: Vec<String>,
    /// Accepted values of Photometric Interpretation (PS3.3 C.7.6.3.1.2): a colour picture is not what a model
    /// of grey pictures was made for, whatever its header says else. Empty: any.
    #[serde(default)]
    pub photometric: Vec<String>,
    /// Accepted values of Body Part Examined, where the file has one.
    pub body_parts: Vec<String>,
    /// Youngest and oldest patients in whole years, where the model was made for some only.
    #[serde(default)]
    pub ages: Option<[u32; 2]>,
    /// Accepted values of View Position, where the file has one. Empty: any.
    #[serde(default)]
    pub views: Vec<String>,
    /// The MR sequence that the model was made for, where it was made for one: a header or a person must say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<Sequence>,
    /// How slices must lie in the patient, where it was made for one plane.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plane: Option<SlicePlane>,
    /// Values in Hounsfield units are cut to this window first, for the model was trained in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<[f32; 2]>,
    /// How poor an image may be; `None`: it is taken as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<QualitySpec>,
    /// What the model expects, in words for a refusal: `axial FLAIR MR slices of an adult's head`.
    pub description: String,
}

/// How far an image may be from the training images in exposure and noise, and what is done about it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QualitySpec {
    /// The median of the middle of the body, as a share of the grey range, is brought within these by a gamma curve.
    pub exposure: [f32; 2],
    /// Noise above this standard deviation, a share of the grey range, is smoothed.
    pub smoothed_above: f32,
    /// An image with more noise than this is refused as too poor.
    pub refused_above: f32,
}

impl QualitySpec {
    /// What is wrong with it, if anything is.
    pub fn problem(&self) -> Option<String> {
        let [dark, bright] = self.exposure;
        let exposed = 0.0 < dark && dark < bright && bright < 1.0;
        let noise =
            0.0 <= self.smoothed_above && self.smoothed_above <= self.refused_above && self.refused_above <= 1.0;
        (!exposed || !noise).then(|| format!("quality {self:?}: its limits are not ascending shares"))
    }
}

/// Platt scaling: `score = sigmoid(slope * logit(raw) + intercept)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Above 0, so that the order of scores is kept.
    pub slope: f32,
    /// In logits.
    pub intercept: f32,
    /// `None` in bundles of format 3, and where nothing was fitted.
    #[serde(default)]
    pub made_on: Option<MadeOn>,
}

/// The images that a calibration was fitted on: a score is the probability of an anomaly where it is as frequent as
/// among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MadeOn {
    /// Images with an anomaly.
    pub with: u32,
    /// Images without.
    pub without: u32,
}

impl MadeOn {
    /// Share of the images with an anomaly.
    pub fn prevalence(self) -> Prevalence {
        Prevalence::clamped(f64::from(self.with) / f64::from(self.with.saturating_add(self.without).max(1)))
    }
}

/// Gate statistics lie in `gate.safetensors`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateSpec {
    /// Length of a feature vector.
    pub features: u32,
    /// Kinds of training pictures that are in range.
    pub centres: u32,
    /// Mahalanobis distance at which a picture is out of range.
    pub limit: f32,
}

/// A data set that a bundle was trained on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSource {
    /// With its authors.
    pub name: String,
    /// Of the images and of the labels, which may differ.
    pub licence: String,
    /// The article, and where the data lie.
    pub citation: String,
}

/// One figure of the card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// As `evaluate` names it, `image_auc`.
    pub name: String,
    /// In the figure's own unit; shares lie within 0 and 1.
    pub value: f64,
    /// Lower end of the 95 % interval.
    pub low: Option<f64>,
    /// Its upper end.
    pub high: Option<f64>,
    /// What it was measured on.
    pub set: String,
}

/// How a bundle was made: enough to make it again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// The command line, with the folders in words.
    pub command: String,
    /// Of the first member; the others take the numbers after it.
    pub seed: u64,
    /// Passes over the training images.
    pub epochs: u32,
    /// Of the manifest of the training images.
    pub manifest_sha256: String,
    /// Version of the program, and hash of its sources that train.
    pub code_version: String,
    /// Real images of the training split.
    pub images: u32,
    /// Synthetic ones beside them.
    pub synthetic_images: u32,
    /// The bundle whose weights the training began with, where these were not random.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<ModelVersion>,
}

impl Metadata {
    /// The network that the runtime builds.
    pub fn network(&self) -> &NetworkSpec {
        let Runtime::Torch { network, .. } = &self.runtime;
        network
    }

    /// What gives the score; `None` of a bundle that routes.
    pub fn scored(&self) -> Option<&Scored> {
        self.tasks.iter().find_map(Task::scored)
    }

    /// What it may tell of an image at its first operating point; `None` of a bundle that gives no score.
    pub fn says(&self) -> Option<Says> {
        self.scored()?;
        self.operating_points.first().map(OperatingPoint::says)
    }

    /// The routes of a bundle that tells which bundle an image is for, instead of reading it.
    pub fn route(&self) -> Option<&Route> {
        self.tasks.iter().find_map(|task| match task {
            Task::Route(route) => Some(route),
            _ => None,
        })
    }

    /// Its heads that look for what nobody outlined.
    pub fn unusual(&self) -> Option<&UnusualHeads> {
        self.tasks.iter().find_map(|task| match task {
            Task::Unusual(unusual) => Some(unusual),
            _ => None,
        })
    }

    pub(super) fn parse(bytes: &[u8], bundle: &str) -> Result<Self, EngineError> {
        let Format { format, tasks } = read(bytes, bundle)?;
        let too_new = |what: String| {
            let message = format!("the bundle '{bundle}' has {what}; update Overread");
            Err(EngineError::new(FailureCode::BundleTooNew, message))
        };
        if format > BUNDLE_FORMAT {
            return too_new(format!("format {format}, and this version reads up to {BUNDLE_FORMAT}"));
        }
        if let Some(TaskName { task }) = tasks.iter().find(|one| !tasks::NAMES.contains(&one.task.as_str())) {
            return too_new(format!(
                "the task '{task}', and this version knows {}",
                tasks::NAMES.join(", ")
            ));
        }
        let mut metadata = match format {
            0..=2 => read::<Format2>(bytes, bundle)?.into(),
            _ => Self {
                format: BUNDLE_FORMAT,
                ..read(bytes, bundle)?
            },
        };
        if format < STATES_COMMERCIAL_USE {
            let licences = metadata.data.iter().map(|source| source.licence.as_str());
            metadata.commercial_use = CommercialUse::of_licences(licences);
        }
        Self::check(&metadata).map_err(|what| damaged(bundle, format!("metadata.json: {what}")))?;
        Ok(metadata)
    }

    fn check(&self) -> Result<(), String> {
        let side = self.input.size;
        self.network().check(side)?;
        for (name, spec) in self.inputs.iter().chain(&self.outputs) {
            spec.check().map_err(|what| format!("the tensor '{name}': {what}"))?;
        }
        self.check_tensors(side)?;
        tasks::check(&self.tasks, side, &self.outputs)?;
        if self.operating_points.is_empty() {
            return Err("operating points must not be empty".into());
        }
        let [low, high] = self.input.percentiles;
        if !(0.0 <= low && low < high && high <= 100.0) {
            return Err(format!("percentiles {low} and {high} are not in order"));
        }
        if let Some([low, high]) = self
            .input
            .window
            .filter(|[low, high]| low.partial_cmp(high) != Some(std::cmp::Ordering::Less))
        {
            return Err(format!("the window from {low} to {high} is none"));
        }
        if let Some(problem) = self.input.quality.and_then(|quality| quality.problem()) {
            return Err(problem);
        }
        for threshold in self.operating_points.iter().map(|point| point.threshold) {
            if !(0.0..=1.0).contains(&threshold) {
                return Err(format!("the threshold {threshold} is not within 0 and 1"));
            }
        }
        if !(self.calibration.slope.is_finite()
            && self.calibration.slope > 0.0
            && self.calibration.intercept.is_finite())
        {
            return Err(format!(
                "calibration {:?} does not keep the order of scores",
                self.calibration
            ));
        }
        Ok(())
    }

    /// The tensors that are named are those that the runtime takes and gives, and the gate has its features.
    fn check_tensors(&self, side: u32) -> Result<(), String> {
        let shape = |(name, spec): (&String, &TensorSpec)| (name.clone(), spec.shape());
        let wanted: BTreeMap<_, _> = NetworkSpec::inputs(side).iter().map(shape).collect();
        let found: BTreeMap<_, _> = self.inputs.iter().map(shape).collect();
        if found != wanted {
            return Err(format!("the inputs are {found:?}, and the network takes {wanted:?}"));
        }
        let given = self.network().outputs(side, &[""; 0]);
        for (name, spec) in &self.outputs {
            let Some(own) = given.get(name) else {
                let names: Vec<&str> = given.keys().map(String::as_str).collect();
                return Err(format!(
                    "the network gives no tensor '{name}'; it gives {}",
                    names.join(", ")
                ));
            };
            if own.shape() != spec.shape() {
                return Err(format!(
                    "the tensor '{name}' is said to have the shape {:?}, and the network gives {:?}",
                    spec.shape(),
                    own.shape()
                ));
            }
        }
        match (&self.gate, self.outputs.get(FEATURES)) {
            (Some(gate), Some(spec)) if gate.features == spec.num_channels => Ok(()),
            (Some(gate), _) => Err(format!(
                "the gate judges {} values of the tensor '{FEATURES}', which the outputs do not have",
                gate.features
            )),
            (None, _) => Ok(()),
        }
    }
}

/// What is read before all else, of any format.
#[derive(Deserialize)]
struct Format {
    format: u32,
    #[serde(default)]
    tasks: Vec<TaskName>,
}

#[derive(Deserialize)]
struct TaskName {
    task: String,
}

fn read<T: DeserializeOwned>(bytes: &[u8], bundle: &str) -> Result<T, EngineError> {
    serde_json::from_slice(bytes).map_err(|error| damaged(bundle, format!("metadata.json: {error}")))
}
