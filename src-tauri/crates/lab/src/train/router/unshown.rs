//! What becomes of images that a router was never shown: kinds that networks of their own were trained without, and
//! the bundles' own kinds from elsewhere.

use std::collections::BTreeMap;
use std::path::Path;

use domain::Failure;
use engine::bundle::{Metric, Training, WEIGHTS_FILE};
use engine::task::route;
use engine::{Bundle, Worker, WorkerSettings};
use learn::evaluate::{Gated, Options, RoutedCase, evaluate_routes, share_refused};

use super::{Example, Material, PER_GROUP, metric, route_point};
use crate::others::Other;
use crate::phase::{Phase, Watch};
use crate::train::members::{self, Network};
use crate::train::pack::Part;
use crate::train::recipe::Recipe;
use crate::train::runs::{Place, run_all};
use crate::train::{TrainRequest, finish, stopped_unless};
use workflow::decoders::decoders;
use workflow::files::{create_folder, io_failure};
use workflow::frames;

/// So many networks are each trained without their share of the kinds.
const FOLDS: usize = 4;
const BATCH: usize = 32;

/// The fold of each kind that is for none: neighbours in the alphabet, such as all heads' sequences, are dealt out
/// apart; a pack goes with the kind that bears its name.
fn folds(examples: &[Example]) -> BTreeMap<&str, usize> {
    let kinds: BTreeMap<&str, bool> = examples
        .iter()
        .filter(|example| example.is_strange())
        .map(|example| (example.other.kind(), example.other.is_of_kind()))
        .collect();
    let of_kinds = kinds.iter().filter(|(_, of_kind)| **of_kind);
    let mut folds: BTreeMap<&str, usize> = of_kinds
        .enumerate()
        .map(|(place, (kind, _))| (*kind, place % FOLDS))
        .collect();
    for (place, (pack, _)) in kinds.iter().filter(|(_, of_kind)| !**of_kind).enumerate() {
        let folder = pack.split('/').next().unwrap_or(pack);
        let alike = folds.iter().find(|(kind, _)| kind.starts_with(folder));
        let fold = alike.map_or(place % FOLDS, |(_, fold)| *fold);
        folds.insert(pack, fold);
    }
    folds
}

/// How each kind is refused by a router that was never shown it: network and gate.
///
/// # Errors
/// As the training of a network and the reading of images.
pub fn metrics(
    material: &Material,
    request: &TrainRequest,
    recipe: &Recipe,
    training: &Training,
    work: &Path,
    watch: &mut Watch<'_>,
) -> Result<Vec<Metric>, Failure> {
    let folds = folds(&material.examples);
    if folds.is_empty() {
        return Ok(vec![]);
    }
    let fold_of = |example: &Example| {
        let strange = example.is_strange().then(|| example.other.kind());
        strange.and_then(|kind| folds.get(kind).copied())
    };
    let work = work.join("unshown");
    create_folder(&work)?;
    // What judges a gate's limits is no part of these trainings.
    let part = |example: &Example| {
        let held = fold_of(example).map(|fold| Part::Held(u32::try_from(fold).unwrap_or(0)));
        example.other.teaches().then(|| held.unwrap_or(Part::Always))
    };
    material.pack(part, recipe, &work, watch)?;
    let set_sha256 = members::set_sha256(&work)?;
    let networks: Vec<Network<'_>> = (0..FOLDS)
        .map(|fold| Network {
            folder: work.join(format!("fold-{fold}")),
            set_sha256: &set_sha256,
            seed: request.seed,
            held: Part::Held(u32::try_from(fold).unwrap_or(0)),
            validate: false,
            per_group: PER_GROUP,
            from: None,
        })
        .collect();
    let planned: Vec<_> = networks
        .iter()
        .map(|network| network.planned(request, recipe, &work))
        .collect();
    run_all(&planned, Place::of_cores(request), watch, &mut |_, _| Ok(()))
        .map_err(|failure| members::going_on(failure, request))?;
    let mut judged = Vec::new();
    for (fold, network) in networks.iter().enumerate() {
        let path = network.folder.join(WEIGHTS_FILE);
        let weights = std::fs::read(&path).map_err(|error| io_failure(&path, "read", &error))?;
        let mut bundle = finish::draft(request, recipe, training.clone(), weights);
        bundle.metadata.operating_points = vec![route_point(recipe)];
        let mut worker = Worker::new(WorkerSettings::beside_executable(request.device)?);
        let (unshown, shown): (Vec<&Example>, Vec<&Example>) = material
            .examples
            .iter()
            .partition(|example| fold_of(example) == Some(fold));
        material.fit_gate(&mut bundle, &shown, &mut worker, watch)?;
        let unshown: Vec<&Other> = unshown.into_iter().map(|example| &example.other).collect();
        let routes = routes(&unshown, &bundle, &mut worker, watch)?;
        judged.extend(unshown.iter().zip(routes).map(|(other, route)| Gated {
            patient: other.patient().to_owned(),
            kind: other.kind().to_owned(),
            score: if route.is_none() { 2.0 } else { 0.0 },
        }));
    }
    let (all, by_kind) = share_refused(&judged, &Options::new("kinds", vec![]));
    let count = |kind: &str| judged.iter().filter(|one| one.kind == kind).count();
    let all = all.map(|share| {
        let set = format!("kinds never shown (n = {})", judged.len());
        metric("refused.unshown".to_owned(), share, set)
    });
    let by_kind = by_kind.into_iter().map(|(kind, share)| {
        let set = format!("{kind}, never shown (n = {})", count(&kind));
        metric(format!("refused.unshown.{kind}"), share, set)
    });
    Ok(all.into_iter().chain(by_kind).collect())
}

