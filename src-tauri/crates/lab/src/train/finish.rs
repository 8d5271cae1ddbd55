//! From trained weights to a bundle: gate statistics, calibration, operating points and figures,
//! all through the engine on the weights as they will be used.

use crate::phase::{Phase, Watch};
use std::collections::BTreeMap;
use std::path::Path;

use domain::{Estimate, Failure, FailureCode, OperatingPoint, Session, Split};
use engine::bundle::{
    BUNDLE_FORMAT, CARD_FILE, CURVE_FILE, Calibration, GATE_FILE, GateSpec, METADATA_FILE, Metadata, Metric,
    NORMALS_FILE, NetworkSpec, Runtime, Training, WEIGHTS_FILE, outputs_of, sha256_hex, write_manifest,
};
use engine::bundle::{Head, HeadNormals, Normals};
use engine::pipeline::Finished;
use engine::task::unusual::head_score;
use engine::tensors::FEATURES;
use engine::{Bundle, EngineError, Worker, WorkerSettings};
use learn::manifest::Case;

use super::pack::synthetic;
use super::points::Unseens;
use super::recipe::Recipe;
use super::{Chosen, RecipeOf, TrainRequest, card, gate, members, points, stopped_unless};
use crate::evaluate;
use crate::judged::Judged;
use crate::others;
use workflow::decoders::decoders;
use workflow::files::{io_failure, write_whole};
use workflow::frames::{self, Run, Seen, decode_path};

/// The split that bundles are judged on.
pub const VAL: Option<Split> = Some(Split::Val);
/// Share of normal images that the unknown-anomaly heads call unusual.
const UNUSUAL: f32 = 0.02;

/// Of a training that has ended.
pub struct Record {
    pub epochs: u32,
    pub manifest_sha256: String,
    pub images: u32,
    /// The code that trained, as [`super::members::code`] keeps it.
    pub code: String,
}

impl Record {
    /// As it stands in the bundle, with the command that trains the same again.
    pub fn training(self, request: &TrainRequest, recipe: &Recipe, from: Option<&Bundle>) -> Training {
        let data = match &recipe.pack {
            None => "all packs".to_owned(),
            Some(pack) => format!("the {pack} pack"),
        };
        let followed = match &request.recipe {
            RecipeOf::Bundle(name) => format!("--bundle {name}"),
            RecipeOf::File(_) => format!("--recipe <that of {} {}>", recipe.bundle, recipe.version),
        };
        let mut command = format!(
            "overread train {followed} --data <folder of {data}> --out <new folder> --seed {} --epochs {}",
            request.seed, self.epochs
        );
        if let Some(bundle) = from {
            command += &format!(" --from <{} {}>", bundle.model.bundle, bundle.model.version);
        }
        if request.others.is_some() {
            command += " --others <folder of all packs>";
        }
        if request.predictions.is_some() {
            command += " --predictions <folder of train --folds>";
        }
        if let Some(label) = &request.without {
            command += &format!(" --without {label}");
        }
        Training {
            command,
            seed: request.seed,
            epochs: self.epochs,
            manifest_sha256: self.manifest_sha256,
            code_version: self.code,
            images: self.images,
            synthetic_images: recipe.synthetic,
            from: from.map(|bundle| bundle.model.clone()),
        }
    }
}

pub fn finish(
    session: &Session,
    request: &TrainRequest,
    recipe: &Recipe,
    training: Training,
    chosen: &Chosen<'_>,
    work: &Path,
    watch: &mut Watch<'_>,
) -> Result<learn::Evaluation, Failure> {
    let cases = chosen.cases;
    let weights_path = work.join(WEIGHTS_FILE);
    let weights = std::fs::read(&weights_path).map_err(|error| io_failure(&weights_path, "read", &error))?;
    let mut bundle = draft(request, recipe, training, weights);
    let mut worker = Worker::new(WorkerSettings::beside_executable(request.device)?);

    let raw = raw_outputs(&bundle, &mut worker, cases, watch)?;
    let synthetic = synthetic_features(&bundle, &mut worker, recipe.synthetic, watch)?;
    let others = others::features(&chosen.others.iter().collect::<Vec<_>>(), &bundle, &mut worker, watch)?;
    let own = gate::Own::of(&raw, cases, synthetic, &others);
    let gate = gate::fit(&own, &others)?;
    let unseens = match &request.predictions {
        Some(folder) => Unseens::of_folder(folder, recipe, cases, &chosen.manifest_sha256)?,
        None => Unseens::of_validation(&raw, cases, recipe, &chosen.manifest_sha256)?,
    };
    let scores = match cases.iter().all(|case| case.anomaly) {
        true => points::outline_point(&raw, cases, &unseens, recipe)?,
        false => points::fit_scores(&unseens)?,
    };
    let set = recipe.set(VAL);
    let gate_figures = gate::judge(&gate, &own, &others, &set.to_string(), watch)?;
    bundle.metadata.gate = Some(GateSpec {
        features: gate.features() as u32,
        centres: gate.centres.len() as u32,
        limit: gate.limit,
    });
    bundle.metadata.calibration = scores.calibration;
    bundle.metadata.operating_points = scores.points;
    bundle.gate = Some(gate);
    bundle.normals = fit_normals(&raw, cases, recipe);

    let training: Vec<Case> = cases.iter().filter(|case| case.split.teaches()).cloned().collect();
    let validation: Vec<Case> = cases.iter().filter(|case| !case.split.teaches()).cloned().collect();
    let judged = Judged {
        bundle: &bundle,
        cases: &validation,
        training: &training,
        set: &set,
        manifest_sha256: Some(&chosen.manifest_sha256),
    };
    let mut evaluation = evaluate::judge(session, &judged, &mut worker, watch)?;
    evaluation.gate = gate_figures;
    if request.shifted {
        evaluation.shifted = evaluate::shifted::figures(&judged, &mut worker, watch)?;
    }
    evaluation.protocol = Some(scores.report);
    bundle.metadata.metrics = metrics(&evaluation);
    let card = card::card(recipe, &bundle, &evaluation);
    write(request, recipe, &bundle, &evaluation, card, work)?;
    Ok(evaluation)
}

