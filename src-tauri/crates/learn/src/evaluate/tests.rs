use std::error::Error;

use domain::{PixelPoint, Score};
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;

use super::*;
use crate::Mask;
use crate::operating_point::Certificate;
use crate::probe::ProbeScores;

type Outcome = Result<(), Box<dyn Error>>;

const SIDE: u32 = 32;

fn square(x: u32, y: u32, width: u32) -> Result<Mask, LearnError> {
    Mask::from_fn(SIDE, SIDE, |index| {
        let (row, col) = (index as u32 / SIDE, index as u32 % SIDE);
        (x..x + width).contains(&col) && (y..y + width).contains(&row)
    })
}

/// `patients` x 6 slices, the first two of each with a 4 x 4 lesion, the third adjacent to it, the
/// last not core. `score` and `found` make the model.
fn set(
    patients: usize,
    mut score: impl FnMut(bool) -> f32,
    found: impl Fn(Option<&Mask>) -> Result<Mask, LearnError>,
) -> Result<Vec<ScoredCase>, Box<dyn Error>> {
    let mut cases = Vec::new();
    for patient in 0..patients {
        for slice in 0..6 {
            let anomaly = slice < 2;
            let reference = if anomaly { Some(square(4 + slice, 10, 4)?) } else { None };
            let predicted = found(reference.as_ref())?;
            let regions = predicted
                .components()
                .into_iter()
                .map(|mask| RegionFound { score: 0.9, mask })
                .collect();
            let first = (0..SIDE * SIDE)
                .map(|index| PixelPoint {
                    x: index % SIDE,
                    y: index / SIDE,
                })
                .find(|point| predicted.contains(*point));
            let peak = first.unwrap_or(PixelPoint { x: 0, y: 0 });
            let score = Score::try_from(score(anomaly))?;
            cases.push(ScoredCase {
                name: format!("{patient}_{slice}.png"),
                patient: format!("P{patient}"),
                label: if anomaly { "LESION" } else { "NO_LESION" }.to_owned(),
                anomaly,
                core: Some(slice < 5),
                adjacent_to_lesion: slice == 2,
                groups: vec![format!("institution={}", patient % 2)],
                reference,
                prediction: Some(Prediction {
                    score,
                    raw_score: Some(score),
                    malignancy: None,
                    flagged: score.value() >= 0.5,
                    unknown: None,
                    localisation: Some(Localisation {
                        peak,
                        predicted,
                        regions,
                    }),
                }),
                gate: None,
                probe: Some(ProbeScores {
                    thumbnail: 0.0,
                    border: f32::from(u8::from(anomaly)),
                    trivial: 0.0,
                }),
            });
        }
    }
    Ok(cases)
}

fn perfect(patients: usize) -> Result<Vec<ScoredCase>, Box<dyn Error>> {
    set(
        patients,
        |anomaly| f32::from(u8::from(anomaly)),
        |lesion| lesion.map_or(Mask::empty(SIDE, SIDE), |m| Ok(m.clone())),
    )
}

fn options() -> Options {
    Options::new(
        "made set",
        vec![NamedThreshold {
            name: "balanced".to_owned(),
            threshold: 0.5,
            chosen_here: false,
        }],
    )
}

fn exactly(value: f64) -> Option<Estimate> {
    Some(Estimate {
        value,
        low: Some(value),
        high: Some(value),
    })
}

