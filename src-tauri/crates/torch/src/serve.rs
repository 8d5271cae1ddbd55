//! Answers the engine's protocol on stdin and stdout until stdin ends.

use std::collections::BTreeMap;
use std::io::{BufReader, BufWriter, Read, Write};
use std::time::Instant;

use domain::Device;
use engine::bundle::{CLASS, CLASS_MAP, FOREIGN, LESION, NetworkSpec, RECONSTRUCTION, Runtime, sha256_hex};
use engine::protocol::{PROTOCOL, Place, Request, Response, WorkerRefusal, read_frame, write_frame};
use engine::tensors::{self, FEATURES, IMAGE, TensorSpec, f32_from_bytes, to_block};
use tch::{Kind, Tensor};

use crate::attack;
use crate::compute;
use crate::layers::Pass;
use crate::network::{Network, NetworkOutput, views};
use crate::weights::{floats, networks};

struct Loaded {
    weights_sha256: String,
    members: Vec<Network>,
    size: i64,
    mirror: bool,
    /// What every input is answered by.
    outputs: Shapes,
}

/// Names of tensors with their shapes.
type Shapes = Vec<(String, Vec<u32>)>;
type Refused = (WorkerRefusal, String);
type Answer = Result<(Response, Vec<u8>), Refused>;

/// Serves one client. The error is that of the pipes.
pub fn serve(place: &Place, input: impl Read, output: impl Write) -> std::io::Result<()> {
    let (mut input, mut output) = (BufReader::new(input), BufWriter::with_capacity(1 << 20, output));
    let mut loaded = Vec::new();
    while let Some((request, block)) = read_frame::<Request>(&mut input)? {
        let mut written = Ok(());
        let mut write = |response: &Response, block: &[u8]| {
            if written.is_ok() {
                written = write_frame(&mut output, response, block);
            }
        };
        // tch panics where libtorch throws; the job fails and the worker goes on.
        let answer = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            tch::no_grad(|| respond(place, &mut loaded, request, &block, &mut write))
        }));
        let refusal = match answer {
            Ok(Ok(())) => None,
            Ok(Err((code, message))) => Some(Response::Refused { code, message }),
            Err(panic) => Some(refusal_of(panic.as_ref())),
        };
        if let Some(refusal) = refusal {
            write(&refusal, &[]);
        }
        written?;
    }
    Ok(())
}

fn refusal_of(panic: &(dyn std::any::Any + Send)) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()));
    let text = text.unwrap_or_else(|| "an unknown failure".into());
    let code = if text.contains("out of memory") {
        WorkerRefusal::OutOfMemory
    } else {
        WorkerRefusal::Failed
    };
    Response::Refused {
        code,
        message: text.lines().next().unwrap_or_default().chars().take(400).collect(),
    }
}

fn respond(
    place: &Place,
    loaded: &mut Vec<Loaded>,
    request: Request,
    block: &[u8],
    write: &mut dyn FnMut(&Response, &[u8]),
) -> Result<(), Refused> {
    let (response, block) = match request {
        Request::Hello { protocol: PROTOCOL } => (
            Response::Hello {
                protocol: PROTOCOL,
                worker: env!("CARGO_PKG_VERSION").to_owned(),
                place: place.clone(),
            },
            vec![],
        ),
        Request::Hello { protocol } => {
            let what = format!(
                "the application speaks protocol {protocol}, and this worker {PROTOCOL}; install both together"
            );
            return Err((WorkerRefusal::Protocol, what));
        }
        Request::Load {
            weights_sha256,
            runtime,
            inputs,
            outputs,
        } => load(place, loaded, weights_sha256, &runtime, (&inputs, &outputs), block)?,
        Request::Infer { weights_sha256, count } => {
            return infer_each(place, find(loaded, &weights_sha256)?, block, count, write);
        }
        Request::Attack {
            weights_sha256,
            attack: spec,
            gate,
        } => {
            let model = find(loaded, &weights_sha256)?;
            let values = f32_from_bytes(block);
            let features = model.members.first().map_or(0, Network::features);
            if gate.is_some_and(|gate| i64::from(gate.features) != features) || features == 0 {
                return Err((
                    WorkerRefusal::BadInput,
                    format!("the network has {features} features, not those of the gate"),
                ));
            }
            let device = tch_device(place.device);
            let (clean, gate) = attack::read_block(&values, &spec.pictures, model.size, gate, device)
                .map_err(|what| (WorkerRefusal::BadInput, what))?;
            let see = |x: &Tensor| attack::see(&model.members, x, model.mirror);
            let changed = attack::attack(&clean, &spec, gate.as_ref(), &see)
                .ok_or((WorkerRefusal::NotLoaded, "the bundle holds no network".to_owned()))?;
            let count = spec.pictures.len() as u32;
            (Response::Attacked { count }, attack::block_of(&changed))
        }
        Request::Measure {
            weights_sha256,
            count,
            rounds,
        } => {
            let model = find(loaded, &weights_sha256)?;
            let shape = [i64::from(count), 1, model.size, model.size];
            let values = floats(&Tensor::rand(shape, (Kind::Float, tch::Device::Cpu)));
            let milliseconds = (0..rounds)
                .map(|_| {
                    let start = Instant::now();
                    // Copying the results back waits for a GPU to finish.
                    forward(place, model, &values, count)?;
                    Ok(start.elapsed().as_secs_f64() * 1e3)
                })
                .collect::<Result<_, Refused>>()?;
            (Response::Measured { milliseconds }, vec![])
        }
    };
    write(&response, &block);
    Ok(())
}

