//! SQL and Rust have one rule of what a refusal means, and of what is void once something was stated.

use domain::{Analysis, ImageFacts, InputVerdict, Refusal, Sentence, SentenceCode, Stated, StudyState};

use super::Outcome;
use super::sample::{ALL, NOW, analyse, analysis, header, import, listed, new_vault, raw, refusal, uid};
use crate::Op;

/// The statement of migration 0014 that counts what waits for a fact.
fn counted_by_migration() -> &'static str {
    let sql = include_str!("../sql/migrations/0014_frames_of_studies.sql");
    let from = sql.find("UPDATE worklist SET waiting").unwrap_or_default();
    sql[from..].split_inclusive(';').next().unwrap_or_default()
}

#[test]
fn each_sentence_means_the_same_in_sql_and_in_rust() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    let (scored, other) = (header(1, 1), header(1, 2));
    import(&mut vault, &admin, &scored)?;
    import(&mut vault, &admin, &other)?;
    analyse(&mut vault, &admin, 1, &analysis(&scored, Vec::new()))?;
    let model = [analysis(&scored, Vec::new()).model];
    let connection = raw(&vault)?;
    let mut waiting = 0;
    for code in SentenceCode::ALL {
        let mut refused = refusal(&other);
        let reason = Sentence::new(*code, [], "why");
        let (means, asks) = (Refusal::of(&reason), code.as_str().starts_with("gate.ask_"));
        assert_eq!(means == Refusal::NotStated, asks, "{code}");
        refused.input.reason = Some(reason);
        let id = analyse(&mut vault, &admin, 1, &refused)?;
        let waits = u32::from(means == Refusal::NotStated);
        waiting += waits;
        let told = |vault: &mut crate::Vault| -> Result<_, Box<dyn std::error::Error>> {
            let row = listed(vault, &ALL)?.into_iter().next().ok_or("no row")?;
            let record = vault.study(&uid("1.2.1"))?.ok_or("no study")?;
            assert_eq!(
                u64::from(row.images_not_analysed),
                record.images_not_analysed(),
                "{code}"
            );
            Ok((row.state, row.images_not_analysed))
        };
        assert_eq!(told(&mut vault)?.1, waits, "{code}");
        connection.execute("UPDATE worklist SET waiting = 77", [])?;
        connection.execute(counted_by_migration(), [])?;
        let migrated: u32 = connection.query_row("SELECT waiting FROM worklist", [], |row| row.get(0))?;
        assert_eq!(migrated, waits, "{code}");

        let state = |vault: &mut crate::Vault, after: Option<i64>| {
            let facts = ImageFacts {
                stated: Stated {
                    age_years: Some(45.0),
                    after,
                    ..Stated::default()
                },
                ..ImageFacts::default()
            };
            let op = Op::Statement { study: uid("1.2.1") };
            let sop = &other.instance.sop_instance_uid;
            vault
                .transact(&admin, op, NOW, |tx| tx.set_facts(&uid("1.2.1"), sop, &facts))
                .map(|_| facts)
        };
        let facts = state(&mut vault, Some(id.0))?;
        let void = refused.input.is_void(id.0, facts.stated.after);
        assert_eq!(void, means != Refusal::TooPoor, "{code}");
        let expected = if void {
            (StudyState::Partial, 1)
        } else {
            (StudyState::Clear, 0)
        };
        assert_eq!(told(&mut vault)?, expected, "{code}");
        let missing = vault.studies_without_analysis(&model)?;
        assert_eq!(missing.len(), usize::from(void), "{code}");
        // What was refused after it stands.
        state(&mut vault, Some(id.0 - 1))?;
        assert_eq!(told(&mut vault)?.1, waits, "{code}");
    }
    assert!(waiting > 3);
    Ok(())
}

/// Frames of a file count as files do.
#[test]
fn frames_that_no_version_in_use_has_seen_are_counted_and_those_of_before_are_not() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    let mut volume = header(1, 1);
    volume.image.frames = 5;
    import(&mut vault, &admin, &volume)?;
    let seen = |frame, version: &str| {
        let mut one = Analysis {
            frame,
            ..analysis(&volume, Vec::new())
        };
        one.model.version = version.to_owned();
        one
    };
    let models = ["1.0.0", "2.0.0"].map(|version| [seen(0, version).model]);
    let missing = |vault: &crate::Vault, model: usize| -> crate::Result<Vec<u64>> {
        let studies = vault.studies_without_analysis(&models[model])?;
        Ok(studies.into_iter().map(|(_, missing)| missing).collect())
    };
    assert_eq!((missing(&vault, 0)?, missing(&vault, 1)?), (vec![5], vec![5]));
    for frame in [0, 1, 2, 2, 9] {
        analyse(&mut vault, &admin, 1, &seen(frame, "1.0.0"))?;
    }
    analyse(&mut vault, &admin, 1, &seen(2, "2.0.0"))?;
    assert_eq!((missing(&vault, 0)?, missing(&vault, 1)?), (vec![2], vec![4]));
    for frame in [3, 4] {
        analyse(&mut vault, &admin, 1, &seen(frame, "1.0.0"))?;
    }
    assert_eq!((missing(&vault, 0)?, missing(&vault, 1)?), (vec![], vec![4]));
    // A refusal is an answer too.
    for frame in [0, 1, 3, 4] {
        let mut refused = seen(frame, "2.0.0");
        (refused.input.verdict, refused.score) = (InputVerdict::OutOfRange, None);
        analyse(&mut vault, &admin, 1, &refused)?;
    }
    assert_eq!(missing(&vault, 1)?, [0; 0]);
    Ok(())
}