#[test]
fn a_perfect_predictor_has_perfect_figures() -> Outcome {
    let evaluation = evaluate(&perfect(10)?, &options())?;
    let figures = &evaluation.figures;
    for (name, found) in [
        ("image_auc", figures.image_auc),
        ("sensitivity", figures.sensitivity),
        ("specificity", figures.specificity),
        ("patient_dice", figures.patient_dice),
        ("slice_dice", figures.slice_dice),
        ("pointing", figures.pointing),
    ] {
        assert_eq!(found, exactly(1.0), "{name}");
    }
    for found in [
        figures.false_positives_per_image,
        figures.ece,
        figures.brier,
        figures.refused,
    ] {
        assert_eq!(found, exactly(0.0));
    }
    assert_eq!(figures.malignant_auc, None);
    assert_eq!(
        (evaluation.n_images, evaluation.n_patients, evaluation.n_scored),
        (60, 10, 50)
    );
    assert_eq!(evaluation.probe.thumbnail_auc, exactly(0.5));
    assert_eq!(evaluation.probe.border_auc, exactly(1.0));
    assert_eq!(evaluation.probe.centre_pointing, exactly(0.0));
    let core = &evaluation.core;
    assert_eq!((core.n_images, core.figures.image_auc), (50, exactly(1.0)));
    let point = &evaluation.operating_points[0];
    assert_eq!((point.counts.true_positives, point.counts.true_negatives), (20, 30));
    let Some(Certificate::Refused { reason, .. }) = &point.certificate else {
        return Err("ten patients certify nothing".into());
    };
    assert!(
        reason.contains("from 59 patients with an anomaly on, and the set has 10"),
        "{reason}"
    );
    let (low, high) = point.sensitivity_exact.ok_or("there are lesions")?;
    assert!((low - 0.025_f64.powf(1.0 / 20.0)).abs() < 1e-9 && high == 1.0);
    let groups: Vec<&str> = evaluation.subgroups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(
        groups,
        ["institution=0", "institution=1", "label=LESION", "label=NO_LESION"]
    );
    assert_eq!(evaluation.subgroups[2].figures.image_auc, None);
    assert_eq!(evaluation.subgroups[2].figures.sensitivity, exactly(1.0));
    Ok(())
}

#[test]
fn a_random_predictor_has_the_figures_of_chance() -> Outcome {
    let mut rng = Pcg64::seed_from_u64(12);
    let corner = |_: Option<&Mask>| square(20, 20, 4);
    let cases = set(300, |_| rng.random(), corner)?;
    let evaluation = evaluate(&cases, &options())?;
    let figures = &evaluation.figures;
    let within = |name: &str, found: Option<Estimate>, expected: f64, slack: f64| {
        assert!(
            found.is_some_and(|e| (e.value - expected).abs() < slack),
            "{name}: {found:?}"
        );
        let covered = found.is_some_and(|e| e.low <= Some(expected + slack) && e.high >= Some(expected - slack));
        assert!(covered, "{name}: {found:?}");
    };
    within("image_auc", figures.image_auc, 0.5, 0.04);
    within("sensitivity", figures.sensitivity, 0.5, 0.05);
    within("specificity", figures.specificity, 0.5, 0.05);
    // Uniform scores: the mean squared distance from either end is a third.
    within("brier", figures.brier, 1.0 / 3.0, 0.02);
    // Two of five scored slices are positive whatever the score: the mean of |s - .4| over 0..1.
    within("ece", figures.ece, 0.26, 0.03);
    // Far from what the number of images explains: fifteen bins, each of them a little off.
    within("ece_if_calibrated", evaluation.probe.ece_if_calibrated, 0.031, 0.004);
    assert_eq!(figures.false_positives_per_image, exactly(1.0));
    assert_eq!(figures.pointing, exactly(0.0));
    assert_eq!(figures.patient_dice, exactly(0.0));
    Ok(())
}

#[test]
fn a_constant_score_is_exactly_chance() -> Outcome {
    let cases = set(20, |_| 0.4, |_| Mask::empty(SIDE, SIDE))?;
    let evaluation = evaluate(&cases, &options())?;
    let figures = &evaluation.figures;
    assert_eq!(figures.image_auc, exactly(0.5));
    assert_eq!(figures.sensitivity, exactly(0.0));
    assert_eq!(figures.slice_dice, exactly(0.0));
    let ece = figures.ece.ok_or("there are scores")?;
    assert!(ece.value.abs() < 1e-6, "{ece:?}");
    // One bin of so many images: the mean distance of a share from its probability of .4.
    let chance = evaluation.probe.ece_if_calibrated.ok_or("there are scores")?;
    let expected = (2.0 / std::f64::consts::PI * 0.4 * 0.6 / evaluation.n_scored as f64).sqrt();
    assert!(
        (chance.value / expected - 1.0).abs() < 0.1,
        "{chance:?}, not {expected}"
    );
    // Without a single normal image no frequency can be compared with a score.
    let lesions: Vec<ScoredCase> = cases.into_iter().filter(|case| case.anomaly).collect();
    let figures = evaluate(&lesions, &options())?.figures;
    assert_eq!((figures.ece, figures.ece_before, figures.brier), (None, None, None));
    Ok(())
}

