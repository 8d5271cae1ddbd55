//! The training loop.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rand::{SeedableRng, seq::SliceRandom};
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};
use tch::nn::OptimizerConfig;
use tch::{Device, Kind, Tensor, nn};

use crate::augment::{Plane, vary};
use crate::network::{Conv, Layers, Network, Norm, Pass};
use crate::training_set::{TrainingSet, TrainingSetError};
use crate::weights::{FoldedLayers, WeightsError, floats, to_safetensors};
use crate::{compute, loss};
use engine::bundle::NetworkSpec;

const EMA_DECAY: f64 = 0.998;
const WEIGHT_DECAY: f64 = 0.05;
const CLIP_NORM: f64 = 1.0;
const WARM_UP_STEPS: f64 = 100.0;
const NO_DECAY_GROUP: usize = 1;
const DECODED_AHEAD: usize = 4;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TrainConfig {
    pub set: PathBuf,
    /// Folder that gets `weights.safetensors` and `curve.json`.
    pub out: PathBuf,
    pub network: NetworkSpec,
    pub seed: u64,
    pub epochs: u32,
    pub batch: usize,
    pub learning_rate: f64,
    /// The first epochs run on smaller pictures: faster, and hardly worse (progressive resizing).
    pub first: SmallStart,
}

/// Pictures of `size` pixels a side for the first `epochs` epochs.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct SmallStart {
    pub size: u32,
    pub epochs: u32,
}

/// One line of progress on stdout, and one point of the curve.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Progress {
    pub epoch: u32,
    pub epochs: u32,
    pub loss: f64,
    pub seconds: f64,
    pub seconds_left: f64,
    pub validation: Option<ValidationFigures>,
}

/// Means over the validation pictures with a lesion.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct ValidationFigures {
    pub slice_dice: f64,
    pub pointing: f64,
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
    #[error("libtorch failed: {0}")]
    Torch(#[from] tch::TchError),
    #[error("training needs at least one epoch and one picture in a batch")]
    NothingToDo,
}

/// Fresh variables in a store; the names are those of the weights file.
struct TrainableLayers<'a>(nn::Path<'a>);

impl TrainableLayers<'_> {
    fn at(&self, name: &str) -> nn::Path<'_> {
        name.split('.').fold(self.0.sub("net"), |path, part| path.sub(part))
    }

    fn weight(&self, name: &str, dims: &[i64]) -> Tensor {
        let init = nn::Init::Kaiming {
            dist: nn::init::NormalOrUniform::Normal,
            fan: nn::init::FanInOut::FanIn,
            non_linearity: nn::init::NonLinearity::ReLU,
        };
        self.at(name).var("weight", dims, init)
    }
}

impl Layers for TrainableLayers<'_> {
    fn conv_norm(&mut self, name: &str, inputs: i64, outputs: i64, kernel: i64, stride: i64) -> Conv {
        let weight = self.weight(name, &[outputs, inputs, kernel, kernel]);
        let plain = self.at(name).set_group(NO_DECAY_GROUP);
        let norm = Norm {
            gamma: plain.ones("gamma", &[outputs]),
            beta: plain.zeros("beta", &[outputs]),
            mean: plain.zeros_no_train("mean", &[outputs]),
            variance: plain.ones_no_train("variance", &[outputs]),
        };
        Conv {
            weight,
            bias: None,
            norm: Some(norm),
            stride,
        }
    }

    fn conv_bias(&mut self, name: &str, inputs: i64, outputs: i64) -> Conv {
        let weight = self.weight(name, &[outputs, inputs, 1, 1]);
        // Lesions are rare: starting near "none" saves the first epochs.
        let bias = self
            .at(name)
            .set_group(NO_DECAY_GROUP)
            .var("bias", &[outputs], nn::Init::Const(-2.0));
        Conv {
            weight,
            bias: Some(bias),
            norm: None,
            stride: 1,
        }
    }
}

