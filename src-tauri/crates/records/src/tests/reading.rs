//! What the reader writes: form, annotations, opinion; and that the signature fixes it.

use domain::{
    Annotation, AnnotationKind, BundleState, Decision, FailureCode, FormText, FrameRef, Measured, ModelVersion,
    Opinion, StudyState, Timestamp,
};
use serde_json::json;

use super::Outcome;
use super::sample::{
    ALL, NOW, analyse, analysis, decide, finding, header, import, listed, new_vault, raw, review, sign, uid,
};
use crate::{Op, SavedFilter, Vault, WorklistQuery};

pub(super) fn form(conclusion: &str) -> FormText {
    FormText {
        indication: "Headache; DROP TABLE report_form; --".to_owned(),
        conclusion: conclusion.to_owned(),
        key_images: vec![FrameRef {
            sop_instance_uid: uid("1.2.1.1.1"),
            frame: 3,
        }],
        ..FormText::default()
    }
}

pub(super) fn annotation(id: char, text: &str) -> Annotation {
    Annotation {
        id: std::iter::repeat_n(id, 32).collect(),
        sop_instance_uid: uid("1.2.1.1.1"),
        frame: 0,
        kind: AnnotationKind::Length,
        points: vec![[0.1 + 0.2, -0.5], [1e-9, 255.5]],
        text: Some(text.to_owned()),
        measured: vec![Measured {
            name: "length".to_owned(),
            value: 1.0 / 3.0,
            unit: "mm".to_owned(),
        }],
        created_by: "admin".to_owned(),
        updated_at: NOW,
    }
}

pub(super) fn write(
    vault: &mut Vault,
    actor: &domain::Session,
    now: i64,
    change: impl FnOnce(&mut crate::Tx<'_>) -> crate::Result<()>,
) -> crate::Result<()> {
    let op = Op::ReportForm { study: uid("1.2.1") };
    vault.transact(actor, op, Timestamp(now), change).map(|_| ())
}

#[test]
fn form_annotations_and_opinion_come_back_equal_and_the_report_is_found_by_its_words() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    import(&mut vault, &admin, &header(1, 1))?;
    import(&mut vault, &admin, &header(2, 1))?;
    let study = uid("1.2.1");
    write(&mut vault, &admin, 10, |tx| tx.save_form(&study, &form("first")))?;
    let last = form("Kein Anhalt für Läsion");
    write(&mut vault, &admin, 20, |tx| tx.save_form(&study, &last))?;
    for (id, text, now) in [('a', "old", 30), ('b', "other", 31), ('a', "new", 32)] {
        write(&mut vault, &admin, now, |tx| {
            tx.save_annotation(&study, &annotation(id, text))
        })?;
    }
    write(&mut vault, &admin, 33, |tx| {
        tx.remove_annotation(&study, &annotation('b', "").id)
    })?;
    write(&mut vault, &admin, 40, |tx| tx.open_reading(&study))?;
    write(&mut vault, &admin, 45, |tx| tx.open_reading(&study))?;
    write(&mut vault, &admin, 50, |tx| {
        tx.commit_opinion(&study, Opinion::Suspicious, Some("left"))
    })?;

    let record = vault.study(&study)?.ok_or("no study")?;
    let saved = record.form.ok_or("no form")?;
    assert_eq!((saved.text, saved.updated_at.0), (last, 20));
    let kept = Annotation {
        updated_at: Timestamp(32),
        ..annotation('a', "new")
    };
    assert_eq!(record.annotations, [kept]);
    let [reading] = record.readings.as_slice() else {
        return Err("not one reading".into());
    };
    assert_eq!(
        (
            reading.opened_at.0,
            reading.opinion,
            reading.committed_at,
            reading.revealed_at
        ),
        (40, Some(Opinion::Suspicious), Some(Timestamp(50)), Some(Timestamp(50)))
    );
    let found = listed(
        &mut vault,
        &WorklistQuery {
            find: "anhalt LASION headache",
            ..ALL
        },
    )?;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].study_instance_uid, study);

    // A removed annotation comes back when it is saved again, as an undone removal does.
    write(&mut vault, &admin, 60, |tx| {
        tx.save_annotation(&study, &annotation('b', "again"))
    })?;
    assert_eq!(vault.study(&study)?.ok_or("no study")?.annotations.len(), 2);
    Ok(())
}

