//! `evaluate --attack pgd`: images changed by a little so that the model errs, and whether the
//! gate notices.

use crate::phase::{Phase, Watch};
use domain::{Failure, FailureCode, InputVerdict};
use engine::bundle::Scored;
use engine::gate::{blank_verdict, feature_verdict};
use engine::protocol::{AttackSpec, AttackedPicture};
use engine::task::score;
use engine::{Answers, Bundle, ModelInput, Worker};
use learn::ScoredCase;
use learn::attack::{Answer, AttackReport, AttackRun, Kind, Target, detected, draw, figures};

use super::{AttackOptions, stopped_unless};
use crate::images;
use crate::judged::Judged;
use workflow::decoders::decoders;
use workflow::frames;

/// 255ths of the image's grey range.
const EPSILONS: [f64; 3] = [1.0, 2.0, 4.0];
const STEPS: u32 = 10;
/// Images of one request; every one of them is passed ten times forwards and backwards.
const BATCH: usize = 8;

pub fn attack(
    judged: &Judged<'_>,
    scored: &[ScoredCase],
    options: AttackOptions,
    worker: &mut Worker,
    watch: &mut Watch<'_>,
) -> Result<AttackReport, Failure> {
    let bundle = judged.bundle;
    let rule = bundle.metadata.scored();
    let rule = rule.ok_or_else(|| Failure::usage("this bundle gives no score that could be attacked"))?;
    let available: Vec<usize> = (0..scored.len())
        .filter(|at| !scored[*at].adjacent_to_lesion && scored[*at].prediction.is_some())
        .collect();
    let anomaly: Vec<bool> = available.iter().map(|at| scored[*at].anomaly).collect();
    let drawn: Vec<usize> = draw(&anomaly, options.images, options.seed)
        .into_iter()
        .map(|at| available[at])
        .collect();
    if drawn.is_empty() {
        return Err(Failure::new(
            FailureCode::BadData,
            "there is nothing to attack: the input gate refused every image of the set",
        ));
    }
    let decoders = decoders()?;
    let mut inputs = Vec::with_capacity(drawn.len());
    for index in &drawn {
        stopped_unless(watch(Phase::Attacking, 0, drawn.len() as u64))?;
        let grey = images::grey(&judged.cases[*index].file, &decoders)?;
        inputs.push(engine::prepare(&grey, &bundle.metadata.input)?);
    }
    let mut go_on = || stopped_unless(watch(Phase::Attacking, 0, drawn.len() as u64));
    let targets: Vec<Target> = answers(bundle, rule, worker, &inputs, &mut go_on)?
        .into_iter()
        .zip(&drawn)
        .map(|(clean, index)| Target {
            patient: scored[*index].patient.clone(),
            anomaly: scored[*index].anomaly,
            clean,
        })
        .collect();
    let threshold = bundle.metadata.operating_points[0].threshold;
    let clean: Vec<Answer> = targets.iter().map(|target| target.clean).collect();
    let mut runs = Vec::new();
    let kinds = [Kind::Static, Kind::Adaptive];
    // Without a gate there is nothing to adapt to.
    let kinds = &kinds[..if bundle.gate.is_some() { 2 } else { 1 }];
    let all = (kinds.len() * EPSILONS.len() * inputs.len()) as u64;
    let mut done = 0;
    for epsilon in EPSILONS {
        for kind in kinds {
            let mut attacked = Vec::with_capacity(inputs.len());
            for (at, batch) in inputs.chunks(BATCH).enumerate() {
                let pictures = batch.iter().zip(&targets[at * BATCH..]).zip(&drawn[at * BATCH..]);
                let spec = AttackSpec {
                    steps: STEPS,
                    top_pixels: rule.region.top_pixels,
                    class_share: rule.region.class_share,
                    pictures: pictures
                        .map(|((input, target), index)| bounds(input, target, epsilon, options.seed + *index as u64))
                        .collect(),
                };
                let mut stopped = Ok(());
                let changed = worker.attack(bundle, batch, &spec, *kind == Kind::Adaptive, &mut || {
                    stopped = stopped_unless(watch(Phase::Attacking, done, all));
                    stopped.is_ok()
                });
                stopped?;
                attacked.extend(changed?);
                done += batch.len() as u64;
            }
            let answers = answers(bundle, rule, worker, &attacked, &mut || {
                stopped_unless(watch(Phase::Attacking, done, all))
            })?;
            runs.push(AttackRun {
                kind: *kind,
                epsilon_255: epsilon,
                figures: figures(&targets, &answers, threshold),
                detected_auc: detected(&targets, &answers),
            });
        }
    }
    Ok(AttackReport {
        method: "PGD on the network's input, largest norm, random start".into(),
        steps: STEPS,
        n_images: targets.len(),
        n_available: available.len(),
        seed: options.seed,
        threshold,
        clean: figures(&targets, &clean, threshold),
        runs,
    })
}

/// A lesion is to be missed, a clean image to be flagged.
fn bounds(input: &ModelInput, target: &Target, epsilon: f64, seed: u64) -> AttackedPicture {
    let low = input.values.iter().copied().fold(f32::INFINITY, f32::min);
    let high = input.values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    AttackedPicture {
        raise: !target.anomaly,
        epsilon: (epsilon / 255.0) as f32 * (high - low),
        low,
        high,
        letterbox: input.letterbox,
        seed,
    }
}

/// Score and distance of each input, whatever the gate says of it.
fn answers(
    bundle: &Bundle,
    scored: &Scored,
    worker: &mut Worker,
    inputs: &[ModelInput],
    go_on: &mut dyn FnMut() -> Result<(), Failure>,
) -> Result<Vec<Answer>, Failure> {
    let outputs = frames::answers(worker, bundle, inputs, go_on)?;
    let each = inputs.iter().zip(&outputs);
    each.map(|(input, answers)| answer(bundle, scored, input, answers))
        .collect()
}

fn answer(bundle: &Bundle, scored: &Scored, input: &ModelInput, answers: &Answers) -> Result<Answer, Failure> {
    let check = if input.blank {
        blank_verdict()
    } else {
        feature_verdict(bundle, answers)?
    };
    let raw = score::of_image(scored, input, answers)?;
    Ok(Answer {
        score: score::calibrate(bundle.metadata.calibration, raw).value(),
        distance: check.score,
        refused: check.verdict == InputVerdict::OutOfRange,
    })
}
