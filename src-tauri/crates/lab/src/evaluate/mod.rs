//! `evaluate`: a bundle's figures on labelled images, through the same path as in use.

mod attack;
mod pictures;
mod routes;
pub mod shifted;
mod stating;

use crate::phase::{Phase, Watch};
use std::collections::BTreeMap;
use std::path::PathBuf;

use decode::Decoders;
use domain::{
    AnomalyMap, DeviceChoice, Failure, FailureCode, GreyFrame, OperatingPoint, Permission, PixelPoint, Score, Session,
    SetRef, Split, Stated,
};
use engine::bundle::{Head, sha256_hex};
use engine::task::unusual::head_score;
use engine::{Answers, Backend, Bundle, ModelInput, Outcome, Worker, WorkerSettings};
use learn::evaluate::{NamedThreshold, Options};
use learn::manifest::{self, Case, Checks, Selection};
use learn::probe::{ProbeCase, ProbeFeatures, ProbeScores, cross_validated_scores, features, trained_scores};
use learn::{Evaluation, Localisation, Mask, Prediction, RegionFound, ScoredCase, Shift};

use crate::images;
use crate::judged::Judged;
use crate::labelled;
use crate::others;
pub use routes::{SPOILT, judge_router};
use stating::Stating;
use workflow::bundles;
use workflow::decoders::decoders;
use workflow::files::{create_folder, io_failure};
use workflow::frames::{self, Run, Seen};
use workflow::permit::permit;

/// A training split larger than this gives the probe no more.
const MOST_PROBE_CASES: usize = 2000;

pub struct EvaluateRequest {
    pub bundle: String,
    pub manifest: PathBuf,
    pub split: Option<Split>,
    pub subset: Option<String>,
    pub device: DeviceChoice,
    /// What a person says of all images, before what the manifest's columns say.
    pub stated: Stated,
    /// Folder for evaluation.json, the plots and the sheet of cases.
    pub out: Option<PathBuf>,
    pub attack: Option<AttackOptions>,
    /// Also judge shifted copies of the images.
    pub shifted: bool,
    /// Folder of packs whose validation images the input gate is shown, beside spoilt ones of its own.
    pub others: Option<PathBuf>,
}

/// Projected gradient descent against the score, and against score and gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttackOptions {
    /// Images are drawn by seed where there are more.
    pub images: usize,
    pub seed: u64,
}

pub fn evaluate(session: &Session, request: &EvaluateRequest, watch: &mut Watch<'_>) -> Result<Evaluation, Failure> {
    permit(session, Permission::ManageModels)?;
    let bundle = bundles::bundle_to_learn_from(&request.bundle)?;
    let subset = request.subset.clone().or_else(|| subset_of(&bundle, &request.manifest));
    let selection = Selection {
        splits: request.split.clone().into_iter().collect(),
        subsets: subset.iter().cloned().collect(),
    };
    if bundle.metadata.route().is_some() && (request.attack.is_some() || request.others.is_some() || request.shifted) {
        return Err(Failure::usage(
            "--attack, --shifted and --others are for bundles that read images; a router is shown spoilt images of the set in \
             any case",
        ));
    }
    if let Some(folder) = &request.out {
        create_folder(folder)?;
    }
    let checks = Checks {
        sha256: true,
        ..Checks::default()
    };
    let mut cases = labelled::load(&request.manifest, &selection, checks, watch)?;
    for case in &mut cases {
        case.stated = request.stated.clone().or(&case.stated);
    }
    if bundle.metadata.route().is_some() {
        let mut worker = Worker::new(WorkerSettings::beside_executable(request.device)?);
        let set = judged_set(request, subset.as_deref());
        let evaluation = judge_router(session, &bundle, &cases, &set, &mut worker, watch)?;
        if let Some(folder) = &request.out {
            pictures::write_document(folder, &evaluation)?;
        }
        return Ok(evaluation);
    }
    let all = manifest::read(&request.manifest)?;
    let judged_patients: std::collections::BTreeSet<&str> = cases.iter().map(|c| c.patient.as_str()).collect();
    let training: Vec<Case> = all
        .iter()
        .filter(|c| c.split.teaches() && c.subset == subset && !judged_patients.contains(c.patient.as_str()))
        // A pack that was handed over without its training images is judged all the same.
        .filter(|c| c.file.is_file())
        .cloned()
        .collect();
    let set = judged_set(request, subset.as_deref());
    let mut worker = Worker::new(WorkerSettings::beside_executable(request.device)?);
    let manifest = std::fs::read(&request.manifest).map_err(|error| io_failure(&request.manifest, "read", &error))?;
    let manifest_sha256 = sha256_hex(&manifest);
    let judged = Judged {
        bundle: &bundle,
        cases: &cases,
        training: &training,
        set: &set,
        manifest_sha256: Some(&manifest_sha256),
    };
    let own = (request.manifest.as_path(), subset.as_deref());
    let others = match &request.others {
        Some(folder) => Some(others::strangers(folder, own, &cases, watch)?),
        None => None,
    };
    let scored = scored(session, &judged, &mut worker, watch)?;
    let mut evaluation = figures(&judged, &scored)?;
    let trained_on = cases.iter().filter(|case| case.split.teaches()).count();
    if trained_on > 0 {
        evaluation.notes.push(format!(
            "{trained_on} images are of the split train, on which the bundle may have been trained; --split names another"
        ));
    }
    if request.shifted {
        evaluation.shifted = shifted::figures(&judged, &mut worker, watch)?;
    }
    if let Some(options) = request.attack {
        evaluation.attack = Some(attack::attack(&judged, &scored, options, &mut worker, watch)?);
    }
    if let Some(others) = &others {
        evaluation.gate = others::gate_figures(others, &judged, &scored, &mut worker, watch)?;
    }
    if let Some(folder) = &request.out {
        pictures::write(folder, &judged, &scored, &evaluation, watch)?;
    }
    Ok(evaluation)
}

