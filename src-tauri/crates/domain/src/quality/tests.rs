//! Intervals against published figures; days of one bundle in halves and steps.

use super::*;

fn counted(count: u64, of: u64) -> Counted {
    Counted { count, of }
}

fn near(a: Option<Interval>, low: f64, high: f64) -> bool {
    a.is_some_and(|a| (a.low - low).abs() < 5e-5 && (a.high - high).abs() < 5e-5)
}

#[test]
fn wilsons_interval_is_that_of_the_articles() {
    // Newcombe 1998, table I (method 3), and R's prop.test without correction.
    for (count, of, low, high) in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (20, 20, 0.8389, 1.0),
    ] {
        let interval = counted(count, of).wilson();
        assert!(near(interval, low, high), "{count} of {of}: {interval:?}");
    }
    assert_eq!(counted(0, 0).wilson(), None);
    assert_eq!(counted(3, 2).wilson(), None);
    for of in [1, 2, 7, 1_000_000] {
        for count in [0, 1, of] {
            let share = count as f64 / of as f64;
            let holds = |a: Interval| 0.0 <= a.low && a.low <= share && share <= a.high && a.high <= 1.0;
            assert!(counted(count, of).wilson().is_some_and(holds), "{count} of {of}");
        }
    }
}

#[test]
fn newcombes_interval_is_that_of_the_article() {
    // Newcombe 1998 (differences), table II, method 10: 56/70 less 48/80.
    let interval = counted(48, 80).difference(counted(56, 70));
    assert!(near(interval, 0.0524, 0.3339), "{interval:?}");
    let same = counted(5, 50).difference(counted(10, 100));
    assert!(same.is_some_and(|a| a.low < 0.0 && a.high > 0.0));
    assert_eq!(counted(0, 0).difference(counted(1, 2)), None);
}

fn day(name: &str) -> DayQuality {
    DayQuality {
        day: name.into(),
        bundle: "b".into(),
        analyses: 10,
        flagged: 2,
        outlined: 0,
        says_where: 0,
        refused: 0,
        mean_score: Some(0.2),
        histogram: [5, 3, 0, 0, 0, 0, 0, 2, 0, 0],
    }
}

fn many(name: &str, flagged: u64) -> DayQuality {
    let mut histogram = [0; 10];
    (histogram[0], histogram[8]) = (200 - flagged, flagged);
    DayQuality {
        analyses: 210,
        refused: 10,
        flagged,
        histogram,
        ..day(name)
    }
}

fn of_days(days: &[DayQuality], chosen: u32, last: &str) -> BundleQuality {
    let told = told(&[], days, chosen, day_of_name(last).unwrap_or_default());
    assert_eq!(told.len(), 1);
    told[0].clone()
}

