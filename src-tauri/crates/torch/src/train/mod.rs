//! The training loop.

mod adamw;
mod batch;
mod checkpoint;
mod layers;
mod validate;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor, nn};

use crate::layers::Pass;
use crate::network::Network;
use crate::training_set::{TrainingSet, TrainingSetError};
use crate::weights::{Stored, WeightsError, fill, to_safetensors};
use crate::{compute, loss};
use adamw::AdamW;
use batch::{Batch, epoch_order};
use engine::bundle::{NetworkSpec, sha256_hex};
use engine::training::{Progress, Variation};
pub use layers::TrainableLayers;
use layers::variables;
pub use validate::validate;

/// AdamW does not mind a factor; a small one keeps the autoencoder out of the clipped norm.
const AUTOENCODER_WEIGHT: f64 = 0.05;
const EMA_DECAY: f64 = 0.998;
const WEIGHT_DECAY: f64 = 0.05;
const CLIP_NORM: f64 = 1.0;
const WARM_UP_STEPS: f64 = 100.0;
/// By each thread that assembles.
const ASSEMBLED_AHEAD: usize = 4;
/// A GPU waits for no fewer; the processor that also computes has none to spare.
const GPU_ASSEMBLERS: usize = 8;
const EPOCHS_BETWEEN_VALIDATIONS: u32 = 5;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TrainConfig {
    pub set: PathBuf,
    /// Of the file `set`: a checkpoint is not gone on with on other images.
    pub set_sha256: String,
    /// Folder that gets `weights.safetensors`, `curve.json` and the checkpoint.
    pub out: PathBuf,
    pub network: NetworkSpec,
    /// Begin with these weights instead of random ones.
    #[serde(default)]
    pub from: Option<Start>,
    pub seed: u64,
    /// On the processor, and on a GPU.
    pub epochs: u32,
    pub gpu_epochs: u32,
    /// Fewer epochs where this machine would need longer than this.
    pub minutes: Option<f64>,
    pub batch: usize,
    pub learning_rate: f64,
    /// The first epochs run on smaller images: faster, and hardly worse (progressive resizing).
    pub first: SmallStart,
    /// The part of the set that is not trained on.
    pub held_out: u8,
    /// Whether figures of the held-out part are told on the way. Nothing may look at a fold that is to judge.
    pub validate: bool,
    /// Images of each group in an epoch.
    pub per_group: usize,
    /// Weight of the class head's loss beside that of the maps.
    pub class_weight: f64,
    /// Share of the images that get a foreign patch.
    pub paste: f64,
    pub variation: Variation,
}

/// The weights of one member in the file of a bundle.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Start {
    pub weights: PathBuf,
    pub sha256: String,
    /// Before the names of this member's tensors: empty, or `0.`, `1.`, …
    pub prefix: String,
}

/// Images of `size` pixels a side for the first `share` of the epochs.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct SmallStart {
    pub size: u32,
    pub share: f64,
}