/// Where images of each bundle's own kind from elsewhere go, of which none was learned from.
///
/// # Errors
/// As the reading of images.
pub fn elsewhere(
    material: &Material,
    bundle: &Bundle,
    readers: &[Recipe],
    worker: &mut Worker,
    watch: &mut Watch<'_>,
) -> Result<Vec<Metric>, Failure> {
    let mut metrics = Vec::new();
    for (place, reader) in readers.iter().enumerate() {
        let held_out = material.examples.iter().filter(|example| {
            example.route == Some(place) && example.other.is_from_elsewhere() && !example.other.teaches()
        });
        let held_out: Vec<&Other> = held_out.map(|example| &example.other).collect();
        if held_out.is_empty() {
            continue;
        }
        let routes = routes(&held_out, bundle, worker, watch)?;
        let routed: Vec<RoutedCase> = held_out
            .iter()
            .zip(routes)
            .map(|(other, route)| RoutedCase {
                patient: other.patient().to_owned(),
                route,
            })
            .collect();
        let set = format!("{} from elsewhere (n = {})", reader.bundle, routed.len());
        let evaluation = evaluate_routes(&routed, &Options::new(&set, vec![]))?;
        let shares = evaluation.routed.into_iter().flatten();
        metrics.extend(shares.map(|(name, share)| metric(format!("routed.{name}"), share, set.clone())));
    }
    Ok(metrics)
}

/// Where each goes by itself.
fn routes(
    shown: &[&Other],
    bundle: &Bundle,
    worker: &mut Worker,
    watch: &mut Watch<'_>,
) -> Result<Vec<Option<String>>, Failure> {
    let decoders = decoders()?;
    let mut routes = Vec::with_capacity(shown.len());
    for chunk in shown.chunks(BATCH) {
        let done = routes.len() as u64;
        let mut go_on = || stopped_unless(watch(Phase::Routing, done, shown.len() as u64));
        let mut inputs = Vec::with_capacity(chunk.len());
        for other in chunk {
            go_on()?;
            inputs.push(engine::prepare(&other.frame(&decoders)?, &bundle.metadata.input)?);
        }
        let answers = frames::answers(worker, bundle, &inputs, &mut go_on)?;
        for (answer, input) in answers.iter().zip(&inputs) {
            let route = route::choose(bundle, &[answer])?.filter(|_| !input.blank);
            routes.push(route.map(str::to_owned));
        }
    }
    Ok(routes)
}
