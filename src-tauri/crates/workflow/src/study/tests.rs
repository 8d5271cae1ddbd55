use domain::{
    Annotation, AnnotationKind, Decision, Failure, FailureCode, FormText, FrameRef, Header, Lesion, Patient,
    ReportFormat, SourceFormat, StudyState, Uid, WorklistRow, testing,
};
use std::path::Path;

use super::*;
use crate::vault::Passphrase;
use crate::{
    ListRequest, StudyOrder, create_vault, list_studies, open_worklist, remove_annotation, review_finding,
    save_annotation, save_form, save_note_draft, sign,
};
use contract::window::WorklistQuery;

mod told;

type Checked = Result<(), Box<dyn std::error::Error>>;

fn header(study: &str, instance: u32, frames: u32) -> Result<Header, domain::InvalidUid> {
    let mut header = testing::header();
    header.patient = Patient {
        patient_id: "P1".into(),
        issuer: None,
        issuer_id: None,
        patient_name: "<b>Name</b>^One".into(),
        birth_date: Some("19700131".into()),
        sex: Some("F".into()),
    };
    header.study.study_instance_uid = Uid::parse(study)?;
    header.study.date = Some("20240131".into());
    header.study.time = Some("101112".into());
    header.study.description = Some("CT of the head".into());
    header.study.patient_age = Some("054Y".into());
    header.series.series_instance_uid = Uid::parse(&format!("{study}.1"))?;
    header.series.modality = "CT".into();
    header.series.number = Some(1);
    header.instance.sop_instance_uid = Uid::parse(&format!("{study}.1.{instance}"))?;
    header.instance.number = i32::try_from(instance).ok();
    header.instance.format = SourceFormat::Dicom;
    (header.image.frames, header.image.rows, header.image.cols) = (frames, 64, 32);
    header.image.bits_stored = 12;
    header.image.rescale.intercept = -1024.0;
    header.image.pixel_spacing_mm = Some([2.0, 0.5]);
    Ok(header)
}

fn finding_id() -> String {
    "cd".repeat(16)
}

/// Study 1.2.1: an image with a flagged finding and a document without an image; 1.2.2 is a prior.
fn filled(folder: &Path) -> Result<OpenVault, Box<dyn std::error::Error>> {
    let mut open = create_vault(&folder.join("vault"), "admin", &Passphrase::new("a passphrase"))?;
    for (study, instance, frames) in [("1.2.1", 1, 3), ("1.2.1", 2, 0), ("1.2.2", 1, 1)] {
        let header = header(study, instance, frames)?;
        let file = open.vault.put_file(&mut format!("{study} {instance}").as_bytes())?;
        open.vault.transact(&open.session, Op::DataImport, now(), |tx| {
            tx.insert_instance(&header, &file.sha256, &file, Some("scan.dcm"))
        })?;
    }
    let mut analysis = testing::analysis(&Uid::parse("1.2.1.1.1")?, testing::finding(&finding_id(), 0.9));
    analysis.operating_point.patients = Some(testing::counted(0.7));
    analysis.signer = Some(domain::ModelSigner::Nobody);
    let study = Uid::parse("1.2.1")?;
    open.vault.transact(&open.session, Op::Analyze { study }, now(), |tx| {
        tx.insert_analysis(&analysis, None)
    })?;
    Ok(open)
}

/// The other two frames, on which nothing was found.
fn whole(open: &mut OpenVault) -> Checked {
    let study = Uid::parse("1.2.1")?;
    for frame in [1, 2] {
        let mut analysis = testing::analysis(&Uid::parse("1.2.1.1.1")?, testing::finding(&finding_id(), 0.1));
        (analysis.frame, analysis.reached, analysis.findings) = (frame, false, vec![]);
        let op = Op::Analyze { study: study.clone() };
        open.vault
            .transact(&open.session, op, now(), |tx| tx.insert_analysis(&analysis, None))?;
    }
    Ok(())
}

fn read_first(open: &mut OpenVault, read_first: bool) -> Result<(), Failure> {
    crate::set_policy(open, domain::Policy { read_first }).map(drop)
}

fn code<T>(outcome: Result<T, Failure>) -> Option<FailureCode> {
    outcome.err().map(|failure| failure.code)
}

fn uid(text: &str) -> Uid {
    Uid::parse(text).unwrap_or_else(|_| Uid::from_bits([0; 16]))
}

