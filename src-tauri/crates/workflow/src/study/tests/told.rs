//! What a study says of itself once something was stated of it, and what readers measured on it.

use contract::window::StatedEntry;
use domain::{InputCheck, InputVerdict, Sentence, SentenceCode};

use super::*;
use crate::{show_study, state_kind};

/// An analysis of an image of study 1.2.2, refused for want of the age.
fn refuse(open: &mut OpenVault, code: SentenceCode) -> Checked {
    let study = uid("1.2.2");
    let mut analysis = testing::analysis(&uid("1.2.2.1.1"), testing::finding(&finding_id(), 0.1));
    (analysis.reached, analysis.score, analysis.findings) = (false, None, vec![]);
    analysis.input = InputCheck {
        verdict: InputVerdict::OutOfRange,
        reason: Some(Sentence::new(code, [], "enter the patient's age")),
        score: None,
    };
    let op = Op::Analyze { study };
    open.vault
        .transact(&open.session, op, now(), |tx| tx.insert_analysis(&analysis, None))?;
    Ok(())
}

/// No sum tells a hidden answer, nor a false number: of so many studies the analyses are counted, so many are hidden.
pub fn sums_tell(open: &mut OpenVault, analyses: u64, hidden: u64) -> Checked {
    let status = crate::vault_status(open)?;
    assert_eq!(status.counts.findings, None);
    assert_eq!(serde_json::to_value(status)?["findings"], serde_json::Value::Null);
    assert_eq!(crate::vault_numbers(open)?.numbers.counts.findings, None);
    let quality = crate::quality(open, 36_500)?;
    let counted: Vec<u64> = quality.bundles.iter().map(|one| one.analyses).collect();
    assert_eq!(
        (counted.iter().sum::<u64>(), quality.studies_hidden),
        (analyses, hidden)
    );
    assert_eq!(quality.told.len(), counted.len());
    Ok(())
}

fn listed(open: &mut OpenVault) -> Result<StudyState, Box<dyn std::error::Error>> {
    let order = StudyOrder::Date;
    let studies = list_studies(open, &ListRequest { order, find: None })?.studies;
    let row = studies.iter().find(|row| row.study_instance_uid == "1.2.2");
    Ok(row.ok_or("it is not listed")?.standing.state)
}

#[test]
fn what_was_refused_before_a_fact_was_stated_is_not_analysed_until_it_is_analysed_again() -> Checked {
    let folder = tempfile::tempdir()?;
    let mut open = filled(folder.path())?;
    refuse(&mut open, SentenceCode::GateAskAge)?;
    assert_eq!(listed(&mut open)?, StudyState::Refused);
    let models = [testing::analysis(&uid("1.2.2.1.1"), testing::finding(&finding_id(), 0.1)).model];
    let missing = |open: &OpenVault| open.vault.studies_without_analysis(&models);
    // Of the other study two of three frames.
    assert_eq!(missing(&open)?, [(uid("1.2.1"), 2)]);
    let entry = StatedEntry {
        sequence: None,
        age: "54".into(),
        view: None,
    };
    // Nothing was analysed since then: a stop before the first score leaves it so.
    let detail = state_kind(&mut open, "1.2.2", &entry)?;
    assert_eq!((detail.state, detail.summary.refused), (StudyState::New, None));
    assert_eq!(listed(&mut open)?, StudyState::New);
    let shown = show_study(&mut open, "1.2.2")?;
    assert_eq!((shown.analyses.len(), shown.images_not_analysed), (0, Some(1)));
    assert_eq!(missing(&open)?, [(uid("1.2.1"), 2), (uid("1.2.2"), 1)]);
    assert_eq!(code(sign(&mut open, "1.2.2")), Some(FailureCode::NotAnalysed));

    // A refusal that came after it stands; one of a poor image stands whatever is stated.
    for reason in [SentenceCode::GateAge, SentenceCode::GateBlank] {
        refuse(&mut open, reason)?;
        assert_eq!(listed(&mut open)?, StudyState::Refused);
        assert_eq!(missing(&open)?.len(), 1);
    }
    assert_eq!(state_kind(&mut open, "1.2.2", &entry)?.state, StudyState::Refused);
    assert_eq!(listed(&mut open)?, StudyState::Refused);
    Ok(())
}

#[test]
fn what_was_measured_is_shown_with_what_it_rests_on_and_who_measured_it() -> Checked {
    let folder = tempfile::tempdir()?;
    let mut open = filled(folder.path())?;
    let length = |id: &str, frame, points: &[[f64; 2]]| Annotation {
        id: id.repeat(16),
        frame,
        kind: AnnotationKind::Length,
        points: points.to_vec(),
        ..annotation("the longest")
    };
    save_annotation(&mut open, "1.2.1", &length("0a", 2, &[[0.0, 0.0], [10.0, 0.0]]), None)?;
    save_annotation(&mut open, "1.2.1", &length("0b", 0, &[[0.0, 0.0], [0.0, 3.0]]), None)?;
    // Words measure nothing.
    save_annotation(&mut open, "1.2.1", &annotation("here"), None)?;
    let shown = show_study(&mut open, "1.2.1")?.measurements;
    let told: Vec<_> = shown
        .iter()
        .map(|one| {
            (
                one.frame_number,
                one.measured[0].in_words(),
                one.measured_by.as_str(),
                one.rests_on,
            )
        })
        .collect();
    // The header of these tests says nothing of what its spacing rests on.
    assert_eq!(
        told,
        [
            (1, "length 6.00 mm".to_owned(), "admin", None),
            (3, "length 5.00 mm".to_owned(), "admin", None)
        ]
    );
    assert_eq!((shown[1].at.frame, shown[1].text.as_deref()), (2, Some("the longest")));
    Ok(())
}

/// How often a study of so many images is read whole when one finding of it is accepted.
fn read_by_an_accept(instances: u32) -> Result<u64, Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let mut open = create_vault(&folder.path().join("vault"), "admin", &Passphrase::new("a passphrase"))?;
    let file = open.vault.put_file(&mut b"an image".as_slice())?;
    open.vault.transact(&open.session, Op::DataImport, now(), |tx| {
        for instance in 1..=instances {
            let header = header("1.2.1", instance, 1).map_err(|error| records::Error::Invalid(error.to_string()))?;
            tx.insert_instance(&header, &format!("{instance:064x}"), &file, None)?;
        }
        Ok(())
    })?;
    let analysis = testing::analysis(&uid("1.2.1.1.1"), testing::finding(&finding_id(), 0.9));
    let op = Op::Analyze { study: uid("1.2.1") };
    open.vault
        .transact(&open.session, op, now(), |tx| tx.insert_analysis(&analysis, None))?;
    assert_eq!(open_study(&mut open, "1.2.1")?.images, u64::from(instances));
    let before = open.vault.studies_read();
    assert!(before > 0, "opening it reads it");
    review_finding(&mut open, &finding_id(), Decision::Accepted, None)?;
    Ok(open.vault.studies_read() - before)
}

#[test]
fn accepting_a_finding_reads_the_study_once_at_most_however_many_images_it_has() -> Checked {
    let (few, many) = (read_by_an_accept(5)?, read_by_an_accept(500)?);
    assert!(few <= 1 && many == few, "{few} times of 5 images, {many} times of 500");
    Ok(())
}
