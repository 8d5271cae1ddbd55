//! What the input gate is shown beside its own images. To be refused: images of other packs and of other kinds, and its
//! own ones spoilt. To be accepted: its own kind from elsewhere, and copies as another machine might have made them.

mod spoilt;

use crate::phase::{Phase, Watch};
use std::path::{Path, PathBuf};

use decode::Decoders;
use domain::{CommercialUse, Failure, FailureCode, GreyFrame, Split};
use engine::bundle::{GateStatistics, sha256_hex};
use engine::tensors::FEATURES;
use engine::{Bundle, Worker};
use learn::evaluate::{GateFigures, Gated, Options};
use learn::manifest::{self, Case};
use learn::{LearnError, Problem, ScoredCase, kinds};

use crate::images::grey;
use crate::judged::Judged;
use crate::labelled;
pub use spoilt::Spoilt;
use workflow::decoders::decoders;
use workflow::files::io_failure;
use workflow::frames;

/// Of each subset of another pack.
const PICTURES_OF_A_SUBSET: usize = 240;
/// Of each way to spoil an image.
const SPOILT_PICTURES: usize = 120;
/// Copies of own images, at least that many where the set is large enough.
const COPIES_TO_TEACH: usize = 600;
const COPIES_TO_JUDGE: usize = 200;
const BATCH: usize = 32;

/// An image that the gate is shown, before it is looked at.
pub struct Other {
    file: PathBuf,
    /// As problems name it.
    name: String,
    line: u64,
    sha256: Option<String>,
    as_what: As,
    /// The set it is of, what it shows, or how it was spoilt.
    kind: String,
    patient: String,
    part: OthersPart,
}

/// What is done with an image before the gate sees it.
#[derive(Debug, Clone, Copy)]
enum As {
    ItIs,
    Spoilt(Spoilt),
    /// As another machine might have made it, by a seed.
    Varied(u64),
}

/// What the gate learns from an image, or is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OthersPart {
    /// To be refused, and teaches.
    Teaches,
    /// To be refused, and judges.
    Judges,
    /// Of the pack of kinds: to be refused, judges with its kind left out, and else teaches where the flag says so.
    OfKind { teaches: bool },
    /// Of the model's own kind from elsewhere: to be accepted.
    Elsewhere { teaches: bool },
    /// A copy of an own image: to be accepted.
    Copy { teaches: bool },
}

impl OthersPart {
    fn of_split(split: &Split) -> Self {
        match split.teaches() {
            true => Self::Teaches,
            false => Self::Judges,
        }
    }
}

/// What the network makes of one.
pub struct Shown {
    pub part: OthersPart,
    pub kind: String,
    pub patient: String,
    pub features: Vec<f32>,
}

/// A labelled set of another model: its manifest, and the subset where it holds several.
pub type SetOf<'a> = (&'a Path, Option<&'a str>);

/// `folder` holds packs, each a folder with `manifest.csv`; `own` is the set that the model is trained from, of which
/// only other subsets count. Some of `cases` come with them, spoilt.
pub fn choose(folder: Option<&Path>, own: SetOf<'_>, cases: &[Case]) -> Result<Vec<Other>, Failure> {
    let mut chosen = spoilt(cases, SPOILT_PICTURES);
    if let Some(folder) = folder {
        chosen.extend(of_packs(folder, &[own])?);
    }
    Ok(chosen)
}

/// Own images that are to be refused, for each way to spoil one at least `most` of each split where it has as many.
pub fn spoilt(cases: &[Case], most: usize) -> Vec<Other> {
    let mut chosen = Vec::new();
    for split in [Split::Train, Split::Val] {
        let of_split: Vec<&Case> = cases.iter().filter(|case| case.split == split).collect();
        for how in Spoilt::ALL {
            chosen.extend(thinned(&of_split, most).map(|case| Other {
                kind: how.name().to_owned(),
                as_what: As::Spoilt(how),
                part: OthersPart::of_split(&case.split),
                ..Other::of(case)
            }));
        }
    }
    chosen
}

