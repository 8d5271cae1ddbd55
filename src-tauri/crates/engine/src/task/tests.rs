use domain::GreyFrame;

use super::*;
use crate::bundle::{Head, HeadNormals, Normals};
use crate::prepare;
use crate::testing::{bundle, facts};

type Done = Result<(), NoRoom>;

fn frame(rows: u32, cols: u32) -> GreyFrame {
    GreyFrame {
        rows,
        cols,
        values: (0..rows * cols).map(|i| (i % 97) as f32).collect(),
    }
}

/// A map of 64 x 64 with a bright square around (x, y).
fn spot(x: usize, y: usize, level: f32) -> RawOutput {
    let map = (0..64 * 64)
        .map(|i| {
            if (i % 64usize).abs_diff(x) <= 3 && (i / 64usize).abs_diff(y) <= 3 {
                level
            } else {
                0.01
            }
        })
        .collect();
    RawOutput {
        class_logits: vec![0.0],
        foreign: vec![],
        reconstruction: vec![],
        map,
        features: vec![],
    }
}

fn analyze(rows: u32, cols: u32, raw: &RawOutput) -> Result<Outcome, NoRoom> {
    let bundle = bundle();
    let input = prepare(&frame(rows, cols), &bundle.metadata.input)?;
    analyze_output(
        &bundle,
        &bundle.metadata.operating_points[0],
        &facts(rows, cols),
        &input,
        raw,
    )
}

#[test]
fn a_spot_is_found_where_it_is_in_the_original_frame() -> Done {
    // 128 x 256 lies in the middle half of the square, each input pixel standing for 4 x 4.
    let outcome = analyze(128, 256, &spot(40, 32, 0.9))?;
    assert!(outcome.flagged && outcome.score.is_some_and(|s| s.value() > 0.85));
    let region = &outcome.findings[0].region;
    assert!(
        region.peak.x.abs_diff(162) <= 14 && region.peak.y.abs_diff(66) <= 14,
        "{:?}",
        region.peak
    );
    assert!(region.bounds.contains(region.peak));
    assert_eq!(region.area_mm2, Some(f64::from(region.area_px) * 0.25));
    let map = outcome.map.unwrap_or(AnomalyMap {
        rows: 0,
        cols: 0,
        values: vec![],
    });
    assert_eq!((map.rows, map.cols, map.values.len()), (128, 256, 128 * 256));
    let at_peak = map.values[(region.peak.y * 256 + region.peak.x) as usize];
    assert!((f32::from(at_peak) / 65_535.0 - 0.9).abs() < 0.02, "{at_peak}");
    Ok(())
}

#[test]
fn no_finding_scores_higher_than_its_picture() -> Done {
    let mut bundle = bundle();
    bundle.metadata.region.top_pixels = 100;
    let input = prepare(&frame(64, 64), &bundle.metadata.input)?;
    // 49 bright pixels among the 100 that count.
    let raw = spot(20, 30, 1.0);
    let outcome = analyze_output(
        &bundle,
        &bundle.metadata.operating_points[0],
        &facts(64, 64),
        &input,
        &raw,
    )?;
    assert_eq!(
        outcome.score.map(|s| outcome.findings.iter().all(|f| f.score <= s)),
        Some(true)
    );
    bundle.metadata.operating_points[0].threshold = 0.3;
    let flagged = analyze_output(
        &bundle,
        &bundle.metadata.operating_points[0],
        &facts(64, 64),
        &input,
        &raw,
    )?;
    assert_eq!(flagged.findings.first().map(|f| f.score), flagged.score);
    Ok(())
}

#[test]
fn a_quiet_map_is_not_flagged_and_has_no_findings() -> Done {
    let outcome = analyze(64, 64, &spot(10, 10, 0.2))?;
    assert!(!outcome.flagged && outcome.findings.is_empty());
    assert!(outcome.score.is_some_and(|s| s.value() < 0.5));
    Ok(())
}

#[test]
fn a_flagged_picture_always_says_where() -> Done {
    let mut bundle = bundle();
    let input = prepare(&frame(64, 64), &bundle.metadata.input)?;
    let analyze = |bundle: &Bundle, raw: &RawOutput| {
        let point = &bundle.metadata.operating_points[0];
        analyze_output(bundle, point, &facts(64, 64), &input, raw).map(|outcome| outcome.findings)
    };
    let holds = |findings: &[Finding]| {
        findings.len() == 1 && findings[0].region.bounds.contains(domain::PixelPoint { x: 20, y: 30 })
    };
    // Lower than the regions' threshold.
    bundle.metadata.region.map_threshold = 0.95;
    assert!(holds(&analyze(&bundle, &spot(20, 30, 0.8))?));
    // Smaller than the smallest region.
    bundle.metadata.region.map_threshold = 0.5;
    bundle.metadata.region.min_pixels = 200;
    assert!(holds(&analyze(&bundle, &spot(20, 30, 0.8))?));
    Ok(())
}

