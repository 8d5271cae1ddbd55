//! `overread-worker`: the one program that links libtorch.
//!
//! `serve --device auto|cpu|cuda[:N] --threads N` answers the engine on stdin and stdout;
//! `train --config FILE …` trains and prints one JSON line of progress an epoch.
//! Not for use by hand: `overread` starts it.

use std::path::PathBuf;
use std::process::ExitCode;

use domain::{Device, Precision, Sentence};
use engine::protocol::Place;
use torch::{compute, cuda, serve, train};

const WRONG_USAGE: u8 = 2;
/// The engine reads this code as "the device is not there".
const NO_DEVICE: u8 = 3;

struct Arguments {
    verb: String,
    device: String,
    threads: i32,
    config: Option<PathBuf>,
}

fn main() -> ExitCode {
    let Some(arguments) = parse(std::env::args().skip(1)) else {
        eprintln!("usage: overread-worker serve|train [--device auto|cpu|cuda[:N]] [--threads N] [--config FILE]");
        return ExitCode::from(WRONG_USAGE);
    };
    let place = match choose(&arguments.device) {
        Ok(place) => place,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::from(NO_DEVICE);
        }
    };
    tch::set_num_threads(arguments.threads);
    tch::set_num_interop_threads(1);
    match (arguments.verb.as_str(), arguments.config) {
        ("serve", None) => finish(serve::serve(&place, std::io::stdin().lock(), std::io::stdout().lock())),
        ("train", Some(config)) => finish(run_training(&config, &place)),
        _ => ExitCode::from(WRONG_USAGE),
    }
}

fn finish<E: std::fmt::Display>(result: Result<(), E>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn parse(mut words: impl Iterator<Item = String>) -> Option<Arguments> {
    let mut arguments = Arguments {
        verb: words.next()?,
        device: "auto".into(),
        threads: 1,
        config: None,
    };
    while let Some(option) = words.next() {
        let value = words.next()?;
        match option.as_str() {
            "--device" => arguments.device = value,
            "--threads" => arguments.threads = value.parse().ok().filter(|n| (1..=256).contains(n))?,
            "--config" => arguments.config = Some(value.into()),
            _ => return None,
        }
    }
    Some(arguments)
}

fn run_training(config: &std::path::Path, place: &Place) -> Result<(), Box<dyn std::error::Error>> {
    let config: train::TrainConfig = serde_json::from_slice(&std::fs::read(config)?)?;
    // Standard input ends with the program that waits for the weights, however that ends; checkpoints stay whole.
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(1);
    });
    train::train(&config, serve::tch_device(place.device), &mut |progress| {
        if let Ok(line) = serde_json::to_string(progress) {
            println!("{line}");
        }
    })?;
    Ok(())
}

fn choose(wanted: &str) -> Result<Place, String> {
    let cpu = || Place {
        device: Device::Cpu,
        device_name: compute::cpu_name(),
        precision: compute::cpu_precision(),
        memory_mb: None,
        fallback: None,
    };
    let gpu = |index: u32| {
        let gpu = cuda::open(index, cuda::folder().as_deref())?;
        Ok(Place {
            device: Device::Cuda(gpu.index),
            device_name: gpu.name,
            precision: Precision::Bf16,
            memory_mb: gpu.memory_mb,
            fallback: None,
        })
    };
    match wanted {
        "cpu" => Ok(cpu()),
        "auto" => Ok(gpu(0).unwrap_or_else(|why: Sentence| {
            eprintln!("using the processor: {why}");
            Place {
                fallback: Some(why),
                ..cpu()
            }
        })),
        other => {
            let index = match other.strip_prefix("cuda") {
                Some("") => Some(0),
                Some(rest) => rest.strip_prefix(':').and_then(|n| n.parse().ok()),
                None => None,
            };
            let index = index.ok_or_else(|| format!("'{other}' is not a device: auto, cpu, cuda or cuda:N is"))?;
            gpu(index).map_err(|why| why.words)
        }
    }
}
