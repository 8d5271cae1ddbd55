//! The list of studies: order, search, states, and that its table says what the rows say.

use domain::{Analysis, Decision, Score, Sentence, SentenceCode, Session, StudyState, WorklistColumn};

use super::Outcome;
use super::sample::{
    ALL, analyse, analysis, decide, finding, header, import, listed, new_vault, raw, refusal, review, sign, uid,
};
use crate::{Vault, WorklistQuery};

/// One study of every state, dates rising with the number.
fn filled(vault: &mut Vault, admin: &Session) -> crate::Result<()> {
    let people = ["Ádám^Béla", "adams^john", "Zoltán^Ödön", "Łukasz^Jan", "Őri^Éva", ""];
    for (study, name) in (1..).zip(people) {
        for instance in 1..=2 {
            let mut scan = header(study, instance);
            scan.patient.patient_name = name.to_owned();
            scan.study.date = (study != 6).then(|| format!("2024013{}", study % 10));
            scan.series.modality = if study == 3 { "CT".to_owned() } else { "MR".to_owned() };
            import(vault, admin, &scan)?;
        }
    }
    let lesion = |score| vec![finding('a', score)];
    analyse(vault, admin, 2, &analysis(&header(2, 1), lesion(0.6)))?;
    let mut strong = finding('b', 0.95);
    strong.label = "mass".to_owned();
    analyse(vault, admin, 3, &analysis(&header(3, 1), vec![strong.clone()]))?;
    analyse(vault, admin, 3, &analysis(&header(3, 2), Vec::new()))?;
    decide(vault, admin, &review(&strong, Decision::Rejected))?;
    analyse(vault, admin, 4, &analysis(&header(4, 1), Vec::new()))?;
    analyse(vault, admin, 5, &refusal(&header(5, 1)))?;
    analyse(vault, admin, 5, &refusal(&header(5, 2)))?;
    let mut unflagged = analysis(&header(6, 1), Vec::new());
    unflagged.score = Score::try_from(0.99).ok();
    analyse(vault, admin, 6, &unflagged)?;
    sign(vault, admin, &uid("1.2.6"))
}

const BY_DATE: WorklistQuery<'static> = WorklistQuery {
    by: WorklistColumn::Date,
    ..ALL
};
const BY_NAME: WorklistQuery<'static> = WorklistQuery {
    by: WorklistColumn::Name,
    descending: false,
    ..ALL
};

fn order(vault: &mut Vault, query: &WorklistQuery<'_>) -> crate::Result<Vec<String>> {
    Ok(listed(vault, query)?
        .iter()
        .map(|row| row.study_instance_uid.as_str().replace("1.2.", ""))
        .collect())
}

#[test]
fn each_order_and_each_state_is_as_promised() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    assert_eq!(listed(&mut vault, &BY_NAME)?, []);
    filled(&mut vault, &admin)?;
    assert_eq!(order(&mut vault, &ALL)?, ["3", "2", "6", "4", "5", "1"]);
    assert_eq!(order(&mut vault, &BY_DATE)?, ["5", "4", "3", "2", "1", "6"]);
    assert_eq!(order(&mut vault, &BY_NAME)?, ["1", "2", "4", "5", "3", "6"]);

    let rows = listed(&mut vault, &ALL)?;
    let seen: Vec<_> = rows.iter().map(|row| (row.state, row.flagged, row.score)).collect();
    let expected = [
        (StudyState::Reviewed, true, Some(0.95)),
        (StudyState::Flagged, true, Some(0.6)),
        (StudyState::Signed, false, Some(0.99)),
        // One of its two images was analysed.
        (StudyState::Partial, false, Some(0.03)),
        (StudyState::Refused, false, None),
        (StudyState::New, false, None),
    ];
    assert_eq!(seen, expected);
    let first = &rows[0];
    assert_eq!(
        (first.patient.patient_name.as_str(), first.patient.patient_id.as_str()),
        ("Zoltán^Ödön", "P3")
    );
    assert_eq!(
        (first.date.as_deref(), first.modality.as_str(), first.instances),
        (Some("20240133"), "CT", 2)
    );
    for row in &rows {
        let record = vault.study(&row.study_instance_uid)?.ok_or("no study")?;
        assert_eq!(record.state, row.state);
        assert_eq!(vault.state_for(&row.study_instance_uid, "admin")?, row.state);
    }
    Ok(())
}

#[test]
fn a_search_needs_no_accents_and_no_order_of_words() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    filled(&mut vault, &admin)?;
    for (find, found) in [
        ("adam", vec!["2", "1"]),
        ("BÉLA adam", vec!["1"]),
        ("Ádám, Béla", vec!["1"]),
        ("béla,adam", vec!["1"]),
        ("lukasz", vec!["4"]),
        ("P3", vec!["3"]),
        ("ct", vec!["3"]),
        ("2024-01-32", vec!["2"]),
        ("20240132", vec!["2"]),
        ("axial odon", vec!["3"]),
        ("A5", vec!["5"]),
        ("  ", vec!["5", "4", "3", "2", "1", "6"]),
        ("%", vec![]),
        ("' OR 1=1 --", vec![]),
    ] {
        assert_eq!(order(&mut vault, &WorklistQuery { find, ..BY_DATE })?, found, "{find}");
    }
    Ok(())
}

#[test]
fn the_kept_list_is_what_the_rows_give() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    filled(&mut vault, &admin)?;
    let kept = listed(&mut vault, &ALL)?;
    let connection = raw(&vault)?;
    connection.execute("DELETE FROM worklist", [])?;
    for study in 1..=6 {
        crate::transact::refresh_worklist(&connection, study)?;
    }
    assert_eq!(listed(&mut vault.open_another()?, &ALL)?, kept);
    Ok(())
}

/// Once a fact is stated, what was refused for want of it waits to be analysed.
#[test]
fn beside_an_image_with_a_score_one_that_waits_for_a_fact_was_not_analysed() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    let (first, second) = (header(1, 1), header(1, 2));
    for scan in [&first, &second] {
        import(&mut vault, &admin, scan)?;
    }
    let mut asks = refusal(&first);
    asks.input.reason = Some(Sentence::new(SentenceCode::GateAskAge, [], "enter the patient's age"));
    let told = |vault: &mut Vault| -> crate::Result<_> {
        let record = vault.study(&uid("1.2.1"))?.map(|record| record.images_not_analysed());
        let rows = listed(vault, &ALL)?;
        Ok(rows.first().map(|row| (row.state, row.images_not_analysed, record)))
    };
    for (made, state, missing, of_study) in [
        (asks.clone(), StudyState::Partial, 1, 1),
        (
            Analysis {
                sop_instance_uid: second.instance.sop_instance_uid.clone(),
                ..asks
            },
            StudyState::Refused,
            0,
            0,
        ),
        (analysis(&second, Vec::new()), StudyState::Partial, 1, 1),
        (analysis(&first, Vec::new()), StudyState::Clear, 0, 0),
    ] {
        analyse(&mut vault, &admin, 1, &made)?;
        assert_eq!(told(&mut vault)?, Some((state, missing, Some(of_study))));
    }
    Ok(())
}
