use domain::GreyFrame;

use super::*;
use crate::bundle::{
    CLASS, CLASS_MAP, FOREIGN, GateStatistics, Head, HeadNormals, LESION, MadeOn, MapKind, NetworkSpec, Normals,
    QualitySpec, RECONSTRUCTION, RegionSpec, Runtime, of_reader, outputs_of,
};
use crate::testing::{answers, bundle, facts};
use crate::{prepare, testing};

fn frame(rows: u32, cols: u32) -> GreyFrame {
    GreyFrame {
        rows,
        cols,
        values: (0..rows * cols).map(|i| (i % 97) as f32).collect(),
    }
}

/// A map of 64 x 64 with a bright square around (x, y).
fn spot(x: usize, y: usize, level: f32) -> Vec<f32> {
    (0..64 * 64)
        .map(|i| {
            if (i % 64usize).abs_diff(x) <= 3 && (i / 64usize).abs_diff(y) <= 3 {
                level
            } else {
                0.01
            }
        })
        .collect()
}

/// What the bundle makes of a frame of the input's own size, in which its network saw that.
fn seen(bundle: &Bundle, given: &[(&str, &[f32])]) -> Outcome {
    seen_in(bundle, (64, 64), given)
}

fn seen_in(bundle: &Bundle, (rows, cols): (u32, u32), given: &[(&str, &[f32])]) -> Outcome {
    let input = prepare(&frame(rows, cols), &bundle.metadata.input).expect("a small frame has room");
    let image = Image {
        bundle,
        operating_point: &bundle.metadata.operating_points[0],
        facts: &facts(rows, cols),
        input: &input,
    };
    read(image, &answers(bundle, given)).expect("a test's answers have all that its tasks read")
}

/// The region rule of a bundle that segments.
fn region(bundle: &mut Bundle) -> &mut RegionSpec {
    let scored = match &mut bundle.metadata.tasks[0] {
        Task::Segment(scored) => Some(scored),
        _ => None,
    };
    &mut scored.expect("the toy segments").region
}

#[test]
fn a_spot_is_found_where_it_is_in_the_original_frame() {
    // 128 x 256 lies in the middle half of the square, each input pixel standing for 4 x 4.
    let outcome = seen_in(&bundle(), (128, 256), &[(LESION, &spot(40, 32, 0.9))]);
    assert!(outcome.reached() && outcome.score.is_some_and(|s| s.value() > 0.85));
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
}

#[test]
fn no_finding_scores_higher_than_its_picture() {
    let mut bundle = bundle();
    region(&mut bundle).top_pixels = 100;
    // 49 bright pixels among the 100 that count.
    let map = spot(20, 30, 1.0);
    let outcome = seen(&bundle, &[(LESION, &map)]);
    assert_eq!(
        outcome.score.map(|s| outcome.findings.iter().all(|f| f.score <= s)),
        Some(true)
    );
    bundle.metadata.operating_points[0].threshold = 0.3;
    let reached = seen(&bundle, &[(LESION, &map)]);
    assert_eq!(reached.findings.first().map(|f| f.score), reached.score);
}

#[test]
fn a_site_s_prevalence_moves_what_is_told_and_never_what_is_decided() -> Result<(), domain::InvalidPrevalence> {
    let mut bundle = bundle();
    bundle.metadata.calibration.made_on = Some(MadeOn { with: 60, without: 40 });
    for peak in [0.2, 0.49, 0.5, 0.51, 0.8, 0.97] {
        let map = spot(20, 30, peak);
        bundle.site_prevalence = None;
        let own = seen(&bundle, &[(LESION, &map)]);
        // A score that lies exactly on its threshold reaches it, wherever both are moved.
        for threshold in [0.5, own.score.map_or(0.0, Score::value)] {
            bundle.metadata.operating_points[0].threshold = threshold;
            bundle.site_prevalence = None;
            let own = seen(&bundle, &[(LESION, &map)]);
            for share in [0.001, 0.03, 0.6, 0.97] {
                bundle.site_prevalence = Some(domain::Prevalence::try_from(share)?);
                let here = seen(&bundle, &[(LESION, &map)]);
                assert_eq!(here.reached(), own.reached(), "{peak} {threshold} {share}");
                assert_eq!(here.findings.len(), own.findings.len());
                let (then, now) = (
                    own.score.map_or(0.0, Score::value),
                    here.score.map_or(0.0, Score::value),
                );
                assert!(
                    if share < 0.6 { now < then } else { now > then - 1e-6 },
                    "{then} {now} {share}"
                );
                for flag in &here.heads {
                    assert!(flag.limit.is_some_and(|limit| flag.score >= limit), "{flag:?}");
                }
            }
        }
    }
    Ok(())
}

