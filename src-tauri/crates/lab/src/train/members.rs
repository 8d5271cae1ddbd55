//! The members of a bundle: what each is trained by, and their weights in one file.

use std::path::{Path, PathBuf};

use domain::{Failure, FailureCode};
use engine::Bundle;
use engine::bundle::{WEIGHTS_FILE, sha256_hex};
use safetensors::SafeTensors;

use super::pack::Part;
use super::recipe::Recipe;
use super::runs::{Place, Planned, run_all};
use super::{TrainRequest, start};
use crate::phase::Watch;
use workflow::files::{io_failure, write_whole};

/// In the work folder: the packed images.
pub const SET_FILE: &str = "set.safetensors";
/// In the work folder: the code of every start of the training.
const CODE_FILE: &str = "code";

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

/// What one network is trained by.
pub struct Network<'a> {
    pub folder: PathBuf,
    pub set_sha256: &'a str,
    pub seed: u64,
    /// Never trained on.
    pub held: Part,
    /// Whether figures of the held-out part are told on the way.
    pub validate: bool,
    /// Images of the largest group.
    pub per_group: usize,
    /// With the place of the network among that bundle's.
    pub from: Option<(&'a Bundle, usize)>,
}

impl Network<'_> {
    /// By a worker with the packed images of `work`.
    pub fn planned(&self, request: &TrainRequest, recipe: &Recipe, work: &Path) -> Planned {
        let (rate, small_share) = match self.from {
            Some(_) => (start::RATE, 0.0),
            None => (1.0, recipe.small_share),
        };
        let from = self.from.map(|(bundle, place)| {
            serde_json::json!({
                "weights": bundle.folder.join(WEIGHTS_FILE), "sha256": bundle.model.weights_sha256,
                "prefix": prefix(place, recipe.network.members as usize),
            })
        });
        let config = serde_json::json!({
            "set": work.join(SET_FILE),
            "set_sha256": self.set_sha256,
            "out": self.folder,
            "network": { "members": 1, "family": recipe.network.family, "widths": recipe.network.widths,
                         "maps": recipe.network.maps, "classes": recipe.network.classes,
                         "autoencoder": recipe.network.autoencoder },
            "from": from,
            "seed": self.seed,
            "epochs": request.epochs.unwrap_or(recipe.epochs),
            "gpu_epochs": request.epochs.unwrap_or(recipe.gpu_epochs),
            "minutes": request.minutes,
            "batch": recipe.batch,
            "learning_rate": recipe.learning_rate * rate,
            "first": { "size": recipe.small_size(), "share": small_share },
            "held_out": self.held.number(),
            "validate": self.validate,
            "per_group": self.per_group,
            "class_weight": recipe.class_weight,
            "paste": recipe.paste,
            "variation": recipe.variation,
        });
        Planned {
            folder: self.folder.clone(),
            config,
        }
    }
}

/// Hash of the packed images.
pub fn set_sha256(work: &Path) -> Result<String, Failure> {
    let set = work.join(SET_FILE);
    let bytes = std::fs::read(&set).map_err(|error| io_failure(&set, "read", &error))?;
    Ok(sha256_hex(&bytes))
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
    let set_sha256 = set_sha256(work)?;
    let members = recipe.network.members as usize;
    let folders: Vec<PathBuf> = (0..members).map(|place| work.join(format!("member-{place}"))).collect();
    let planned: Vec<Planned> = folders
        .iter()
        .enumerate()
        .map(|(place, folder)| {
            Network {
                folder: folder.clone(),
                set_sha256: &set_sha256,
                seed: request.seed + place as u64,
                held: Part::VALIDATION,
                validate: true,
                per_group,
                from: from.map(|bundle| (bundle, place)),
            }
            .planned(request, recipe, work)
        })
        .collect();
    let place = Place {
        device: request.device,
        threads: request.threads,
        side_by_side: members,
    };
    run_all(&planned, place, watch, &mut |_, _| Ok(())).map_err(|failure| going_on(failure, request))?;
    let folders: Vec<&Path> = folders.iter().map(PathBuf::as_path).collect();
    join(&folders, work)
}

/// A stop, with the way to go on.
pub fn going_on(failure: Failure, request: &TrainRequest) -> Failure {
    match failure.is_a_stop() {
        true => Failure::new(
            FailureCode::Canceled,
            format!(
                "the training was stopped; the same command with --out {} goes on where it was",
                request.out.display()
            ),
        ),
        false => failure,
    }
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