#[test]
fn patient_dice_pools_lesion_free_slices_and_slice_dice_does_not() -> Outcome {
    // Every slice is predicted 16 pixels: both lesions hit exactly, four slices of nothing but error.
    let everywhere = |lesion: Option<&Mask>| lesion.map_or_else(|| square(20, 20, 4), |mask| Ok(mask.clone()));
    let figures = evaluate(&set(4, |_| 0.5, everywhere)?, &options())?.figures;
    assert_eq!(figures.slice_dice, exactly(1.0));
    // 2 * 32 / (32 + 96).
    assert_eq!(figures.patient_dice, exactly(0.5));
    let per_image = figures.false_positives_per_image.ok_or("there are maps")?;
    assert!((per_image.value - 4.0 / 6.0).abs() < 1e-12);
    Ok(())
}

#[test]
fn refused_images_enter_no_figure_but_their_own() -> Outcome {
    let mut cases = perfect(10)?;
    // One lesion slice of the first patient and one clean slice of the second.
    cases[0].prediction = None;
    cases[6 + 4].prediction = None;
    let evaluation = evaluate(&cases, &options())?;
    assert_eq!((evaluation.n_refused, evaluation.n_scored), (2, 48));
    assert_eq!(evaluation.figures.image_auc, exactly(1.0));
    assert_eq!(evaluation.figures.patient_dice, exactly(1.0));
    let refused = evaluation.figures.refused.ok_or("there are images")?;
    assert!((refused.value - 2.0 / 60.0).abs() < 1e-12);
    assert_eq!(evaluation.figures.sensitivity.map(|e| e.value), Some(1.0));
    assert_eq!(
        evaluation.figures.sensitivity_with_refusals.map(|e| e.value),
        Some(19.0 / 20.0)
    );
    cases.iter_mut().for_each(|case| case.prediction = None);
    let all_refused = evaluate(&cases, &options())?;
    assert_eq!(all_refused.figures.refused, exactly(1.0));
    assert_eq!(
        (
            all_refused.figures.image_auc,
            all_refused.figures.ece,
            all_refused.figures.pointing
        ),
        (None, None, None)
    );
    Ok(())
}

#[test]
fn without_lesions_or_maps_figures_are_null_and_never_nan() -> Outcome {
    let mut cases = perfect(5)?;
    cases.retain(|case| !case.anomaly);
    cases.iter_mut().for_each(|case| case.core = None);
    let json = serde_json::to_value(evaluate(&cases, &options())?)?;
    for key in [
        "image_auc",
        "sensitivity",
        "patient_dice",
        "slice_dice",
        "pointing",
        "malignant_auc",
    ] {
        assert_eq!(json.get(key), Some(&serde_json::Value::Null), "{key}");
        assert_eq!(json["core"].get(key), Some(&serde_json::Value::Null), "core.{key}");
    }
    assert_eq!(json["specificity"]["value"], 1.0);
    assert_eq!(json["probe"]["thumbnail_auc"], serde_json::Value::Null);
    for case in &mut cases {
        if let Some(prediction) = &mut case.prediction {
            prediction.localisation = None;
        }
    }
    let json = serde_json::to_value(evaluate(&cases, &options())?)?;
    assert_eq!(json["false_positives_per_image"], serde_json::Value::Null);
    Ok(())
}

