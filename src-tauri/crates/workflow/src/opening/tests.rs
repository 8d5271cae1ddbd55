use domain::{
    Annotation, AnnotationKind, Decision, DeviceChoice, Failure, FailureKind, FormText, Opinion, Policy, ReportFormat,
    Role, Stated, Timestamp, Uid,
};

use super::*;
use crate::{
    AnalyzeRequest, ListRequest, StudyOrder, Target, analyze_stored, audit_rows, backup, commit_opinion, counterparts,
    delete_filter, give_opinion, import, list_studies, open_study, open_worklist, policy, quality, read_ahead,
    refresh_study, remove_annotation, report, report_preview, review, review_finding, save_annotation, save_filter,
    save_form, set_policy, show_study, sign, vault_numbers, verify_audit, worklist_rows,
};
use contract::window::{SavedFilter, WorklistQuery};

type Checked = Result<(), Box<dyn std::error::Error>>;

fn new_vault(folder: &Path) -> Result<OpenVault, Failure> {
    create_vault(&folder.join("vault"), "admin", &Passphrase::new("a passphrase"))
}

#[test]
fn a_job_that_a_crash_cut_off_is_ended_at_the_next_opening() -> Checked {
    let folder = tempfile::tempdir()?;
    let mut open = new_vault(folder.path())?;
    open.vault.transact(&open.session, Op::JobChange, now(), |tx| {
        let job = tx.insert_job(domain::JobRow::Analyze, None, &serde_json::Value::Null, 7)?;
        let running = JobProgress {
            state: JobState::Running,
            phase: None,
            done: 3,
            total: 7,
            failure: None,
        };
        tx.update_job(job, &running)
    })?;
    // Somebody else at work: nothing is ended.
    let other = open_vault(&folder.path().join("vault"), "admin", &Passphrase::new("a passphrase"))?;
    assert_eq!(other.vault.unfinished_jobs()?.len(), 1);
    drop((open, other));
    let alone = open_vault(&folder.path().join("vault"), "admin", &Passphrase::new("a passphrase"))?;
    assert_eq!(alone.vault.unfinished_jobs()?.len(), 0);
    Ok(())
}

/// The outcome of every verb on a vault for one role.
fn attempts(open: &mut OpenVault, out: &Path) -> Vec<(&'static str, Result<(), Failure>)> {
    let request = AnalyzeRequest {
        bundle: None,
        device: DeviceChoice::Cpu,
        maps: None,
        allow_unsigned: false,
        stated: Stated::default(),
    };
    let list = ListRequest {
        order: StudyOrder::Date,
        find: None,
    };
    let filter = SavedFilter {
        name: "mine".into(),
        query: WorklistQuery::default(),
    };
    let annotation = Annotation {
        id: "ab".repeat(16),
        sop_instance_uid: Uid::from_bits([1; 16]),
        frame: 0,
        kind: AnnotationKind::Text,
        points: vec![[0.0, 0.0]],
        text: None,
        measured: Vec::new(),
        created_by: String::new(),
        updated_at: Timestamp(0),
    };
    let watch = &mut |_: domain::Phase, _: u64, _: u64| true;
    vec![
        ("status", vault_status(open).map(drop)),
        (
            "import",
            import(open, &crate::ImportRequest::of(vec![out.to_owned()]), watch).map(drop),
        ),
        ("list", list_studies(open, &list).map(drop)),
        ("show", show_study(open, "1.2.3").map(drop)),
        ("analyze", analyze_stored(open, &Target::New, &request, watch).map(drop)),
        ("review", review(open, "ab", Decision::Accepted, None).map(drop)),
        ("sign", sign(open, "1.2.3").map(drop)),
        (
            "report",
            report(open, "1.2.3", ReportFormat::Pdf, &out.join("r.pdf")).map(drop),
        ),
        (
            "open the worklist",
            open_worklist(open, &WorklistQuery::default()).map(drop),
        ),
        ("see its rows", worklist_rows(open, &[]).map(drop)),
        ("keep a filter", save_filter(open, &filter).map(drop)),
        ("delete a filter", delete_filter(open, "mine").map(drop)),
        ("open a study", open_study(open, "1.2.3").map(drop)),
        ("read ahead", read_ahead(open, "1.2.3").map(drop)),
        ("link series", counterparts(open, "1.2.3", "1.2.4").map(drop)),
        ("refresh a study", refresh_study(open, "1.2.3").map(drop)),
        ("preview", report_preview(open, "1.2.3").map(drop)),
        ("see the numbers", vault_numbers(open).map(drop)),
        ("see the quality", quality(open, 30).map(drop)),
        (
            "write the form",
            save_form(open, "1.2.3", &FormText::default()).map(drop),
        ),
        ("annotate", save_annotation(open, "1.2.3", &annotation, None).map(drop)),
        ("remove an annotation", remove_annotation(open, "1.2.3", "ab").map(drop)),
        (
            "give an opinion",
            commit_opinion(open, "1.2.3", Opinion::Normal, None).map(drop),
        ),
        ("decide", review_finding(open, "ab", Decision::Unsure, None).map(drop)),
        (
            "give an opinion at the terminal",
            give_opinion(open, "1.2.3", Opinion::Normal, None).map(drop),
        ),
        ("see the policy", policy(open).map(drop)),
        ("change the policy", set_policy(open, Policy::default()).map(drop)),
        ("accept restored records", accept_restored(open).map(drop)),
        ("back up", backup(open, out, watch).map(drop)),
    ]
}

#[test]
fn every_verb_asks_for_its_permission_before_anything_else() -> Checked {
    let folder = tempfile::tempdir()?;
    let mut open = new_vault(folder.path())?;
    open.session.role = Role::Auditor;
    for (verb, outcome) in attempts(&mut open, folder.path()) {
        let kind = outcome.err().map(|failure| failure.code.kind());
        assert_eq!(kind, Some(FailureKind::NotPermitted), "an auditor could {verb}");
    }
    open.session.role = Role::Operator;
    let refused: Vec<&str> = attempts(&mut open, folder.path())
        .into_iter()
        .filter(|(_, outcome)| {
            outcome
                .as_ref()
                .is_err_and(|failure| failure.code.kind() == FailureKind::NotPermitted)
        })
        .map(|(verb, _)| verb)
        .collect();
    let expected = [
        "review",
        "sign",
        "report",
        "write the form",
        "annotate",
        "remove an annotation",
        "give an opinion",
        "decide",
        "give an opinion at the terminal",
        "change the policy",
        "accept restored records",
        "back up",
    ];
    assert_eq!(refused, expected);
    open.session.role = Role::Reader;
    for outcome in [
        audit_rows(&mut open, "", None, 10).map(drop),
        verify_audit(&mut open).map(drop),
    ] {
        assert_eq!(
            outcome.err().map(|failure| failure.code.kind()),
            Some(FailureKind::NotPermitted)
        );
    }
    Ok(())
}
