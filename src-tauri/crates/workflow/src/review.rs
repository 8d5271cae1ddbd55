//! `review` and `sign`: the reader's decisions.

mod annotate;

pub use annotate::{remove_annotation, save_annotation};

use domain::numbers::counted;
use domain::{Decision, Failure, FailureCode, Permission, Review, SignOff, StudyState, Uid};
use engine::bundle::sha256_hex;
use records::{Op, StudyRecord};

use crate::find::{find, parse_uid};
use crate::permit::permit;
use crate::read_first::require_opinion;
use crate::time::now;
use crate::vault::OpenVault;
use contract::terminal::{ReviewWire, ReviewedWire};
use contract::window;

const LONGEST_TEXT: usize = 4000;

/// Writes a decision on a finding. The latest one stands; none is erased.
pub fn review(
    open: &mut OpenVault,
    finding_id: &str,
    decision: Decision,
    note: Option<String>,
) -> Result<ReviewedWire, Failure> {
    let (review, study) = decide(open, finding_id, decision, note)?;
    let state = open.vault.state_for(&study, &open.session.user)?;
    Ok(ReviewedWire {
        review: ReviewWire::from(&review),
        study_instance_uid: study.to_string(),
        study_state: state,
    })
}

/// The same for the window.
pub fn review_finding(
    open: &mut OpenVault,
    finding_id: &str,
    decision: Decision,
    note: Option<String>,
) -> Result<window::ReviewedWire, Failure> {
    let (review, study) = decide(open, finding_id, decision, note)?;
    Ok(window::ReviewedWire {
        review,
        study_state: open.vault.state_for(&study, &open.session.user)?,
        study_instance_uid: study,
    })
}

/// Keeps what the reader types of a finding before deciding; the decision takes it along.
pub fn save_note_draft(open: &mut OpenVault, finding_id: &str, note: &str) -> Result<(), Failure> {
    permit(&open.session, Permission::Review)?;
    if note.chars().count() > LONGEST_TEXT {
        return Err(Failure::usage(format!("notes have at most {LONGEST_TEXT} characters")));
    }
    require_opinion_on(open, finding_id)?;
    let op = Op::NoteDraft {
        finding_id: finding_id.to_owned(),
    };
    let note = Some(note).filter(|note| !note.trim().is_empty());
    open.vault
        .transact(&open.session, op, now(), |tx| tx.save_note_draft(finding_id, note))?;
    Ok(())
}

fn decide(
    open: &mut OpenVault,
    finding_id: &str,
    decision: Decision,
    note: Option<String>,
) -> Result<(Review, Uid), Failure> {
    permit(&open.session, Permission::Review)?;
    if let Decision::Changed { label } = &decision
        && label.trim().is_empty()
    {
        return Err(Failure::usage("a changed finding needs the label that it should have"));
    }
    for text in [
        note.as_ref(),
        if let Decision::Changed { label } = &decision {
            Some(label)
        } else {
            None
        },
    ] {
        if text.is_some_and(|t| t.chars().count() > LONGEST_TEXT) {
            return Err(Failure::usage(format!(
                "notes and labels have at most {LONGEST_TEXT} characters"
            )));
        }
    }
    require_opinion_on(open, finding_id)?;
    let decided_at = now();
    let review = Review {
        finding_id: finding_id.to_owned(),
        decision,
        note: note.filter(|n| !n.trim().is_empty()),
        reader: open.session.user.clone(),
        decided_at,
    };
    let op = Op::Review {
        finding_id: finding_id.to_owned(),
    };
    let (study, _) = open
        .vault
        .transact(&open.session, op, decided_at, |tx| tx.insert_review(&review))?;
    Ok((review, study))
}

/// Who may not see a finding yet can neither decide on it nor write of it.
fn require_opinion_on(open: &OpenVault, finding_id: &str) -> Result<(), Failure> {
    match open.vault.finding_study(finding_id)? {
        Some(study) => require_opinion(open, &study),
        // The records say best what is not there.
        None => Ok(()),
    }
}

/// Signs a study: its findings and decisions as they stand are hashed, and nothing changes any more.
pub fn sign(open: &mut OpenVault, study: &str) -> Result<(Uid, SignOff), Failure> {
    permit(&open.session, Permission::Sign)?;
    let uid = parse_uid(study)?;
    require_opinion(open, &uid)?;
    let record = find(open, &uid)?;
    let open_findings = open_findings(&record);
    if record.state == StudyState::New || record.state == StudyState::Analysing {
        return Err(Failure::new(
            FailureCode::NotAnalysed,
            format!("study {uid} was not analysed yet; analyse it before signing"),
        ));
    }
    let unseen = record.images_not_analysed();
    if unseen > 0 {
        return Err(Failure::new(
            FailureCode::NotAnalysed,
            format!(
                "not analysed yet of study {uid}: {}; analyse all before signing",
                counted(unseen, "image")
            ),
        ));
    }
    if open_findings > 0 {
        return Err(Failure::new(
            FailureCode::NotReviewed,
            format!(
                "without a decision in study {uid}: {}; review each before signing",
                counted(open_findings, "finding")
            ),
        ));
    }
    let signed_at = now();
    let sign_off = SignOff {
        reader: open.session.user.clone(),
        signed_at,
        content_sha256: content_sha256(&record)?,
    };
    let op = Op::SignOff { study: uid.clone() };
    open.vault
        .transact(&open.session, op, signed_at, |tx| tx.insert_sign_off(&uid, &sign_off))?;
    Ok((uid, sign_off))
}

fn open_findings(record: &StudyRecord) -> usize {
    let newest = record.analyses.iter().filter(|analysis| analysis.newest);
    newest
        .flat_map(|analysis| &analysis.findings)
        .filter(|finding| finding.standing().is_none())
        .count()
}

/// sha256 over the study's images, newest analyses, standing decisions, and what the reader wrote,
/// in the record's order.
pub fn content_sha256(record: &StudyRecord) -> Result<String, Failure> {
    Ok(sha256_hex(&records::stored::signed_bytes(record)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opening::open_vault;
    use crate::vault::Passphrase;

    /// Written by the program of schema 6, with a form, annotations and a changed label in the signed study.
    const PROMISED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/promises/vault");

    fn copy(from: &std::path::Path, to: &std::path::Path) -> std::io::Result<()> {
        std::fs::create_dir_all(to)?;
        for entry in std::fs::read_dir(from)? {
            let entry = entry?;
            let to = to.join(entry.file_name());
            match entry.file_type()?.is_dir() {
                true => copy(&entry.path(), &to)?,
                false => std::fs::copy(entry.path(), to).map(|_| ())?,
            }
        }
        Ok(())
    }

    #[test]
    fn a_signature_of_an_earlier_version_still_fits_its_study() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let vault = folder.path().join("vault");
        copy(PROMISED.as_ref(), &vault)?;
        let mut open = open_vault(&vault, "admin", &Passphrase::new("a golden passphrase"))?;
        let record = find(&open, &Uid::parse("2.25.21872034282251368729563037630199048308")?)?;
        let sign_off = record.sign_off.clone().ok_or("the promised study is not signed")?;
        assert!(record.form.is_some() && record.annotations.len() == 2);
        assert_eq!(content_sha256(&record)?, sign_off.content_sha256);
        assert!(sign(&mut open, record.study.study_instance_uid.as_str()).is_err());
        Ok(())
    }
}
