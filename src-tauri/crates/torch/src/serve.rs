//! Answers the engine's protocol on stdin and stdout until stdin ends.

use std::io::{BufReader, BufWriter, Read, Write};
use std::time::Instant;

use domain::{Device, Precision, Sentence};
use engine::bundle::{NetworkSpec, sha256_hex};
use engine::protocol::{PROTOCOL, Refusal, Request, Response, read_frame, write_frame};
use engine::tensors::put_f32;
use tch::{Kind, Tensor};

use crate::attack;
use crate::compute;
use crate::layers::Pass;
use crate::network::{Network, views};
use crate::weights::{floats, networks};

/// Where this worker computes; decided once at its start.
pub struct Place {
    pub device: Device,
    pub device_name: String,
    pub precision: Precision,
    /// Of the GPU, MiB.
    pub memory_mb: Option<u64>,
    /// Why it is the processor although any device would do.
    pub fallback: Option<Sentence>,
}

struct Loaded {
    weights_sha256: String,
    members: Vec<Network>,
    size: i64,
}

type Refused = (Refusal, String);
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
        Refusal::OutOfMemory
    } else {
        Refusal::Failed
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
                device: place.device,
                device_name: place.device_name.clone(),
                precision: place.precision,
                memory_mb: place.memory_mb,
                fallback: place.fallback.clone(),
            },
            vec![],
        ),
        Request::Hello { protocol } => {
            let what = format!(
                "the application speaks protocol {protocol}, and this worker {PROTOCOL}; install both together"
            );
            return Err((Refusal::Protocol, what));
        }
        Request::Load {
            weights_sha256,
            network,
            input_size,
        } => load(place, loaded, weights_sha256, &network, input_size, block)?,
        Request::Infer {
            weights_sha256,
            count,
            mirror,
        } => {
            return infer_each(place, find(loaded, &weights_sha256)?, block, (count, mirror), write);
        }
        Request::Attack {
            weights_sha256,
            mirror,
            attack: spec,
            gate,
        } => {
            let model = find(loaded, &weights_sha256)?;
            let values = engine::tensors::f32_from_bytes(block);
            let features = model.members.first().map_or(0, Network::features);
            if gate.is_some_and(|gate| i64::from(gate.features) != features) || features == 0 {
                return Err((
                    Refusal::BadInput,
                    format!("the network has {features} features, not those of the gate"),
                ));
            }
            let device = tch_device(place.device);
            let (clean, gate) = attack::read_block(&values, &spec.pictures, model.size, gate, device)
                .map_err(|what| (Refusal::BadInput, what))?;
            let see = |x: &Tensor| attack::see(&model.members, x, mirror);
            let changed = attack::attack(&clean, &spec, gate.as_ref(), &see)
                .ok_or((Refusal::NotLoaded, "the bundle holds no network".to_owned()))?;
            let count = spec.pictures.len() as u32;
            (Response::Attacked { count }, attack::block_of(&changed))
        }
        Request::Measure {
            weights_sha256,
            count,
            rounds,
            mirror,
        } => {
            let model = find(loaded, &weights_sha256)?;
            let shape = [i64::from(count), 1, model.size, model.size];
            let values = floats(&Tensor::rand(shape, (Kind::Float, tch::Device::Cpu)));
            let milliseconds = (0..rounds)
                .map(|_| {
                    let start = Instant::now();
                    // Copying the results back waits for a GPU to finish.
                    forward(place, model, &values, (count, mirror));
                    start.elapsed().as_secs_f64() * 1e3
                })
                .collect();
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
                Refusal::NotLoaded,
                format!("the weights {weights_sha256} are not loaded"),
            )
        })
}

fn load(
    place: &Place,
    loaded: &mut Vec<Loaded>,
    weights_sha256: String,
    spec: &NetworkSpec,
    input_size: u32,
    bytes: &[u8],
) -> Answer {
    let found = sha256_hex(bytes);
    if found != weights_sha256 {
        return Err((
            Refusal::BadWeights,
            format!("the weights have the sha256 {found}, not {weights_sha256}"),
        ));
    }
    let refuse = |error: crate::weights::WeightsError| (Refusal::BadWeights, error.to_string());
    let kind = compute::kind_of(place.precision);
    let (members, parameters) = networks(bytes, spec, tch_device(place.device), kind).map_err(refuse)?;
    let features = members.first().map_or(0, Network::features) as u32;
    loaded.retain(|l| l.weights_sha256 != weights_sha256);
    loaded.push(Loaded {
        weights_sha256,
        members,
        size: i64::from(input_size),
    });
    Ok((Response::Loaded { features, parameters }, vec![]))
}

