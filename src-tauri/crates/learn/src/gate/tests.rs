use std::error::Error;

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;

use super::*;
use crate::metrics::roc_auc;

/// Twelve uniform draws less six: close to a standard normal.
fn normal(rng: &mut Pcg64) -> f32 {
    (0..12).map(|_| rng.random::<f32>()).sum::<f32>() - 6.0
}

/// Correlated features: each is the one before, halved, plus noise; the scales differ by thousands.
fn images(count: usize, size: usize, seed: u64) -> Vec<Vec<f32>> {
    let mut rng = Pcg64::seed_from_u64(seed);
    (0..count)
        .map(|_| {
            let mut last = 0.0;
            (0..size)
                .map(|at| {
                    last = 0.5 * last + normal(&mut rng);
                    last * 10_f32.powi((at % 4) as i32) + 3.0
                })
                .collect()
        })
        .collect()
}

#[test]
fn distances_of_independent_features_are_z_scores() -> Result<(), Box<dyn Error>> {
    let mut rng = Pcg64::seed_from_u64(8);
    let training: Vec<Vec<f32>> = (0..4000)
        .map(|_| vec![normal(&mut rng), 5.0 + 2.0 * normal(&mut rng)])
        .collect();
    let statistics = fit(&training, &training, 0.95)?;
    let three_four = distance(&statistics, &[3.0, 5.0 + 8.0])?;
    assert!((three_four - 5.0).abs() < 0.25, "{three_four}");
    // 95 % of a two-dimensional normal lie within sqrt(5.99) = 2.45.
    assert!((statistics.limit - 2.448).abs() < 0.12, "{}", statistics.limit);
    Ok(())
}

#[test]
fn the_asked_share_of_new_images_passes_and_strangers_do_not() -> Result<(), Box<dyn Error>> {
    let (training, held_out) = (images(400, 60, 1), images(200, 60, 2));
    let statistics = fit(&training, &held_out, 0.95)?;
    let fresh: Vec<f32> = images(1000, 60, 3)
        .iter()
        .map(|feature| score(&statistics, feature))
        .collect::<Result<_, _>>()?;
    let passed = fresh.iter().filter(|score| **score <= 1.0).count();
    assert!((915..=985).contains(&passed), "{passed} of 1000");
    // The same spread with the correlation turned round: each feature alone looks normal.
    let mut strangers = images(300, 60, 4);
    strangers
        .iter_mut()
        .for_each(|feature| feature.iter_mut().skip(1).step_by(2).for_each(|v| *v = 6.0 - *v));
    let far: Vec<f32> = strangers
        .iter()
        .map(|feature| score(&statistics, feature))
        .collect::<Result<_, _>>()?;
    let labels: Vec<bool> = fresh.iter().map(|_| false).chain(far.iter().map(|_| true)).collect();
    let area = roc_auc(&[fresh, far].concat(), &labels);
    assert!(area > Some(0.95), "{area:?}");
    Ok(())
}

#[test]
fn fewer_images_than_features_still_give_a_gate() -> Result<(), Box<dyn Error>> {
    let (training, held_out) = (images(40, 120, 1), images(60, 120, 2));
    let statistics = fit(&training, &held_out, 0.9)?;
    assert!(statistics.precision.iter().all(|value| value.is_finite()));
    let passed = images(300, 120, 5)
        .iter()
        .filter(|f| score(&statistics, f).is_ok_and(|s| s <= 1.0))
        .count();
    assert!((230..=300).contains(&passed), "{passed} of 300");
    Ok(())
}

#[test]
fn shrinkage_fades_as_images_grow_in_number() {
    let scaled = |count: usize| -> Vec<Vec<f64>> {
        let rows = images(count, 20, 6);
        let mean = mean_of(&rows, 20);
        let spread = spread_of(&rows, &mean);
        rows.iter().map(|row| scale(row, &mean, &spread)).collect()
    };
    let (few, many) = (
        shrunk_covariance(&scaled(30), 20).1,
        shrunk_covariance(&scaled(3000), 20).1,
    );
    assert!(few > 0.1 && many < 0.02 && many > 0.0, "{few} {many}");
}

/// The matrix of three rows, by the paper's formulas written out.
#[test]
fn shrinkage_of_a_hand_computed_set() {
    let rows = vec![vec![2.0, 0.0], vec![-1.0, 1.0], vec![-1.0, -1.0]];
    // S = diag(2, 2/3), m = 4/3, |S - mI|^2 = 8/9; |xx' - S|^2 sums to 24 - 3 * 40/9 = 32/3, over 9 = 32/27:
    // more noise than signal, so the target is taken whole.
    let (matrix, share) = shrunk_covariance(&rows, 2);
    assert_eq!(share, 1.0);
    for (found, expected) in matrix.iter().zip([4.0 / 3.0, 0.0, 0.0, 4.0 / 3.0]) {
        assert!((found - expected).abs() < 1e-8, "{found} {expected}");
    }
}

#[test]
fn a_constant_feature_neither_breaks_the_fit_nor_hides_a_change() -> Result<(), Box<dyn Error>> {
    let with_constant = |seed| -> Vec<Vec<f32>> {
        images(200, 6, seed)
            .into_iter()
            .map(|f| f.into_iter().chain([0.25]).collect())
            .collect()
    };
    let statistics = fit(&with_constant(1), &with_constant(2), 0.95)?;
    let mut changed = with_constant(3)[0].clone();
    assert!(score(&statistics, &changed)? < 2.0);
    changed[6] = 40.0;
    assert!(score(&statistics, &changed)? > 2.0);
    Ok(())
}

#[test]
fn unequal_lengths_nan_and_too_few_images_are_refused() {
    let good = images(5, 3, 1);
    let mut short = good.clone();
    short[2].pop();
    assert!(matches!(
        fit(&short, &good, 0.9),
        Err(LearnError::Length {
            expected: 3,
            got: 2,
            ..
        })
    ));
    let mut broken = good.clone();
    broken[4][1] = f32::NAN;
    assert!(matches!(
        fit(&good, &broken, 0.9),
        Err(LearnError::NotFinite { index: 1, .. })
    ));
    assert!(matches!(fit(&good[..1], &good, 0.9), Err(LearnError::TooFew { .. })));
    assert!(matches!(fit(&[], &good, 0.9), Err(LearnError::TooFew { .. })));
    assert!(matches!(fit(&good, &good, 1.0), Err(LearnError::NotAShare { .. })));
}
