//! `evaluate`: a bundle's figures on labelled pictures, through the same path as in use.

use std::collections::BTreeMap;
use std::path::PathBuf;

use decode::{Decoder, Limits};
use domain::{AnomalyMap, GreyFrame, Permission, PixelPoint, Score, Session};
use engine::{Bundle, DeviceChoice, Outcome, Worker, WorkerSettings};
use learn::evaluate::{NamedThreshold, Options};
use learn::manifest::{self, Case, Checks, Selection};
use learn::probe::{ProbeCase, ProbeFeatures, ProbeScores, cross_validated_scores, features, trained_scores};
use learn::{Evaluation, Localisation, Mask, Prediction, RegionFound, ScoredCase};

use crate::error::Failure;
use crate::frames::{self, Run, Seen, Watch, decode_path};
use crate::permit::permit;
use crate::places;
use crate::train;

/// A training split larger than this gives the probe no more.
const MOST_PROBE_CASES: usize = 2000;

pub struct EvaluateRequest {
    pub bundle: String,
    pub manifest: PathBuf,
    pub split: Option<String>,
    pub subset: Option<String>,
    pub device: DeviceChoice,
}

pub fn evaluate(session: &Session, request: &EvaluateRequest, watch: &mut Watch<'_>) -> Result<Evaluation, Failure> {
    permit(session, Permission::ManageModels)?;
    let bundle = places::bundle(Some(&request.bundle))?;
    let subset = request.subset.clone().or_else(|| subset_of(&bundle, &request.manifest));
    let selection = Selection {
        splits: request.split.clone().into_iter().collect(),
        subset: subset.clone(),
    };
    let cases = manifest::load(
        &request.manifest,
        &selection,
        Checks {
            sha256: true,
            ..Checks::default()
        },
    )?;
    let all = manifest::read(&request.manifest)?;
    let judged_patients: std::collections::BTreeSet<&str> = cases.iter().map(|c| c.patient.as_str()).collect();
    let training: Vec<Case> = all
        .iter()
        .filter(|c| c.split == "train" && c.subset == subset && !judged_patients.contains(c.patient.as_str()))
        .cloned()
        .collect();
    let folder = request
        .manifest
        .parent()
        .and_then(|p| p.file_name())
        .map(|n| n.to_string_lossy().into_owned());
    let mut set = folder.unwrap_or_else(|| "manifest".into());
    for part in [
        subset.map(|s| format!("/{s}")),
        request.split.as_ref().map(|s| format!(" {s}")),
    ]
    .into_iter()
    .flatten()
    {
        set.push_str(&part);
    }
    let mut worker = Worker::new(WorkerSettings::beside_executable(request.device)?);
    let judged = Judged {
        bundle: &bundle,
        cases: &cases,
        training: &training,
        set: &set,
    };
    judge(session, &judged, &mut worker, watch)
}

/// The bundle's own subset, when the manifest has it: a bundle is not judged on pictures of another kind unasked.
fn subset_of(bundle: &Bundle, manifest: &std::path::Path) -> Option<String> {
    let set = &bundle.metadata.operating_points.first()?.set;
    let cases = manifest::read(manifest).ok()?;
    cases
        .into_iter()
        .filter_map(|case| case.subset)
        .find(|subset| set.contains(&format!("/{subset} ")))
}

pub struct Judged<'a> {
    pub bundle: &'a Bundle,
    pub cases: &'a [Case],
    /// Pictures of other patients that the leakage probe may learn from; may be empty.
    pub training: &'a [Case],
    pub set: &'a str,
}