fn find<'a>(loaded: &'a [Loaded], weights_sha256: &str) -> Result<&'a Loaded, Refused> {
    loaded
        .iter()
        .find(|l| l.weights_sha256 == weights_sha256)
        .ok_or_else(|| {
            (
                WorkerRefusal::NotLoaded,
                format!("the weights {weights_sha256} are not loaded"),
            )
        })
}

fn load(
    place: &Place,
    loaded: &mut Vec<Loaded>,
    weights_sha256: String,
    runtime: &Runtime,
    (inputs, outputs): (&BTreeMap<String, TensorSpec>, &BTreeMap<String, TensorSpec>),
    bytes: &[u8],
) -> Answer {
    let found = sha256_hex(bytes);
    if found != weights_sha256 {
        return Err((
            WorkerRefusal::BadWeights,
            format!("the weights have the sha256 {found}, not {weights_sha256}"),
        ));
    }
    let Runtime::Torch { network: spec, mirror } = runtime;
    let (size, outputs) = fitting(spec, inputs, outputs).map_err(|what| (WorkerRefusal::BadWeights, what))?;
    let refuse = |error: crate::weights::WeightsError| (WorkerRefusal::BadWeights, error.to_string());
    let kind = compute::kind_of(place.precision);
    let (members, parameters) = networks(bytes, spec, tch_device(place.device), kind).map_err(refuse)?;
    loaded.retain(|l| l.weights_sha256 != weights_sha256);
    loaded.push(Loaded {
        weights_sha256,
        members,
        size: i64::from(size),
        mirror: *mirror,
        outputs,
    });
    Ok((Response::Loaded { parameters }, vec![]))
}

/// Side of the input, and names and shapes of the outputs that are asked for, where the network takes the
/// one and gives the others.
fn fitting(
    spec: &NetworkSpec,
    inputs: &BTreeMap<String, TensorSpec>,
    outputs: &BTreeMap<String, TensorSpec>,
) -> Result<(u32, Shapes), String> {
    let image = inputs.get(IMAGE).filter(|_| inputs.len() == 1).map(TensorSpec::shape);
    let side = match image.as_deref() {
        Some([1, rows, cols]) if rows == cols => *rows,
        _ => {
            return Err(format!(
                "the network takes one square image of one channel, not {inputs:?}"
            ));
        }
    };
    let given = spec.outputs(side, &[""; 0]);
    let all = outputs.iter().map(|(name, wanted)| {
        let (found, wanted) = (given.get(name).map(TensorSpec::shape), wanted.shape());
        match found {
            Some(found) if found == wanted => Ok((name.clone(), wanted)),
            Some(found) => Err(format!(
                "the network gives the tensor '{name}' the shape {found:?}, not {wanted:?}"
            )),
            None => {
                let names: Vec<&str> = given.keys().map(String::as_str).collect();
                Err(format!(
                    "the network gives no tensor '{name}'; it gives {}",
                    names.join(", ")
                ))
            }
        }
    });
    Ok((side, all.collect::<Result<_, _>>()?))
}