fn annotation(text: &str) -> Annotation {
    Annotation {
        id: "ef".repeat(16),
        sop_instance_uid: uid("1.2.1.1.1"),
        frame: 2,
        kind: AnnotationKind::Text,
        points: vec![[1.5, -0.5]],
        text: Some(text.into()),
        measured: Vec::new(),
        created_by: "claimed".into(),
        updated_at: Timestamp(0),
    }
}

#[test]
fn a_study_is_told_with_its_pictures_findings_and_priors() -> Checked {
    let folder = tempfile::tempdir()?;
    let mut open = filled(folder.path())?;
    let detail = open_study(&mut open, "1.2.1")?;
    assert_eq!(
        (detail.state, detail.hidden, detail.reading),
        (StudyState::Flagged, false, None)
    );
    let [picture, document] = detail.series[0].instances.as_slice() else {
        return Err("not two instances".into());
    };
    let image = &picture.image;
    assert_eq!(
        (image.frames, image.rows, image.cols, picture.no_picture.as_ref()),
        (3, 64, 32, None)
    );
    let slices: Vec<_> = detail.series[0]
        .slices
        .iter()
        .map(|slice| {
            (
                slice.sop_instance_uid.as_str(),
                slice.frame,
                slice.name,
                slice.unit.as_deref(),
            )
        })
        .collect();
    let frames = [0, 1, 2].map(|frame| ("1.2.1.1.1", frame, i64::from(frame) + 1, Some("HU")));
    assert_eq!(slices, frames);
    assert_eq!(document.image.frames, 0);
    assert!(document.no_picture.is_some());
    let finding = &detail.analyses[0].analysis.findings[0];
    // 4 columns of 0.5 mm and 3 rows of 2 mm.
    assert_eq!(finding.diameter_mm, Some(2.0_f64.hypot(6.0)));
    let [lesion] = detail.lesions.as_slice() else {
        return Err(format!("{:?}", detail.lesions).into());
    };
    assert_eq!(lesion.diameter_mm, finding.diameter_mm);
    assert_eq!(
        (lesion.findings.as_slice(), lesion.decision),
        (&[finding_id()][..], None)
    );
    assert!(!detail.analyses[0].has_map);
    let priors: Vec<&str> = detail
        .priors
        .iter()
        .map(|row| row.study_instance_uid.as_str())
        .collect();
    assert_eq!(priors, ["1.2.2"]);
    let looked = open.vault.find_audit_rows("instances_accessed 1.2.1", None, 10)?;
    assert_eq!(looked.len(), 1);
    refresh_study(&open, "1.2.1")?;
    let ahead = read_ahead(&open, "1.2.1")?;
    assert_eq!(ahead[0].instances.len(), 2);
    assert_eq!(ahead[0].instances[0].file_name, None);
    assert_eq!(open.vault.find_audit_rows("instances_accessed", None, 10)?.len(), 1);
    assert_eq!(crate::show_study(&mut open, "1.2.1")?.lesions, detail.lesions);
    Ok(())
}

/// The lesions as window, terminal and report have them, which is the same.
fn lesions(open: &mut OpenVault) -> Result<Vec<Lesion>, Box<dyn std::error::Error>> {
    let told = open_study(open, "1.2.1")?.lesions;
    assert_eq!(crate::show_study(open, "1.2.1")?.lesions, told);
    // A report is given those of the record.
    let record = crate::find::find(open, &Uid::parse("1.2.1")?)?;
    assert_eq!(record.lesions(), told);
    Ok(told)
}

#[test]
fn one_accepted_finding_leaves_its_lesion_whole_everywhere() -> Checked {
    let folder = tempfile::tempdir()?;
    let mut open = filled(folder.path())?;
    for frame in 1..3 {
        let finding = testing::finding(&format!("{frame:032x}"), 0.8);
        let mut analysis = testing::analysis(&Uid::parse("1.2.1.1.1")?, finding);
        analysis.frame = frame;
        let study = Uid::parse("1.2.1")?;
        open.vault.transact(&open.session, Op::Analyze { study }, now(), |tx| {
            tx.insert_analysis(&analysis, None)
        })?;
    }
    let before = lesions(&mut open)?;
    assert_eq!(before.len(), 1, "{before:?}");
    review_finding(&mut open, &finding_id(), Decision::Accepted, None)?;
    let after = lesions(&mut open)?;
    let [lesion] = after.as_slice() else {
        return Err(format!("{after:?}").into());
    };
    assert_eq!(lesion.findings, before[0].findings);
    assert_eq!((lesion.decisions.accepted, lesion.decisions.undecided), (1, 2));
    Ok(())
}