#[test]
fn a_refused_picture_gets_no_score() -> Done {
    let bundle = bundle();
    let point = &bundle.metadata.operating_points[0];
    let input = prepare(&frame(64, 64), &bundle.metadata.input)?;
    let mut knee = facts(64, 64);
    knee.header.body_part_examined = Some("KNEE".into());
    let blank = prepare(
        &GreyFrame {
            rows: 8,
            cols: 8,
            values: vec![1.0; 64],
        },
        &bundle.metadata.input,
    )?;
    for (facts, input) in [(knee, &input), (facts(64, 64), &blank)] {
        let outcome = analyze_output(&bundle, point, &facts, input, &spot(10, 10, 0.99))?;
        assert_eq!(outcome.input.verdict, InputVerdict::OutOfRange);
        assert!(outcome.score.is_none() && outcome.map.is_none() && outcome.findings.is_empty() && !outcome.flagged);
        assert!(outcome.input.reason.is_some());
    }
    Ok(())
}

#[test]
fn finding_ids_repeat_for_the_same_run_and_differ_between_places() -> Done {
    let id = |x| analyze(64, 64, &spot(x, 20, 0.9)).map(|outcome| outcome.findings[0].id.clone());
    assert_eq!(id(20)?, id(20)?);
    assert_ne!(id(20)?, id(40)?);
    assert_eq!(id(20)?.len(), 32);
    Ok(())
}

#[test]
fn top_mean_takes_the_highest_and_copes_with_few() {
    assert_eq!(top_mean(&[0.1, 0.9, 0.5], 2), 0.7);
    assert_eq!(top_mean(&[0.25], 60), 0.25);
    assert_eq!(top_mean(&[], 60), 0.0);
}

#[test]
fn calibration_keeps_order_and_ends() {
    let calibration = Calibration {
        slope: 2.0,
        intercept: -1.0,
    };
    let scores: Vec<f32> = [0.0, 0.2, 0.5, 0.9, 1.0]
        .map(|raw| calibrate(calibration, raw).value())
        .to_vec();
    assert!(scores.windows(2).all(|w| w[0] < w[1]), "{scores:?}");
    assert!((scores[2] - 0.268_941_4).abs() < 1e-6);
}

/// A head whose held-out normal images scored 0.00, 0.01, …, 0.98.
fn normals(head: Head) -> Normals {
    let scores = (0..99).map(|i| i as f32 / 100.0).collect();
    Normals {
        set: "toys".into(),
        limit: 0.02,
        heads: vec![HeadNormals { head, scores }],
    }
}

#[test]
fn what_the_unknown_anomaly_head_sees_becomes_a_finding_of_its_own() -> Done {
    let mut bundle = bundle();
    bundle.metadata.labels.push("unknown".into());
    let input = prepare(&frame(64, 64), &bundle.metadata.input)?;
    let foreign = |level: f32| RawOutput {
        foreign: spot(12, 50, level).map,
        ..spot(40, 32, 0.2)
    };
    let analyze = |bundle: &Bundle, raw: &RawOutput| {
        analyze_output(
            bundle,
            &bundle.metadata.operating_points[0],
            &facts(64, 64),
            &input,
            raw,
        )
    };
    assert!(
        !analyze(&bundle, &foreign(0.99))?.flagged,
        "without normal pictures nothing is rare"
    );
    bundle.normals = Some(normals(Head::Foreign));
    let seen = analyze(&bundle, &foreign(0.99))?;
    assert!(seen.flagged && seen.score.is_some_and(|score| score.value() < 0.5));
    assert_eq!(seen.findings.len(), 1);
    let found = &seen.findings[0];
    assert_eq!(found.label, "unknown");
    assert!((found.score.value() - 0.99).abs() < 1e-6, "{:?}", found.score);
    assert!(found.region.peak.x.abs_diff(12) <= 3 && found.region.peak.y.abs_diff(50) <= 3);
    let usual = analyze(&bundle, &foreign(0.9))?;
    assert!(!usual.flagged && usual.findings.is_empty());
    assert!(usual.unusual.is_some_and(|unusual| (unusual.p - 0.1).abs() < 0.011));
    Ok(())
}

#[test]
fn a_region_that_both_heads_see_is_told_once_and_the_autoencoder_points_too() -> Done {
    let mut bundle = bundle();
    bundle.normals = Some(normals(Head::Foreign));
    let input = prepare(&frame(64, 64), &bundle.metadata.input)?;
    let point = bundle.metadata.operating_points[0].clone();
    let lesion = spot(40, 32, 0.99);
    let both = RawOutput {
        foreign: lesion.map.clone(),
        ..lesion
    };
    assert_eq!(
        analyze_output(&bundle, &point, &facts(64, 64), &input, &both)?
            .findings
            .len(),
        1
    );
    bundle.normals = Some(normals(Head::Reconstruction));
    let errors = RawOutput {
        reconstruction: spot(12, 50, 300.0).map,
        ..spot(40, 32, 0.2)
    };
    let seen = analyze_output(&bundle, &point, &facts(64, 64), &input, &errors)?;
    assert_eq!(seen.unusual.map(|unusual| unusual.head), Some(Head::Reconstruction));
    assert!(
        seen.findings
            .iter()
            .all(|f| f.region.peak.x.abs_diff(12) <= 4 && f.region.peak.y.abs_diff(50) <= 4)
    );
    assert_eq!(seen.findings.len(), 1);
    Ok(())
}