#[test]
fn scores_of_a_calibration_of_unknown_prevalence_stay_where_they_are() -> Result<(), domain::InvalidPrevalence> {
    let mut bundle = bundle();
    let own = seen(&bundle, &[(LESION, &spot(20, 30, 0.8))]);
    bundle.site_prevalence = Some(domain::Prevalence::try_from(0.02)?);
    assert_eq!(seen(&bundle, &[(LESION, &spot(20, 30, 0.8))]).score, own.score);
    assert_eq!(bundle.told_at(), None, "nor is it said that they were moved");
    Ok(())
}

#[test]
fn a_quiet_map_reaches_nothing_and_has_no_findings() {
    let outcome = seen(&bundle(), &[(LESION, &spot(10, 10, 0.2))]);
    assert!(!outcome.reached() && outcome.findings.is_empty());
    assert!(outcome.score.is_some_and(|s| s.value() < 0.5));
}

#[test]
fn a_picture_that_reaches_its_threshold_always_says_where() {
    let mut bundle = bundle();
    let findings = |bundle: &Bundle| seen(bundle, &[(LESION, &spot(20, 30, 0.8))]).findings;
    let holds = |findings: &[Finding]| {
        findings.len() == 1 && findings[0].region.bounds.contains(domain::PixelPoint { x: 20, y: 30 })
    };
    // Lower than the regions' threshold.
    region(&mut bundle).map_threshold = 0.95;
    assert!(holds(&findings(&bundle)));
    // Smaller than the smallest region.
    region(&mut bundle).map_threshold = 0.5;
    region(&mut bundle).min_pixels = 200;
    assert!(holds(&findings(&bundle)));
}

#[test]
fn a_refused_picture_gets_no_score() -> Result<(), EngineError> {
    let bundle = bundle();
    let input = prepare(&frame(64, 64), &bundle.metadata.input)?;
    let mut knee = facts(64, 64);
    knee.header.part = domain::Part::Other("KNEE".into());
    let blank = prepare(
        &GreyFrame {
            rows: 8,
            cols: 8,
            values: vec![1.0; 64],
        },
        &bundle.metadata.input,
    )?;
    for (facts, input) in [(knee, &input), (facts(64, 64), &blank)] {
        let image = Image {
            bundle: &bundle,
            operating_point: &bundle.metadata.operating_points[0],
            facts: &facts,
            input,
        };
        let outcome = read(image, &answers(&bundle, &[(LESION, &spot(10, 10, 0.99))]))?;
        assert_eq!(outcome.input.verdict, InputVerdict::OutOfRange);
        assert!(outcome.score.is_none() && outcome.map.is_none() && outcome.findings.is_empty() && !outcome.reached());
        assert!(outcome.input.reason.is_some());
    }
    Ok(())
}

