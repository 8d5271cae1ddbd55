//! The members of a bundle are trained side by side, each by a worker of its own with its own seed:
//! on few cores that beats one worker with more threads.

use crate::phase::{Phase, Watch};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use domain::{Failure, FailureCode};
use engine::bundle::{WEIGHTS_FILE, sha256_hex};
use engine::training::Progress;
use engine::{Bundle, WorkerSettings};
use safetensors::SafeTensors;

use super::recipe::Recipe;
use super::{TrainRequest, start};
use workflow::files::{create_folder, io_failure, write_whole};

struct Member {
    folder: PathBuf,
    child: Child,
    said: Option<std::thread::JoinHandle<String>>,
    progress: Option<Progress>,
}

/// In the work folder: the code of every start of the training.
const CODE_FILE: &str = "code";

/// So often is the caller asked whether to go on while no epoch ends.
const ASK_EVERY: Duration = Duration::from_millis(100);

pub const CURVE_FILE: &str = "curve.json";

/// Keeps the code that trains from here on: version, and hashes of the sources that train and of the recipe.
pub fn note_code(recipe: &Recipe, work: &Path) -> Result<(), Failure> {
    let path = work.join(CODE_FILE);
    let mut all = if path.is_file() { code(work)? } else { String::new() };
    let own = format!(
        "{} (sources {}, recipe {:.12})",
        env!("CARGO_PKG_VERSION"),
        env!("OVERREAD_TRAINING_CODE"),
        recipe.sha256
    );
    if all.ends_with(&own) {
        return Ok(());
    }
    if !all.is_empty() {
        all.push_str(", then ");
    }
    write_whole(&path, (all + &own).as_bytes())
}

/// The code that trained, whatever code ends the training.
pub fn code(work: &Path) -> Result<String, Failure> {
    let path = work.join(CODE_FILE);
    std::fs::read_to_string(&path).map_err(|error| io_failure(&path, "read", &error))
}

/// Trains all members and joins their weights in `work`; gives the number of epochs. Members that
/// were stopped go on from their checkpoints.
pub fn train(
    request: &TrainRequest,
    recipe: &Recipe,
    from: Option<&Bundle>,
    per_group: usize,
    work: &Path,
    watch: &mut Watch<'_>,
) -> Result<u32, Failure> {
    let program = WorkerSettings::beside_executable(request.device)?.program;
    let set = work.join("set.safetensors");
    let bytes = std::fs::read(&set).map_err(|error| io_failure(&set, "read", &error))?;
    let set_sha256 = sha256_hex(&bytes);
    drop(bytes);
    let (send, lines) = channel();
    let mut members = Vec::new();
    for place in 0..recipe.network.members {
        let of_all = (per_group, set_sha256.as_str(), from);
        let started = start_member(request, recipe, of_all, work, place, &program, &send);
        match started {
            Ok(member) => members.push(member),
            Err(failure) => {
                stop(&mut members);
                return Err(failure);
            }
        }
    }
    drop(send);
    let mut go_on = true;
    let mut failed = None;
    loop {
        match lines.recv_timeout(ASK_EVERY) {
            Ok((place, Some(progress))) => members[place].progress = Some(progress),
            Ok((place, None)) => {
                let status = members[place].child.wait();
                if !status.is_ok_and(|status| status.success()) {
                    // The others would compute for nothing.
                    failed = Some(place);
                    stop(&mut members);
                    break;
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        go_on = match slowest(&members) {
            Some(slowest) => {
                let (done, of) = (u64::from(slowest.epoch), u64::from(slowest.epochs));
                watch(Phase::Training(Some(slowest.clone())), done, of)
            }
            None => watch(Phase::Training(None), 0, 1),
        };
        if !go_on {
            stop(&mut members);
            break;
        }
    }
    for member in &mut members {
        let waited = member.child.wait();
        waited.map_err(|error| io_failure(&program, "waited for", &error))?;
    }
    // Ctrl+C on a terminal reaches the workers before it reaches us.
    go_on = go_on && (failed.is_none() || watch(Phase::Training(None), 0, 1));
    if let Some(place) = failed.filter(|_| go_on) {
        return Err(why(&mut members[place]));
    }
    if !go_on {
        return Err(Failure::new(
            FailureCode::Canceled,
            format!(
                "the training was stopped; the same command with --out {} goes on where it was",
                request.out.display()
            ),
        ));
    }
    let folders: Vec<&Path> = members.iter().map(|m| m.folder.as_path()).collect();
    join(&folders, work)
}

/// The progress of the member that ends last, by which all are told; `None` before each has said something.
/// With `--minutes` they may take different numbers of epochs.
fn slowest(members: &[Member]) -> Option<&Progress> {
    let left = |progress: &Option<&Progress>| progress.map_or(f64::INFINITY, |p| p.seconds_left);
    let all = members.iter().map(|member| member.progress.as_ref());
    all.max_by(|a, b| left(a).total_cmp(&left(b)))?
}

/// What a member that failed said last, without a panic's hint how to see more.
fn why(member: &mut Member) -> Failure {
    let said = member
        .said
        .take()
        .and_then(|thread| thread.join().ok())
        .unwrap_or_default();
    let last = said.lines().rfind(|line| !line.starts_with("note: "));
    let last = last.unwrap_or("it said nothing");
    let status = member
        .child
        .wait()
        .map_or_else(|error| error.to_string(), |status| status.to_string());
    Failure::new(
        FailureCode::TrainingFailed,
        format!("the training ended by {status}: {last}"),
    )
}

fn stop(members: &mut [Member]) {
    for member in members {
        let _ = member.child.kill();
    }
}

fn start_member(
    request: &TrainRequest,
    recipe: &Recipe,
    (per_group, set_sha256, from): (usize, &str, Option<&Bundle>),
    work: &Path,
    place: u32,
    program: &Path,
    lines: &Sender<(usize, Option<Progress>)>,
) -> Result<Member, Failure> {
    let folder = work.join(format!("member-{place}"));
    create_folder(&folder)?;
    let prefix = prefix(place as usize, recipe.network.members as usize);
    let (rate, small_share) = match from {
        Some(_) => (start::RATE, 0.0),
        None => (1.0, recipe.small_share),
    };
    let config = serde_json::json!({
        "set": work.join("set.safetensors"),
        "set_sha256": set_sha256,
        "out": folder,
        "network": { "members": 1, "family": recipe.network.family, "widths": recipe.network.widths,
                     "maps": recipe.network.maps, "classes": recipe.network.classes,
                     "autoencoder": recipe.network.autoencoder },
        "from": from.map(|bundle| serde_json::json!({
            "weights": bundle.folder.join(WEIGHTS_FILE), "sha256": bundle.model.weights_sha256, "prefix": prefix,
        })),
        "seed": request.seed + u64::from(place),
        "epochs": request.epochs.unwrap_or(recipe.epochs),
        "gpu_epochs": request.epochs.unwrap_or(recipe.gpu_epochs),
        "minutes": request.minutes,
        "batch": recipe.batch,
        "learning_rate": recipe.learning_rate * rate,
        "first": { "size": recipe.small_size(), "share": small_share },
        "per_group": per_group,
        "class_weight": recipe.class_weight,
        "paste": recipe.paste,
        "variation": recipe.variation,
    });
    let path = folder.join("config.json");
    write_whole(&path, config.to_string().as_bytes())?;
    let threads = request.threads.to_string();
    let mut child = Command::new(program)
        .args(["train", "--device", &request.device.to_string(), "--threads", &threads])
        .arg("--config")
        .arg(&path)
        .env_remove("OVERREAD_PASSPHRASE")
        .env_remove("RUST_BACKTRACE")
        .env("OMP_WAIT_POLICY", "passive")
        // glibc keeps freed tensors for the next step; else the kernel clears their pages each time.
        .env("MALLOC_MMAP_MAX_", "0")
        .env("MALLOC_TRIM_THRESHOLD_", "8589934592")
        .env("OMP_NUM_THREADS", &threads)
        .stdin(Stdio::null())
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
                    && lines.send((place as usize, Some(progress))).is_err()
                {
                    return;
                }
            }
            let _ = lines.send((place as usize, None));
        });
    }
    Ok(Member {
        folder,
        child,
        said,
        progress: None,
    })
}

