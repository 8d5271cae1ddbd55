use super::*;
use crate::numbers::DecisionCounts;
use crate::testing::header;
use crate::{Header, InvalidUid, PixelPoint, Region, Timestamp};

type Checked = Result<(), Box<dyn std::error::Error>>;

/// A finding to be made: slice (from 1), left edge, score, decision.
type Made<'a> = (i32, u32, f32, Option<&'a Decision>);

fn stack(series: u32, slices: i32, spacing: Option<[f64; 2]>) -> Result<Stack, InvalidUid> {
    let made = (1..=slices).map(|number| {
        let mut header = header();
        header.instance.sop_instance_uid = Uid::parse(&format!("1.2.{series}.{number}"))?;
        header.instance.number = Some(number);
        header.image.pixel_spacing_mm = spacing;
        Ok(header)
    });
    let headers = made.collect::<Result<Vec<Header>, InvalidUid>>()?;
    let nothing = crate::ImageFacts::default();
    Ok(Stack::of(
        &Uid::parse(&format!("1.2.{series}"))?,
        headers.iter().map(|header| (header, &nothing)),
    ))
}

fn finding(id: usize, x: u32, score: f32) -> Result<Finding, crate::analysis::InvalidScore> {
    Ok(Finding {
        id: id.to_string(),
        label: "lesion".into(),
        score: Score::try_from(score)?,
        region: Region {
            bounds: PixelBox {
                x,
                y: 10,
                width: 20 + id as u32,
                height: 20,
            },
            peak: PixelPoint { x, y: 10 },
            area_px: 300 + id as u32,
            area_mm2: None,
            outlines: vec![vec![[x, 10], [x + 3, 10], [x + 3, 14 + id as u32], [x, 14]]],
        },
    })
}

fn review(finding: &Finding, decision: &Decision, note: Option<&str>) -> Review {
    Review {
        finding_id: finding.id.clone(),
        decision: decision.clone(),
        note: note.map(str::to_owned),
        reader: "ann".into(),
        decided_at: Timestamp(0),
    }
}

