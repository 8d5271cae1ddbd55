//! Calibration of the scores, and the operating points that are chosen on the validation images.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Estimate, Failure, OperatingPoint, SetRef};
use engine::bundle::{Calibration, Task};
use engine::task::score::{calibrate, raw_logit};
use learn::manifest::Case;
use learn::operating_point::{Rule, balanced_point, operating_point};

use super::finish::{RawCase, VAL};
use super::recipe::Recipe;

const SENSITIVE_TARGET: f64 = 0.95;

pub fn fit_scores(
    raw: &BTreeMap<usize, RawCase>,
    cases: &[Case],
    recipe: &Recipe,
) -> Result<(Calibration, Vec<OperatingPoint>), Failure> {
    let judged: Vec<(f32, bool, &str)> = raw
        .iter()
        .map(|(index, case)| (case, &cases[*index]))
        .filter(|(_, case)| !case.split.teaches() && !case.adjacent_to_lesion)
        .map(|(raw, case)| (raw.raw_score, case.anomaly, case.patient.as_str()))
        .collect();
    let logits: Vec<f32> = judged.iter().map(|(raw, _, _)| raw_logit(*raw)).collect();
    let positive: Vec<bool> = judged.iter().map(|(_, anomaly, _)| *anomaly).collect();
    let fitted = learn::calibrate::fit_platt(&logits, &positive)?;
    let calibration = Calibration {
        slope: fitted.slope as f32,
        intercept: fitted.intercept as f32,
    };
    let scores: Vec<f32> = judged
        .iter()
        .map(|(raw, _, _)| calibrate(calibration, *raw).value())
        .collect();
    let patients: BTreeSet<&str> = judged.iter().map(|(_, _, patient)| *patient).collect();
    let set = SetRef {
        images: Some(judged.len() as u32),
        patients: Some(patients.len() as u32),
        ..recipe.set(VAL)
    };
    let balanced = balanced_point(&scores, &positive)?.named("balanced", &set);
    let sensitive = operating_point(&scores, &positive, SENSITIVE_TARGET, Rule::Expected)?.named("sensitive", &set);
    // Where the balanced point finds as many, a second would only find fewer.
    let more = (sensitive.threshold < balanced.threshold).then_some(sensitive);
    Ok((calibration, std::iter::once(balanced).chain(more).collect()))
}

/// Without lesion-free images nothing is known of scores: they stay as they are, and the one point
/// is that at which the map outlines.
pub fn outline_point(
    raw: &BTreeMap<usize, RawCase>,
    cases: &[Case],
    recipe: &Recipe,
) -> Result<(Calibration, Vec<OperatingPoint>), Failure> {
    let validation = || raw.iter().filter(|(index, _)| !cases[**index].split.teaches());
    let scored = recipe.tasks.iter().find_map(Task::scored);
    let scored = scored.ok_or_else(|| Failure::usage(format!("the recipe of {} gives no score", recipe.bundle)))?;
    let (all, threshold) = (validation().count(), scored.region.map_threshold);
    let found = validation().filter(|(_, case)| case.raw_score >= threshold).count();
    let calibration = Calibration {
        slope: 1.0,
        intercept: 0.0,
    };
    let point = OperatingPoint {
        name: "outline".into(),
        threshold,
        sensitivity: Estimate::bare(found as f64 / all.max(1) as f64),
        specificity: None,
        set: SetRef {
            images: Some(all as u32),
            ..recipe.set(VAL)
        },
        chosen_on_it: false,
    };
    Ok((calibration, vec![point]))
}
