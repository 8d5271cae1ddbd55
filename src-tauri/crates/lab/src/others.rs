//! Images that the input gate must refuse: those of other packs, and the model's own ones
//! inverted, cropped, or photographed from a screen.

use crate::phase::{Phase, Watch};
use std::path::{Path, PathBuf};

use decode::Decoders;
use domain::{Failure, FailureCode, GreyFrame, Split};
use engine::bundle::GateStatistics;
use engine::bundle::InputSpec;
use engine::tensors::FEATURES;
use engine::{Bundle, ModelInput, Worker};
use learn::evaluate::{GateFigures, Gated, Options};
use learn::manifest::{self, Case};
use learn::{LearnError, Problem, ScoredCase};

use crate::images::grey;
use crate::judged::Judged;
use crate::labelled;
use workflow::decoders::decoders;
use workflow::files::io_failure;
use workflow::frames;

/// Of each subset of another pack.
const PICTURES_OF_A_SUBSET: usize = 240;
/// Of each way to spoil an image.
const SPOILT_PICTURES: usize = 120;
const BATCH: usize = 32;

/// An image to be refused, before it is looked at.
pub struct Other {
    case: Case,
    spoilt: Option<Spoilt>,
    /// The set it is of, or how it was spoilt.
    kind: String,
    patient: String,
}

impl Other {
    fn is_for_training(&self) -> bool {
        self.case.split.teaches()
    }
}

/// What the network makes of one.
pub struct Shown {
    kind: String,
    patient: String,
    features: Vec<f32>,
}

/// Those of a training split and those of a validation split apart.
#[derive(Default)]
pub struct Others {
    pub training: Vec<Vec<f32>>,
    pub validation: Vec<Shown>,
}

/// `folder` holds packs, each a folder with `manifest.csv`; `own` is the manifest that the model is
/// trained from, of which only other subsets count.
pub fn choose(folder: Option<&Path>, own: (&Path, Option<&str>), cases: &[Case]) -> Result<Vec<Other>, Failure> {
    let mut chosen = Vec::new();
    let mut add = |cases: Vec<&Case>, most: usize, spoilt: Option<Spoilt>, pack: &str| {
        let step = cases.len().div_ceil(most).max(1);
        chosen.extend(cases.into_iter().step_by(step).map(|case| Other {
            kind: spoilt.map_or_else(|| pack.to_owned(), |spoilt| spoilt.name().to_owned()),
            // Two packs may call two patients alike; a spoilt image is of its own patient.
            patient: spoilt.map_or_else(|| format!("{pack}/{}", case.patient), |_| case.patient.clone()),
            case: case.clone(),
            spoilt,
        }));
    };
    for split in [Split::Train, Split::Val] {
        let ours = || cases.iter().filter(|case| case.split == split).collect::<Vec<_>>();
        for spoilt in Spoilt::ALL {
            add(ours(), SPOILT_PICTURES, Some(spoilt), "");
        }
    }
    for (path, cases) in folder.map_or(Ok(vec![]), packs)? {
        let mut subsets: Vec<Option<&str>> = cases.iter().map(|case| case.subset.as_deref()).collect();
        subsets.sort_unstable();
        subsets.dedup();
        subsets.retain(|subset| !(same_file(&path, own.0) && (own.1.is_none() || *subset == own.1)));
        for subset in subsets {
            let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
            let pack = [folder.to_str(), subset]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join("/");
            for split in [Split::Train, Split::Val] {
                let of_both = |case: &&Case| case.split == split && case.subset.as_deref() == subset;
                add(
                    cases.iter().filter(of_both).collect(),
                    PICTURES_OF_A_SUBSET,
                    None,
                    &pack,
                );
            }
        }
    }
    Ok(chosen)
}

/// Every chosen image of another pack can be read; else all that cannot, in one list.
pub fn check(others: &[Other], watch: &mut Watch<'_>) -> Result<(), Failure> {
    let strangers: Vec<&Other> = others.iter().filter(|other| other.spoilt.is_none()).collect();
    let decoders = decoders()?;
    let mut problems = learn::Problems::default();
    for (done, other) in strangers.iter().enumerate() {
        if let Err(reason) = labelled::one_frame(&other.case.file, &decoders) {
            problems.push(Problem::Unreadable {
                line: other.case.line,
                path: format!("{}: {}", other.kind, other.case.name),
                reason,
            });
        }
        if !watch(Phase::CheckingOtherPacks, done as u64 + 1, strangers.len() as u64) {
            return Err(Failure::new(
                FailureCode::Canceled,
                "stopped while the images were checked",
            ));
        }
    }
    Ok(problems.or(())?)
}

