//! What goes in comes out.

use domain::{Decision, StudyState, Timestamp};

use super::Outcome;
use super::sample::{
    ALL, NOW, analyse, analysis, decide, finding, header, import, listed, new_vault, passphrase, refusal, review, sign,
    sign_off, uid,
};
use crate::{Op, Vault};

#[test]
fn everything_of_a_study_comes_back_equal_after_reopening() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    let scan = header(7, 1);
    let content = vec![3; 100_000];
    let file = vault.put_file(&mut &content[..])?;
    let map = vault.put_file(&mut &b"a map"[..])?;
    vault.transact(&admin, Op::DataImport, NOW, |tx| {
        tx.insert_instance(&scan, &file.sha256, &file, Some("IM\u{202e}0001"))
    })?;
    let second = header(7, 2);
    import(&mut vault, &admin, &second)?;
    let (strong, weak) = (finding('a', 0.9), finding('b', 0.2));
    let flagged = analysis(&scan, vec![strong.clone(), weak.clone()]);
    let op = Op::Analyze { study: uid("1.2.7") };
    let (id, changes) = vault.transact(&admin, op, Timestamp(5), |tx| {
        tx.insert_analysis(&flagged, Some(&map.id))
    })?;
    assert_eq!(changes.studies, [uid("1.2.7")]);
    analyse(&mut vault, &admin, 7, &refusal(&second))?;
    let decisions = [
        review(&strong, Decision::Rejected),
        review(
            &strong,
            Decision::Changed {
                label: "'; DROP TABLE review; --".to_owned(),
            },
        ),
        review(&weak, Decision::Accepted),
    ];
    for decision in &decisions {
        decide(&mut vault, &admin, decision)?;
    }
    sign(&mut vault, &admin, &uid("1.2.7"))?;
    drop(vault);

    let (vault, _) = Vault::open(folder.path(), "admin", &passphrase(), NOW)?;
    let record = vault.study(&uid("1.2.7"))?.ok_or("the study is gone")?;
    assert_eq!(record.patient, scan.patient);
    assert_eq!(record.study, scan.study);
    assert_eq!(record.series, std::slice::from_ref(&scan.series));
    assert_eq!(record.state, StudyState::Signed);
    assert_eq!(record.sign_off, Some(sign_off()));
    let headers: Vec<_> = record.instances.iter().map(|instance| &instance.header).collect();
    assert_eq!(headers, [&scan, &second]);
    let first = &record.instances[0];
    assert_eq!(
        (&first.file_id, &first.content_sha256, first.bytes),
        (&file.id, &file.sha256, 100_000)
    );
    assert_eq!((first.imported_at, first.imported_by.as_str()), (NOW, "admin"));
    assert_eq!(first.original_file_name.as_deref(), Some("IM\u{202e}0001"));
    assert_eq!(*vault.read_file(&first.file_id)?, content);

    assert_eq!(record.analyses.len(), 2);
    let stored = &record.analyses[0];
    assert_eq!(
        (stored.id, &stored.analysis, &stored.map_file),
        (id, &flagged, &Some(map.id))
    );
    assert_eq!(
        (stored.analysed_at, stored.analysed_by.as_str()),
        (Timestamp(5), "admin")
    );
    assert_eq!(record.analyses[1].analysis, refusal(&second));
    assert_eq!(stored.findings[0].reviews, decisions[..2]);
    assert_eq!(stored.findings[0].standing(), Some(&decisions[1]));
    assert_eq!(stored.findings[1].standing(), Some(&decisions[2]));
    assert_eq!(vault.study(&uid("1.2.8"))?, None);
    Ok(())
}

