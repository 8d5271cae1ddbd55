//! The router's training: a small network that tells which bundle an image is for, from the
//! images of all packs; spoilt ones are for none.

use crate::phase::{Phase, Watch};
use std::path::{Path, PathBuf};

use decode::Decoders;
use domain::{Estimate, Failure, FailureCode, GreyFrame, OperatingPoint, Session, Split};
use engine::bundle::GateStatistics;
use engine::bundle::{GateSpec, Metric, WEIGHTS_FILE};
use engine::tensors::FEATURES;
use engine::{Answers, Bundle, Worker, WorkerSettings};
use learn::manifest::{self, Case};
use learn::{Checks, Selection};

use super::finish::{self, Record};
use super::pack::{Pack, Part, synthetic};
use super::recipe::{Labels, Recipe};
use super::{TrainRequest, card, gate, members, start, stopped_unless, work_alone};
use crate::evaluate::SPOILT;
use crate::images::grey;
use crate::labelled;
use crate::others::{self, Spoilt};
use workflow::decoders::decoders;
use workflow::files::io_failure;
use workflow::frames;

/// Images of one bundle's training split; of its validation split all are taken.
const PICTURES: usize = 800;
const PHANTOMS: u32 = 120;
/// An image goes to the likeliest bundle where that is at least this likely.
const THRESHOLD: f32 = 0.5;

/// An image, the place of its bundle among the routes, and how it was spoilt.
struct Example {
    case: Case,
    route: usize,
    spoilt: Option<Spoilt>,
}

impl Example {
    fn held_out(&self) -> bool {
        !self.case.split.teaches()
    }

    /// Where it should go.
    fn answer(&self) -> Option<usize> {
        self.spoilt.is_none().then_some(self.route)
    }

    fn picture(&self, decoders: &Decoders) -> Result<GreyFrame, Failure> {
        let picture = grey(&self.case.file, decoders)?;
        Ok(self
            .spoilt
            .map_or_else(|| picture.clone(), |spoilt| spoilt.of(&picture)))
    }
}

pub fn train(
    session: &Session,
    request: &TrainRequest,
    recipe: &Recipe,
    from: Option<&Bundle>,
    work: &Path,
    watch: &mut Watch<'_>,
) -> Result<learn::Evaluation, Failure> {
    let readers = &recipe.routes;
    let examples = examples(&request.data, readers, watch)?;
    let mut manifests = Vec::new();
    for reader in readers {
        let path = manifest_of(&request.data, reader);
        manifests.push(std::fs::read(&path).map_err(|error| io_failure(&path, "read", &error))?);
    }
    let _alone = work_alone(work)?;
    let phantoms: Vec<GreyFrame> = (0..PHANTOMS).map(|index| synthetic(index).0).collect();
    let training = match (from, request.epochs) {
        (Some(bundle), Some(0)) => start::take_over(bundle, work)?,
        _ => {
            pack(&examples, &phantoms, recipe, work, watch)?;
            members::note_code(recipe, work)?;
            let epochs = members::train(request, recipe, from, PICTURES, work, watch)?;
            Record {
                epochs,
                manifest_sha256: engine::bundle::sha256_hex(&manifests.concat()),
                images: examples.iter().filter(|example| !example.held_out()).count() as u32,
                code: members::code(work)?,
            }
            .training(request, recipe, from)
        }
    };
    let weights_path = work.join(WEIGHTS_FILE);
    let weights = std::fs::read(&weights_path).map_err(|error| io_failure(&weights_path, "read", &error))?;
    let mut bundle = finish::draft(request, recipe, training, weights);
    bundle.metadata.operating_points = vec![OperatingPoint {
        name: "route".into(),
        threshold: THRESHOLD,
        sensitivity: Estimate::bare(0.0),
        specificity: None,
        set: recipe.set(finish::VAL),
        chosen_on_it: false,
        patients: None,
    }];
    let mut worker = Worker::new(WorkerSettings::beside_executable(request.device)?);
    let gate = fit_gate(
        &bundle,
        &request.data,
        readers,
        &examples,
        &phantoms,
        &mut worker,
        watch,
    )?;
    bundle.metadata.gate = Some(GateSpec {
        features: gate.features() as u32,
        centres: gate.centres.len() as u32,
        limit: gate.limit,
    });
    bundle.gate = Some(gate);
    let evaluations = judge(session, request, &bundle, readers, &mut worker, watch)?;
    bundle.metadata.metrics = metrics(&evaluations);
    let right = evaluations
        .iter()
        .filter_map(|one| one.routed.as_ref()?.values().map(|e| e.value).reduce(f64::max));
    bundle.metadata.operating_points[0].sensitivity = Estimate::bare(right.fold(1.0, f64::min));
    let text = card::router_card(recipe, &bundle);
    finish::write(request, recipe, &bundle, &evaluations, text, work)?;
    let first = evaluations.into_iter().next();
    first.ok_or_else(|| Failure::new(FailureCode::Internal, "the router was judged on nothing"))
}