pub fn features(
    others: &[Other],
    bundle: &Bundle,
    worker: &mut Worker,
    watch: &mut Watch<'_>,
) -> Result<Others, Failure> {
    let decoders = decoders()?;
    let mut seen = Others::default();
    let mut done = 0;
    for chunk in others.chunks(BATCH) {
        let mut go_on = || stopped_unless(watch(Phase::ShowingOthers, done, others.len() as u64));
        let mut inputs = Vec::with_capacity(chunk.len());
        for other in chunk {
            go_on()?;
            inputs.push(prepared(
                &other.case.file,
                other.spoilt,
                &bundle.metadata.input,
                &decoders,
            )?);
        }
        let answers = frames::answers(worker, bundle, &inputs, &mut go_on)?;
        for (other, output) in chunk.iter().zip(answers) {
            let features = output.values(FEATURES)?.to_vec();
            if other.is_for_training() {
                seen.training.push(features);
            } else {
                seen.validation.push(Shown {
                    kind: other.kind.clone(),
                    patient: other.patient.clone(),
                    features,
                });
            }
        }
        done += chunk.len() as u64;
    }
    Ok(seen)
}

/// For `evaluate --others`: those of other packs' validation splits and the judged ones spoilt, all of
/// which can be read.
pub fn strangers(
    folder: &Path,
    own: (&Path, Option<&str>),
    judged: &[Case],
    watch: &mut Watch<'_>,
) -> Result<Vec<Other>, Failure> {
    let mut cases = judged.to_vec();
    // Whatever the split is called, it is the one that is judged.
    cases.iter_mut().for_each(|case| case.split = Split::Val);
    let mut others = choose(Some(folder), own, &cases)?;
    others.retain(|other| !other.is_for_training());
    check(&others, watch)?;
    Ok(others)
}

/// The figures of `evaluate --others`: the judged images against the others.
pub fn gate_figures(
    others: &[Other],
    judged: &Judged<'_>,
    scored: &[ScoredCase],
    worker: &mut Worker,
    watch: &mut Watch<'_>,
) -> Result<Option<GateFigures>, Failure> {
    let Some(gate) = &judged.bundle.gate else {
        return Ok(None);
    };
    let others = features(others, judged.bundle, worker, watch)?;
    let own: Vec<Gated> = scored
        .iter()
        .filter_map(|case| {
            Some(Gated {
                patient: case.patient.clone(),
                kind: judged.set.to_string(),
                score: case.gate?,
            })
        })
        .collect();
    Ok(figures(gate, &own, &others, &judged.set.to_string()))
}

/// The gate's figures with the others' answers; `None` where there are no others.
pub fn figures(gate: &GateStatistics, own: &[Gated], others: &Others, set: &str) -> Option<GateFigures> {
    let gated = others.validation.iter().filter_map(|shown| {
        Some(Gated {
            patient: shown.patient.clone(),
            kind: shown.kind.clone(),
            score: gate.score(&shown.features)?,
        })
    });
    learn::evaluate::gate_figures(own, &gated.collect::<Vec<_>>(), &Options::new(set, vec![]))
}

fn prepared(file: &Path, spoilt: Option<Spoilt>, spec: &InputSpec, decoders: &Decoders) -> Result<ModelInput, Failure> {
    let picture = grey(file, decoders)?;
    let picture = spoilt.map_or_else(|| picture.clone(), |spoilt| spoilt.of(&picture));
    Ok(engine::prepare(&picture, spec)?)
}

/// `manifest.csv` of every folder in `folder` that has one with images and labels, with its rows.
fn packs(folder: &Path) -> Result<Vec<(PathBuf, Vec<Case>)>, Failure> {
    let entries = std::fs::read_dir(folder).map_err(|error| io_failure(folder, "read", &error))?;
    let mut paths: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path().join("manifest.csv"))
        .filter(|path| path.is_file())
        .collect();
    paths.sort();
    let mut packs = Vec::new();
    for path in paths {
        match manifest::read(&path) {
            Ok(cases) => packs.push((path, cases)),
            // A pack for decoding has a manifest too, but no labels.
            Err(LearnError::Problems(problems)) if unlabelled(&problems) => {}
            Err(error) => {
                return Err(Failure::from(error).of(path.display()));
            }
        }
    }
    if packs.is_empty() {
        return Err(Failure::usage(format!(
            "{} holds no pack: a folder with a manifest.csv of labelled images",
            folder.display()
        )));
    }
    Ok(packs)
}

fn unlabelled(problems: &learn::Problems) -> bool {
    let lacks = |name: &str| {
        let missing = |problem: &Problem| matches!(problem, Problem::MissingColumn(column) if column == name);
        problems.first().iter().any(missing)
    };
    lacks("label") && lacks("anomaly")
}

fn same_file(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    real(one) == real(other)
}

/// What becomes of an image on its way that no model should take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Spoilt {
    Inverted,
    Cropped,
    Photographed,
}

impl Spoilt {
    pub const ALL: [Self; 3] = [Self::Inverted, Self::Cropped, Self::Photographed];

    pub fn name(self) -> &'static str {
        match self {
            Self::Inverted => "inverted",
            Self::Cropped => "cropped",
            Self::Photographed => "photographed",
        }
    }

    /// The place of a crop and the tilt of a photograph go with the image's own values.
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

fn stopped_unless(go_on: bool) -> Result<(), Failure> {
    match go_on {
        true => Ok(()),
        false => Err(Failure::new(
            FailureCode::Canceled,
            "stopped while others were shown to the gate",
        )),
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
    fn spoilt_images_are_whole_and_differ() {
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