/// Before the names of a member's tensors in the file of all.
fn prefix(place: usize, members: usize) -> String {
    match members {
        1 => String::new(),
        _ => format!("{place}."),
    }
}

/// One file of the members' weights, `0.stem.weight`, `1.stem.weight`, …; those of a single member
/// keep their names. The curves become one list of lists; given is the number of epochs in them, also
/// where a training had nothing left to do but this.
fn join(folders: &[&Path], work: &Path) -> Result<u32, Failure> {
    let read = |path: PathBuf| std::fs::read(&path).map_err(|error| io_failure(&path, "read", &error));
    let internal = |error: &dyn std::fmt::Display| {
        Failure::new(
            FailureCode::Internal,
            format!("the members' weights cannot be joined: {error}"),
        )
    };
    let weights = folders
        .iter()
        .map(|folder| read(folder.join(WEIGHTS_FILE)))
        .collect::<Result<Vec<_>, _>>()?;
    let files = weights
        .iter()
        .map(|bytes| SafeTensors::deserialize(bytes))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| internal(&error))?;
    let named = files.iter().enumerate().flat_map(|(place, file)| {
        let prefix = prefix(place, files.len());
        file.tensors()
            .into_iter()
            .map(move |(name, view)| (format!("{prefix}{name}"), view))
    });
    let bytes = safetensors::serialize(named, None).map_err(|error| internal(&error))?;
    write_whole(&work.join(WEIGHTS_FILE), &bytes)?;
    let curves = folders
        .iter()
        .map(|folder| {
            let bytes = read(folder.join(CURVE_FILE))?;
            serde_json::from_slice(&bytes).map_err(|error| internal(&error))
        })
        .collect::<Result<Vec<serde_json::Value>, Failure>>()?;
    let text = serde_json::to_vec_pretty(&curves).map_err(|error| internal(&error))?;
    write_whole(&work.join(CURVE_FILE), &text)?;
    let last = curves
        .first()
        .and_then(|curve| curve.as_array()?.last()?["epochs"].as_u64());
    last.and_then(|epochs| u32::try_from(epochs).ok())
        .ok_or_else(|| internal(&"the training's curve is empty"))
}