fn found(
    made: &[Made<'_>],
    note: Option<&str>,
    spacing: Option<[f64; 2]>,
) -> Result<Vec<Lesion>, Box<dyn std::error::Error>> {
    let mut parts = Vec::new();
    for (id, (slice, x, score, decision)) in made.iter().enumerate() {
        let finding = finding(id, *x, *score)?;
        let review = decision.map(|decision| review(&finding, decision, note));
        parts.push((Uid::parse(&format!("1.2.1.{slice}"))?, finding, review));
    }
    let placed: Vec<Placed<'_>> = parts
        .iter()
        .map(|(uid, finding, review)| Placed {
            sop_instance_uid: uid,
            frame: 0,
            finding,
            review: review.as_ref(),
            threshold: 0.5,
        })
        .collect();
    Ok(lesions(&[stack(1, 60, spacing)?], &placed))
}

#[test]
fn a_lesion_goes_through_neighbouring_slices_and_is_shown_where_its_score_is_highest() -> Checked {
    let yes = Decision::Accepted;
    let made = [
        (23, 10, 0.7, Some(&yes)),
        (21, 12, 0.7, Some(&yes)),
        (22, 14, 0.94, Some(&yes)),
    ];
    let lesions = found(&made, Some(" Known since 2019. "), Some([2.0, 0.5]))?;
    let [lesion] = lesions.as_slice() else {
        return Err(format!("{} lesions", lesions.len()).into());
    };
    assert_eq!(lesion.series_instance_uid.as_str(), "1.2.1");
    assert_eq!((lesion.first_slice, lesion.last_slice), (21, 23));
    assert_eq!((lesion.score.value(), lesion.threshold), (0.94, 0.5));
    assert_eq!(lesion.shown_at.sop_instance_uid.as_str(), "1.2.1.22");
    assert_eq!(lesion.decision, Some(DecisionKind::Accepted));
    assert_eq!(lesion.findings, ["1", "2", "0"]);
    // The longest of the three: three columns of 0.5 mm and six rows of 2 mm.
    assert_eq!(lesion.diameter_mm, Some(1.5_f64.hypot(12.0)));
    assert_eq!(
        (lesion.extent_px, lesion.notes.as_slice()),
        ([22, 20], &["Known since 2019.".to_owned()][..])
    );
    // Of equal scores the largest shows it; without spacing there is no size in millimetres.
    let equal = found(
        &[(5, 10, 0.8, None), (6, 10, 0.8, None), (7, 10, 0.8, None)],
        None,
        None,
    )?;
    let told: Vec<_> = equal
        .iter()
        .map(|one| (one.shown_at.sop_instance_uid.as_str(), one.diameter_mm, one.decision))
        .collect();
    assert_eq!(told, [("1.2.1.7", None, None)]);
    Ok(())
}

#[test]
fn what_lies_elsewhere_has_another_label_or_is_not_next_is_another_lesion() -> Checked {
    let (yes, no) = (Decision::Accepted, Decision::Rejected);
    let infarct = Decision::Changed {
        label: "old infarct".into(),
    };
    let count = |a: Made<'_>, b: Made<'_>| found(&[a, b], None, None).map(|lesions| lesions.len());
    assert_eq!(count((5, 10, 0.8, Some(&yes)), (6, 10, 0.8, Some(&yes)))?, 1);
    assert_eq!(count((6, 10, 0.8, None), (5, 29, 0.8, None))?, 1);
    assert_eq!(count((5, 10, 0.8, Some(&yes)), (6, 200, 0.8, Some(&yes)))?, 2);
    // Boxes that touch do not lie over each other.
    assert_eq!(count((5, 10, 0.8, Some(&yes)), (6, 30, 0.8, Some(&yes)))?, 2);
    assert_eq!(count((5, 10, 0.8, Some(&infarct)), (6, 10, 0.8, Some(&infarct)))?, 1);
    assert_eq!(count((5, 10, 0.8, Some(&yes)), (6, 10, 0.8, Some(&infarct)))?, 2);
    assert_eq!(count((5, 10, 0.8, None), (6, 10, 0.8, Some(&infarct)))?, 2);
    assert_eq!(count((5, 10, 0.8, Some(&yes)), (7, 10, 0.8, Some(&yes)))?, 2);
    assert_eq!(count((5, 10, 0.8, Some(&yes)), (5, 12, 0.8, Some(&yes)))?, 2);
    // A rejected finding is no lesion, and joins none.
    assert_eq!(count((5, 10, 0.8, Some(&yes)), (6, 10, 0.8, Some(&no)))?, 1);
    assert_eq!(count((5, 10, 0.8, Some(&no)), (6, 10, 0.8, Some(&no)))?, 0);
    Ok(())
}

#[test]
fn a_lesion_has_the_readers_label_and_the_worst_comes_first() -> Checked {
    let infarct = Decision::Changed {
        label: " old infarct ".into(),
    };
    let unnamed = Decision::Changed { label: " ".into() };
    let made = [
        (4, 10, 0.6, Some(&infarct)),
        (5, 10, 0.7, Some(&infarct)),
        (40, 10, 0.9, Some(&unnamed)),
        (99, 10, 0.9, None),
    ];
    let lesions = found(&made, None, None)?;
    let told = lesions
        .iter()
        .map(|one| (one.label.as_str(), one.model_label.as_str(), one.first_slice));
    // Slice 99 is in no stack.
    let expected = [("lesion", "lesion", 40), ("old infarct", "lesion", 4)];
    assert_eq!(told.collect::<Vec<_>>(), expected);
    Ok(())
}

#[test]
fn slices_of_two_series_are_no_neighbours() -> Checked {
    let findings = [finding(0, 10, 0.8)?, finding(1, 10, 0.8)?];
    let uids = [Uid::parse("1.2.1.5")?, Uid::parse("1.2.2.6")?];
    let placed: Vec<Placed<'_>> = uids
        .iter()
        .zip(&findings)
        .map(|(sop_instance_uid, finding)| Placed {
            sop_instance_uid,
            frame: 0,
            finding,
            review: None,
            threshold: 0.5,
        })
        .collect();
    let stacks = [stack(1, 9, None)?, stack(2, 9, None)?];
    let told: Vec<_> = lesions(&stacks, &placed)
        .into_iter()
        .map(|one| (one.series_instance_uid.to_string(), one.first_slice))
        .collect();
    assert_eq!(told, [("1.2.1".to_owned(), 5), ("1.2.2".to_owned(), 6)]);
    Ok(())
}

#[test]
fn a_lesion_is_told_in_plain_words_and_numbers() -> Checked {
    let yes = Decision::Accepted;
    let lesions = found(&[(5, 10, 0.5, Some(&yes))], None, None)?;
    let told = serde_json::to_value(&lesions)?;
    assert_eq!(
        told,
        serde_json::json!([{
            "series_instance_uid": "1.2.1",
            "label": "lesion",
            "model_label": "lesion",
            "decision": "accepted",
            "told": true,
            "decisions": { "accepted": 1, "rejected": 0, "changed": 0, "unsure": 0, "undecided": 0 },
            "findings": ["0"],
            "shown_at": { "sop_instance_uid": "1.2.1.5", "frame": 0 },
            "score": 0.5,
            "threshold": 0.5,
            "first_slice": 5,
            "last_slice": 5,
            "diameter_mm": null,
            "extent_px": [20, 20],
            "notes": [],
        }])
    );
    Ok(())
}

/// All orders of `items`.
fn orders<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    if items.is_empty() {
        return vec![vec![]];
    }
    let each = (0..items.len()).flat_map(|at| {
        let mut rest = items.to_vec();
        let first = rest.remove(at);
        orders(&rest).into_iter().map(move |mut order| {
            order.insert(0, first.clone());
            order
        })
    });
    each.collect()
}