/// `manifest.csv` of the pack that a bundle is trained from, below the folder of all packs.
fn manifest_of(data: &Path, reader: &Recipe) -> PathBuf {
    data.join(reader.pack.as_deref().unwrap_or_default())
        .join("manifest.csv")
}

/// Of every bundle's pack; where images cannot be used, those of all packs are told at once.
fn examples(data: &Path, readers: &[Recipe], watch: &mut Watch<'_>) -> Result<Vec<Example>, Failure> {
    let mut examples = Vec::new();
    let mut failures: Vec<Failure> = Vec::new();
    for (route, reader) in readers.iter().enumerate() {
        match examples_of(&manifest_of(data, reader), route, reader, watch) {
            Ok(some) => examples.extend(some),
            Err(failure) if failure.is_a_stop() => return Err(failure),
            Err(failure) => failures.push(failure.of(reader.set(None))),
        }
    }
    let Some(first) = failures.first() else {
        return Ok(examples);
    };
    let all: Vec<&str> = failures.iter().map(|failure| failure.message.as_str()).collect();
    Err(Failure::new(first.code, all.join("\n")))
}

fn examples_of(path: &Path, route: usize, reader: &Recipe, watch: &mut Watch<'_>) -> Result<Vec<Example>, Failure> {
    let selection = Selection {
        splits: vec![Split::Train, Split::Val],
        subsets: reader.subset.iter().cloned().collect(),
    };
    let checks = Checks {
        sha256: true,
        ..Checks::default()
    };
    let cases = labelled::load(path, &selection, checks, watch)?;
    let mut examples = Vec::new();
    for split in [Split::Train, Split::Val] {
        let of_split: Vec<&Case> = cases.iter().filter(|case| case.split == split).collect();
        let mut add = |most: usize, spoilt: Option<Spoilt>| {
            let step = of_split.len().div_ceil(most).max(1);
            examples.extend(of_split.iter().step_by(step).map(|case| Example {
                case: (*case).clone(),
                route,
                spoilt,
            }));
        };
        add(if split.teaches() { PICTURES } else { usize::MAX }, None);
        Spoilt::ALL.into_iter().for_each(|spoilt| add(SPOILT, Some(spoilt)));
    }
    Ok(examples)
}

/// Spoilt images are group 0 and of no class. Phantoms go with the first bundle, whose samples they are.
fn pack(
    examples: &[Example],
    phantoms: &[GreyFrame],
    recipe: &Recipe,
    work: &Path,
    watch: &mut Watch<'_>,
) -> Result<(), Failure> {
    let mut pack = Pack::default();
    let decoders = decoders()?;
    let classes = recipe.network.classes as usize;
    let labels = |answer: Option<usize>| Labels {
        classes: (0..classes).map(|class| Some(answer == Some(class))).collect(),
        group: answer.map_or(0, |route| 1 + route as u8),
        outlined: false,
    };
    for (done, example) in examples.iter().enumerate() {
        let picture = example.picture(&decoders)?;
        let mask = vec![false; picture.values.len()];
        pack.add(
            &picture,
            &mask,
            &labels(example.answer()),
            Part::of_split(&example.case.split),
            &recipe.input,
        )?;
        stopped_unless(watch(Phase::PreparingImages, done as u64 + 1, examples.len() as u64))?;
    }
    for picture in phantoms {
        let mask = vec![false; picture.values.len()];
        pack.add(picture, &mask, &labels(Some(0)), Part::Always, &recipe.input)?;
    }
    pack.write(&work.join("set.safetensors"), &recipe.input)
}