#[test]
fn the_chosen_days_are_cut_at_their_middle_and_chance_is_no_change() {
    let verdict = |early: u64, late: u64| {
        let found = of_days(&[many("2026-03-01", early), many("2026-03-30", late)], 30, "2026-03-30").compared;
        let halves = found.as_ref().map(|found| {
            let ends = [&found.first, &found.last].map(|half| [half.from.as_str(), half.to.as_str()].join(" "));
            (ends, found.enough)
        });
        let wanted = ["2026-03-01 2026-03-15", "2026-03-16 2026-03-30"].map(str::to_owned);
        assert_eq!(halves, Some((wanted, true)));
        found.map(|found| found.flagged.verdict)
    };
    assert_eq!(verdict(20, 60), Some(Verdict::More));
    assert_eq!(verdict(60, 20), Some(Verdict::Less));
    assert_eq!(verdict(20, 24), Some(Verdict::Same));

    let outlines = |name: &str, outlined: u64| DayQuality {
        analyses: 200,
        refused: 0,
        flagged: 0,
        outlined,
        says_where: 200,
        histogram: [200, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ..day(name)
    };
    let found = of_days(
        &[outlines("2026-03-01", 20), outlines("2026-03-30", 60)],
        30,
        "2026-03-30",
    )
    .compared;
    let told = found.map(|found| (found.flagged.interval, found.outlined.verdict));
    assert_eq!(told, Some((None, Verdict::More)));

    let found = of_days(&[day("2026-03-30")], 30, "2026-03-30").compared;
    let told = found.map(|found| {
        (
            found.enough,
            found.needed,
            found.flagged.verdict,
            found.flagged.interval,
        )
    });
    assert_eq!(told, Some((false, ENOUGH, Verdict::Same, None)));
}

#[test]
fn steps_are_every_day_and_of_many_days_weeks_that_end_today() {
    let steps = of_days(&[day("2026-02-27"), day("2026-03-02")], 30, "2026-03-03").steps;
    let told: Vec<(&str, u64)> = steps.iter().map(|one| (one.from.as_str(), one.analyses)).collect();
    assert_eq!(
        told,
        [
            ("2026-02-27", 10),
            ("2026-02-28", 0),
            ("2026-03-01", 0),
            ("2026-03-02", 10),
            ("2026-03-03", 0)
        ]
    );
    assert_eq!((steps[1].mean_score, steps[1].scored), (None, 0));

    let first = day_of_name("2026-01-01").unwrap_or_default();
    let year: Vec<DayQuality> = (0..365).map(|at| day(&day_name(first + at))).collect();
    let steps = of_days(&year, 365, "2026-12-31").steps;
    assert_eq!((steps.len(), steps.iter().map(|one| one.analyses).sum()), (53, 3650));
    let last = steps
        .last()
        .map(|one| (one.from.as_str(), one.to.as_str(), one.analyses));
    assert_eq!(last, Some(("2026-12-25", "2026-12-31", 70)));
}

#[test]
fn a_mean_is_weighed_by_the_scores_of_each_day() {
    let of = |mean, bin: usize, scores| {
        let mut histogram = [0; 10];
        histogram[bin] = scores;
        DayQuality {
            mean_score: Some(mean),
            histogram,
            ..day("2026-03-02")
        }
    };
    let steps = of_days(&[of(0.1, 0, 9), of(0.9, 9, 1)], 7, "2026-03-02").steps;
    assert!(steps[0].mean_score.is_some_and(|mean| (mean - 0.18).abs() < 1e-9));
}

#[test]
fn agreement_is_added_up_over_the_versions_of_a_bundle() {
    let version = |version: &str, [both, model_only, reader_only, neither]: [u64; 4]| ModelQuality {
        bundle: "a".into(),
        version: version.into(),
        agreement: Agreement {
            both,
            model_only,
            reader_only,
            neither,
        },
        ..ModelQuality::default()
    };
    let models = [version("1", [180, 31, 10, 400]), version("2", [0, 0, 2, 2])];
    let found = told(&models, &[day("2026-03-02")], 7, 20_514);
    let names: Vec<&str> = found.iter().map(|one| one.bundle.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    let agreed = found[0].agreement;
    assert_eq!(agreed.map(|one| (one.total, one.agreed)), Some((625, 582)));
    let near = |one: Agreed| one.share.is_some_and(|share| (share - 0.9312).abs() < 1e-9) && one.interval.is_some();
    assert!(agreed.is_some_and(near));
    assert_eq!(found[1].agreement, None);
    let none = told(&[version("1", [0; 4])], &[], 7, 0)[0].agreement;
    assert!(none.is_some_and(|none| none.share.is_none() && none.interval.is_none() && none.total == 0));
}

#[test]
fn decisions_and_opinions_are_shares_over_the_versions_and_means_are_weighed() {
    let version = |version: &str, [accepted, changed, rejected, undecided]: [u64; 4], [readings, agreed]: [u64; 2]| {
        let mut one = ModelQuality {
            bundle: "a".into(),
            version: version.into(),
            analyses: readings,
            mean_seconds: Some(agreed as f64),
            ..ModelQuality::default()
        };
        (one.decisions.accepted, one.decisions.changed) = (accepted, changed);
        (one.decisions.rejected, one.decisions.undecided) = (rejected, undecided);
        (one.read_first.readings, one.read_first.agreed) = (readings, agreed);
        one
    };
    let models = [
        version("1", [5, 1, 2, 7], [9, 8]),
        version("2", [1, 0, 1, 0], [1, 1]),
        version("3", [0; 4], [0; 2]),
    ];
    let found = told(&models, &[], 7, 0).remove(0);
    let shares = [found.accepted, found.kept, found.read_first].map(|one| (one.count, one.of));
    assert_eq!(shares, [(6, 10), (7, 10), (9, 10)]);
    assert_eq!(
        (found.accepted.share, found.accepted.interval),
        (Some(0.6), super::Counted { count: 6, of: 10 }.wilson())
    );
    assert!(found.mean_seconds.is_some_and(|mean| (mean - 7.3).abs() < 1e-9));
    assert_eq!(found.mean_seconds_to_opinion, None);
}