pub fn judge(
    session: &Session,
    judged: &Judged<'_>,
    worker: &mut Worker,
    watch: &mut Watch<'_>,
) -> Result<Evaluation, Failure> {
    permit(session, Permission::ManageModels)?;
    let Judged { bundle, cases, .. } = judged;
    let mut scored: BTreeMap<usize, (ScoredCase, ProbeFeatures)> = BTreeMap::new();
    let mut failed: Option<Failure> = None;
    let mut masks = Decoder::beside_executable(Limits::default())?;
    worker.load(bundle)?;
    frames::run(
        (0..cases.len()).collect(),
        |index: &usize, decoder: &mut Decoder| Ok(decode_path(&cases[*index].file, decoder)?),
        |_: &usize, grey: &GreyFrame| (features(grey), grey.clone()),
        Run {
            bundle,
            operating_point: &bundle.metadata.operating_points[0],
            backend: worker,
        },
        |seen| {
            match seen {
                Seen::Frame(done) => {
                    let case = &cases[done.tag.item];
                    let (probe, grey) = &done.tag.extra;
                    match done
                        .outcome
                        .map_err(Failure::from)
                        .and_then(|outcome| score(bundle, case, grey, outcome, &mut masks))
                    {
                        Ok(one) => {
                            scored.insert(done.tag.item, (one, probe.clone()));
                        }
                        Err(failure) => failed = Some(failure),
                    }
                }
                Seen::Unusable(index, _, reason) => {
                    let what = format!("{}: {reason}", cases[index].name);
                    failed = Some(Failure::new("bad_input", what));
                }
                Seen::Failed(index, failure) => {
                    failed = Some(Failure::new(
                        &failure.code,
                        format!("{}: {}", cases[index].name, failure.message),
                    ));
                }
            }
            failed.is_none() && watch("evaluating", scored.len() as u64, cases.len() as u64)
        },
    )?;
    if let Some(failure) = failed {
        return Err(failure);
    }
    if scored.len() < cases.len() {
        return Err(Failure::new("canceled", "the evaluation was stopped"));
    }
    let probes = probe_scores(judged, &scored, watch)?;
    let cases: Vec<ScoredCase> = scored
        .into_values()
        .zip(probes)
        .map(|((case, _), probe)| ScoredCase { probe, ..case })
        .collect();
    let points = bundle.metadata.operating_points.iter();
    let points = points
        .map(|p| NamedThreshold {
            name: p.name.clone(),
            threshold: p.threshold,
        })
        .collect();
    Ok(learn::evaluate(&cases, &Options::new(judged.set, points))?)
}

fn score(
    bundle: &Bundle,
    case: &Case,
    grey: &GreyFrame,
    outcome: Outcome,
    decoder: &mut Decoder,
) -> Result<ScoredCase, Failure> {
    let reference = match &case.mask {
        Some(path) => {
            let bits = train::mask_of(path, grey, decoder)?;
            Some(Mask::from_fn(grey.rows, grey.cols, |at| bits[at])?)
        }
        None => None,
    };
    let prediction = match (outcome.score, &outcome.map) {
        (Some(score), Some(map)) => {
            let threshold = (bundle.metadata.region.map_threshold * 65_535.0).round() as u16;
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
                malignancy: None,
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
        probe: None,
    })
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
/// judged pictures.
fn probe_scores(
    judged: &Judged<'_>,
    scored: &BTreeMap<usize, (ScoredCase, ProbeFeatures)>,
    watch: &mut Watch<'_>,
) -> Result<Vec<Option<ProbeScores>>, Failure> {
    let ours: Vec<&ProbeFeatures> = scored.values().map(|(_, probe)| probe).collect();
    let mut decoder = Decoder::beside_executable(Limits::default())?;
    let step = judged.training.len().div_ceil(MOST_PROBE_CASES).max(1);
    let mut known = Vec::new();
    for case in judged
        .training
        .iter()
        .step_by(step)
        .filter(|case| !case.adjacent_to_lesion)
    {
        let grey = train::grey(&case.file, &mut decoder)?;
        known.push(ProbeCase {
            features: features(&grey),
            anomaly: case.anomaly,
            patient: case.patient.clone(),
        });
        if !watch(
            "probing for leakage",
            known.len() as u64,
            (judged.training.len() / step) as u64,
        ) {
            return Err(Failure::new("canceled", "the evaluation was stopped"));
        }
    }
    let both = |cases: &[ProbeCase]| cases.iter().any(|c| c.anomaly) && cases.iter().any(|c| !c.anomaly);
    if both(&known) {
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