fn features_of(answers: &[Answers]) -> Result<Vec<Vec<f32>>, Failure> {
    answers.iter().map(|one| Ok(one.values(FEATURES)?.to_vec())).collect()
}

/// A group for each bundle's images and one for the phantoms. Spoilt images and kinds that no bundle is for are refused.
fn fit_gate(
    bundle: &Bundle,
    data: &Path,
    readers: &[Recipe],
    examples: &[Example],
    phantoms: &[GreyFrame],
    worker: &mut Worker,
    watch: &mut Watch<'_>,
) -> Result<GateStatistics, Failure> {
    let mut own = gate::Own::default();
    let mut others = Vec::new();
    for (route, reader) in readers.iter().enumerate() {
        let of_route = examples.iter().filter(|example| example.route == route);
        let (spoilt, plain): (Vec<&Example>, Vec<&Example>) = of_route.partition(|example| example.spoilt.is_some());
        let plain: Vec<Case> = plain.into_iter().map(|example| example.case.clone()).collect();
        let mut shown = others::as_they_are(&plain);
        shown.extend(others::of_kinds(Some(data), reader, &plain)?);
        // Kinds that are strangers to all are shown once.
        let strange = |other: &others::Other| readers.iter().all(|reader| !reader.gate.own.contains(&other.kind));
        shown.retain(|other| !other.is_of_kind() || (route == 0 && strange(other)));
        shown.extend(
            spoilt
                .into_iter()
                .filter_map(|example| Some(others::spoilt(&example.case, example.spoilt?))),
        );
        others::check(&shown, watch)?;
        let shown = others::features(&shown, bundle, worker, watch)?;
        own.groups.push(vec![]);
        own.add(route, &shown);
        others.extend(shown);
    }
    let inputs = phantoms
        .iter()
        .map(|phantom| engine::prepare(phantom, &bundle.metadata.input))
        .collect::<Result<Vec<_>, _>>()?;
    let of_all = phantoms.len() as u64;
    let answers = frames::answers(worker, bundle, &inputs, &mut || {
        stopped_unless(watch(Phase::FittingGate, of_all, of_all))
    })?;
    own.groups.push(features_of(&answers)?);
    gate::fit(&own, &others)
}

/// One evaluation for each reader's validation images, as `evaluate` makes it.
fn judge(
    session: &Session,
    request: &TrainRequest,
    bundle: &Bundle,
    readers: &[Recipe],
    worker: &mut Worker,
    watch: &mut Watch<'_>,
) -> Result<Vec<learn::Evaluation>, Failure> {
    readers
        .iter()
        .map(|reader| {
            let selection = Selection {
                splits: vec![Split::Val],
                subsets: reader.subset.iter().cloned().collect(),
            };
            let cases = manifest::load(&manifest_of(&request.data, reader), &selection, Checks::default())?;
            let set = reader.set(finish::VAL);
            crate::evaluate::judge_router(session, bundle, &cases, &set, worker, watch)
        })
        .collect()
}

/// Where each set goes, and how much of it goes nowhere when it is spoilt.
fn metrics(evaluations: &[learn::Evaluation]) -> Vec<Metric> {
    let routed = evaluations.iter().flat_map(|one| {
        let routed = one.routed.iter().flatten();
        routed.map(|(name, share)| (format!("routed.{name}"), *share, one.set.clone()))
    });
    let spoilt = evaluations.iter().flat_map(|one| {
        let kinds = one.gate.iter().flat_map(|gate| &gate.refused_by_kind);
        kinds.map(|(kind, share)| (format!("refused.{kind}"), *share, format!("{}, {kind}", one.set)))
    });
    let all = routed.chain(spoilt);
    all.map(|(name, share, set)| Metric {
        name,
        value: share.value,
        low: share.low,
        high: share.high,
        set,
    })
    .collect()
}