#[test]
fn what_belongs_elsewhere_or_was_said_already_is_refused() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    import(&mut vault, &admin, &header(1, 1))?;
    import(&mut vault, &admin, &header(2, 1))?;
    let (first, second) = (uid("1.2.1"), uid("1.2.2"));
    write(&mut vault, &admin, 1, |tx| {
        tx.save_annotation(&first, &annotation('a', "x"))
    })?;
    let mut moved = annotation('a', "y");
    moved.sop_instance_uid = uid("1.2.2.1.1");
    let nowhere = Annotation {
        sop_instance_uid: uid("9.9"),
        ..annotation('c', "z")
    };
    let refused = [
        write(&mut vault, &admin, 2, |tx| tx.save_form(&second, &form(""))),
        write(&mut vault, &admin, 3, |tx| tx.save_annotation(&second, &moved)),
        write(&mut vault, &admin, 4, |tx| tx.save_annotation(&first, &moved)),
        write(&mut vault, &admin, 5, |tx| tx.save_annotation(&first, &nowhere)),
        write(&mut vault, &admin, 6, |tx| tx.remove_annotation(&second, &moved.id)),
    ];
    let codes: Vec<_> = refused
        .iter()
        .map(|r| r.as_ref().err().map(crate::Error::code))
        .collect();
    let (invalid, unknown) = (Some(FailureCode::InvalidRecord), Some(FailureCode::NotFound));
    assert_eq!(codes, [invalid, invalid, invalid, unknown, unknown]);

    write(&mut vault, &admin, 7, |tx| {
        tx.commit_opinion(&first, Opinion::Normal, None)
    })?;
    let again = write(&mut vault, &admin, 8, |tx| {
        tx.commit_opinion(&first, Opinion::Suspicious, None)
    });
    assert_eq!(again.map_err(|e| e.code().as_str()), Err("invalid_record"));
    assert_eq!(
        vault.study(&first)?.ok_or("no study")?.readings[0].opinion,
        Some(Opinion::Normal)
    );
    Ok(())
}

#[test]
fn the_signature_fixes_form_annotations_and_opinions_and_unsure_is_a_decision() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    import(&mut vault, &admin, &header(1, 1))?;
    let study = uid("1.2.1");
    let lesion = finding('a', 0.9);
    analyse(&mut vault, &admin, 1, &analysis(&header(1, 1), vec![lesion.clone()]))?;
    decide(&mut vault, &admin, &review(&lesion, Decision::Unsure))?;
    assert_eq!(vault.study(&study)?.ok_or("no study")?.state, StudyState::Reviewed);
    write(&mut vault, &admin, 1, |tx| tx.save_form(&study, &form("signed")))?;
    write(&mut vault, &admin, 2, |tx| {
        tx.save_annotation(&study, &annotation('a', "x"))
    })?;
    write(&mut vault, &admin, 3, |tx| tx.open_reading(&study))?;
    sign(&mut vault, &admin, &study)?;
    let before = vault.study(&study)?;
    let refused = [
        write(&mut vault, &admin, 4, |tx| tx.save_form(&study, &form("later"))),
        write(&mut vault, &admin, 5, |tx| {
            tx.save_annotation(&study, &annotation('a', "later"))
        }),
        write(&mut vault, &admin, 6, |tx| {
            tx.save_annotation(&study, &annotation('d', "new"))
        }),
        write(&mut vault, &admin, 7, |tx| {
            tx.remove_annotation(&study, &annotation('a', "").id)
        }),
        write(&mut vault, &admin, 8, |tx| {
            tx.commit_opinion(&study, Opinion::Normal, None)
        }),
    ];
    for (index, outcome) in refused.into_iter().enumerate() {
        assert_eq!(
            outcome.map_err(|e| e.code().as_str()),
            Err("study_signed"),
            "change {index}"
        );
    }
    assert_eq!(vault.study(&study)?, before);
    let connection = raw(&vault)?;
    for statement in [
        "UPDATE report_form SET conclusion = 'x'",
        "DELETE FROM report_form",
        "UPDATE annotation SET text = 'x'",
        "DELETE FROM annotation",
        "UPDATE reading SET opinion = 'normal', committed_at = 1",
        "DELETE FROM reading",
        "UPDATE review SET decision = 'accepted'",
        "DELETE FROM review",
        "INSERT INTO review SELECT NULL, finding_id, study, decision, label, note, reader, decided_at FROM review",
    ] {
        let error = connection
            .execute_batch(statement)
            .err()
            .ok_or(format!("{statement} was taken"))?;
        let said = error.to_string();
        assert!(
            said.contains("append_only") || said.contains("study_signed"),
            "{statement}: {said}"
        );
    }
    Ok(())
}