/// Every mixture of decisions on four slices of one lesion: what is not rejected stays together as it lies.
#[test]
fn decisions_do_not_part_a_lesion() -> Checked {
    let given = [
        None,
        Some(Decision::Accepted),
        Some(Decision::Unsure),
        // The reader's label is the model's.
        Some(Decision::Changed { label: "lesion".into() }),
        Some(Decision::Rejected),
    ];
    for mixture in 0..given.len().pow(4) {
        let decisions: Vec<_> = (0..4)
            .map(|slice| given[mixture / given.len().pow(slice) % given.len()].as_ref())
            .collect();
        let made: Vec<Made<'_>> = (4..)
            .zip(&decisions)
            .map(|(slice, one)| (slice, 10, 0.8, *one))
            .collect();
        let lesions = found(&made, None, None)?;
        let rejected = |one: &Option<&Decision>| *one == Some(&Decision::Rejected);
        let runs: Vec<Vec<DecisionKind>> = decisions
            .split(rejected)
            .filter(|run| !run.is_empty())
            .map(|run| run.iter().filter_map(|one| one.map(Decision::kind)).collect())
            .collect();
        let lengths: Vec<_> = decisions
            .split(rejected)
            .map(<[_]>::len)
            .filter(|length| *length > 0)
            .collect();
        assert_eq!(
            lesions.iter().map(|one| one.findings.len()).collect::<Vec<_>>(),
            lengths,
            "{decisions:?}"
        );
        for (lesion, run) in lesions.iter().zip(runs) {
            let count = |kind| run.iter().filter(|one| **one == kind).count() as u64;
            let expected = DecisionCounts {
                accepted: count(DecisionKind::Accepted),
                rejected: 0,
                changed: count(DecisionKind::Changed),
                unsure: count(DecisionKind::Unsure),
                undecided: (lesion.findings.len() - run.len()) as u64,
            };
            assert_eq!(lesion.decisions, expected, "{decisions:?}");
            let firmest = [DecisionKind::Accepted, DecisionKind::Changed, DecisionKind::Unsure];
            let firmest = firmest.into_iter().find(|kind| run.contains(kind));
            assert_eq!(lesion.decision, firmest, "{decisions:?}");
        }
    }
    Ok(())
}

/// Two arms that meet on a slice further on, and one finding beside them, in every order in which they may come.
#[test]
fn arms_that_meet_are_one_lesion_in_whatever_order_they_come() -> Checked {
    let made = [
        (5, 10, 0.8, None),
        (5, 50, 0.7, None),
        (6, 25, 0.9, None),
        (6, 50, 0.6, None),
        (7, 40, 0.5, None),
        (7, 200, 0.4, None),
    ];
    let slices = |made: &[Made<'_>]| -> Result<Vec<_>, Box<dyn std::error::Error>> {
        let lesions = found(made, None, None)?;
        let told = lesions
            .iter()
            .map(|one| (one.findings.len(), one.first_slice, one.last_slice));
        Ok(told.collect())
    };
    for order in orders(&made) {
        assert_eq!(slices(&order)?, [(5, 5, 7), (1, 7, 7)], "{order:?}");
    }
    Ok(())
}