#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    #[error(transparent)]
    Set(#[from] TrainingSetError),
    #[error(transparent)]
    Weights(#[from] WeightsError),
    #[error("training stopped at epoch {epoch}: the loss became {loss}; try a lower learning rate than {rate}")]
    NotFinite { epoch: u32, loss: f64, rate: f64 },
    #[error("{path}: {error}")]
    Io { path: String, error: std::io::Error },
    #[error("{0} is not the file that the training was to begin with: it has another sha256")]
    OtherWeights(String),
    #[error("the checkpoint cannot be used: {0}")]
    Checkpoint(String),
    #[error("training needs at least one epoch and one image in a batch and in a group")]
    NothingToDo,
    #[error("the training set has {set} classes and the network {network}")]
    Classes { set: usize, network: u32 },
}

impl TrainConfig {
    /// What must be the same for a checkpoint to be gone on with: all but where files lie.
    fn identity(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(&Self {
            set: PathBuf::new(),
            out: PathBuf::new(),
            from: self.from.clone().map(|from| Start {
                weights: PathBuf::new(),
                ..from
            }),
            ..self.clone()
        })
    }

    /// Side of the images of an epoch, counted from 1.
    fn side(&self, epoch: u32, epochs: u32, full: usize) -> usize {
        if f64::from(epoch) <= (self.first.share * f64::from(epochs)).round() {
            self.first.size as usize
        } else {
            full
        }
    }
}

/// Trains and writes the averaged weights; `report` is called after every epoch. Goes on where a
/// checkpoint in `config.out` stopped, to the same weights as without the stop.
pub fn train(config: &TrainConfig, device: Device, report: &mut dyn FnMut(&Progress)) -> Result<(), TrainError> {
    if config.epochs == 0 || config.gpu_epochs == 0 || config.batch == 0 || config.per_group == 0 {
        return Err(TrainError::NothingToDo);
    }
    let set = TrainingSet::read(&config.set, config.held_out)?;
    if set.classes != config.network.classes as usize {
        return Err(TrainError::Classes {
            set: set.classes,
            network: config.network.classes,
        });
    }
    let kind = match device {
        Device::Cpu => compute::kind_of(compute::cpu_precision()),
        _ => Kind::BFloat16,
    };
    let mut training = Training::new(config, &set, device, kind);
    if let Some(from) = &config.from {
        training.begin_with(from)?;
    }
    let mut curve = checkpoint::resume(config, &training.variables, &training.average, &mut training.optimizer)?;
    let epochs = match curve.last() {
        Some(last) => last.epochs,
        None => training.epochs_in_time()?,
    };
    for epoch in curve.len() as u32 + 1..=epochs {
        let start = Instant::now();
        let loss = training.epoch(epoch, epochs)?;
        let validation = if (epoch % EPOCHS_BETWEEN_VALIDATIONS == 0 || epoch == epochs)
            && config.validate
            && !set.validation().is_empty()
        {
            let weights = to_safetensors(&training.average, Stored::Exact)?;
            Some(validate(&config.network, &weights, &set, device, kind)?)
        } else {
            None
        };
        let seconds = start.elapsed().as_secs_f64();
        let progress = Progress {
            epoch,
            epochs,
            loss,
            seconds,
            seconds_left: seconds_left(&curve, seconds, epochs - epoch),
            validation,
        };
        report(&progress);
        curve.push(progress);
        checkpoint::save(
            config,
            &training.variables,
            &training.average,
            &training.optimizer,
            &curve,
        )?;
    }
    let weights = to_safetensors(&training.average, Stored::Half)?;
    write(&config.out.join("weights.safetensors"), &weights)?;
    let path = config.out.join("curve.json");
    let curve = serde_json::to_vec_pretty(&curve).map_err(|error| TrainError::Io {
        path: path.display().to_string(),
        error: error.into(),
    })?;
    write(&path, &curve)
}

/// By the mean of the last epochs: those on small images are faster than those to come.
fn seconds_left(curve: &[Progress], seconds: f64, epochs: u32) -> f64 {
    let recent: Vec<f64> = curve.iter().rev().take(2).map(|p| p.seconds).chain([seconds]).collect();
    recent.iter().sum::<f64>() / recent.len() as f64 * f64::from(epochs)
}

struct Training<'a> {
    config: &'a TrainConfig,
    set: &'a TrainingSet,
    groups: Vec<Vec<usize>>,
    device: Device,
    kind: Kind,
    network: Network,
    variables: BTreeMap<String, Tensor>,
    average: BTreeMap<String, Tensor>,
    optimizer: AdamW,
}

impl<'a> Training<'a> {
    fn new(config: &'a TrainConfig, set: &'a TrainingSet, device: Device, kind: Kind) -> Self {
        tch::manual_seed(config.seed as i64);
        let store = nn::VarStore::new(device);
        let network = Network::new(&config.network, &mut TrainableLayers(store.root()));
        let variables = variables(&store);
        let copy = |(name, tensor): (&String, &Tensor)| (name.clone(), tensor.detach().copy());
        Self {
            average: variables.iter().map(copy).collect(),
            optimizer: AdamW::new(&variables, WEIGHT_DECAY),
            groups: set.groups(),
            config,
            set,
            device,
            kind,
            network,
            variables,
        }
    }

    fn begin_with(&mut self, from: &Start) -> Result<(), TrainError> {
        let bytes = std::fs::read(&from.weights).map_err(|error| TrainError::Io {
            path: from.weights.display().to_string(),
            error,
        })?;
        if sha256_hex(&bytes) != from.sha256 {
            return Err(TrainError::OtherWeights(from.weights.display().to_string()));
        }
        fill(&self.variables, &bytes, &from.prefix)?;
        fill(&self.average, &bytes, &from.prefix)?;
        Ok(())
    }

    /// As many epochs as were asked for, or as this machine computes in the time that was given.
    fn epochs_in_time(&self) -> Result<u32, TrainError> {
        let wanted = match self.device {
            Device::Cpu => self.config.epochs,
            _ => self.config.gpu_epochs,
        };
        let Some(minutes) = self.config.minutes else {
            return Ok(wanted);
        };
        let share = self.config.first.share;
        let small = self.seconds_of_a_step(self.config.first.size as usize)?;
        let full = self.seconds_of_a_step(self.set.size)?;
        let steps = (self.groups.len() * self.config.per_group).div_ceil(self.config.batch) as f64;
        let an_epoch = steps * (share * small + (1.0 - share) * full);
        Ok(((minutes * 60.0 / an_epoch) as u32).clamp(1, wanted))
    }

    /// Measured on another network, so that this one and its batches stay those of its seed.
    fn seconds_of_a_step(&self, side: usize) -> Result<f64, TrainError> {
        const ROUNDS: u32 = 3;
        let mut other = Self::new(self.config, self.set, self.device, self.kind);
        let order = epoch_order(&self.groups, self.config.per_group, self.config.seed, 1);
        let chunk = &order[..self.config.batch.min(order.len())];
        let batch = Batch::assemble(self.config, self.set, chunk, side, 1);
        other.step(&batch, 1, 0.0)?;
        let start = Instant::now();
        for _ in 0..ROUNDS {
            other.step(&batch, 1, 0.0)?;
        }
        Ok(start.elapsed().as_secs_f64() / f64::from(ROUNDS))
    }