/// Answers each input by itself, so that whoever waits for it can stop us after any of them. The
/// processor takes them one by one, which costs it nothing; a GPU takes all of them at once.
fn infer_each(
    place: &Place,
    model: &Loaded,
    block: &[u8],
    (count, mirror): (u32, bool),
    write: &mut dyn FnMut(&Response, &[u8]),
) -> Result<(), Refused> {
    let values = engine::tensors::f32_from_bytes(block);
    if count == 0 || values.len() as i64 != i64::from(count) * model.size * model.size {
        return Err((
            Refusal::BadInput,
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
        let answers = forward(place, model, inputs, ((inputs.len() / one) as u32, mirror));
        answers
            .into_iter()
            .for_each(|(response, block)| write(&response, &block));
    }
    Ok(())
}

/// The answers to a batch of inputs, in their order.
fn forward(place: &Place, model: &Loaded, values: &[f32], (count, mirror): (u32, bool)) -> Vec<(Response, Vec<u8>)> {
    let pass = Pass {
        train: false,
        kind: compute::kind_of(place.precision),
    };
    let input = Tensor::from_slice(values)
        .view([i64::from(count), 1, model.size, model.size])
        .to_device(tch_device(place.device))
        .to_kind(pass.kind);
    let seen: Vec<Seen> = views(&model.members, mirror)
        .into_iter()
        .map(|(network, mirrored)| see(network, mirrored, &input, model.size, pass))
        .collect();
    let map_of = |of: &dyn Fn(&Seen) -> Option<&Tensor>| mean(seen.iter().map(of));
    let class = map_of(&|view| Some(&view.class)).unwrap_or_default();
    let map = map_of(&|view| Some(&view.map)).unwrap_or_default();
    let foreign = map_of(&|view| view.foreign.as_ref());
    let errors: Vec<Option<Tensor>> = model
        .members
        .iter()
        .map(|network| Some(network.autoencoder.as_ref()?.errors(&input, pass)))
        .collect();
    let reconstruction = mean(errors.iter().map(Option::as_ref)).unwrap_or_default();
    // One member's features are enough for the gate, and its statistics are of that member.
    let features = seen
        .first()
        .and_then(|view| view.features.as_ref())
        .map(floats)
        .unwrap_or_default();
    let each = |values: &[f32]| values.len() / count as usize;
    let answer = |at: usize| {
        let mut block = Vec::with_capacity(4 * (2 * each(&map) + each(&class) + each(&features)));
        let all = [
            Some(&class),
            Some(&features),
            Some(&map),
            foreign.as_ref(),
            Some(&reconstruction),
        ];
        for values in all.into_iter().flatten() {
            put_f32(&values[at * each(values)..(at + 1) * each(values)], &mut block);
        }
        let response = Response::Output {
            classes: each(&class) as u32,
            features: each(&features) as u32,
            map_size: model.size as u32,
            foreign: foreign.is_some(),
            reconstruction: each(&reconstruction) as u32,
        };
        (response, block)
    };
    (0..count as usize).map(answer).collect()
}

/// What one member says of a batch, in the image's own sides.
struct Seen {
    class: Tensor,
    map: Tensor,
    foreign: Option<Tensor>,
    features: Option<Tensor>,
}

fn see(network: &Network, mirrored: bool, input: &Tensor, size: i64, pass: Pass) -> Seen {
    let turned = |tensor: Tensor, axis: i64| if mirrored { tensor.flip([axis]) } else { tensor };
    let output = network.forward(&turned(input.shallow_clone(), 3), pass);
    let (map, foreign) = network.maps(&output, size);
    Seen {
        class: output.class,
        map: turned(map, 2),
        foreign: foreign.map(|map| turned(map, 2)),
        features: output.features,
    }
}

/// `None` where one of them has no answer, or there is none.
fn mean<'a>(answers: impl Iterator<Item = Option<&'a Tensor>>) -> Option<Vec<f32>> {
    let all: Option<Vec<&Tensor>> = answers.collect();
    let all = all.filter(|all| !all.is_empty())?;
    let mean = Tensor::stack(&all, 0).mean_dim([0i64].as_slice(), false, Kind::Float);
    Some(floats(&mean))
}

pub fn tch_device(device: Device) -> tch::Device {
    match device {
        Device::Cpu => tch::Device::Cpu,
        Device::Cuda(index) => tch::Device::Cuda(index as usize),
    }
}