/// Trains and writes the averaged weights; `report` is called after every epoch.
pub fn train(config: &TrainConfig, device: Device, report: &mut dyn FnMut(&Progress)) -> Result<(), TrainError> {
    if config.epochs == 0 || config.batch == 0 {
        return Err(TrainError::NothingToDo);
    }
    let set = TrainingSet::read(&config.set)?;
    tch::manual_seed(config.seed as i64);
    let kind = match device {
        Device::Cpu => compute::kind_of(compute::cpu_precision()),
        _ => Kind::BFloat16,
    };
    let store = nn::VarStore::new(device);
    let network = Network::new(&config.network, &mut TrainableLayers(store.root()));
    let mut optimizer = nn::AdamW {
        wd: WEIGHT_DECAY,
        ..nn::AdamW::default()
    }
    .build(&store, config.learning_rate)?;
    optimizer.set_weight_decay_group(NO_DECAY_GROUP, 0.0);
    let variables: BTreeMap<String, Tensor> = store
        .variables()
        .into_iter()
        .map(|(name, tensor)| (name.trim_start_matches("net.").to_owned(), tensor))
        .collect();
    let mut average: BTreeMap<String, Tensor> = variables
        .iter()
        .map(|(name, tensor)| (name.clone(), tensor.detach().copy()))
        .collect();

    let (lesion, clean) = (set.training(true), set.training(false));
    let steps_per_epoch = (2 * lesion.len()).div_ceil(config.batch);
    let total_steps = (steps_per_epoch * config.epochs as usize) as f64;
    let (mut curve, mut step) = (Vec::new(), 0usize);
    let start = Instant::now();
    for epoch in 1..=config.epochs {
        let order = epoch_order(&lesion, &clean, config.seed, epoch);
        let side = if epoch <= config.first.epochs {
            config.first.size as usize
        } else {
            set.size
        };
        let mut sum = 0.0;
        let mut batches = 0u32;
        std::thread::scope(|scope| -> Result<(), TrainError> {
            let (send, receive) = std::sync::mpsc::sync_channel(DECODED_AHEAD);
            let (set, order, seed, batch) = (&set, &order, config.seed, config.batch);
            scope.spawn(move || {
                for chunk in order.chunks(batch) {
                    // The receiver is gone when training stopped early.
                    if send.send(assemble(set, chunk, side, seed, epoch)).is_err() {
                        return;
                    }
                }
            });
            for batch in receive {
                optimizer.set_lr(config.learning_rate * schedule(step as f64, total_steps));
                let value = train_step(&network, &mut optimizer, &batch, side, device, kind);
                if !value.is_finite() {
                    return Err(TrainError::NotFinite {
                        epoch,
                        loss: value,
                        rate: config.learning_rate,
                    });
                }
                // A short memory at first, so that the average does not drag the random start along.
                let decay = EMA_DECAY.min((1.0 + step as f64) / (10.0 + step as f64));
                update_average(&mut average, &variables, decay);
                sum += value;
                batches += 1;
                step += 1;
            }
            Ok(())
        })?;
        let last = epoch == config.epochs;
        let validation = if (epoch % 5 == 0 || last) && !set.validation().is_empty() {
            Some(validate(&config.network, &to_safetensors(&average)?, &set, device)?)
        } else {
            None
        };
        let seconds = start.elapsed().as_secs_f64();
        let progress = Progress {
            epoch,
            epochs: config.epochs,
            loss: sum / f64::from(batches.max(1)),
            seconds,
            seconds_left: seconds / f64::from(epoch) * f64::from(config.epochs - epoch),
            validation,
        };
        report(&progress);
        curve.push(progress);
    }
    write(&config.out.join("weights.safetensors"), &to_safetensors(&average)?)?;
    let curve = serde_json::to_vec_pretty(&curve).map_err(std::io::Error::other);
    let path = config.out.join("curve.json");
    write(
        &path,
        &curve.map_err(|error| TrainError::Io {
            path: path.display().to_string(),
            error,
        })?,
    )
}