#[test]
fn filters_are_a_persons_own_and_bundle_states_are_only_added() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    let filter = |text: &str| SavedFilter {
        name: "mine".to_owned(),
        query: json!({ "find": text }),
    };
    for text in ["a", "b"] {
        vault.transact(&admin, Op::FilterChange, NOW, |tx| tx.save_filter(&filter(text)))?;
    }
    assert_eq!(vault.saved_filters("admin")?, [filter("b")]);
    assert_eq!(vault.saved_filters("eve")?, []);
    vault.transact(&admin, Op::FilterChange, NOW, |tx| tx.delete_filter("mine"))?;
    assert_eq!(vault.saved_filters("admin")?, []);
    let gone = vault.transact(&admin, Op::FilterChange, NOW, |tx| tx.delete_filter("mine"));
    assert_eq!(gone.err().map(|e| e.code().as_str()), Some("not_found"));

    let model = ModelVersion {
        bundle: "brain".to_owned(),
        version: "1".to_owned(),
        weights_sha256: "ab".repeat(32),
    };
    let pin = "cd".repeat(32);
    for (state, pin) in [(BundleState::Active, Some(pin.as_str())), (BundleState::Retired, None)] {
        let op = Op::ModelChange {
            bundle: "brain".to_owned(),
        };
        vault.transact(&admin, op, NOW, |tx| tx.set_bundle_state(&model, state, pin))?;
    }
    let states = vault.bundle_states()?;
    assert_eq!(
        states
            .iter()
            .map(|row| (&row.model, row.state, row.manifest_sha256.as_ref()))
            .collect::<Vec<_>>(),
        [
            (&model, BundleState::Active, Some(&pin)),
            (&model, BundleState::Retired, None)
        ]
    );
    for statement in ["UPDATE bundle_state SET state = 'active'", "DELETE FROM bundle_state"] {
        assert!(raw(&vault)?.execute_batch(statement).is_err(), "{statement} was taken");
    }
    Ok(())
}

#[test]
fn a_prevalence_is_stated_and_taken_back_by_rows_that_stay() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    let share = |share: f64| domain::Prevalence::try_from(share).ok();
    for stated in [share(0.08), None, share(0.2)] {
        let op = Op::ModelChange {
            bundle: "breast-us".to_owned(),
        };
        vault.transact(&admin, op, NOW, |tx| tx.state_prevalence("breast-us", stated))?;
    }
    let rows = vault.site_prevalences()?;
    let stated: Vec<_> = rows.iter().map(|row| row.prevalence).collect();
    assert_eq!(stated, [share(0.08), None, share(0.2)]);
    assert!(
        rows.iter()
            .all(|row| row.bundle == "breast-us" && row.changed_by == "admin")
    );
    for statement in ["UPDATE site_prevalence SET share = 0.5", "DELETE FROM site_prevalence"] {
        assert!(raw(&vault)?.execute_batch(statement).is_err(), "{statement} was taken");
    }
    Ok(())
}