    /// One epoch; gives the mean loss.
    fn epoch(&mut self, epoch: u32, epochs: u32) -> Result<f64, TrainError> {
        let (config, set) = (self.config, self.set);
        let order = epoch_order(&self.groups, config.per_group, config.seed, epoch);
        let side = config.side(epoch, epochs, set.size);
        let total_steps = order.len().div_ceil(config.batch) as f64 * f64::from(epochs);
        let (mut sum, mut batches) = (0.0, 0u32);
        std::thread::scope(|scope| -> Result<(), TrainError> {
            let order = &order;
            let assemblers = match self.device {
                Device::Cpu => 1,
                _ => std::thread::available_parallelism().map_or(1, |cores| cores.get().min(GPU_ASSEMBLERS)),
            };
            let assembled: Vec<_> = (0..assemblers)
                .map(|first| {
                    let (send, receive) = std::sync::mpsc::sync_channel(ASSEMBLED_AHEAD);
                    scope.spawn(move || {
                        for chunk in order.chunks(config.batch).skip(first).step_by(assemblers) {
                            // The receiver is gone when training stopped early.
                            if send.send(Batch::assemble(config, set, chunk, side, epoch)).is_err() {
                                return;
                            }
                        }
                    });
                    receive
                })
                .collect();
            // In turn, so that the batches come in their order however many threads assemble them.
            for batch in assembled.iter().cycle().map_while(|from| from.recv().ok()) {
                let done = self.optimizer.steps() as f64;
                let rate = config.learning_rate * schedule(done, total_steps);
                sum += self.step(&batch, epoch, rate)?;
                batches += 1;
                // A short memory at first, so that the average does not drag the random start along.
                let decay = EMA_DECAY.min((1.0 + done) / (10.0 + done));
                update_average(&mut self.average, &self.variables, decay);
            }
            Ok(())
        })?;
        Ok(sum / f64::from(batches.max(1)))
    }

    fn step(&mut self, batch: &Batch, epoch: u32, rate: f64) -> Result<f64, TrainError> {
        let (images, target) = batch.tensors(self.device);
        let pass = Pass {
            train: true,
            kind: self.kind,
        };
        let output = self.network.forward(&images.to_kind(self.kind), pass);
        let mut loss = loss::total(&output, &target, self.config.class_weight);
        if let Some(normal) = self.autoencoder_loss(&images, &target, pass) {
            loss += normal * AUTOENCODER_WEIGHT;
        }
        let value = loss.double_value(&[]);
        if !value.is_finite() {
            return Err(TrainError::NotFinite {
                epoch,
                loss: value,
                rate: self.config.learning_rate,
            });
        }
        self.optimizer.step(&loss, rate, CLIP_NORM);
        Ok(value)
    }

    /// On the images that are known to be normal; of one alone no batch statistics can be taken.
    fn autoencoder_loss(&self, images: &Tensor, target: &loss::Target, pass: Pass) -> Option<Tensor> {
        let autoencoder = self.network.autoencoder.as_ref()?;
        let normal = target.normal();
        (normal.size()[0] > 1).then(|| autoencoder.loss(&images.index_select(0, &normal), pass))
    }
}

/// Linear warm-up, then half a cosine down to a hundredth.
fn schedule(step: f64, total: f64) -> f64 {
    let warm_up = WARM_UP_STEPS.min(total / 10.0).max(1.0);
    if step < warm_up {
        return (step + 1.0) / warm_up;
    }
    let done = (step - warm_up) / (total - warm_up).max(1.0);
    0.01 + 0.99 * 0.5 * (1.0 + (std::f64::consts::PI * done.min(1.0)).cos())
}

fn update_average(average: &mut BTreeMap<String, Tensor>, variables: &BTreeMap<String, Tensor>, decay: f64) {
    tch::no_grad(|| {
        for (mean, now) in average.values_mut().zip(variables.values()) {
            let _ = mean.lerp_(now, 1.0 - decay);
        }
    });
}

/// Written beside, flushed to the disk, then renamed: a full disk leaves nothing half-written.
fn write(path: &Path, bytes: &[u8]) -> Result<(), TrainError> {
    let partial = path.with_extension("partial");
    let attempt = || -> std::io::Result<()> {
        let mut file = std::fs::File::create(&partial)?;
        std::io::Write::write_all(&mut file, bytes)?;
        file.sync_all()?;
        std::fs::rename(&partial, path)
    };
    attempt().map_err(|error| {
        let _ = std::fs::remove_file(&partial);
        TrainError::Io {
            path: path.display().to_string(),
            error,
        }
    })
}

#[cfg(test)]
mod tests;