#[test]
fn read_first_hides_every_way_to_the_answer_until_the_opinion_is_given() -> Checked {
    let folder = tempfile::tempdir()?;
    let mut open = filled(folder.path())?;
    let (_, ids) = open_worklist(&mut open, &WorklistQuery::default())?;
    let told = |row: &WorklistRow| row.flagged || row.outlined || row.score.is_some() || row.findings > 0;
    assert!(worklist_rows(&open, &ids)?.iter().any(told));
    read_first(&mut open, true)?;
    let first = open_study(&mut open, "1.2.1")?;
    assert_eq!(
        (first.state, first.hidden, first.analyses.len(), first.lesions.len()),
        (StudyState::Unread, true, 0, 0)
    );
    let opened = first.reading.ok_or("no reading was begun")?;
    assert_eq!((opened.opinion, opened.committed_at), (None, None));
    let again = open_study(&mut open, "1.2.1")?;
    assert_eq!(again.reading.map(|reading| reading.opened_at), Some(opened.opened_at));

    let (view, ids) = open_worklist(&mut open, &WorklistQuery::default())?;
    assert_eq!(view.state_counts.get(&StudyState::Unread), Some(&2));
    assert!(!worklist_rows(&open, &ids)?.iter().any(told));
    let finding = finding_id();
    let early = review_finding(&mut open, &finding, Decision::Accepted, None);
    assert_eq!(code(early), Some(FailureCode::Unread));
    let out = folder.path().join("report.csv");
    for (verb, refused) in [
        ("preview", code(crate::report_preview(&mut open, "1.2.1"))),
        (
            "report",
            code(crate::report(&mut open, "1.2.1", ReportFormat::Csv, &out)),
        ),
        ("sign", code(sign(&mut open, "1.2.1"))),
        (
            "review",
            code(crate::review(&mut open, &finding, Decision::Accepted, None)),
        ),
        ("note", code(save_note_draft(&mut open, &finding, "x"))),
    ] {
        assert_eq!(refused, Some(FailureCode::Unread), "{verb}");
    }
    assert!(!out.exists());
    // What the terminal says holds nothing of it either.
    let shown = crate::show_study(&mut open, "1.2.1")?;
    assert_eq!(
        (
            shown.state.as_str(),
            shown.hidden,
            shown.analyses.len(),
            shown.lesions.len()
        ),
        ("unread", true, 0, 0)
    );
    assert_eq!((shown.images_not_analysed, first.images_not_analysed), (None, 0));
    told::sums_tell(&mut open, 0, 2)?;
    for order in [StudyOrder::Suspicion, StudyOrder::Date, StudyOrder::Name] {
        let listed = list_studies(&mut open, &ListRequest { order, find: None })?.studies;
        assert_eq!(listed.len(), 2);
        for row in listed {
            assert_eq!(
                (row.standing.state, row.unsigned),
                (StudyState::Unread, false),
                "{:?}",
                row.study_instance_uid
            );
            let told = serde_json::to_value(&row.standing)?;
            let fields = told.as_object().ok_or("no object")?.iter();
            let of_the_answer = fields.filter(|(name, _)| *name != "state");
            assert!(
                of_the_answer.clone().count() == 4 && of_the_answer.clone().all(|(_, value)| value.is_null()),
                "{told}"
            );
        }
    }

    let shown = commit_opinion(&mut open, "1.2.1", Opinion::Suspicious, Some("left".into()))?;
    assert_eq!(
        (shown.state, shown.hidden, shown.analyses.len()),
        (StudyState::Flagged, false, 1)
    );
    let reading = shown.reading.ok_or("the reading is gone")?;
    assert_eq!(
        (reading.opinion, reading.note.as_deref()),
        (Some(Opinion::Suspicious), Some("left"))
    );
    assert!(reading.committed_at.is_some() && reading.committed_at == reading.revealed_at);
    let second = commit_opinion(&mut open, "1.2.1", Opinion::Normal, None);
    assert_eq!(code(second), Some(FailureCode::OpinionGiven));
    review_finding(&mut open, &finding, Decision::Unsure, None)?;
    // The files of this vault are no images; what counts is that nothing is hidden any more.
    assert_eq!(
        code(crate::report(&mut open, "1.2.1", ReportFormat::Csv, &out)),
        Some(FailureCode::UnknownFormat)
    );
    let shown = crate::show_study(&mut open, "1.2.1")?;
    assert_eq!(
        (shown.state.as_str(), shown.hidden, shown.analyses.len()),
        ("partly_analysed", false, 1)
    );
    assert_eq!(shown.images_not_analysed, Some(2));
    // Of the other study the opinion still lacks; Quality counts the one.
    told::sums_tell(&mut open, 1, 1)?;
    // Another reader's own opinion is still wanted, and the policy is everybody's.
    let admin = std::mem::replace(
        &mut open.session,
        domain::Session {
            user: "eva".into(),
            role: domain::Role::Reader,
        },
    );
    assert_eq!(code(sign(&mut open, "1.2.1")), Some(FailureCode::Unread));
    let refused = crate::set_policy(&mut open, domain::Policy { read_first: false });
    assert_eq!(code(refused), Some(FailureCode::NotPermitted));
    let given = give_opinion(&mut open, "1.2.1", Opinion::Normal, None)?;
    assert_eq!(
        (given.opinion.as_str(), given.study_state.as_str()),
        ("normal", "partly_analysed")
    );
    open.session = admin;
    let policy = crate::policy(&open)?;
    assert_eq!((policy.read_first, policy.changed_by.as_deref()), (true, Some("admin")));
    assert_eq!(open.vault.find_audit_rows("policy_change", None, 10)?.len(), 1);
    Ok(())
}