#[test]
fn a_picture_that_is_too_noisy_is_refused_unless_its_stack_is_not() -> Result<(), EngineError> {
    let mut bundle = bundle();
    bundle.metadata.input.quality = Some(QualitySpec {
        exposure: [0.3, 0.5],
        smoothed_above: 0.02,
        refused_above: 0.1,
    });
    let noisy = GreyFrame {
        values: (0..64 * 64u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 16) as f32)
            .collect(),
        ..frame(64, 64)
    };
    let input = prepare(&noisy, &bundle.metadata.input)?;
    for in_stack in [false, true] {
        let image = Image {
            bundle: &bundle,
            operating_point: &bundle.metadata.operating_points[0],
            facts: &FrameFacts {
                in_stack,
                ..facts(64, 64)
            },
            input: &input,
        };
        let outcome = read(image, &answers(&bundle, &[(LESION, &spot(32, 32, 0.9))]))?;
        let code = outcome
            .input
            .reason
            .and_then(|reason| reason.coded)
            .map(|coded| coded.code);
        assert_eq!(code.as_deref() == Some("gate.noise"), !in_stack, "{code:?}");
        assert_eq!(outcome.score.is_some(), in_stack);
    }
    Ok(())
}

#[test]
fn finding_ids_repeat_for_the_same_run_and_differ_between_places() {
    let id = |x| seen(&bundle(), &[(LESION, &spot(x, 20, 0.9))]).findings[0].id.clone();
    assert_eq!(id(20), id(20));
    assert_ne!(id(20), id(40));
    assert_eq!(id(20).len(), 32);
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
fn what_the_unknown_anomaly_head_sees_becomes_a_finding_of_its_own() {
    let mut bundle = bundle();
    let foreign =
        |bundle: &Bundle, level: f32| seen(bundle, &[(LESION, &spot(40, 32, 0.2)), (FOREIGN, &spot(12, 50, level))]);
    assert!(
        !foreign(&bundle, 0.99).reached(),
        "without normal pictures nothing is rare"
    );
    bundle.normals = Some(normals(Head::Foreign));
    let seen = foreign(&bundle, 0.99);
    assert!(seen.reached() && seen.score.is_some_and(|score| score.value() < 0.5));
    assert_eq!(seen.findings.len(), 1);
    let found = &seen.findings[0];
    assert_eq!(found.label, "unknown");
    // The flag is of the head that spoke, by its own score and limit.
    let flag = domain::Flag {
        head: domain::Head::Unusual,
        score: found.score.value(),
        limit: Some(0.98),
    };
    assert_eq!(seen.heads, vec![flag]);
    assert!((found.score.value() - 0.99).abs() < 1e-6, "{:?}", found.score);
    assert!(found.region.peak.x.abs_diff(12) <= 3 && found.region.peak.y.abs_diff(50) <= 3);
    let usual = foreign(&bundle, 0.9);
    assert!(!usual.reached() && usual.findings.is_empty());
    assert!(usual.unusual.is_some_and(|unusual| (unusual.p - 0.1).abs() < 0.011));
}

#[test]
fn a_region_that_both_heads_see_is_told_once_and_the_autoencoder_points_too() {
    let mut bundle = bundle();
    bundle.normals = Some(normals(Head::Foreign));
    let lesion = spot(40, 32, 0.99);
    assert_eq!(
        seen(&bundle, &[(LESION, &lesion), (FOREIGN, &lesion)]).findings.len(),
        1
    );
    bundle.normals = Some(normals(Head::Reconstruction));
    let errors = seen(
        &bundle,
        &[(LESION, &spot(40, 32, 0.2)), (RECONSTRUCTION, &spot(12, 50, 300.0))],
    );
    assert_eq!(errors.unusual.map(|unusual| unusual.head), Some(Head::Reconstruction));
    assert!(
        errors
            .findings
            .iter()
            .all(|f| f.region.peak.x.abs_diff(12) <= 4 && f.region.peak.y.abs_diff(50) <= 4)
    );
    assert_eq!(errors.findings.len(), 1);
}

/// A bundle of the family with these maps and kinds, half of whose score is the class head's.
fn classifier(maps: &[MapKind], kinds: &[&str]) -> Bundle {
    let mut bundle = bundle();
    let network = NetworkSpec {
        maps: maps.to_vec(),
        classes: 1 + kinds.len() as u32,
        autoencoder: false,
        ..testing::network()
    };
    let region = RegionSpec {
        class_share: 0.5,
        ..*region(&mut bundle)
    };
    let kinds: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    bundle.metadata.tasks = of_reader(&network, region, ["mass", "unknown"], &kinds);
    bundle.metadata.outputs = outputs_of(&network, 64, &bundle.metadata.tasks);
    bundle.metadata.runtime = Runtime::Torch { network, mirror: false };
    bundle
}

#[test]
fn a_class_head_has_its_share_in_the_score_and_tells_kinds() {
    let bundle = classifier(&[MapKind::Lesion], &["odd", "malignant"]);
    assert_eq!(
        bundle.metadata.tasks.iter().map(Task::name).collect::<Vec<_>>(),
        ["segment", "classify"]
    );
    let said = |logit: f32| seen(&bundle, &[(LESION, &spot(20, 30, 0.8)), (CLASS, &[logit, -3.0, 2.0])]);
    assert_eq!(
        said(0.0).kinds,
        [("odd".to_owned(), -3.0), ("malignant".to_owned(), 2.0)]
    );
    assert!(said(4.0).score > said(0.0).score);
}

#[test]
fn without_a_lesion_map_the_class_head_scores_and_points() {
    let bundle = classifier(&[MapKind::Foreign], &[]);
    assert_eq!(
        bundle.metadata.tasks.iter().map(Task::name).collect::<Vec<_>>(),
        ["classify", "unusual"]
    );
    let seen = seen(&bundle, &[(CLASS_MAP, &spot(20, 30, 0.9)), (CLASS, &[3.0])]);
    assert!(seen.reached() && seen.findings[0].label == "mass");
    assert!(
        seen.findings[0]
            .region
            .bounds
            .contains(domain::PixelPoint { x: 20, y: 30 })
    );
}

#[test]
fn what_is_left_to_a_router_has_no_reader() -> Result<(), EngineError> {
    let router = testing::router(&["heads", "chests"]);
    let outcome = seen(&router, &[(CLASS, &[9.0, -9.0])]);
    assert_eq!(outcome.input.verdict, InputVerdict::OutOfRange);
    let code = outcome
        .input
        .reason
        .and_then(|reason| reason.coded)
        .map(|coded| coded.code);
    assert_eq!(code.as_deref(), Some("gate.no_model"));
    Ok(())
}

#[test]
fn nobody_is_asked_about_an_image_that_is_none_of_the_bundle_s_by_its_looks() {
    let mut bundle = bundle();
    bundle.metadata.input.ages = Some([18, 120]);
    let code = |bundle: &Bundle, in_stack: bool| {
        let input = prepare(&frame(64, 64), &bundle.metadata.input).expect("a small frame has room");
        let image = Image {
            bundle,
            operating_point: &bundle.metadata.operating_points[0],
            facts: &FrameFacts {
                in_stack,
                ..facts(64, 64)
            },
            input: &input,
        };
        let outcome = read(image, &answers(bundle, &[])).expect("a test's answers have all that its tasks read");
        outcome
            .input
            .reason
            .and_then(|reason| reason.coded)
            .map(|coded| coded.code)
    };
    assert_eq!(
        code(&bundle, false).as_deref(),
        Some("gate.ask_age"),
        "no gate knows better"
    );
    // The features of the toy are zeros.
    for (centre, said) in [(0.0, "gate.ask_age"), (9.0, "gate.unlike")] {
        bundle.gate = Some(GateStatistics {
            centres: vec![vec![centre; 20]],
            precision: (0..400).map(|at| f32::from(u8::from(at % 21 == 0))).collect(),
            limit: 2.0,
            contrast: None,
        });
        assert_eq!(code(&bundle, false).as_deref(), Some(said));
        assert_eq!(
            code(&bundle, true).as_deref(),
            Some("gate.ask_age"),
            "a stack's looks are known later"
        );
    }
}
