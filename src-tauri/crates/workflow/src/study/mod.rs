//! One study as the reader meets it: opening it, and the reader's own opinion before the model's
//! answer is shown.

mod detail;

use domain::{Opinion as Given, Permission, Reading, StudyState};
use records::{Op, StudyRecord};

use crate::error::Failure;
use crate::permit::permit;
use crate::studies::find;
use crate::time::now;
use crate::vault::OpenVault;
use crate::wire::window::{Opinion, SeriesWire, StudyDetail};
use crate::worklist::worklist_rows;

const LONGEST_NOTE: usize = 4000;

/// Opens a study; that it was looked at is audited. With `read_first` the model's answer is left out
/// until the reader has given an own opinion, and the time until then is kept.
pub fn open_study(open: &mut OpenVault, study: &str, read_first: bool) -> Result<StudyDetail, Failure> {
    permit(&open.session, Permission::ViewRecords)?;
    let record = find(open, study)?;
    let uid = &record.study.study_instance_uid;
    if hides(open, &record, read_first) && own_reading(open, &record).is_none() {
        let op = Op::InstancesAccessed { study: uid.clone() };
        open.vault
            .transact(&open.session, op, now(), |tx| tx.open_reading(uid))?;
    } else {
        open.vault.note_access(&open.session, uid, now())?;
    }
    refresh_study(open, study, read_first)
}

/// The same study as it stands now; a study is opened before.
pub fn refresh_study(open: &OpenVault, study: &str, read_first: bool) -> Result<StudyDetail, Failure> {
    permit(&open.session, Permission::ViewRecords)?;
    let record = find(open, study)?;
    let priors = open.vault.priors(&record.study.study_instance_uid)?;
    let priors = worklist_rows(open, &priors, read_first)?;
    let hidden = hides(open, &record, read_first);
    let reading = own_reading(open, &record).cloned();
    let drafts = open
        .vault
        .note_drafts(&open.session.user, &record.study.study_instance_uid)?;
    Ok(detail::detail(record, hidden, reading, priors, &drafts))
}

/// Which pictures a study has, for fetching them before it is opened. Nothing of it that a person could
/// read is told, so nobody has looked at it and nothing is audited.
pub fn read_ahead(open: &OpenVault, study: &str) -> Result<Vec<SeriesWire>, Failure> {
    permit(&open.session, Permission::ViewRecords)?;
    let record = find(open, study)?;
    let mut series = detail::all_series(&record);
    for one in &mut series {
        one.description = None;
        one.protocol_name = None;
        for instance in &mut one.instances {
            instance.file_name = None;
        }
    }
    Ok(series)
}

/// The reader's own opinion. It is given once; from then on the model's answer is shown.
pub fn commit_opinion(
    open: &mut OpenVault,
    study: &str,
    opinion: Opinion,
    note: Option<String>,
    read_first: bool,
) -> Result<StudyDetail, Failure> {
    permit(&open.session, Permission::Review)?;
    let note = note.filter(|note| !note.trim().is_empty());
    if note.as_ref().is_some_and(|note| note.chars().count() > LONGEST_NOTE) {
        return Err(Failure::usage(format!("notes have at most {LONGEST_NOTE} characters")));
    }
    let record = find(open, study)?;
    let uid = record.study.study_instance_uid.clone();
    if own_reading(open, &record).is_some_and(|reading| reading.opinion.is_some()) {
        return Err(Failure::new(
            "opinion_given",
            format!("you gave an opinion on study {uid} before; it stands as it was given"),
        ));
    }
    let given = match opinion {
        Opinion::Normal => Given::Normal,
        Opinion::Suspicious => Given::Suspicious,
        Opinion::Unsure => Given::Unsure,
    };
    let op = Op::Opinion { study: uid.clone() };
    open.vault.transact(&open.session, op, now(), |tx| {
        tx.commit_opinion(&uid, given, note.as_deref())
    })?;
    refresh_study(open, study, read_first)
}

/// Refuses what would tell the model's answer before the reader has given an own opinion.
pub fn require_opinion(open: &OpenVault, study: &str, read_first: bool) -> Result<(), Failure> {
    permit(&open.session, Permission::ViewRecords)?;
    let record = find(open, study)?;
    if hides(open, &record, read_first) {
        return Err(Failure::new(
            "unread",
            format!("the model's answer on study {study} is hidden; give your own opinion first"),
        ));
    }
    Ok(())
}

pub(crate) fn hides(open: &OpenVault, record: &StudyRecord, read_first: bool) -> bool {
    let given = own_reading(open, record).is_some_and(|reading| reading.opinion.is_some());
    // Where there is no picture there is no answer that could be told too early.
    let answered = record.state != StudyState::NoPicture;
    read_first && answered && record.sign_off.is_none() && !given
}

fn own_reading<'a>(open: &OpenVault, record: &'a StudyRecord) -> Option<&'a Reading> {
    record
        .readings
        .iter()
        .find(|reading| reading.reader == open.session.user)
}

#[cfg(test)]
mod tests;
