//! Pictures that the input gate must refuse: those of other packs, and the model's own ones
//! inverted, cropped, or photographed from a screen.

use std::path::{Path, PathBuf};

use decode::{Decoder, Limits};
use domain::GreyFrame;
use engine::bundle::InputSpec;
use engine::gate::GateStatistics;
use engine::{Backend, Bundle, ModelInput, Worker};
use learn::ScoredCase;
use learn::evaluate::GateFigures;
use learn::manifest::{self, Case};

use super::pack::grey;
use crate::error::Failure;
use crate::evaluate::Judged;
use crate::files::io_failure;
use crate::frames::Watch;

/// Of each subset of another pack.
const PICTURES_OF_A_SUBSET: usize = 240;
/// Of each way to spoil a picture.
const SPOILT_PICTURES: usize = 120;
const BATCH: usize = 32;

/// Features of others, those of a training split and those of a validation split apart.
#[derive(Default)]
pub struct Others {
    pub training: Vec<Vec<f32>>,
    pub validation: Vec<Vec<f32>>,
}

/// `folder` holds packs, each a folder with `manifest.csv`; `own` is the manifest that the model is
/// trained from, of which only other subsets count.
pub fn features(
    folder: Option<&Path>,
    own: (&Path, Option<&str>),
    cases: &[Case],
    bundle: &Bundle,
    worker: &mut Worker,
    watch: &mut Watch<'_>,
) -> Result<Others, Failure> {
    let mut wanted: Vec<(PathBuf, bool, Option<Spoilt>)> = Vec::new();
    let mut add = |cases: Vec<&Case>, most: usize, spoilt: Option<Spoilt>| {
        let step = cases.len().div_ceil(most).max(1);
        let some = cases.into_iter().step_by(step);
        wanted.extend(some.map(|case| (case.file.clone(), case.split == "train", spoilt)));
    };
    for split in ["train", "val"] {
        let ours = || cases.iter().filter(|case| case.split == split).collect::<Vec<_>>();
        for spoilt in Spoilt::ALL {
            add(ours(), SPOILT_PICTURES, Some(spoilt));
        }
    }
    let packs = folder.map_or(Ok(vec![]), manifests)?;
    let strangers = packs
        .iter()
        .map(|path| manifest::read(path))
        .collect::<Result<Vec<_>, _>>()?;
    for (path, cases) in packs.iter().zip(&strangers) {
        let mut subsets: Vec<Option<&str>> = cases.iter().map(|case| case.subset.as_deref()).collect();
        subsets.sort_unstable();
        subsets.dedup();
        subsets.retain(|subset| !(same_file(path, own.0) && (own.1.is_none() || *subset == own.1)));
        for subset in subsets {
            for split in ["train", "val"] {
                let of_both = |case: &&Case| case.split == split && case.subset.as_deref() == subset;
                add(cases.iter().filter(of_both).collect(), PICTURES_OF_A_SUBSET, None);
            }
        }
    }
    let mut decoder = Decoder::beside_executable(Limits::default())?;
    let mut others = Others::default();
    let total = wanted.len() as u64;
    let mut done = 0;
    for chunk in wanted.chunks(BATCH) {
        let inputs = chunk
            .iter()
            .map(|(file, _, spoilt)| prepared(file, *spoilt, &bundle.metadata.input, &mut decoder))
            .collect::<Result<Vec<ModelInput>, Failure>>()?;
        for ((_, training, _), output) in chunk.iter().zip(worker.infer(bundle, &inputs)?) {
            let side = if *training {
                &mut others.training
            } else {
                &mut others.validation
            };
            side.push(output.features);
        }
        done += chunk.len() as u64;
        if !watch("showing others to the gate", done, total) {
            return Err(Failure::new("canceled", "the training was stopped"));
        }
    }
    Ok(others)
}

/// The figures of `evaluate --others`: the judged pictures against those of other packs' validation
/// splits and the judged ones spoilt.
pub fn gate_figures(
    folder: &Path,
    own: (&Path, Option<&str>),
    judged: &Judged<'_>,
    scored: &[ScoredCase],
    worker: &mut Worker,
    watch: &mut Watch<'_>,
) -> Result<Option<GateFigures>, Failure> {
    let Some(gate) = &judged.bundle.gate else {
        return Ok(None);
    };
    let mut cases = judged.cases.to_vec();
    // Whatever the split is called, it is the one that is judged.
    cases.iter_mut().for_each(|case| case.split = "val".into());
    let others = features(Some(folder), own, &cases, judged.bundle, worker, watch)?;
    let own: Vec<f32> = scored.iter().filter_map(|case| case.gate).collect();
    Ok(learn::evaluate::gate_figures(&own, &scores(gate, &others.validation)))
}

pub fn scores(gate: &GateStatistics, features: &[Vec<f32>]) -> Vec<f32> {
    features.iter().filter_map(|features| gate.score(features)).collect()
}

