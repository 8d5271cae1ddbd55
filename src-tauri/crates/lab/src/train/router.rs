//! The router's training: a small network that tells which bundle an image is for, from the images of all packs. Spoilt
//! ones and those of kinds that no bundle was made for are for none.

mod examples;
mod unshown;

use crate::phase::{Phase, Watch};
use std::path::{Path, PathBuf};

use domain::{Estimate, Failure, FailureCode, GreyFrame, OperatingPoint, Session, Split};
use engine::bundle::{GateSpec, GateStatistics, Metric, WEIGHTS_FILE};
use engine::tensors::FEATURES;
use engine::{Answers, Bundle, Worker, WorkerSettings};
use learn::manifest;
use learn::{Checks, Selection};

use super::finish::{self, Record};
use super::members::SET_FILE;
use super::pack::{Pack, Part, synthetic};
use super::recipe::{Labels, Recipe};
use super::{TrainRequest, card, gate, members, start, stopped_unless, work_alone};
use crate::others;
use examples::Example;
use workflow::decoders::decoders;
use workflow::files::io_failure;
use workflow::frames;

/// Images of each group that an epoch shows.
const PER_GROUP: usize = 400;
const PHANTOMS: u32 = 120;
/// An image goes to the likeliest bundle where that is at least this likely.
const THRESHOLD: f32 = 0.5;

/// What a router is made of.
struct Material {
    examples: Vec<Example>,
    phantoms: Vec<GreyFrame>,
}

pub fn train(
    session: &Session,
    request: &TrainRequest,
    recipe: &Recipe,
    from: Option<&Bundle>,
    work: &Path,
    watch: &mut Watch<'_>,
) -> Result<learn::Evaluation, Failure> {
    let material = Material {
        examples: examples::of_all(&request.data, recipe, watch)?,
        phantoms: (0..PHANTOMS).map(|index| synthetic(index).0).collect(),
    };
    let mut manifests = Vec::new();
    for path in others::manifests(&request.data)? {
        manifests.extend(std::fs::read(&path).map_err(|error| io_failure(&path, "read", &error))?);
    }
    let _alone = work_alone(work)?;
    let (training, unshown) = match (from, request.epochs) {
        (Some(bundle), Some(0)) => (start::take_over(bundle, work)?, vec![]),
        _ => {
            let part = |example: &Example| match example.other.teaches() {
                true => Some(Part::Always),
                false => Some(Part::VALIDATION),
            };
            material.pack(part, recipe, work, watch)?;
            members::note_code(recipe, work)?;
            let epochs = members::train(request, recipe, from, PER_GROUP, work, watch)?;
            let teaching = material.examples.iter().filter(|example| example.other.teaches());
            let training = Record {
                epochs,
                manifest_sha256: engine::bundle::sha256_hex(&manifests),
                images: teaching.count() as u32,
                code: members::code(work)?,
            }
            .training(request, recipe, from);
            let unshown = unshown::metrics(&material, request, recipe, &training, work, watch)?;
            (training, unshown)
        }
    };
    let weights_path = work.join(WEIGHTS_FILE);
    let weights = std::fs::read(&weights_path).map_err(|error| io_failure(&weights_path, "read", &error))?;
    let mut worker = Worker::new(WorkerSettings::beside_executable(request.device)?);
    let mut bundle = finish::draft(request, recipe, training, weights);
    bundle.metadata.operating_points = vec![route_point(recipe)];
    let everything: Vec<&Example> = material.examples.iter().collect();
    material.fit_gate(&mut bundle, &everything, &mut worker, watch)?;
    let evaluations = judge(session, request, &bundle, &recipe.routes, &mut worker, watch)?;
    bundle.metadata.metrics = metrics(&evaluations);
    let elsewhere = unshown::elsewhere(&material, &bundle, &recipe.routes, &mut worker, watch)?;
    bundle.metadata.metrics.extend(elsewhere.into_iter().chain(unshown));
    let right = evaluations
        .iter()
        .filter_map(|one| one.routed.as_ref()?.values().map(|e| e.value).reduce(f64::max));
    bundle.metadata.operating_points[0].sensitivity = Estimate::bare(right.fold(1.0, f64::min));
    let text = card::router_card(recipe, &bundle);
    finish::write(request, recipe, &bundle, &evaluations, text, work)?;
    let first = evaluations.into_iter().next();
    first.ok_or_else(|| Failure::new(FailureCode::Internal, "the router was judged on nothing"))
}