/// What an evaluation ends with that was asked to stop.
fn stopped_unless(go_on: bool) -> Result<(), Failure> {
    match go_on {
        true => Ok(()),
        false => Err(Failure::new(FailureCode::Canceled, "the evaluation was stopped")),
    }
}

/// The manifest's folder, subset and split.
fn judged_set(request: &EvaluateRequest, subset: Option<&str>) -> SetRef {
    let folder = request.manifest.canonicalize().ok();
    let folder = folder.as_deref().and_then(|p| p.parent()?.file_name());
    let pack = folder.map_or_else(|| "manifest".into(), |name| name.to_string_lossy().into_owned());
    SetRef::new(&pack, subset, request.split.clone())
}

/// The bundle's own subset, when the manifest has it: a bundle is not judged on images of another kind unasked.
fn subset_of(bundle: &Bundle, manifest: &std::path::Path) -> Option<String> {
    let own = bundle.metadata.operating_points.first()?.set.subset.as_ref()?;
    let cases = manifest::read(manifest).ok()?;
    cases
        .into_iter()
        .filter_map(|case| case.subset)
        .find(|subset| subset == own)
}

/// Every figure of the bundle on the cases, through whatever computes.
pub fn judge(
    session: &Session,
    judged: &Judged<'_>,
    backend: &mut dyn Backend,
    watch: &mut Watch<'_>,
) -> Result<Evaluation, Failure> {
    let scored = scored(session, judged, backend, watch)?;
    figures(judged, &scored)
}

/// Whether patients of the set chose the threshold: by the names of the sets, or by the manifest.
fn chosen_here(point: &OperatingPoint, judged: &Judged<'_>) -> bool {
    let taught = judged
        .cases
        .iter()
        .any(|case| matches!(case.split, Split::Train | Split::Val));
    let Some(patients) = &point.patients else {
        return point.chosen_on_it && point.set.is_within(judged.set);
    };
    let whole = SetRef {
        split: None,
        ..judged.set.clone()
    };
    taught && (point.set.is_within(&whole) || judged.manifest_sha256 == Some(patients.manifest_sha256.as_str()))
}

/// The bundle's thresholds, and whether this set chose them.
fn named_thresholds(judged: &Judged<'_>) -> Vec<NamedThreshold> {
    let points = judged.bundle.metadata.operating_points.iter();
    points
        .map(|p| NamedThreshold {
            name: p.name.clone(),
            threshold: p.threshold,
            chosen_here: chosen_here(p, judged),
        })
        .collect()
}