#[test]
fn a_repeated_analysis_is_a_new_row_on_which_the_decision_still_stands() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    let scan = header(1, 1);
    import(&mut vault, &admin, &scan)?;
    let lesion = finding('a', 0.9);
    let first = analyse(&mut vault, &admin, 1, &analysis(&scan, vec![lesion.clone()]))?;
    decide(&mut vault, &admin, &review(&lesion, Decision::Accepted))?;
    let again = analyse(&mut vault, &admin, 1, &analysis(&scan, vec![lesion.clone()]))?;
    assert!(again > first);
    let record = vault.study(&uid("1.2.1"))?.ok_or("no study")?;
    assert_eq!(
        record.analyses.iter().map(|a| (a.id, a.newest)).collect::<Vec<_>>(),
        [(first, false), (again, true)]
    );
    assert_eq!(
        record.analyses[1].findings[0].standing(),
        Some(&review(&lesion, Decision::Accepted))
    );
    assert_eq!(record.state, StudyState::Reviewed);
    assert_eq!(vault.finding_study(&lesion.id)?, Some(uid("1.2.1")));
    assert_eq!(vault.finding_study("nothing")?, None);

    // The newest analysis of the frame alone decides.
    analyse(&mut vault, &admin, 1, &analysis(&scan, Vec::new()))?;
    assert_eq!(vault.study(&uid("1.2.1"))?.ok_or("no study")?.state, StudyState::Clear);
    Ok(())
}

#[test]
fn text_that_means_something_elsewhere_is_only_text_here() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    let texts = [
        "'; DROP TABLE patient; --",
        "\"); DELETE FROM audit; --",
        "<script>alert(1)</script>",
        "=cmd|' /C calc'!A0",
        "nul\0inside",
        "\u{202e}bidi\u{200f}",
        "line\nbreak\t\\ % _ ?1 :name",
        "𝒰nicode 山田^太郎",
    ];
    for (study, text) in (1..).zip(texts) {
        let mut scan = header(study, 1);
        scan.patient.patient_id = text.to_owned();
        scan.patient.patient_name = text.to_owned();
        scan.study.description = Some(text.to_owned());
        scan.series.description = Some(text.to_owned());
        import(&mut vault, &admin, &scan)?;
        let mut lesion = finding('a', 0.5);
        lesion.id = format!("{text}{study}");
        lesion.label = text.to_owned();
        let found = analysis(&scan, vec![lesion.clone()]);
        analyse(&mut vault, &admin, study, &found)?;
        let mut decision = review(&lesion, Decision::Changed { label: text.to_owned() });
        decision.note = Some(text.to_owned());
        decide(&mut vault, &admin, &decision)?;

        let record = vault.study(&scan.study.study_instance_uid)?.ok_or("no study")?;
        assert_eq!(record.instances[0].header, scan);
        assert_eq!(
            (&record.patient, &record.study, &record.series[0]),
            (&scan.patient, &scan.study, &scan.series)
        );
        assert_eq!(record.analyses[0].analysis, found);
        assert_eq!(record.analyses[0].findings[0].standing(), Some(&decision));
        let listed = listed(&mut vault, &crate::WorklistQuery { find: text, ..ALL })?;
        assert!(
            listed
                .iter()
                .any(|row| row.patient.patient_name == text && row.patient.patient_id == text),
            "{text:?}"
        );
    }
    assert_eq!(vault.status()?.counts.patients, texts.len() as u64);
    Ok(())
}

#[test]
fn content_is_known_again_and_contradicting_uids_are_refused() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    let scan = header(1, 1);
    let first = import(&mut vault, &admin, &scan)?;
    assert!(first.new);
    let again = import(&mut vault, &admin, &scan)?;
    assert_eq!((again.new, &again.sop_instance_uid), (false, &first.sop_instance_uid));
    let known = vault
        .instance_by_content(&super::sample::imagined_file(&scan).sha256)?
        .ok_or("not known")?;
    assert_eq!(
        (known.study_instance_uid, known.sop_instance_uid),
        (uid("1.2.1"), uid("1.2.1.1.1"))
    );
    assert_eq!(vault.instance_by_content(&"0".repeat(64))?, None);

    let other = super::sample::imagined_file(&header(9, 9));
    let mut same_instance = scan.clone();
    same_instance.image.bits_stored = 8;
    let mut other_patient = header(1, 2);
    other_patient.patient.patient_id = "P99".to_owned();
    let mut other_study = header(2, 1);
    other_study.series.series_instance_uid = scan.series.series_instance_uid.clone();
    for (conflicting, named) in [
        (same_instance, "1.2.1.1.1"),
        (other_patient, "1.2.1"),
        (other_study, "1.2.1.1"),
    ] {
        let refused = vault
            .transact(&admin, Op::DataImport, NOW, |tx| {
                tx.insert_instance(&conflicting, &other.sha256, &other, None)
            })
            .map(|_| ());
        let error = refused.err().ok_or("a contradiction was taken")?;
        assert_eq!(error.code().as_str(), "uid_conflict");
        assert!(error.to_string().contains(&format!("UID {named} ")), "{error}");
    }
    assert_eq!(
        (vault.status()?.counts.instances, vault.status()?.counts.studies),
        (1, 1)
    );
    Ok(())
}

