//! Jobs survive a restart.

use domain::{Failure, FailureCode, JobId, JobRow, JobState, Phase, StudyState, Timestamp};

use super::Outcome;
use super::sample::{NOW, header, import, new_vault, passphrase, raw, uid};
use crate::{JobProgress, Op, Vault};

#[test]
fn a_job_shows_in_its_study_and_is_found_again_after_a_restart() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    import(&mut vault, &admin, &header(1, 1))?;
    let study = uid("1.2.1");
    let parameters = serde_json::json!({"bundle": "brain-mri-flair", "threshold": 0.1});
    let (job, changes) = vault.transact(&admin, Op::JobChange, NOW, |tx| {
        tx.insert_job(JobRow::Analyze, Some(&study), &parameters, 20)
    })?;
    assert_eq!((changes.jobs, changes.studies), (vec![job], vec![study.clone()]));
    let running = JobProgress {
        state: JobState::Running,
        phase: Some(Phase::Analysing),
        done: 7,
        total: 20,
        failure: None,
    };
    vault.transact(&admin, Op::JobChange, Timestamp(NOW.0 + 1), |tx| {
        tx.update_job(job, &running)
    })?;
    drop(vault);

    let (mut vault, _) = Vault::open(folder.path(), "admin", &passphrase(), NOW)?;
    assert_eq!(vault.study(&study)?.ok_or("no study")?.state, StudyState::Analysing);
    let unfinished = vault.unfinished_jobs()?;
    assert_eq!(unfinished.len(), 1);
    let found = &unfinished[0];
    assert_eq!(
        (found.id, found.kind.as_str(), &found.parameters),
        (job, "analyze", &parameters)
    );
    assert_eq!(
        (&found.study_instance_uid, &found.progress),
        (&Some(study.clone()), &running)
    );
    assert_eq!((found.created_at, found.updated_at), (NOW, Timestamp(NOW.0 + 1)));

    let failed = JobProgress {
        state: JobState::Failed,
        failure: Some(Failure::new(FailureCode::WorkerDied, "the worker died")),
        ..running
    };
    vault.transact(&admin, Op::JobChange, NOW, |tx| tx.update_job(job, &failed))?;
    assert_eq!(vault.unfinished_jobs()?, []);
    let kept: (String, String) = raw(&vault)?.query_row("SELECT failure_code, message FROM job", [], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    assert_eq!(kept, ("worker_died".to_owned(), "the worker died".to_owned()));
    assert_eq!(vault.study(&study)?.ok_or("no study")?.state, StudyState::New);
    let late = vault.transact(&admin, Op::JobChange, NOW, |tx| tx.update_job(job, &failed));
    assert_eq!(late.err().map(|error| error.code().as_str()), Some("invalid_record"));
    let unknown = vault.transact(&admin, Op::JobChange, NOW, |tx| tx.update_job(JobId(99), &failed));
    assert_eq!(unknown.err().map(|error| error.code().as_str()), Some("not_found"));
    Ok(())
}

#[test]
fn studies_that_a_bundle_has_not_seen_whole_are_found() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    for (study, instance) in [(1, 1), (2, 1), (2, 2), (3, 1), (4, 1)] {
        import(&mut vault, &admin, &header(study, instance))?;
    }
    for study in [1, 2, 4] {
        let seen = super::sample::analysis(&header(study, 1), Vec::new());
        super::sample::analyse(&mut vault, &admin, study, &seen)?;
    }
    super::sample::sign(&mut vault, &admin, &uid("1.2.4"))?;
    let model = |bundle: &str, version: &str| domain::ModelVersion {
        bundle: bundle.into(),
        version: version.into(),
        weights_sha256: String::new(),
    };
    let (used, newer, other) = (
        model("brain-mri-flair", "1.0.0"),
        model("brain-mri-flair", "2.0.0"),
        model("chest", "1"),
    );
    let to_do = |models: &[domain::ModelVersion]| -> crate::Result<Vec<_>> {
        let studies = vault.studies_without_analysis(models)?;
        Ok(studies.into_iter().map(|(study, _)| study).collect())
    };
    assert_eq!(to_do(std::slice::from_ref(&used))?, [uid("1.2.2"), uid("1.2.3")]);
    assert_eq!(to_do(&[other.clone(), used])?, [uid("1.2.2"), uid("1.2.3")]);
    assert_eq!(to_do(&[newer, other])?, [uid("1.2.1"), uid("1.2.2"), uid("1.2.3")]);
    assert_eq!(to_do(&[])?.len(), 3);
    Ok(())
}