pub fn draft(request: &TrainRequest, recipe: &Recipe, training: Training, weights: Vec<u8>) -> Bundle {
    let metadata = Metadata {
        format: BUNDLE_FORMAT,
        name: recipe.bundle.clone(),
        version: recipe.version.clone(),
        title: recipe.title.clone(),
        intended_use: recipe.intended_use.clone(),
        inputs: NetworkSpec::inputs(recipe.input.size),
        outputs: outputs_of(&recipe.network, recipe.input.size, &recipe.tasks),
        tasks: recipe.tasks.clone(),
        runtime: Runtime::Torch {
            network: recipe.network.clone(),
            mirror: recipe.mirror,
        },
        input: recipe.input.clone(),
        calibration: Calibration {
            slope: 1.0,
            intercept: 0.0,
            made_on: None,
        },
        operating_points: vec![OperatingPoint {
            name: "draft".into(),
            threshold: 0.5,
            sensitivity: Estimate::bare(0.0),
            specificity: None,
            set: recipe.set(VAL),
            chosen_on_it: false,
            patients: None,
        }],
        gate: None,
        data: recipe.data.clone(),
        commercial_use: recipe.commercial_use,
        metrics: vec![],
        training,
    };
    let model = domain::ModelVersion {
        bundle: metadata.name.clone(),
        version: metadata.version.clone(),
        weights_sha256: sha256_hex(&weights),
    };
    Bundle {
        folder: request.out.clone(),
        metadata,
        model,
        weights: weights.into(),
        signed: false,
        manifest_sha256: String::new(),
        gate: None,
        normals: None,
        site_prevalence: None,
    }
}

const HEADS: [Head; 2] = [Head::Foreign, Head::Reconstruction];

pub struct RawCase {
    pub features: Vec<f32>,
    pub raw_score: f32,
    heads: Vec<(Head, f32)>,
}

fn raw_outputs(
    bundle: &Bundle,
    worker: &mut Worker,
    cases: &[Case],
    watch: &mut Watch<'_>,
) -> Result<BTreeMap<usize, RawCase>, Failure> {
    let point = bundle.metadata.operating_points[0].clone();
    let mut raw = BTreeMap::new();
    let mut failed = None;
    frames::run(
        (0..cases.len()).collect(),
        |index: &usize, wanted: &decode::Wanted| Ok(decode_path(&cases[*index].file, wanted, &decoders()?)?),
        |_: &usize, _: &domain::GreyFrame| (),
        Run {
            bundle,
            operating_point: &point,
            backend: worker,
        },
        |seen| {
            match seen {
                Seen::Nothing => {}
                Seen::Frame(done) => match raw_case(bundle, &done) {
                    Ok(case) => drop(raw.insert(done.tag.item, case)),
                    Err(error) => failed = Some(error.into()),
                },
                Seen::Unusable(_, _, reason) => failed = Some(Failure::new(FailureCode::BadInput, reason.words)),
                Seen::Failed(_, _, failure) => failed = Some(failure),
            }
            failed.is_none() && watch(Phase::FittingGateAndScores, raw.len() as u64, cases.len() as u64)
        },
    )?;
    match failed {
        Some(failure) => Err(failure),
        None => stopped_unless(raw.len() == cases.len()).map(|()| raw),
    }
}

/// What the gate, the scores and the unknown-anomaly heads are fitted on.
fn raw_case<T>(bundle: &Bundle, done: &Finished<T>) -> Result<RawCase, EngineError> {
    let outcome = done.outcome.as_ref().map_err(Clone::clone)?;
    let mut case = RawCase {
        features: vec![],
        raw_score: outcome.raw_score,
        heads: vec![],
    };
    if let Some(answers) = &done.answers {
        case.features = answers.values(FEATURES)?.to_vec();
        if let Some(heads) = bundle.metadata.unusual() {
            for head in HEADS {
                let score = head_score(head, heads, &done.input, answers)?;
                case.heads.extend(score.map(|score| (head, score)));
            }
        }
    }
    Ok(case)
}