#[test]
fn a_complete_file_takes_the_place_of_one_without_its_picture() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    for study in 1..=2 {
        let mut empty = header(study, 1);
        (empty.image.frames, empty.instance.number) = (0, None);
        import(&mut vault, &admin, &empty)?;
    }
    sign(&mut vault, &admin, &uid("1.2.2"))?;
    let before = super::sample::imagined_file(&header(1, 1)).sha256;
    let file = super::sample::imagined_file(&header(9, 9));
    let mut bring = |scan: &domain::Header| {
        let insert = |tx: &mut crate::Tx<'_>| tx.insert_instance(scan, &file.sha256, &file, Some("whole.dcm"));
        vault
            .transact(&admin, Op::DataImport, NOW, insert)
            .map(|(inserted, _)| inserted)
    };

    let complete = header(1, 1);
    let (mut another_empty, mut other_series, mut other_patient) =
        (complete.clone(), complete.clone(), complete.clone());
    (another_empty.image.frames, another_empty.image.rows) = (0, 0);
    other_series.series.series_instance_uid = uid("1.2.1.7");
    other_patient.patient.patient_id = "P99".to_owned();
    for (refused, code) in [
        (&another_empty, "uid_conflict"),
        (&other_series, "uid_conflict"),
        (&other_patient, "uid_conflict"),
        (&header(2, 1), "study_signed"),
    ] {
        let error = bring(refused).err().ok_or("it was taken")?;
        assert_eq!(error.code().as_str(), code, "{error}");
    }
    assert!(bring(&complete)?.new);
    // From here on it is an instance like any other.
    assert!(!bring(&complete)?.new);
    let contradicting = import(&mut vault, &admin, &complete)
        .err()
        .ok_or("it was replaced again")?;
    assert_eq!(contradicting.code().as_str(), "uid_conflict");

    let record = vault.study(&uid("1.2.1"))?.ok_or("no study")?;
    assert_eq!((record.state, record.instances.len()), (StudyState::New, 1));
    assert_eq!(record.instances[0].header, complete);
    assert_eq!(vault.file_of_instance(&uid("1.2.1.1.1"))?, Some(file.id.clone()));
    assert_eq!(vault.instance_by_content(&before)?, None);
    assert_eq!(vault.study(&uid("1.2.2"))?.ok_or("no study")?.state, StudyState::Signed);
    let rows = vault.audit_rows(0, 100)?;
    let gone = serde_json::json!([{"sop_instance_uid": "1.2.1.1.1", "content_sha256": before}]);
    let mut told = 0;
    for row in &rows {
        let detail: serde_json::Value = serde_json::from_str(&row.detail)?;
        told += usize::from(detail["instances_completed"] == gone);
    }
    assert_eq!(told, 1);
    Ok(())
}

#[test]
fn people_are_never_merged_on_a_guess() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (mut vault, admin) = new_vault(folder.path())?;
    for study in 1..=2 {
        let mut picture = header(study, 1);
        picture.patient = domain::Patient::default();
        import(&mut vault, &admin, &picture)?;
    }
    assert_eq!(vault.status()?.counts.patients, 2, "two unknown people became one");
    for study in 3..=5 {
        let mut scan = header(study, 1);
        scan.patient.patient_id = "SHARED".to_owned();
        scan.patient.patient_name = if study == 5 { "Other^One" } else { "Same^One" }.to_owned();
        scan.patient.birth_date = None;
        import(&mut vault, &admin, &scan)?;
    }
    assert_eq!(vault.status()?.counts.patients, 4, "Same^One once, Other^One apart");
    Ok(())
}