#[test]
fn form_and_annotations_are_saved_until_the_signature_which_covers_them() -> Checked {
    let folder = tempfile::tempdir()?;
    let mut open = filled(folder.path())?;
    let form = FormText {
        conclusion: "A lesion.".into(),
        key_images: vec![FrameRef {
            sop_instance_uid: uid("1.2.1.1.1"),
            frame: 2,
        }],
        ..FormText::default()
    };
    let saved = save_form(&mut open, "1.2.1", &form)?;
    assert_eq!(saved.updated_by, "admin");
    let rows = open.vault.status()?.counts.audit_rows;
    assert_eq!(save_form(&mut open, "1.2.1", &saved.text)?, saved);
    assert_eq!(
        open.vault.status()?.counts.audit_rows,
        rows,
        "an unchanged form was written again"
    );
    for (instance, frame) in [("1.2.1.1.1", 3), ("1.2.1.1.2", 0), ("1.2.2.1.1", 0)] {
        let mut elsewhere = form.clone();
        elsewhere.key_images[0] = FrameRef {
            sop_instance_uid: uid(instance),
            frame,
        };
        assert_eq!(
            code(save_form(&mut open, "1.2.1", &elsewhere)),
            Some(FailureCode::NotFound)
        );
    }
    let kept = save_annotation(&mut open, "1.2.1", &annotation("first"), None)?;
    assert_eq!(kept.created_by, "admin");
    save_annotation(&mut open, "1.2.1", &annotation("second"), None)?;
    let detail = refresh_study(&open, "1.2.1")?;
    assert_eq!(detail.annotations[0].text.as_deref(), Some("second"));
    assert_eq!(detail.form, Some(saved));

    let unsigned = find(&open, &Uid::parse("1.2.1")?)?;
    let hash = crate::review::content_sha256(&unsigned)?;
    save_form(
        &mut open,
        "1.2.1",
        &FormText {
            conclusion: "Two lesions.".into(),
            ..form.clone()
        },
    )?;
    assert_ne!(
        crate::review::content_sha256(&find(&open, &Uid::parse("1.2.1")?)?)?,
        hash
    );

    // The document without an image needs no analysis, each frame of the image does; the finding needs a decision, and
    // unsure is one.
    let detail = refresh_study(&open, "1.2.1")?;
    assert_eq!((detail.images, detail.images_not_analysed), (3, 2));
    let reviewed = review_finding(&mut open, &finding_id(), Decision::Unsure, None)?;
    assert_eq!(reviewed.study_state, StudyState::Partial);
    let failure = sign(&mut open, "1.2.1").err().ok_or("two frames were not analysed")?;
    assert_eq!(failure.code, FailureCode::NotAnalysed);
    assert!(failure.message.contains("2 images"), "{failure}");
    whole(&mut open)?;
    assert_eq!(refresh_study(&open, "1.2.1")?.state, StudyState::Reviewed);
    sign(&mut open, "1.2.1")?;
    let signed = Some(FailureCode::StudySigned);
    assert_eq!(code(save_form(&mut open, "1.2.1", &form)), signed);
    assert_eq!(
        code(save_annotation(&mut open, "1.2.1", &annotation("third"), None)),
        signed
    );
    assert_eq!(code(remove_annotation(&mut open, "1.2.1", &"ef".repeat(16))), signed);
    read_first(&mut open, true)?;
    let detail = open_study(&mut open, "1.2.1")?;
    assert!(!detail.hidden && detail.sign_off.is_some());
    Ok(())
}

