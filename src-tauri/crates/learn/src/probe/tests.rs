use std::error::Error;

use domain::GreyFrame;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;

use super::*;
use crate::metrics::roc_auc;

/// Noise frames; with `leak`, anomalies carry a bright corner as a burned-in marker would.
fn cases(count: usize, leak: bool, seed: u64) -> Vec<ProbeCase> {
    let mut rng = Pcg64::seed_from_u64(seed);
    (0..count)
        .map(|index| {
            let anomaly = rng.random_bool(0.4);
            let mut values: Vec<f32> = (0..32 * 32).map(|_| rng.random_range(0.0..255.0)).collect();
            if leak && anomaly {
                (0..4).for_each(|at| values[at * 32..at * 32 + 4].fill(255.0));
            }
            let frame = GreyFrame {
                rows: 32,
                cols: 32,
                values,
            };
            ProbeCase {
                features: features(&frame),
                anomaly,
                patient: format!("p{}", index / 3),
            }
        })
        .collect()
}

fn areas(judged: &[ProbeCase], scores: &[ProbeScores]) -> [f64; 3] {
    let labels: Vec<bool> = judged.iter().map(|case| case.anomaly).collect();
    let area = |pick: fn(&ProbeScores) -> f32| {
        roc_auc(&scores.iter().map(pick).collect::<Vec<_>>(), &labels).unwrap_or(f64::NAN)
    };
    [area(|s| s.thumbnail), area(|s| s.border), area(|s| s.trivial)]
}

#[test]
fn a_burned_in_marker_is_found_out_and_noise_is_not() -> Result<(), Box<dyn Error>> {
    for (leak, training_seed) in [(true, 1), (false, 2)] {
        let (training, judged) = (cases(300, leak, training_seed), cases(300, leak, 9));
        let judged_features: Vec<ProbeFeatures> = judged.iter().map(|case| case.features.clone()).collect();
        let [thumbnail, border, _] = areas(&judged, &trained_scores(&training, &judged_features)?);
        if leak {
            assert!(thumbnail > 0.95 && border > 0.9, "{thumbnail} {border}");
        } else {
            assert!(
                (0.4..0.6).contains(&thumbnail) && (0.4..0.6).contains(&border),
                "{thumbnail} {border}"
            );
        }
    }
    Ok(())
}

#[test]
fn cross_validation_judges_every_case_by_other_patients() -> Result<(), Box<dyn Error>> {
    let leaking = cases(300, true, 3);
    let scores = cross_validated_scores(&leaking, 5, 1)?;
    assert_eq!(scores.len(), leaking.len());
    assert!(areas(&leaking, &scores)[0] > 0.95);
    // Each patient's slices are copies with a label of their own: learning on the patient would give it away.
    let mut rng = Pcg64::seed_from_u64(6);
    let noise = cases(150, false, 5);
    let copies: Vec<ProbeCase> = noise
        .iter()
        .enumerate()
        .flat_map(|(index, case)| {
            let anomaly = rng.random_bool(0.5);
            vec![
                ProbeCase {
                    anomaly,
                    patient: format!("p{index}"),
                    ..case.clone()
                };
                4
            ]
        })
        .collect();
    let [thumbnail, ..] = areas(&copies, &cross_validated_scores(&copies, 5, 1)?);
    assert!((0.3..0.7).contains(&thumbnail), "{thumbnail}");
    Ok(())
}

#[test]
fn one_class_and_one_patient_are_refused() {
    let mut one_class = cases(10, false, 1);
    one_class.iter_mut().for_each(|case| case.anomaly = true);
    assert!(matches!(
        trained_scores(&one_class, &[]),
        Err(LearnError::OneClass { negatives: 0, .. })
    ));
    let mut one_patient = cases(10, false, 1);
    one_patient.iter_mut().for_each(|case| case.patient = "p".to_owned());
    assert!(matches!(
        cross_validated_scores(&one_patient, 5, 1),
        Err(LearnError::TooFew { .. })
    ));
}