fn figures(judged: &Judged<'_>, scored: &[ScoredCase]) -> Result<Evaluation, Failure> {
    let points = named_thresholds(judged);
    let chosen = points.iter().any(|point| point.chosen_here);
    let mut evaluation = learn::evaluate(scored, &Options::new(&judged.set.to_string(), points))?;
    if chosen {
        evaluation.notes.push(
            "the thresholds were chosen on patients of this set: sensitivity and specificity are not those of new patients"
                .to_owned(),
        );
    }
    evaluation
        .notes
        .push(if has_both_classes(judged.training.iter().map(|case| case.anomaly)) {
            "the leakage probes learned on the training images of other patients".to_owned()
        } else {
            "the leakage probes learned by cross-validation over the patients of this set, for there were no other \
         training images of both classes"
                .to_owned()
        });
    Ok(evaluation)
}

/// The cases with the bundle's answers and the probe's, in their order.
pub fn scored(
    session: &Session,
    judged: &Judged<'_>,
    backend: &mut dyn Backend,
    watch: &mut Watch<'_>,
) -> Result<Vec<ScoredCase>, Failure> {
    permit(session, Permission::ManageModels)?;
    let answered = answered(judged, None, backend, &mut |done, of| {
        watch(Phase::Evaluating, done, of)
    })?;
    let probes = probe_scores(judged, &answered, watch)?;
    Ok(answered
        .into_values()
        .zip(probes)
        .map(|((case, _), probe)| ScoredCase { probe, ..case })
        .collect())
}

