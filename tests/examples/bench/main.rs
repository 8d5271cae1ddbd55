//! Speed and memory of the main job, on the sample scans and an installed bundle. Each figure that
//! depends on the machine stands beside the bare forward pass of the same network in the same run.

mod accept;
mod first;
mod jobs;
mod models;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use decode::{Decoders, Limits, Source, Urgency, Wanted};
use domain::{DeviceChoice, GreyFrame, StageMilliseconds};
use engine::gate::HeaderFacts;
use engine::pipeline::{self, Prepared};
use engine::{Backend, Bundle, FrameFacts, Image, Worker, WorkerSettings, prepare, task};

type Outcome<T> = Result<T, Box<dyn Error>>;

const SINGLE_ROUNDS: usize = 60;
const BATCH: usize = 1000;
const BATCH_SIZE: usize = 16;
/// Frames that go to the backend together, as the product does it.
const TOGETHER: usize = 16;

fn main() -> Outcome<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let models = std::env::var_os("OVERREAD_MODELS").map_or_else(|| root.join("models"), PathBuf::from);
    let names = engine::bundle::names(&models)?;
    let pictures = pictures(&root.join("sample-data/png"))?;
    let program = std::env::current_exe()?.with_file_name("../overread").canonicalize()?;
    let series = root.join("sample-data/dicom/lesion-1");
    match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => {}
        [only] if only == "jobs" => return jobs::jobs(&[program], &series),
        [only, beside, other] if only == "jobs" && beside == "--beside" => {
            return jobs::jobs(&[other.into(), program], &series);
        }
        [only] if only == "accept" => return accept::accept(&series.join("IM0005.dcm")),
        [only] if only == "models" => {
            let mut worker = Worker::new(WorkerSettings::beside_executable(DeviceChoice::Auto)?);
            return models::models(&models, &names, &mut worker, &pictures);
        }
        [only] if only == "first" => return first::first(&series),
        _ => {
            return Err(
                "usage: cargo xtask bench [accept | decode | first | jobs [--beside PROGRAM] | models | ui]".into(),
            );
        }
    }
    let mut worker = Worker::new(WorkerSettings::beside_executable(DeviceChoice::Auto)?);
    let hello = worker.hello(&mut || true)?;
    println!(
        "on {} ({}, {})",
        hello.device,
        hello.device_name,
        hello.precision.as_str()
    );
    for name in &names {
        single(&Bundle::find(&models, name)?, &mut worker, &pictures)?;
    }
    let first = names.first().ok_or("there is no bundle to measure")?;
    batch(&Bundle::find(&models, first)?, &mut worker, &pictures)?;
    accept::accept(&series.join("IM0005.dcm"))?;
    first::first(&series)?;
    jobs::jobs(std::slice::from_ref(&program), &series)?;
    cold_start(&program, &pictures[0])?;
    host_memory(&program, &pictures)
}

fn pictures(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    if paths.is_empty() {
        Err("there are no sample images".into())
    } else {
        Ok(paths)
    }
}

fn open(path: &Path, decoders: &Decoders) -> Outcome<(GreyFrame, FrameFacts)> {
    let decoded = decoders.ask(Source::File(path), &Wanted::All, Urgency::Work)?;
    let grey = GreyFrame::of(&decoded, 0)?;
    let facts = FrameFacts {
        sop_instance_uid: decoded.header.instance.sop_instance_uid,
        frame: 0,
        frames: 1,
        rows: grey.rows,
        cols: grey.cols,
        ruler: domain::Ruler::default(),
        header: HeaderFacts::default(),
        in_stack: false,
    };
    Ok((grey, facts))
}

/// From the file to the analysis, against the bare forward pass, in turns.
fn single(bundle: &Bundle, worker: &mut Worker, pictures: &[PathBuf]) -> Outcome<()> {
    let decoders = Decoders::beside_executable(Limits::default())?;
    let point = &bundle.metadata.operating_points[0];
    let (mut whole, mut bare, mut stages) = (vec![], vec![], vec![vec![]; 4]);
    for round in 0..SINGLE_ROUNDS + 5 {
        let start = Instant::now();
        let (grey, facts) = open(&pictures[round % pictures.len()], &decoders)?;
        let decoded = start.elapsed();
        let input = prepare(&grey, &bundle.metadata.input)?;
        let prepared = start.elapsed();
        let answers = worker.infer_all(bundle, std::slice::from_ref(&input), &mut || true)?;
        let inferred = start.elapsed();
        let image = Image {
            bundle,
            operating_point: point,
            facts: &facts,
            input: &input,
        };
        std::hint::black_box(task::read(image, &answers[0])?);
        let total = start.elapsed();
        let forward = worker.measure(bundle, 1, 1)?;
        // The first rounds warm caches up.
        if round >= 5 {
            whole.push(milliseconds(total));
            bare.extend(forward);
            for (stage, time) in
                stages
                    .iter_mut()
                    .zip([decoded, prepared - decoded, inferred - prepared, total - inferred])
            {
                stage.push(milliseconds(time));
            }
        }
    }
    let (whole, bare) = (median(whole), median(bare));
    let [decode, prepare, infer, post] = [0, 1, 2, 3].map(|i| median(stages[i].clone()));
    println!(
        "{}, one 256 x 256 image, warm: {whole:.1} ms (bound 60; decode {decode:.1}, prepare {prepare:.1}, infer {infer:.1}, post \
         {post:.1}); bare forward {bare:.1} ms; ratio {:.2} (bound 1.30)",
        bundle.metadata.name,
        whole / bare
    );
    Ok(())
}