/// Images of the labelled packs in `folder`, but for those of the sets in `own`.
pub fn of_packs(folder: &Path, own: &[SetOf<'_>]) -> Result<Vec<Other>, Failure> {
    let mut chosen = Vec::new();
    for (path, cases) in packs(folder)? {
        let mut subsets: Vec<Option<&str>> = cases.iter().map(|case| case.subset.as_deref()).collect();
        subsets.sort_unstable();
        subsets.dedup();
        let is_own = |subset: Option<&str>| {
            let mut sets = own.iter();
            sets.any(|(own, of)| same_file(&path, own) && (of.is_none() || subset == *of))
        };
        for subset in subsets.into_iter().filter(|subset| !is_own(*subset)) {
            let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
            let pack = [folder.to_str(), subset]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join("/");
            for split in [Split::Train, Split::Val] {
                let of_both = |case: &&Case| case.split == split && case.subset.as_deref() == subset;
                let of_both: Vec<&Case> = cases.iter().filter(of_both).collect();
                chosen.extend(thinned(&of_both, PICTURES_OF_A_SUBSET).map(|case| Other {
                    kind: pack.clone(),
                    // Two packs may call two patients alike.
                    patient: format!("{pack}/{}", case.patient),
                    part: OthersPart::of_split(&case.split),
                    ..Other::of(case)
                }));
            }
        }
    }
    Ok(chosen)
}

/// Evenly spread over all, not many more than `most`.
fn thinned<'a>(cases: &'a [&'a Case], most: usize) -> impl Iterator<Item = &'a Case> {
    let step = cases.len().div_ceil(most).max(1);
    cases.iter().step_by(step).copied()
}

/// Those of kinds that the header keeps away judge the gate and teach it nothing.
pub fn leave_to_header(others: &mut [Other], kinds: &[String]) {
    let left = others.iter_mut().filter(|other| kinds.contains(&other.kind));
    left.for_each(|other| match other.part {
        OthersPart::Teaches => other.part = OthersPart::Judges,
        OthersPart::OfKind { .. } => other.part = OthersPart::OfKind { teaches: false },
        OthersPart::Judges | OthersPart::Elsewhere { .. } | OthersPart::Copy { .. } => {}
    });
}

/// Own images as they are, for a gate of several kinds of them: they teach it, or set its limits.
pub fn as_they_are(cases: &[Case]) -> Vec<Other> {
    let own = cases.iter().map(|case| Other {
        part: OthersPart::Copy {
            teaches: case.split.teaches(),
        },
        ..Other::of(case)
    });
    own.collect()
}

/// What the gate is shown beside others: copies of own images, and those of the pack of kinds below `folder`.
/// `own_kinds` are of the model's own kind from elsewhere.
pub fn of_kinds(
    folder: Option<&Path>,
    own_kinds: &[String],
    commercial_use: CommercialUse,
    cases: &[Case],
) -> Result<Vec<Other>, Failure> {
    let mut chosen = Vec::new();
    for (teaches, most) in [(true, COPIES_TO_TEACH), (false, COPIES_TO_JUDGE)] {
        let of_part: Vec<&Case> = cases.iter().filter(|case| case.split.teaches() == teaches).collect();
        let step = of_part.len().div_ceil(most).max(1);
        // A small set is copied more than once.
        let rounds = (most / of_part.len().max(1)).clamp(1, 3);
        for round in 0..rounds {
            let own = of_part.iter().step_by(step).enumerate();
            chosen.extend(own.map(|(place, case)| Other {
                kind: "copies".to_owned(),
                as_what: As::Varied((place * 8 + round * 2 + usize::from(teaches)) as u64),
                part: OthersPart::Copy { teaches },
                ..Other::of(case)
            }));
        }
    }
    for path in folder.map_or(Ok(vec![]), manifests)? {
        if !kinds::is_one(&path)? {
            continue;
        }
        let rows = kinds::read(&path).map_err(|error| Failure::from(error).of(path.display()))?;
        chosen.extend(rows.into_iter().filter_map(|row| {
            let fits = row.may_teach(commercial_use);
            let part = match own_kinds.contains(&row.kind) {
                // The held-out part judges what the other taught.
                true => OthersPart::Elsewhere {
                    teaches: fits && row.split.teaches(),
                },
                false => OthersPart::OfKind { teaches: fits },
            };
            let unknown = row.kind.starts_with("own-") && own_kinds.is_empty();
            (!unknown).then(|| Other {
                name: row.file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                patient: format!("kinds/{}", row.group),
                file: row.file,
                line: row.line,
                sha256: Some(row.sha256),
                as_what: As::ItIs,
                kind: row.kind,
                part,
            })
        }));
    }
    Ok(chosen)
}

/// Every chosen image of another pack can be read and is what its manifest says; else all that cannot, in one list.
pub fn check<'a>(others: impl IntoIterator<Item = &'a Other>, watch: &mut Watch<'_>) -> Result<(), Failure> {
    let strangers: Vec<&Other> = others
        .into_iter()
        .filter(|other| matches!(other.as_what, As::ItIs))
        .collect();
    let decoders = decoders()?;
    let mut problems = learn::Problems::default();
    for (done, other) in strangers.iter().enumerate() {
        let path = format!("{}: {}", other.kind, other.name);
        if let Err(reason) = other
            .unharmed()
            .and_then(|()| labelled::one_frame(&other.file, &decoders).map(drop))
        {
            let line = other.line;
            problems.push(Problem::Unreadable { line, path, reason });
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

impl Other {
    fn of(case: &Case) -> Self {
        Self {
            file: case.file.clone(),
            name: case.name.clone(),
            line: case.line,
            sha256: None,
            as_what: As::ItIs,
            kind: String::new(),
            patient: case.patient.clone(),
            part: OthersPart::Judges,
        }
    }

    /// Whether it is of the pack of kinds, and to be refused.
    pub fn is_of_kind(&self) -> bool {
        matches!(self.part, OthersPart::OfKind { .. })
    }

    /// Whether it is of the model's own kind from elsewhere.
    pub fn is_from_elsewhere(&self) -> bool {
        matches!(self.part, OthersPart::Elsewhere { .. })
    }

    /// Whether a model may learn from it.
    pub fn teaches(&self) -> bool {
        match self.part {
            OthersPart::Teaches => true,
            OthersPart::Judges => false,
            OthersPart::OfKind { teaches } | OthersPart::Elsewhere { teaches } | OthersPart::Copy { teaches } => {
                teaches
            }
        }
    }

    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Or block, or group: by whom intervals are drawn.
    pub fn patient(&self) -> &str {
        &self.patient
    }

    /// As the gate is shown it.
    pub fn frame(&self, decoders: &Decoders) -> Result<GreyFrame, Failure> {
        let grey = grey(&self.file, decoders)?;
        Ok(match self.as_what {
            As::ItIs => grey,
            As::Spoilt(spoilt) => spoilt.of(&grey),
            As::Varied(seed) => learn::varied(&grey, seed),
        })
    }

    fn unharmed(&self) -> Result<(), String> {
        let Some(told) = &self.sha256 else { return Ok(()) };
        let bytes = std::fs::read(&self.file).map_err(|error| error.to_string())?;
        match sha256_hex(&bytes) == *told {
            true => Ok(()),
            false => Err("it is not the file that the manifest names: its sha256 differs".to_owned()),
        }
    }
}

/// What the network makes of each, in their order.
pub fn features(
    others: &[&Other],
    bundle: &Bundle,
    worker: &mut Worker,
    watch: &mut Watch<'_>,
) -> Result<Vec<Shown>, Failure> {
    let decoders = decoders()?;
    let mut seen = Vec::with_capacity(others.len());
    for chunk in others.chunks(BATCH) {
        let done = seen.len() as u64;
        let mut go_on = || stopped_unless(watch(Phase::ShowingOthers, done, others.len() as u64));
        let mut inputs = Vec::with_capacity(chunk.len());
        for other in chunk {
            go_on()?;
            inputs.push(engine::prepare(&other.frame(&decoders)?, &bundle.metadata.input)?);
        }
        let answers = frames::answers(worker, bundle, &inputs, &mut go_on)?;
        for (other, output) in chunk.iter().zip(answers) {
            seen.push(Shown {
                part: other.part,
                kind: other.kind.clone(),
                patient: other.patient.clone(),
                features: output.values(FEATURES)?.to_vec(),
            });
        }
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
    others.retain(|other| other.part == OthersPart::Judges);
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
    let others = features(&others.iter().collect::<Vec<_>>(), judged.bundle, worker, watch)?;
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
pub fn figures(gate: &GateStatistics, own: &[Gated], others: &[Shown], set: &str) -> Option<GateFigures> {
    let judges = others.iter().filter(|shown| shown.part == OthersPart::Judges);
    let gated = judges.filter_map(|shown| {
        Some(Gated {
            patient: shown.patient.clone(),
            kind: shown.kind.clone(),
            score: gate.score(&shown.features)?,
        })
    });
    learn::evaluate::gate_figures(own, &gated.collect::<Vec<_>>(), &Options::new(set, vec![]))
}

/// `manifest.csv` of every folder in `folder` that has one.
pub fn manifests(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = std::fs::read_dir(folder).map_err(|error| io_failure(folder, "read", &error))?;
    let mut paths: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path().join("manifest.csv"))
        .filter(|path| path.is_file())
        .collect();
    paths.sort();
    Ok(paths)
}

/// Those with images and labels, with their rows.
fn packs(folder: &Path) -> Result<Vec<(PathBuf, Vec<Case>)>, Failure> {
    let mut packs = Vec::new();
    for path in manifests(folder)? {
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

fn stopped_unless(go_on: bool) -> Result<(), Failure> {
    match go_on {
        true => Ok(()),
        false => Err(Failure::new(
            FailureCode::Canceled,
            "stopped while others were shown to the gate",
        )),
    }
}