fn prepared(
    file: &Path,
    spoilt: Option<Spoilt>,
    spec: &InputSpec,
    decoder: &mut Decoder,
) -> Result<ModelInput, Failure> {
    let picture = grey(file, decoder)?;
    let picture = spoilt.map_or_else(|| picture.clone(), |spoilt| spoilt.of(&picture));
    Ok(engine::prepare(&picture, spec))
}

/// `manifest.csv` of every folder in `folder` that has one with pictures and labels.
fn manifests(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = std::fs::read_dir(folder).map_err(|error| io_failure(folder, "read", &error))?;
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path().join("manifest.csv"))
        // Packs for decoding have manifests too, but no labels.
        .filter(|path| path.is_file() && manifest::read(path).is_ok())
        .collect();
    found.sort();
    Ok(found)
}

fn same_file(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    real(one) == real(other)
}

/// What becomes of a picture on its way that no model should take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Spoilt {
    Inverted,
    Cropped,
    Photographed,
}

impl Spoilt {
    pub const ALL: [Self; 3] = [Self::Inverted, Self::Cropped, Self::Photographed];

    /// The place of a crop and the tilt of a photograph go with the picture's own values.
    pub fn of(self, picture: &GreyFrame) -> GreyFrame {
        let (low, high) =
            (picture.values.iter()).fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
        let chance = (picture.values.iter().map(|v| f64::from(*v)).sum::<f64>() * 0.618)
            .fract()
            .abs() as f32;
        match self {
            Self::Inverted => GreyFrame {
                values: picture.values.iter().map(|v| low + high - v).collect(),
                ..*picture
            },
            Self::Cropped => crop(picture, chance),
            Self::Photographed => photograph(picture, (low, high), chance),
        }
    }
}

/// Two fifths to three fifths of each side.
fn crop(picture: &GreyFrame, chance: f32) -> GreyFrame {
    let share = 0.4 + 0.2 * chance;
    let part = |side: u32| ((side as f32 * share) as u32).max(1);
    let (rows, cols) = (part(picture.rows), part(picture.cols));
    let top = ((picture.rows - rows) as f32 * (chance * 7.0).fract()) as usize;
    let left = ((picture.cols - cols) as f32 * (chance * 13.0).fract()) as usize;
    let line = |row: usize| {
        let start = (top + row) * picture.cols as usize + left;
        &picture.values[start..start + cols as usize]
    };
    GreyFrame {
        rows,
        cols,
        values: (0..rows as usize).flat_map(|row| line(row).to_vec()).collect(),
    }
}

/// Tilted, smaller than the photograph, lit from one side, with the grid of the screen's pixels.
fn photograph(picture: &GreyFrame, (low, high): (f32, f32), chance: f32) -> GreyFrame {
    let (rows, cols) = (picture.rows as usize, picture.cols as usize);
    let (half_x, half_y) = (cols as f32 / 2.0, rows as f32 / 2.0);
    let (sin, cos) = (0.12 * (chance - 0.5) + 0.05).sin_cos();
    let scale = 1.15 + 0.25 * chance;
    let span = (high - low).max(1e-6);
    let grid = 2.2 + 1.5 * chance;
    let values = (0..rows * cols)
        .map(|at| {
            let (x, y) = ((at % cols) as f32 - half_x, (at / cols) as f32 - half_y);
            // Nearer on one side than on the other.
            let depth = scale * (1.0 + 0.25 * x / cols as f32);
            let (u, v) = (
                (x * cos - y * sin) * depth + half_x,
                (x * sin + y * cos) * depth + half_y,
            );
            let inside = u >= 0.0 && v >= 0.0 && u < cols as f32 && v < rows as f32;
            let shown = match inside {
                true => (picture.values[v as usize * cols + u as usize] - low) / span,
                false => 0.35,
            };
            let screen = 0.88
                + 0.06 * (u * std::f32::consts::TAU / grid).sin()
                + 0.06 * (v * std::f32::consts::TAU / grid).sin();
            let light = 0.12 + 0.25 * (x / cols as f32 + 0.5);
            low + span * (0.75 * shown.powf(0.8) * screen + light).min(1.0)
        })
        .collect();
    GreyFrame {
        rows: picture.rows,
        cols: picture.cols,
        values,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> GreyFrame {
        GreyFrame {
            rows: 40,
            cols: 50,
            values: (0..2000).map(|i| (i % 50) as f32 * 3.0 + 1.0).collect(),
        }
    }

    #[test]
    fn spoilt_pictures_are_whole_and_differ() {
        let own = picture();
        let inverted = Spoilt::Inverted.of(&own);
        assert_eq!((inverted.values[0], inverted.values[49]), (148.0, 1.0));
        let cropped = Spoilt::Cropped.of(&own);
        assert_eq!(cropped.values.len(), (cropped.rows * cropped.cols) as usize);
        assert!((16..=24).contains(&cropped.rows) && (20..=30).contains(&cropped.cols));
        let taken = Spoilt::Photographed.of(&own);
        assert_eq!((taken.rows, taken.cols, taken.values.len()), (40, 50, 2000));
        assert!(taken.values.iter().all(|v| (1.0..=148.0).contains(v)));
        assert_ne!(taken.values, own.values);
    }
}