/// Milliseconds of one image through the network with all heads, warm, the median of several.
fn single_times(bundle: &Bundle, worker: &mut Worker, pictures: &[PathBuf]) -> Outcome<f64> {
    let decoders = Decoders::beside_executable(Limits::default())?;
    let mut times = vec![];
    for round in 0..SINGLE_ROUNDS / 2 + 5 {
        let (grey, _) = open(&pictures[round % pictures.len()], &decoders)?;
        let input = prepare(&grey, &bundle.metadata.input)?;
        let start = Instant::now();
        worker.infer_all(bundle, std::slice::from_ref(&input), &mut || true)?;
        if round >= 5 {
            times.push(milliseconds(start.elapsed()));
        }
    }
    Ok(median(times))
}

/// Many slices with overlapped stages, against bare batches of the same size, before and after.
fn batch(bundle: &Bundle, worker: &mut Worker, pictures: &[PathBuf]) -> Outcome<()> {
    let rounds = (BATCH / BATCH_SIZE / 4) as u32;
    let mut bare = worker.measure(bundle, BATCH_SIZE as u32, rounds)?;
    let start = Instant::now();
    let seen = std::thread::scope(|scope| -> Outcome<usize> {
        let (feed, prepared) = sync_channel(2 * TOGETHER);
        let (finished, results) = sync_channel(2 * TOGETHER);
        scope.spawn(move || {
            let Ok(decoders) = Decoders::beside_executable(Limits::default()) else {
                return;
            };
            for index in 0..BATCH {
                let started = Instant::now();
                let Ok((grey, facts)) = open(&pictures[index % pictures.len()], &decoders) else {
                    return;
                };
                let Ok(input) = prepare(&grey, &bundle.metadata.input) else {
                    return;
                };
                let times = StageMilliseconds::default();
                if feed
                    .send(Prepared {
                        tag: (),
                        facts,
                        input,
                        times,
                        started,
                    })
                    .is_err()
                {
                    return;
                }
            }
        });
        let counter = scope.spawn(move || {
            results
                .iter()
                .filter(|one: &pipeline::Finished<()>| one.outcome.is_ok())
                .count()
        });
        pipeline::run(
            bundle,
            &bundle.metadata.operating_points[0],
            worker,
            TOGETHER,
            prepared,
            finished,
            &AtomicBool::new(false),
        );
        Ok(counter.join().map_err(|_| "the counting thread failed")?)
    })?;
    let seconds = start.elapsed().as_secs_f64();
    bare.extend(worker.measure(bundle, BATCH_SIZE as u32, rounds)?);
    let (ours, theirs) = (seen as f64 / seconds, BATCH_SIZE as f64 * 1e3 / median(bare));
    println!(
        "{seen} slices: {ours:.1} a second; bare batches of {BATCH_SIZE}: {theirs:.1} a second; share {:.0} % (bound 90 %)",
        100.0 * ours / theirs
    );
    Ok(())
}

fn cold_start(program: &Path, picture: &Path) -> Outcome<()> {
    let mut times = Vec::new();
    for _ in 0..5 {
        let start = Instant::now();
        let status = Command::new(program)
            .args(["analyze", "--json"])
            .arg(picture)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        if !status.success() {
            return Err(format!("overread analyze ended by {status}").into());
        }
        times.push(milliseconds(start.elapsed()));
    }
    println!(
        "cold start of the CLI to its result: {:.2} s (bound 2 s)",
        median(times) / 1e3
    );
    Ok(())
}

/// Highest resident memory of `overread` itself over 200 images; its children are not counted.
fn host_memory(program: &Path, pictures: &[PathBuf]) -> Outcome<()> {
    let many = pictures.iter().cycle().take(200);
    let mut child = Command::new(program)
        .args(["analyze", "--json"])
        .args(many)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let mut highest = 0;
    while child.try_wait()?.is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmHWM"));
        let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
        highest = highest.max(kib.unwrap_or_default());
        std::thread::sleep(Duration::from_millis(20));
    }
    println!(
        "host memory over 200 images: {} MiB (bound 300 MiB, without the worker)",
        highest / 1024
    );
    Ok(())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