/// Every lesion picture once and as many others, shuffled.
fn epoch_order(lesion: &[usize], clean: &[usize], seed: u64, epoch: u32) -> Vec<usize> {
    let mut rng = Pcg64Mcg::seed_from_u64(seed ^ (u64::from(epoch) << 32));
    let mut order = lesion.to_vec();
    let mut pool = clean.to_vec();
    while order.len() < 2 * lesion.len() {
        pool.shuffle(&mut rng);
        order.extend(pool.iter().take(2 * lesion.len() - order.len()));
    }
    order.shuffle(&mut rng);
    order
}

struct Batch {
    images: Vec<f32>,
    masks: Vec<f32>,
    labels: Vec<f32>,
}

fn assemble(set: &TrainingSet, chunk: &[usize], side: usize, seed: u64, epoch: u32) -> Batch {
    let mut batch = Batch {
        images: vec![],
        masks: vec![],
        labels: vec![],
    };
    for index in chunk {
        let mut rng = Pcg64Mcg::seed_from_u64(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ *index as u64);
        // A jump per epoch gives each picture a new variation that still repeats for a seed.
        rng.advance(u128::from(epoch) << 40);
        let plane = Plane {
            image: set.image(*index),
            mask: set.mask(*index),
        };
        let varied = vary(&plane, set.size, side, &mut rng);
        batch.images.extend(varied.image);
        batch.masks.extend(varied.mask);
        batch.labels.push(set.label(*index));
    }
    batch
}

fn train_step(
    network: &Network,
    optimizer: &mut nn::Optimizer,
    batch: &Batch,
    size: usize,
    device: Device,
    kind: Kind,
) -> f64 {
    let shape = [batch.labels.len() as i64, 1, size as i64, size as i64];
    let plane = |values: &[f32]| Tensor::from_slice(values).view(shape).to_device(device);
    let output = network.forward(&plane(&batch.images).to_kind(kind), Pass { train: true, kind });
    let label = Tensor::from_slice(&batch.labels).to_device(device);
    let loss = loss::total(&output, &plane(&batch.masks), &label);
    let value = loss.double_value(&[]);
    if value.is_finite() {
        optimizer.backward_step_clip_norm(&loss, CLIP_NORM);
    }
    value
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

/// Dice and pointing of the averaged weights, through the same folded network as inference.
pub fn validate(
    spec: &NetworkSpec,
    weights: &[u8],
    set: &TrainingSet,
    device: Device,
) -> Result<ValidationFigures, TrainError> {
    let mut layers = FoldedLayers::parse(weights, spec, device, Kind::Float)?;
    let network = Network::new(spec, &mut layers);
    layers.finish()?;
    let (mut dice, mut hits, mut count) = (0.0, 0u32, 0u32);
    for index in set.validation().into_iter().filter(|i| set.label(*i) > 0.5) {
        let side = set.size as i64;
        let input = Tensor::from_slice(&set.image(index))
            .view([1, 1, side, side])
            .to_device(device);
        let pass = Pass {
            train: false,
            kind: Kind::Float,
        };
        let map = floats(&tch::no_grad(|| network.forward(&input, pass).mask.sigmoid()));
        let mask = set.mask(index);
        let peak = (0..map.len())
            .max_by(|a, b| map[*a].total_cmp(&map[*b]))
            .unwrap_or_default();
        hits += u32::from(mask[peak] > 0.5);
        let both = map.iter().zip(&mask).filter(|(p, m)| **p >= 0.5 && **m > 0.5).count() as f64;
        let either =
            map.iter().filter(|p| **p >= 0.5).count() as f64 + mask.iter().filter(|m| **m > 0.5).count() as f64;
        dice += if either > 0.0 { 2.0 * both / either } else { 1.0 };
        count += 1;
    }
    let count = f64::from(count.max(1));
    Ok(ValidationFigures {
        slice_dice: dice / count,
        pointing: f64::from(hits) / count,
    })
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