fn route_point(recipe: &Recipe) -> OperatingPoint {
    OperatingPoint {
        name: "route".into(),
        threshold: THRESHOLD,
        sensitivity: Estimate::bare(0.0),
        specificity: None,
        set: recipe.set(finish::VAL),
        chosen_on_it: false,
        patients: None,
    }
}

/// `manifest.csv` of the pack that a bundle is trained from, below the folder of all packs.
fn manifest_of(data: &Path, reader: &Recipe) -> PathBuf {
    data.join(reader.pack.as_deref().unwrap_or_default())
        .join("manifest.csv")
}

impl Material {
    /// Writes the training set of the examples that have a part. What is for none is of no class. Phantoms go with the
    /// first bundle, whose samples they are.
    fn pack(
        &self,
        part: impl Fn(&Example) -> Option<Part>,
        recipe: &Recipe,
        work: &Path,
        watch: &mut Watch<'_>,
    ) -> Result<(), Failure> {
        let mut pack = Pack::default();
        let decoders = decoders()?;
        let classes = recipe.network.classes as usize;
        let labels = |route: Option<usize>, group: u8| Labels {
            classes: (0..classes).map(|class| Some(route == Some(class))).collect(),
            group,
            outlined: false,
        };
        let mut add = |frame: &GreyFrame, labels: &Labels, part: Part| {
            let mask = vec![false; frame.values.len()];
            pack.add(frame, &mask, labels, part, &recipe.input)
        };
        let of = self.examples.len() as u64;
        for (done, example) in self.examples.iter().enumerate() {
            if let Some(part) = part(example) {
                let frame = example.other.frame(&decoders)?;
                add(&frame, &labels(example.route, example.group), part)?;
            }
            stopped_unless(watch(Phase::PreparingImages, done as u64 + 1, of))?;
        }
        for phantom in &self.phantoms {
            add(phantom, &labels(Some(0), examples::own_group(0)), Part::Always)?;
        }
        pack.write(&work.join(SET_FILE), &recipe.input)
    }

    /// A group for each bundle's images and one for the phantoms. Of `shown`, those that are for none are refused.
    fn fit_gate(
        &self,
        bundle: &mut Bundle,
        shown: &[&Example],
        worker: &mut Worker,
        watch: &mut Watch<'_>,
    ) -> Result<(), Failure> {
        let (mut own, mut refused) = (gate::Own::default(), Vec::new());
        let routes = bundle.metadata.route().map_or(0, |route| route.routes.len());
        for route in (0..routes).map(Some).chain([None]) {
            let of_route = shown.iter().filter(|example| example.route == route);
            let of_route: Vec<&others::Other> = of_route.map(|example| &example.other).collect();
            let features = others::features(&of_route, bundle, worker, watch)?;
            match route {
                Some(route) => {
                    own.groups.push(vec![]);
                    own.add(route, &features);
                }
                None => refused = features,
            }
        }
        let phantoms = &self.phantoms;
        let inputs = phantoms.iter().map(|one| engine::prepare(one, &bundle.metadata.input));
        let inputs = inputs.collect::<Result<Vec<_>, _>>()?;
        let of = phantoms.len() as u64;
        let answers = frames::answers(worker, bundle, &inputs, &mut || {
            stopped_unless(watch(Phase::FittingGate, of, of))
        })?;
        own.groups.push(features_of(&answers)?);
        let gate: GateStatistics = gate::fit(&own, &refused)?;
        bundle.metadata.gate = Some(GateSpec {
            features: gate.features() as u32,
            centres: gate.centres.len() as u32,
            limit: gate.limit,
        });
        bundle.gate = Some(gate);
        Ok(())
    }
}

fn features_of(answers: &[Answers]) -> Result<Vec<Vec<f32>>, Failure> {
    answers.iter().map(|one| Ok(one.values(FEATURES)?.to_vec())).collect()
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
        routed.map(|(name, share)| metric(format!("routed.{name}"), *share, one.set.clone()))
    });
    let spoilt = evaluations.iter().flat_map(|one| {
        let kinds = one.gate.iter().flat_map(|gate| &gate.refused_by_kind);
        kinds.map(|(kind, share)| metric(format!("refused.{kind}"), *share, format!("{}, {kind}", one.set)))
    });
    routed.chain(spoilt).collect()
}

fn metric(name: String, share: Estimate, set: String) -> Metric {
    Metric {
        name,
        value: share.value,
        low: share.low,
        high: share.high,
        set,
    }
}