/// Only a document came: there is nothing to analyse, and it is read and signed all the same.
#[test]
fn a_study_without_a_picture_has_a_state_of_its_own_and_is_signed() -> Checked {
    let folder = tempfile::tempdir()?;
    let mut open = filled(folder.path())?;
    let document = header("1.2.3", 1, 0)?;
    let file = open.vault.put_file(&mut "a document".as_bytes())?;
    open.vault.transact(&open.session, Op::DataImport, now(), |tx| {
        tx.insert_instance(&document, &file.sha256, &file, None)
    })?;
    // No model has an answer to it that "read first" could hide.
    for on in [true, false] {
        read_first(&mut open, on)?;
        let opened = open_study(&mut open, "1.2.3")?;
        assert_eq!((opened.state, opened.hidden), (StudyState::NoPicture, false));
        let query = WorklistQuery {
            states: vec![StudyState::NoPicture],
            ..WorklistQuery::default()
        };
        let (view, rows) = open_worklist(&mut open, &query)?;
        assert_eq!((view.total, rows.len()), (1, 1));
        let row = &worklist_rows(&open, &rows)?[0];
        assert_eq!(
            (row.study_instance_uid.as_str(), row.state),
            ("1.2.3", StudyState::NoPicture)
        );
    }
    sign(&mut open, "1.2.3")?;
    assert_eq!(refresh_study(&open, "1.2.3")?.state, StudyState::Signed);
    assert_eq!(code(sign(&mut open, "1.2.2")), Some(FailureCode::NotAnalysed));

    // An image that comes to a document makes it a study to be analysed.
    for (instance, state) in [(1, StudyState::NoPicture), (2, StudyState::New)] {
        let header = header("1.2.4", instance, instance - 1)?;
        let file = open.vault.put_file(&mut format!("1.2.4 {instance}").as_bytes())?;
        open.vault.transact(&open.session, Op::DataImport, now(), |tx| {
            tx.insert_instance(&header, &file.sha256, &file, None)
        })?;
        assert_eq!(refresh_study(&open, "1.2.4")?.state, state);
    }
    Ok(())
}

#[test]
fn a_note_before_the_decision_is_kept_and_the_decision_takes_it_along() -> Checked {
    let folder = tempfile::tempdir()?;
    let mut open = filled(folder.path())?;
    let draft = |open: &OpenVault| -> Result<_, Failure> {
        let detail = refresh_study(open, "1.2.1")?;
        let finding = detail.analyses[0].analysis.findings[0].clone();
        Ok((finding.finding.id, finding.note_draft, finding.review))
    };
    let (id, none, _) = draft(&open)?;
    assert_eq!(none, None);
    read_first(&mut open, true)?;
    assert_eq!(code(save_note_draft(&mut open, &id, "x")), Some(FailureCode::Unread));
    read_first(&mut open, false)?;
    assert_eq!(code(save_note_draft(&mut open, "ab", "x")), Some(FailureCode::NotFound));
    for (typed, kept) in [
        ("see the pri", Some("see the pri")),
        ("see the prior", Some("see the prior")),
        (" ", None),
    ] {
        save_note_draft(&mut open, &id, typed)?;
        assert_eq!(draft(&open)?.1.as_deref(), kept);
    }
    save_note_draft(&mut open, &id, "see the prior")?;
    // Another reader neither sees it nor loses it.
    let other = domain::Session {
        user: "eva".into(),
        ..open.session.clone()
    };
    let uid = Uid::parse("1.2.1")?;
    assert!(open.vault.note_drafts(&other.user, &uid)?.is_empty());
    whole(&mut open)?;
    // It is no decision: the study cannot be signed by it.
    assert_eq!(code(sign(&mut open, "1.2.1")), Some(FailureCode::NotReviewed));
    let note = draft(&open)?.1;
    review_finding(&mut open, &id, Decision::Accepted, note)?;
    let (_, left, review) = draft(&open)?;
    assert_eq!(left, None);
    assert_eq!(review.and_then(|review| review.note).as_deref(), Some("see the prior"));
    sign(&mut open, "1.2.1")?;
    assert_eq!(
        code(save_note_draft(&mut open, &id, "late")),
        Some(FailureCode::StudySigned)
    );
    Ok(())
}