/// Answers each input by itself, so that whoever waits for it can stop us after any of them. The
/// processor takes them one by one, which costs it nothing; a GPU takes all of them at once.
fn infer_each(
    place: &Place,
    model: &Loaded,
    block: &[u8],
    count: u32,
    write: &mut dyn FnMut(&Response, &[u8]),
) -> Result<(), Refused> {
    let values = f32_from_bytes(block);
    if count == 0 || values.len() as i64 != i64::from(count) * model.size * model.size {
        return Err((
            WorkerRefusal::BadInput,
            format!(
                "{count} inputs of {0} x {0} were announced, and {1} values came",
                model.size,
                values.len()
            ),
        ));
    }
    let together = match place.device {
        Device::Cpu => 1,
        Device::Cuda(_) => count,
    };
    let one = (model.size * model.size) as usize;
    for inputs in values.chunks(one * together as usize) {
        for tensors in forward(place, model, inputs, (inputs.len() / one) as u32)? {
            let block = to_block(&tensors);
            write(&Response::Output { tensors }, &block);
        }
    }
    Ok(())
}

/// The answers to a batch of inputs, in their order.
fn forward(place: &Place, model: &Loaded, values: &[f32], count: u32) -> Result<Vec<Vec<tensors::Tensor>>, Refused> {
    let pass = Pass {
        train: false,
        kind: compute::kind_of(place.precision),
    };
    let input = Tensor::from_slice(values)
        .view([i64::from(count), 1, model.size, model.size])
        .to_device(tch_device(place.device))
        .to_kind(pass.kind);
    let views: Vec<View> = views(&model.members, model.mirror)
        .into_iter()
        .map(|(network, mirrored)| View::of(network, mirrored, &input, pass))
        .collect();
    let mut answers: Vec<Vec<tensors::Tensor>> = vec![vec![]; count as usize];
    for (name, shape) in &model.outputs {
        let missing = || (WorkerRefusal::Failed, format!("the network gives no tensor '{name}'"));
        let values = match name.as_str() {
            // One member's features are enough for the gate, and its statistics are of that member.
            FEATURES => views.first().and_then(|view| view.output.features.as_ref()).map(floats),
            RECONSTRUCTION => mean(model.members.iter().map(|network| {
                let autoencoder = network.autoencoder.as_ref()?;
                Some(autoencoder.errors(&input, pass))
            })),
            name => mean(views.iter().map(|view| view.tensor(name, model.size))),
        };
        let values = values.ok_or_else(missing)?;
        let each = values.len() / count as usize;
        for (answer, values) in answers.iter_mut().zip(values.chunks_exact(each.max(1))) {
            answer.push(tensors::Tensor::new(name, shape.clone(), values.to_vec()));
        }
    }
    Ok(answers)
}

/// What one member says of a batch that it sees straight or mirrored.
struct View<'a> {
    network: &'a Network,
    mirrored: bool,
    output: NetworkOutput,
}

impl<'a> View<'a> {
    fn of(network: &'a Network, mirrored: bool, input: &Tensor, pass: Pass) -> Self {
        let input = if mirrored {
            input.flip([3])
        } else {
            input.shallow_clone()
        };
        Self {
            network,
            mirrored,
            output: network.forward(&input, pass),
        }
    }

    /// The logits, or a map [n, s, s] in the image's own sides.
    fn tensor(&self, name: &str, size: i64) -> Option<Tensor> {
        let map = match name {
            CLASS => return Some(self.output.class.shallow_clone()),
            LESION => self.network.lesion_map(&self.output)?,
            FOREIGN => self.network.foreign_map(&self.output)?,
            CLASS_MAP => self.network.class_map(&self.output, size),
            _ => return None,
        };
        Some(if self.mirrored { map.flip([2]) } else { map })
    }
}

/// `None` where one of them has no answer, or there is none.
fn mean(answers: impl Iterator<Item = Option<Tensor>>) -> Option<Vec<f32>> {
    let all: Vec<Tensor> = answers.collect::<Option<_>>()?;
    if all.is_empty() {
        return None;
    }
    let mean = Tensor::stack(&all, 0).mean_dim([0i64].as_slice(), false, Kind::Float);
    Some(floats(&mean))
}

pub fn tch_device(device: Device) -> tch::Device {
    match device {
        Device::Cpu => tch::Device::Cpu,
        Device::Cuda(index) => tch::Device::Cuda(index as usize),
    }
}