fn synthetic_features(
    bundle: &Bundle,
    worker: &mut Worker,
    count: u32,
    watch: &mut Watch<'_>,
) -> Result<Vec<Vec<f32>>, Failure> {
    let mut go_on = || stopped_unless(watch(Phase::ShowingSynthetic, 0, u64::from(count)));
    let mut prepared = Vec::with_capacity(count as usize);
    for index in 0..count {
        go_on()?;
        prepared.push(engine::prepare(&synthetic(index).0, &bundle.metadata.input)?);
    }
    let answers = frames::answers(worker, bundle, &prepared, &mut go_on)?;
    answers
        .iter()
        .map(|answers| Ok(answers.values(FEATURES)?.to_vec()))
        .collect()
}

pub fn mean(features: &[Vec<f32>]) -> Vec<f32> {
    let Some(first) = features.first() else { return vec![] };
    (0..first.len())
        .map(|at| (features.iter().map(|f| f64::from(f[at])).sum::<f64>() / features.len() as f64) as f32)
        .collect()
}

/// How the unknown-anomaly heads answer to held-out normal images; `None` where these are too few
/// for any image to be rarer than the limit.
fn fit_normals(raw: &BTreeMap<usize, RawCase>, cases: &[Case], recipe: &Recipe) -> Option<Normals> {
    let normal = |case: &Case| !case.split.teaches() && !case.anomaly && !case.adjacent_to_lesion;
    let held_out = || {
        raw.iter()
            .filter(|(index, _)| normal(&cases[**index]))
            .map(|(_, case)| case)
    };
    let heads: Vec<HeadNormals> = HEADS
        .into_iter()
        .filter_map(|head| {
            let mut scores: Vec<f32> = held_out()
                .flat_map(|case| case.heads.iter().filter(|(of, _)| *of == head).map(|(_, score)| *score))
                .collect();
            scores.sort_by(f32::total_cmp);
            (!scores.is_empty()).then_some(HeadNormals { head, scores })
        })
        .collect();
    let count = held_out().count();
    let enough = !heads.is_empty() && heads.len() as f32 <= UNUSUAL * (count as f32 + 1.0);
    enough.then(|| Normals {
        set: format!("{}, {count} images without an anomaly", recipe.set(VAL)),
        limit: UNUSUAL,
        heads,
    })
}

fn metrics(evaluation: &learn::Evaluation) -> Vec<Metric> {
    let gate = evaluation.gate.iter().flat_map(|gate| {
        let others = format!(
            "{} against {} images of other packs' val splits and spoilt ones",
            evaluation.set, gate.n_others
        );
        let kinds = format!("{} images of kinds that the gate was not shown", gate.n_never_shown);
        let elsewhere = format!("{} images of its kind from elsewhere", gate.n_elsewhere);
        let figures = [
            ("gate_auc", gate.auc, others.clone()),
            ("gate_others_refused", gate.others_refused, others),
            ("gate_never_shown_refused", gate.never_shown_refused, kinds),
            ("gate_elsewhere_refused", gate.elsewhere_refused, elsewhere),
        ];
        figures.into_iter().filter_map(|(name, estimate, set)| {
            estimate.map(|e| Metric {
                name: name.into(),
                value: e.value,
                low: e.low,
                high: e.high,
                set,
            })
        })
    });
    let figures = card::figures(evaluation).into_iter().filter_map(|(name, estimate)| {
        estimate.map(|e| Metric {
            name: name.into(),
            value: e.value,
            low: e.low,
            high: e.high,
            set: evaluation.set.clone(),
        })
    });
    figures.chain(gate).collect()
}

pub fn write(
    request: &TrainRequest,
    recipe: &Recipe,
    bundle: &Bundle,
    evaluation: &impl serde::Serialize,
    card: String,
    work: &Path,
) -> Result<(), Failure> {
    let out = &request.out;
    let text = |value: Result<String, serde_json::Error>| {
        value
            .map(|text| text + "\n")
            .map_err(|error| Failure::new(FailureCode::Internal, error.to_string()))
    };
    write_whole(&out.join(WEIGHTS_FILE), &bundle.weights)?;
    write_whole(
        &out.join(METADATA_FILE),
        text(serde_json::to_string_pretty(&bundle.metadata))?.as_bytes(),
    )?;
    write_whole(
        &out.join("evaluation.json"),
        text(serde_json::to_string_pretty(evaluation))?.as_bytes(),
    )?;
    write_whole(&out.join(CARD_FILE), card.as_bytes())?;
    write_whole(&out.join("data_license.txt"), card::data_licence(recipe).as_bytes())?;
    if let Some(normals) = &bundle.normals {
        write_whole(
            &out.join(NORMALS_FILE),
            text(serde_json::to_string(normals))?.as_bytes(),
        )?;
    }
    if let Some(gate) = &bundle.gate {
        write_whole(&out.join(GATE_FILE), &gate.to_safetensors()?)?;
    }
    let curve = work.join(members::CURVE_FILE);
    let bytes = std::fs::read(&curve).map_err(|error| io_failure(&curve, "read", &error))?;
    write_whole(&out.join(CURVE_FILE), &bytes)?;
    write_manifest(out)?;
    Ok(())
}
