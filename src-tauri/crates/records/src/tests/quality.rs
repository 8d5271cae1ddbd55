//! What models and readers are counted by.

use domain::{Decision, Opinion, Timestamp};

use super::Outcome;
use super::sample::{NOW, analyse, analysis, decide, finding, header, import, new_vault, refusal, review, sign, uid};
use crate::Op;
use domain::numbers::{Agreement, DecisionCounts, ReadFirst};

#[test]
fn counts_are_those_of_the_rows() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    assert_eq!(vault.quality(Timestamp(0), "admin")?, (Vec::new(), Vec::new()));
    for study in 1..=4 {
        import(&mut vault, &admin, &header(study, 1))?;
    }
    let (kept, dropped, open) = (finding('a', 0.95), finding('b', 0.6), finding('c', 1.0));
    // Analysed twice: the first run does not count beside the second.
    for _ in 0..2 {
        analyse(
            &mut vault,
            &admin,
            1,
            &analysis(&header(1, 1), vec![kept.clone(), open.clone()]),
        )?;
    }
    analyse(&mut vault, &admin, 2, &analysis(&header(2, 1), vec![dropped.clone()]))?;
    analyse(&mut vault, &admin, 3, &analysis(&header(3, 1), Vec::new()))?;
    analyse(&mut vault, &admin, 4, &refusal(&header(4, 1)))?;
    decide(&mut vault, &admin, &review(&kept, Decision::Rejected))?;
    decide(
        &mut vault,
        &admin,
        &review(
            &kept,
            Decision::Changed {
                label: "cyst".to_owned(),
            },
        ),
    )?;
    decide(&mut vault, &admin, &review(&dropped, Decision::Rejected))?;
    for (study, opinion) in [
        ("1.2.1", Opinion::Suspicious),
        ("1.2.3", Opinion::Suspicious),
        ("1.2.2", Opinion::Unsure),
    ] {
        let op = Op::InstancesAccessed { study: uid(study) };
        vault.transact(&admin, op, Timestamp(1_000), |tx| tx.open_reading(&uid(study)))?;
        let op = Op::Opinion { study: uid(study) };
        vault.transact(&admin, op, Timestamp(5_000), |tx| {
            tx.commit_opinion(&uid(study), opinion, None)
        })?;
    }
    sign(&mut vault, &admin, &uid("1.2.3"))?;

    let (models, days) = vault.quality(Timestamp(NOW.0 - 1), "admin")?;
    let [model] = models.as_slice() else {
        return Err(format!("{models:?}").into());
    };
    assert_eq!((model.analyses, model.flagged, model.refused), (4, 2, 1));
    let decisions = DecisionCounts {
        accepted: 0,
        rejected: 1,
        changed: 1,
        unsure: 0,
        undecided: 1,
    };
    assert_eq!(model.decisions, decisions);
    // Study 1 has a finding without a decision; 2 is reviewed, 3 is signed.
    let agreement = Agreement {
        both: 0,
        model_only: 1,
        reader_only: 0,
        neither: 1,
    };
    assert_eq!(model.agreement, agreement);
    let read_first = ReadFirst {
        readings: 3,
        agreed: 1,
        mean_seconds_to_opinion: Some(4.0),
    };
    assert_eq!(model.read_first, read_first);
    let seconds = model.mean_seconds.ok_or("no mean")?;
    assert!((seconds - 0.0311).abs() < 1e-6, "{seconds}");

    let [day] = days.as_slice() else {
        return Err(format!("{days:?}").into());
    };
    assert_eq!(
        (day.day.as_str(), day.analyses, day.flagged, day.refused),
        ("2023-11-14", 4, 2, 1)
    );
    assert_eq!(day.histogram, [1, 0, 0, 0, 0, 0, 1, 0, 0, 1]);
    decide(&mut vault, &admin, &review(&open, Decision::Accepted))?;
    assert_eq!(vault.quality(Timestamp(0), "admin")?.0[0].agreement.both, 1);
    assert_eq!(vault.quality(Timestamp(NOW.0 + 1), "admin")?, (Vec::new(), Vec::new()));
    Ok(())
}
