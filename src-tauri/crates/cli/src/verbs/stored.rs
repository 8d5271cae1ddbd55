//! Verbs on a vault.

use std::path::{Path, PathBuf};

use contract::terminal::SignOffWire;
use contract::window::PatientEntry;
use domain::numbers::counted;
use domain::{Failure, Prevalence, ReportFormat};
use workflow::{ImportRequest, ListRequest, StudyOrder};

use super::{Common, background, end};
use crate::End;
use crate::arguments::{Opinion, PatientWords, Review, Switch};
use crate::text::{plain, state};
use crate::{print, secret};

pub fn create(common: &Common) -> Result<End, Failure> {
    let folder = common.vault_folder()?;
    let passphrase = secret::passphrase(common.passphrase_file.as_deref(), true)?;
    let mut open = workflow::create_vault(folder, &common.user, &passphrase)?;
    let status = workflow::vault_status(&mut open)?;
    common.show(&status, |status| {
        print::line(format!(
            "made the vault {} with the administrator {}; nobody can open it without the passphrase, so keep it safe",
            status.vault.display(),
            plain(&status.user)
        ));
    });
    Ok(End::Done)
}

pub fn status(common: &Common) -> Result<End, Failure> {
    let status = workflow::vault_status(&mut common.open()?)?;
    common.show(&status, print::vault);
    Ok(if status.audit_intact {
        End::Done
    } else {
        End::AllInputsFailed
    })
}

pub fn backup(common: &Common, folder: PathBuf) -> Result<End, Failure> {
    let mut open = common.open()?;
    let made = background(move |watch| workflow::backup(&mut open, &folder, watch))?;
    common.show(&made, |made| {
        print::line(format!(
            "copied {} and {} ({} bytes) to {} and read all of it back; it opens as a vault with the same passphrase",
            counted(made.copied.studies, "study"),
            counted(made.copied.files, "file"),
            made.copied.bytes,
            made.folder
        ));
    });
    Ok(End::Done)
}

pub fn accept_restored(common: &Common) -> Result<End, Failure> {
    let accepted = workflow::accept_restored(&mut common.open()?)?;
    common.show(&accepted, |accepted| {
        print::line(format!(
            "the records of {} with {} are accepted; the vault may be changed again",
            accepted.vault.display(),
            counted(accepted.studies, "study")
        ));
        print::lost(&accepted.lost, accepted.lost_bytes);
    });
    Ok(End::Done)
}

pub fn import(common: &Common, request: ImportRequest) -> Result<End, Failure> {
    let mut open = common.open()?;
    let imported = background(move |watch| workflow::import(&mut open, &request, watch))?;
    common.show(&imported, print::import);
    if common.json {
        print::failed(&imported.failed);
    }
    let done = (imported.imported + imported.already_there) as usize + imported.no_image.len();
    // What lies beside scans is no failure; where there is nothing else, it is.
    let failed = if done > 0 { imported.unread() } else { imported.failed };
    Ok(end(done, &failed))
}

pub fn list(common: &Common, order: StudyOrder, find: Option<String>) -> Result<End, Failure> {
    let list = workflow::list_studies(&mut common.open()?, &ListRequest { order, find })?;
    common.show(&list, print::studies);
    Ok(End::Done)
}

pub fn show(common: &Common, study: &str) -> Result<End, Failure> {
    let shown = workflow::show_study(&mut common.open()?, study)?;
    common.show(&shown, print::study);
    Ok(End::Done)
}

pub fn patient(common: &Common, words: PatientWords) -> Result<End, Failure> {
    let sex = words.sex.map(|word| {
        let known = domain::Sex::parse(word.trim());
        known.ok_or_else(|| Failure::usage(format!("the sex '{word}' is not one of M, F and O")))
    });
    let entry = PatientEntry {
        patient_id: words.id.unwrap_or_default(),
        patient_name: words.name.unwrap_or_default(),
        birth_date: words.birth_date.unwrap_or_default(),
        sex: sex.transpose()?,
    };
    let said = workflow::say_patient(&mut common.open()?, &words.study, &entry)?;
    common.show(&said, |said| {
        print::line(format!("the study {} is of:", said.study_instance_uid));
        print::patient(&said.patient, &said.doubts);
    });
    Ok(End::Done)
}

pub fn policy(common: &Common, read_first: Option<Switch>) -> Result<End, Failure> {
    let mut open = common.open()?;
    let policy = match read_first {
        None => workflow::policy(&open)?,
        Some(switch) => {
            let read_first = switch == Switch::On;
            workflow::set_policy(&mut open, domain::Policy { read_first })?
        }
    };
    common.show(&policy, |policy| {
        let state = if policy.read_first { "on" } else { "off" };
        let by = match (&policy.changed_by, &policy.changed_at) {
            (Some(user), Some(at)) => format!("decided by {}, {at}", plain(user)),
            _ => "nobody decided yet".to_owned(),
        };
        print::line(format!("read first: {state} ({by})"));
    });
    Ok(End::Done)
}

/// `stated` is a share and whether the one before it is taken back.
pub fn prevalence(common: &Common, name: &str, stated: (Option<f64>, bool), estimate: bool) -> Result<End, Failure> {
    let mut open = common.open()?;
    let told = match stated {
        (Some(share), _) => {
            let share = Prevalence::try_from(share).map_err(|error| Failure::usage(error.to_string()))?;
            workflow::state_prevalence(&mut open, name, Some(share))?
        }
        (None, true) => workflow::state_prevalence(&mut open, name, None)?,
        (None, false) => workflow::prevalence(&open, name, estimate)?,
    };
    common.show(&told, print::prevalence::told);
    Ok(End::Done)
}

pub fn opinion(common: &Common, opinion: Opinion) -> Result<End, Failure> {
    let Opinion { study, given, note } = opinion;
    let given = workflow::give_opinion(&mut common.open()?, &study, given.into(), note)?;
    common.show(&given, |given| {
        print::line(format!(
            "opinion on study {}: {}; the study is {}",
            given.study_instance_uid, given.opinion, given.study_state
        ));
    });
    Ok(End::Done)
}

pub fn review(common: &Common, review: Review) -> Result<End, Failure> {
    let Review {
        finding,
        decision,
        note,
    } = review;
    let reviewed = workflow::review(&mut common.open()?, &finding, decision.into(), note)?;
    common.show(&reviewed, |r| {
        let (id, decision) = (&r.review.finding_id, &r.review.decision);
        print::line(format!(
            "finding {id} {decision}; study {} is {}",
            r.study_instance_uid,
            state(r.study_state)
        ));
    });
    Ok(End::Done)
}

pub fn sign(common: &Common, study: &str) -> Result<End, Failure> {
    let (uid, signed) = workflow::sign(&mut common.open()?, study)?;
    let signed = SignOffWire::of(&uid, &signed);
    common.show(&signed, |s| {
        let (study, reader) = (&s.study_instance_uid, plain(&s.reader));
        print::line(format!(
            "study {study} signed by {reader}, {}; content {}",
            s.signed_at, s.content_sha256
        ));
    });
    Ok(End::Done)
}

pub fn report(common: &Common, study: &str, format: ReportFormat, out: &Path) -> Result<End, Failure> {
    let written = workflow::report(&mut common.open()?, study, format, out)?;
    common.show(&written, |w| {
        print::line(format!("{} ({} bytes, sha256 {})", w.file.display(), w.bytes, w.sha256));
    });
    Ok(End::Done)
}