#[test]
fn the_json_has_the_contracts_keys() -> Outcome {
    let json = serde_json::to_value(evaluate(&perfect(3)?, &options())?)?;
    for key in [
        "image_auc",
        "sensitivity",
        "specificity",
        "patient_dice",
        "slice_dice",
        "pointing",
        "false_positives_per_image",
        "ece",
        "brier",
        "refused",
    ] {
        for part in ["value", "low", "high"] {
            assert!(json[key][part].is_number(), "{key}.{part}");
            assert!(json["core"][key][part].is_number(), "core.{key}.{part}");
        }
    }
    assert!(json.get("malignant_auc").is_some_and(serde_json::Value::is_null));
    assert_eq!(
        (json["n_images"].as_u64(), json["n_patients"].as_u64()),
        (Some(18), Some(3))
    );
    assert_eq!(json["set"], "made set");
    for key in ["thumbnail_auc", "border_auc", "centre_pointing"] {
        assert!(json["probe"][key]["value"].is_number(), "probe.{key}");
    }
    let text = serde_json::to_string(&json)?;
    let read: Evaluation = serde_json::from_str(&text)?;
    assert_eq!(serde_json::to_string(&serde_json::to_value(read)?)?, text);
    Ok(())
}

#[test]
fn malignant_is_judged_against_benign_alone() -> Outcome {
    let mut cases = perfect(4)?;
    for (index, case) in cases.iter_mut().enumerate().filter(|(_, case)| case.anomaly) {
        let malignant = index % 6 == 0;
        case.label = if malignant { "MALIGNANT" } else { "BENIGN" }.to_owned();
        if let Some(prediction) = &mut case.prediction {
            // One benign case scores as high as the malignant ones.
            prediction.malignancy = Some(if malignant || index == 1 { 2.0 } else { -1.0 });
        }
    }
    let area = evaluate(&cases, &options())?
        .figures
        .malignant_auc
        .ok_or("both classes are there")?;
    assert!((area.value - (0.75 + 0.25 / 2.0)).abs() < 1e-12, "{area:?}");
    Ok(())
}

#[test]
fn cases_that_do_not_fit_are_refused_by_name() -> Outcome {
    let mut other_size = perfect(2)?;
    other_size[1].reference = Some(Mask::empty(16, 16)?);
    let message = evaluate(&other_size, &options())
        .err()
        .map(|e| e.to_string())
        .unwrap_or_default();
    assert!(
        message.starts_with("0_1.png: the lesion mask is 16 x 16 and the predicted mask 32 x 32"),
        "{message}"
    );
    let mut mixed = perfect(2)?;
    if let Some(prediction) = &mut mixed[3].prediction {
        prediction.localisation = None;
    }
    assert_eq!(
        evaluate(&mixed, &options()),
        Err(LearnError::MixedLocalisation {
            name: "0_3.png".to_owned()
        })
    );
    assert!(matches!(evaluate(&[], &options()), Err(LearnError::TooFew { .. })));
    Ok(())
}

#[test]
fn the_order_of_the_cases_changes_nothing() -> Outcome {
    let mut rng = Pcg64::seed_from_u64(2);
    let mut cases = set(12, |_| rng.random(), |_| square(3, 9, 6))?;
    let first = evaluate(&cases, &options())?;
    cases.reverse();
    let (one, two) = (
        serde_json::to_value(&first)?,
        serde_json::to_value(evaluate(&cases, &options())?)?,
    );
    for key in ["image_auc", "patient_dice", "pointing", "sensitivity"] {
        for part in ["value", "low", "high"] {
            let (a, b) = (one[key][part].as_f64(), two[key][part].as_f64());
            assert!(
                a.zip(b).is_some_and(|(a, b)| (a - b).abs() < 1e-12),
                "{key}.{part}: {a:?} {b:?}"
            );
        }
    }
    Ok(())
}

#[test]
fn curves_end_where_the_figures_say() -> Outcome {
    let mut rng = Pcg64::seed_from_u64(2);
    let cases = set(12, |_| rng.random(), |_| square(3, 9, 6))?;
    let found = curves(&cases);
    assert_eq!(found.roc.last().map(|point| point.sensitivity), Some(1.0));
    let counted: f64 = found.reliability.iter().map(|bin| bin.count).sum();
    assert_eq!(counted, 60.0);
    // Every lesion is touched; the four clean slices of six hold one false region each.
    let last = found.froc.last().ok_or("there are lesions")?;
    assert_eq!((last.sensitivity, last.false_positives_per_image), (1.0, 4.0 / 6.0));
    assert!(curves(&[]).reliability.is_empty());
    Ok(())
}

