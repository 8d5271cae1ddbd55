//! Runs of the training worker side by side: on few cores that beats one worker with more threads.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use domain::{DeviceChoice, Failure, FailureCode};
use engine::WorkerSettings;
use engine::training::Progress;

use super::TrainRequest;
use crate::phase::{Phase, Watch};
use workflow::files::{create_folder, io_failure, write_whole};

/// So often is the caller asked whether to go on while no epoch ends.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// A run to be made.
pub struct Planned {
    /// Gets weights, curve and checkpoint.
    pub folder: PathBuf,
    /// What the worker reads.
    pub config: serde_json::Value,
}

/// Where and how many runs go on at a time.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub device: DeviceChoice,
    pub threads: u32,
    pub side_by_side: usize,
}

impl Place {
    /// As many runs at a time as the cores of this machine carry.
    pub fn of_cores(request: &TrainRequest) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            device: request.device,
            threads: request.threads,
            side_by_side: (cores / request.threads.max(1) as usize).max(1),
        }
    }
}

struct Running {
    place: usize,
    child: Child,
    said: Option<std::thread::JoinHandle<String>>,
    progress: Option<Progress>,
}

/// Makes all runs, `side_by_side` at a time; those that were stopped go on from their checkpoints. `ended` is called
/// with the place of each that has ended, while others go on.
///
/// # Errors
/// `canceled` where the caller asked to stop, `training_failed` with what a worker said last, what `ended` fails with.
pub fn run_all(
    planned: &[Planned],
    place: Place,
    watch: &mut Watch<'_>,
    ended: &mut dyn FnMut(usize, &mut Watch<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let program = WorkerSettings::beside_executable(place.device)?.program;
    let (send, lines) = channel();
    let mut waiting = planned.iter().enumerate();
    let mut running: Vec<Running> = Vec::new();
    let mut done = 0;
    let failure = loop {
        while running.len() < place.side_by_side.max(1) {
            let Some((at, plan)) = waiting.next() else { break };
            match start(plan, at, place, &program, &send) {
                Ok(run) => running.push(run),
                Err(failure) => {
                    stop(&mut running);
                    return Err(failure);
                }
            }
        }
        if running.is_empty() {
            return Ok(());
        }
        match lines.recv_timeout(ASK_EVERY) {
            Ok((at, Some(progress))) => {
                if let Some(run) = running.iter_mut().find(|run| run.place == at) {
                    run.progress = Some(progress);
                }
            }
            Ok((at, None)) => {
                let Some(index) = running.iter().position(|run| run.place == at) else {
                    continue;
                };
                let mut run = running.remove(index);
                if !run.child.wait().is_ok_and(|status| status.success()) {
                    let go_on = watch(Phase::Training(None), 0, 1);
                    break go_on.then(|| why(&mut run));
                }
                done += 1;
                if let Err(failure) = ended(at, watch) {
                    break Some(failure);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        let queued = planned.len() > place.side_by_side;
        if !running.is_empty() && !tell(&running, done, planned.len(), queued, watch) {
            break None;
        }
    };
    // The others would compute for nothing.
    stop(&mut running);
    Err(failure.unwrap_or_else(|| Failure::new(FailureCode::Canceled, "the training was stopped")))
}

/// By the run that ends last; of runs that wait for each other, by the epochs of all.
fn tell(running: &[Running], done: usize, all: usize, queued: bool, watch: &mut Watch<'_>) -> bool {
    let left = |progress: &Option<&Progress>| progress.map_or(f64::INFINITY, |p| p.seconds_left);
    let each = running.iter().map(|run| run.progress.as_ref());
    let Some(slowest) = each.max_by(|a, b| left(a).total_cmp(&left(b))).flatten() else {
        return watch(Phase::Training(None), 0, 1);
    };
    let epochs = u64::from(slowest.epochs);
    let (now, of) = match queued {
        true => {
            let begun = running.iter().filter_map(|run| run.progress.as_ref());
            let begun: u64 = begun.map(|progress| u64::from(progress.epoch)).sum();
            (done as u64 * epochs + begun, all as u64 * epochs)
        }
        false => (u64::from(slowest.epoch), epochs),
    };
    watch(Phase::Training(Some(slowest.clone())), now, of)
}

/// What a run that failed said last, without a panic's hint how to see more.
fn why(run: &mut Running) -> Failure {
    let said = run
        .said
        .take()
        .and_then(|thread| thread.join().ok())
        .unwrap_or_default();
    let last = said.lines().rfind(|line| !line.starts_with("note: "));
    let last = last.unwrap_or("it said nothing");
    let status = run
        .child
        .wait()
        .map_or_else(|error| error.to_string(), |status| status.to_string());
    Failure::new(
        FailureCode::TrainingFailed,
        format!("the training ended by {status}: {last}"),
    )
}

fn stop(running: &mut [Running]) {
    for run in running.iter_mut() {
        let _ = run.child.kill();
    }
    for run in running {
        let _ = run.child.wait();
    }
}

fn start(
    plan: &Planned,
    at: usize,
    place: Place,
    program: &Path,
    lines: &Sender<(usize, Option<Progress>)>,
) -> Result<Running, Failure> {
    create_folder(&plan.folder)?;
    let path = plan.folder.join("config.json");
    write_whole(&path, plan.config.to_string().as_bytes())?;
    let threads = place.threads.to_string();
    let mut child = Command::new(program)
        .args(["train", "--device", &place.device.to_string(), "--threads", &threads])
        .arg("--config")
        .arg(&path)
        .env_remove("OVERREAD_PASSPHRASE")
        .env_remove("RUST_BACKTRACE")
        .env("OMP_WAIT_POLICY", "passive")
        // glibc keeps freed tensors for the next step; else the kernel clears their pages each time.
        .env("MALLOC_MMAP_MAX_", "0")
        .env("MALLOC_TRIM_THRESHOLD_", "8589934592")
        .env("OMP_NUM_THREADS", &threads)
        // Ctrl+C at a terminal reaches us, and we end it; where we die, the end of its input does.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| io_failure(program, "started", &error))?;
    // Read beside stdout, or a worker with much to say would wait for us for ever.
    let said = child.stderr.take().map(|mut stderr| {
        std::thread::spawn(move || {
            let mut text = String::new();
            let _ = stderr.read_to_string(&mut text);
            text
        })
    });
    if let Some(stdout) = child.stdout.take() {
        let lines = lines.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Ok(progress) = serde_json::from_str(&line)
                    && lines.send((at, Some(progress))).is_err()
                {
                    return;
                }
            }
            let _ = lines.send((at, None));
        });
    }
    Ok(Running {
        place: at,
        child,
        said,
        progress: None,
    })
}
