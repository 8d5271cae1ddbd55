//! How frequent an anomaly is at the site: stated by a person, it moves what is told of a score and never what is flagged.

use std::fs;

use overread_tests::{Done, TestVault, each, number, repository, scratch, text};
use serde_json::Value;

#[test]
fn a_stated_prevalence_moves_scores_and_thresholds_together_and_is_taken_back() -> Done {
    let vault = TestVault::create(scratch(env!("CARGO_TARGET_TMPDIR"), "prevalence")?)?;
    let series = repository().join("sample-data/dicom/lesion-1");
    let import = vault.call("import").arg(&series).run()?.ended(0).json()?;
    let study = each(&import, "studies")
        .first()
        .and_then(Value::as_str)
        .ok_or("no study")?;
    let study = study.to_owned();
    let analyzed = || vault.json(&format!("analyze --study {study} --device cpu"));

    let own = analyzed()?;
    let before = vault.json("models prevalence brain-mri-flair")?;
    assert!(
        before["stated"].is_null() && before["changed_by"].is_null(),
        "{before:#}"
    );
    assert!(
        (number(&before, "calibrated_at") - 150.0 / 367.0).abs() < 1e-9,
        "{before:#}"
    );

    let stated = vault.json("models prevalence brain-mri-flair --state 0.05")?;
    assert_eq!(
        (&stated["stated"], &stated["changed_by"]),
        (&0.05.into(), &"admin".into())
    );
    let here = analyzed()?;
    let mut reached = 0;
    for (own, here) in each(&own, "analyses").iter().zip(each(&here, "analyses")) {
        assert_eq!(own["outlined"], here["outlined"], "{here:#}");
        assert_eq!(each(own, "findings").len(), each(here, "findings").len());
        assert_eq!((&own["prevalence"], &here["prevalence"]), (&Value::Null, &0.05.into()));
        assert!(number(here, "score") < number(own, "score"), "{here:#}");
        let threshold = number(here, "operating_point/threshold");
        assert!(threshold < number(own, "operating_point/threshold"));
        let lesion = each(here, "heads").iter().filter(|head| head["head"] == "lesion");
        for head in lesion {
            reached += 1;
            assert!(number(head, "score") >= threshold && head["limit"] == here["operating_point"]["threshold"]);
        }
    }
    assert!(reached > 0, "no slice of the sample reaches its threshold");
    let shown = vault.json(&format!("show {study}"))?;
    assert!(
        each(&shown, "analyses").iter().all(|one| one["prevalence"] == 0.05),
        "{shown:#}"
    );
    let report = vault.folder.join("report.pdf");
    vault
        .call(&format!("report {study} --out"))
        .arg(&report)
        .run()?
        .ended(0);
    assert!(fs::metadata(&report)?.len() > 0);

    let back = vault.json("models prevalence brain-mri-flair --clear")?;
    assert!(back["stated"].is_null() && back["changed_by"] == "admin", "{back:#}");
    let again = analyzed()?;
    for (own, again) in each(&own, "analyses").iter().zip(each(&again, "analyses")) {
        assert_eq!(own["score"], again["score"]);
    }
    Ok(())
}

#[test]
fn what_is_no_prevalence_and_what_has_none_is_refused_in_words() -> Done {
    let vault = TestVault::create(scratch(env!("CARGO_TARGET_TMPDIR"), "no-prevalence")?)?;
    for (words, said) in [
        ("brain-mri-flair --state 8", "from 0.001 to 0.999, not 8"),
        ("brain-mri-flair --state 0", "from 0.001 to 0.999, not 0"),
        ("brain-mri-flair --state nan", "from 0.001 to 0.999, not NaN"),
        ("brain-mri-t1c --state 0.1", "are no probabilities"),
        ("brain-mri-flair --estimate", "needs 30 studies with a score"),
        ("brain --state 0.1", "no bundle 'brain' is in use"),
    ] {
        let ran = vault.call(&format!("models prevalence {words}")).run()?;
        assert!(ran.code != Some(0) && ran.stderr.contains(said), "{words}: {ran}");
    }
    assert_eq!(
        text(&vault.json("models prevalence brain-mri-t1c")?, "bundle"),
        "brain-mri-t1c"
    );
    Ok(())
}