#[test]
fn a_sheet_shows_each_case_once_and_the_worst_are_the_wrong_ones() -> Outcome {
    let mut cases = perfect(10)?;
    // A lesion that was missed, a clean slice that was flagged, a refused slice.
    for (index, score) in [(0, 0.1), (3, 0.9)] {
        if let Some(prediction) = &mut cases[index].prediction {
            prediction.score = Score::try_from(score)?;
            if let Some(found) = &mut prediction.localisation {
                found.predicted = Mask::empty(SIDE, SIDE)?;
            }
        }
    }
    cases[4].prediction = None;
    assert_eq!(
        (cases[0].quality(), cases[1].quality(), cases[4].quality()),
        (Some(0.0), Some(1.0), None)
    );
    let chosen = choose(&cases, 6, 1);
    assert_eq!((chosen.worst[0], chosen.worst[3]), (0, 3));
    assert_eq!(chosen.refused, [4]);
    let mut all = [chosen.best.clone(), chosen.worst.clone(), chosen.random.clone()].concat();
    assert_eq!(all.len(), 18);
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 18);
    assert_eq!(chosen.best.iter().filter(|at| cases[**at].anomaly).count(), 3);
    assert_eq!(chosen, choose(&cases, 6, 1));
    cases.retain(|case| case.anomaly);
    let lesions = choose(&cases, 6, 1);
    assert_eq!(
        (lesions.best.len(), lesions.worst.len(), lesions.random.len()),
        (6, 6, 6)
    );
    let two = choose(&cases[..2], 6, 1);
    assert_eq!(two.best.len() + two.worst.len() + two.random.len(), 2);
    Ok(())
}

#[test]
fn a_set_of_one_class_says_what_does_not_apply() -> Outcome {
    let mut cases = perfect(4)?;
    assert!(evaluate(&cases, &options())?.notes.is_empty());
    cases.retain(|case| case.anomaly);
    let notes = evaluate(&cases, &options())?.notes;
    assert_eq!(
        notes,
        ["the set has no image without an anomaly: figures that need both are null"]
    );
    cases.iter_mut().for_each(|case| case.reference = None);
    assert_eq!(evaluate(&cases, &options())?.notes.len(), 2);
    Ok(())
}

#[test]
fn what_the_unknown_anomaly_heads_flag_counts_against_normal_pictures() -> Outcome {
    let mut cases = perfect(10)?;
    let normal = cases
        .iter_mut()
        .filter(|case| !case.anomaly && !case.adjacent_to_lesion);
    let predictions: Vec<_> = normal.filter_map(|case| case.prediction.as_mut()).collect();
    assert_eq!(predictions.len(), 30);
    predictions
        .into_iter()
        .take(3)
        .for_each(|prediction| prediction.flagged = true);
    let figures = evaluate(&cases, &options())?.figures;
    let value = |estimate: Option<Estimate>| estimate.map(|e| e.value);
    assert_eq!(value(figures.specificity), Some(1.0));
    assert_eq!(value(figures.specificity_with_unknown), Some(0.9));
    Ok(())
}

#[test]
fn of_59_patients_all_found_the_sensitivity_is_certified() -> Outcome {
    let certificate = |cases: &[ScoredCase], options: &Options| -> Result<Option<Certificate>, LearnError> {
        Ok(evaluate(cases, options)?.operating_points.remove(0).certificate)
    };
    let mut cases = perfect(59)?;
    let told = certificate(&cases, &options())?;
    assert!(matches!(told, Some(Certificate::Held { lower_bound, .. }) if lower_bound >= 0.95));
    let mut chosen_here = options();
    chosen_here.operating_points[0].chosen_here = true;
    let told = certificate(&cases, &chosen_here)?;
    assert!(matches!(told, Some(Certificate::Refused { reason, .. }) if reason.contains("was chosen on these images")));
    // A patient whose anomalies were all refused was not found.
    let of_one = cases.iter_mut().filter(|case| case.patient == "P0");
    of_one.for_each(|case| case.prediction = None);
    let told = certificate(&cases, &options())?;
    assert!(matches!(told, Some(Certificate::Refused { reason, .. }) if reason.contains("58 of 59 patients")));
    Ok(())
}