#[test]
fn a_job_that_is_cut_off_twice_waits_for_a_decision() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    import(&mut vault, &admin, &header(1, 1))?;
    let study = uid("1.2.1");
    let (job, _) = vault.transact(&admin, Op::JobChange, NOW, |tx| {
        tx.insert_job(JobRow::AnalyzeStudy, Some(&study), &serde_json::json!({}), 0)
    })?;
    let cut = |vault: &mut Vault| vault.transact(&admin, Op::JobChange, NOW, |tx| tx.count_cut(job));
    assert_eq!(cut(&mut vault)?.0, 1);
    vault.transact(&admin, Op::JobChange, NOW, |tx| tx.note_working_on(job, "a.dcm"))?;
    let early = vault.transact(&admin, Op::JobChange, NOW, |tx| tx.decide_job(job, true));
    assert_eq!(early.err().map(|error| error.code().as_str()), Some("invalid_record"));
    assert_eq!(cut(&mut vault)?.0, crate::MOST_CUTS);
    assert_eq!(vault.jobs_set_aside()?, []);
    let failed = JobProgress {
        state: JobState::Failed,
        phase: None,
        done: 0,
        total: 0,
        failure: Some(Failure::new(FailureCode::SetAside, "cut off")),
    };
    vault.transact(&admin, Op::JobChange, NOW, |tx| tx.update_job(job, &failed))?;
    let [set_aside]: [crate::JobRecord; 1] = vault
        .jobs_set_aside()?
        .try_into()
        .map_err(|_| "not one job is set aside")?;
    assert_eq!((set_aside.id, set_aside.working_on.as_deref()), (job, Some("a.dcm")));
    assert_eq!(vault.study(&study)?.ok_or("no study")?.state, StudyState::New);

    vault.transact(&admin, Op::JobChange, NOW, |tx| tx.decide_job(job, true))?;
    assert_eq!(vault.study(&study)?.ok_or("no study")?.state, StudyState::Analysing);
    assert_eq!(vault.unfinished_jobs()?.first().map(|job| job.cuts), Some(1));
    assert_eq!(cut(&mut vault)?.0, crate::MOST_CUTS);
    vault.transact(&admin, Op::JobChange, NOW, |tx| tx.update_job(job, &failed))?;
    vault.transact(&admin, Op::JobChange, NOW, |tx| tx.decide_job(job, false))?;
    assert_eq!((vault.jobs_set_aside()?, vault.unfinished_jobs()?), (vec![], vec![]));
    Ok(())
}

#[test]
fn a_word_that_this_version_does_not_know_is_named_and_keeps_no_vault_shut() -> Outcome {
    for (set, what) in [
        ("phase = 'melting'", "phase 'melting'"),
        ("failure_code = 'melted', message = 'm'", "failure code 'melted'"),
        ("parameters = 'no JSON'", "parameters 'no JSON'"),
        ("done = -1", "count '-1'"),
        ("total = -2", "total '-2'"),
    ] {
        for (state, cuts) in [("queued", 0), ("running", 0), ("running", 1), ("failed", 2)] {
            let folder = tempfile::tempdir()?;
            let (mut vault, admin) = new_vault(folder.path())?;
            let parameters = serde_json::json!({ "work": "export" });
            for _ in 0..2 {
                vault.transact(&admin, Op::JobChange, NOW, |tx| {
                    tx.insert_job(JobRow::Export, None, &parameters, 0)
                })?;
            }
            let raw = raw(&vault)?;
            raw.execute("UPDATE job SET state = ?1, cuts = ?2", (state, cuts))?;
            raw.execute(&format!("UPDATE job SET {set} WHERE id = 1"), [])?;
            drop((raw, vault));
            let (vault, _) = Vault::open(folder.path(), "admin", &passphrase(), NOW)?;
            let jobs = [vault.unfinished_jobs()?, vault.jobs_set_aside()?].concat();
            let unknown: Vec<Option<&str>> = jobs.iter().map(|job| job.unknown.as_deref()).collect();
            assert_eq!(unknown, [Some(what), None], "{state}");
            assert_eq!(jobs[1].parameters, parameters);
        }
    }
    Ok(())
}