/// The cases, or shifted copies of them, with the bundle's answers and what a probe may see, by their places. `go_on` is
/// told how many of how many are done.
fn answered(
    judged: &Judged<'_>,
    shift: Option<Shift>,
    backend: &mut dyn Backend,
    go_on: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<BTreeMap<usize, (ScoredCase, ProbeFeatures)>, Failure> {
    let Judged { bundle, cases, .. } = judged;
    let mut scored: BTreeMap<usize, (ScoredCase, ProbeFeatures)> = BTreeMap::new();
    let mut failed: Option<Failure> = None;
    let decoders = decoders()?;
    frames::run(
        (0..cases.len()).collect(),
        Stating::of(cases, shift, &decoders)?,
        |_: &usize, grey: &GreyFrame| (features(grey), grey.clone()),
        Run {
            bundle,
            operating_point: &bundle.metadata.operating_points[0],
            backend,
        },
        |seen| {
            match seen {
                Seen::Nothing => {}
                Seen::Frame(done) => {
                    let case = &cases[done.tag.item];
                    let (probe, grey) = &done.tag.extra;
                    match done
                        .outcome
                        .map_err(Failure::from)
                        .and_then(|outcome| score(bundle, case, grey, outcome, &decoders))
                        .and_then(|one| with_heads(one, bundle, &done.input, done.answers.as_ref()))
                    {
                        Ok(one) => {
                            scored.insert(done.tag.item, (one, probe.clone()));
                        }
                        Err(failure) => failed = Some(failure),
                    }
                }
                Seen::Unusable(index, _, reason) => {
                    let what = format!("{}: {}", cases[index].name, reason.words);
                    failed = Some(Failure::new(FailureCode::BadInput, what));
                }
                Seen::Failed(index, _, failure) => {
                    failed = Some(failure.of(&cases[index].name));
                }
            }
            failed.is_none() && go_on(scored.len() as u64, cases.len() as u64)
        },
    )?;
    if let Some(failure) = failed {
        return Err(failure);
    }
    stopped_unless(scored.len() == cases.len())?;
    Ok(scored)
}

fn score(
    bundle: &Bundle,
    case: &Case,
    grey: &GreyFrame,
    outcome: Outcome,
    decoders: &Decoders,
) -> Result<ScoredCase, Failure> {
    let reference = match &case.mask {
        Some(path) => {
            let bits = images::mask_of(path, grey, decoders)?;
            Some(Mask::from_fn(grey.rows, grey.cols, |at| bits[at])?)
        }
        None => None,
    };
    let prediction = match (outcome.score, &outcome.map, bundle.metadata.scored()) {
        (Some(score), Some(map), Some(scored)) => {
            let threshold = (scored.region.map_threshold * 65_535.0).round() as u16;
            let regions = outcome
                .findings
                .iter()
                .map(|finding| {
                    let mask = Mask::from_outlines(map.rows, map.cols, &finding.region.outlines)?;
                    Ok(RegionFound {
                        score: finding.score.value(),
                        mask,
                    })
                })
                .collect::<Result<Vec<_>, learn::LearnError>>()?;
            Some(Prediction {
                score,
                raw_score: Some(Score::clamped(outcome.raw_score)),
                malignancy: malignancy(&outcome),
                flagged: outcome.reached(),
                unknown: outcome.unusual.map(|unusual| 1.0 - unusual.p),
                localisation: Some(Localisation {
                    peak: peak(map),
                    predicted: Mask::at_or_above(map.rows, map.cols, &map.values, threshold)?,
                    regions,
                }),
            })
        }
        _ => None,
    };
    Ok(ScoredCase {
        name: case.name.clone(),
        patient: case.patient.clone(),
        label: case.label.clone(),
        anomaly: case.anomaly,
        core: case.core,
        adjacent_to_lesion: case.adjacent_to_lesion,
        groups: case.groups.clone(),
        reference,
        prediction,
        gate: outcome.input.score,
        probe: None,
    })
}

/// The logit of the kind "malignant", of a bundle that tells it.
fn malignancy(outcome: &Outcome) -> Option<f32> {
    let mut kinds = outcome.kinds.iter();
    let malignant = kinds.find(|(kind, _)| kind.eq_ignore_ascii_case("malignant"));
    malignant.map(|(_, logit)| *logit)
}

/// With the bare score of the map of unknown anomalies, of a bundle that cannot tell how rare that is.
fn with_heads(
    mut case: ScoredCase,
    bundle: &Bundle,
    input: &ModelInput,
    answers: Option<&Answers>,
) -> Result<ScoredCase, Failure> {
    let heads = bundle.metadata.unusual().filter(|_| bundle.normals.is_none());
    if let (Some(prediction), Some(heads), Some(answers)) = (&mut case.prediction, heads, answers) {
        prediction.unknown = head_score(Head::Foreign, heads, input, answers)?;
    }
    Ok(case)
}

/// The first of the highest pixels in reading order.
fn peak(map: &AnomalyMap) -> PixelPoint {
    let highest = map.values.iter().copied().max().unwrap_or_default();
    let at = map.values.iter().position(|v| *v == highest).unwrap_or_default() as u32;
    PixelPoint {
        x: at % map.cols.max(1),
        y: at / map.cols.max(1),
    }
}

/// Probes learn on the training split where the manifest has one, else by cross-validation on the
/// judged images.
fn probe_scores(
    judged: &Judged<'_>,
    scored: &BTreeMap<usize, (ScoredCase, ProbeFeatures)>,
    watch: &mut Watch<'_>,
) -> Result<Vec<Option<ProbeScores>>, Failure> {
    let ours: Vec<&ProbeFeatures> = scored.values().map(|(_, probe)| probe).collect();
    let decoders = decoders()?;
    let step = judged.training.len().div_ceil(MOST_PROBE_CASES).max(1);
    let mut known = Vec::new();
    for case in judged
        .training
        .iter()
        .step_by(step)
        .filter(|case| !case.adjacent_to_lesion)
    {
        // It is not judged: one that cannot be read teaches nothing.
        let Ok(grey) = images::grey(&case.file, &decoders) else {
            continue;
        };
        known.push(ProbeCase {
            features: features(&grey),
            anomaly: case.anomaly,
            patient: case.patient.clone(),
        });
        let all = (judged.training.len() / step) as u64;
        stopped_unless(watch(Phase::ProbingForLeakage, known.len() as u64, all))?;
    }
    if has_both_classes(known.iter().map(|case| case.anomaly)) {
        let features: Vec<ProbeFeatures> = ours.into_iter().cloned().collect();
        return Ok(trained_scores(&known, &features)?.into_iter().map(Some).collect());
    }
    let own: Vec<ProbeCase> = scored
        .values()
        .map(|(case, probe)| ProbeCase {
            features: probe.clone(),
            anomaly: case.anomaly,
            patient: case.patient.clone(),
        })
        .collect();
    // Too few patients or one class only: the probe does not apply, and its figures are null.
    match cross_validated_scores(&own, 5, 1) {
        Ok(scores) => Ok(scores.into_iter().map(Some).collect()),
        Err(_) => Ok(vec![None; own.len()]),
    }
}

fn has_both_classes(anomalies: impl Iterator<Item = bool> + Clone) -> bool {
    anomalies.clone().any(|anomaly| anomaly) && anomalies.clone().any(|anomaly| !anomaly)
}
