//! One study as the reader meets it: opening it, and the reader's own opinion before the model's
//! answer is shown.

mod detail;
mod patient;
mod state;
mod told;

pub use patient::{say_patient, set_patient};
pub(crate) use state::keep;
pub use state::state_kind;
pub use told::{ListRequest, StudyOrder, list_studies, show_study};

use domain::{Counterparts, Failure, FailureCode, Opinion, Permission, Timestamp, Uid};
use records::Op;

use crate::find::{find, parse_uid};
use crate::permit::permit;
use crate::read_first::{hides, look_at};
use crate::time::now;
use crate::vault::OpenVault;
use crate::worklist::worklist_rows;
use contract::rfc3339;
use contract::terminal::OpinionWire;
use contract::window::{SeriesWire, StudyDetail};

const LONGEST_NOTE: usize = 4000;

/// Opens a study; that it was looked at is audited. Where the vault's policy asks for the reader's own
/// opinion first the model's answer is left out, and the time until the opinion is kept.
pub fn open_study(open: &mut OpenVault, study: &str) -> Result<StudyDetail, Failure> {
    permit(&open.session, Permission::ViewRecords)?;
    let uid = parse_uid(study)?;
    let hidden = look_at(open, &uid)?;
    detail_of(open, &uid, hidden)
}

/// The same study as it stands now; a study is opened before.
pub fn refresh_study(open: &OpenVault, study: &str) -> Result<StudyDetail, Failure> {
    permit(&open.session, Permission::ViewRecords)?;
    let uid = parse_uid(study)?;
    let hidden = hides(open, &uid)?;
    detail_of(open, &uid, hidden)
}

fn detail_of(open: &OpenVault, uid: &Uid, hidden: bool) -> Result<StudyDetail, Failure> {
    let record = find(open, uid)?;
    let priors = worklist_rows(open, &open.vault.priors(uid)?)?;
    let own = |reading: &&domain::Reading| reading.reader == open.session.user;
    let reading = record.readings.iter().find(own).cloned();
    let drafts = open.vault.note_drafts(&open.session.user, uid)?;
    Ok(detail::detail(record, hidden, reading, priors, &drafts))
}

/// Which images a study has, for fetching them before it is opened. Nothing of it that a person could
/// read is told, so nobody has looked at it and nothing is audited.
pub fn read_ahead(open: &OpenVault, study: &str) -> Result<Vec<SeriesWire>, Failure> {
    permit(&open.session, Permission::ViewRecords)?;
    let record = find(open, &parse_uid(study)?)?;
    let mut series = detail::all_series(&record);
    for one in &mut series {
        one.series.description = None;
        one.series.protocol_name = None;
        for instance in &mut one.instances {
            instance.file_name = None;
            instance.notes.clear();
        }
    }
    Ok(series)
}

/// Which slices of two series belong together, for tiles that are scrolled together. It tells of places alone, so that
/// it is not audited.
pub fn counterparts(open: &OpenVault, from: &str, to: &str) -> Result<Counterparts, Failure> {
    permit(&open.session, Permission::ViewRecords)?;
    let found = open.vault.counterparts(&parse_uid(from)?, &parse_uid(to)?)?;
    found.ok_or_else(|| {
        let message = format!("one of the series {from} and {to} is not in the vault");
        Failure::new(FailureCode::NotFound, message)
    })
}

/// The reader's own opinion. It is given once; from then on the model's answer is shown.
pub fn commit_opinion(
    open: &mut OpenVault,
    study: &str,
    opinion: Opinion,
    note: Option<String>,
) -> Result<StudyDetail, Failure> {
    give(open, study, opinion, note)?;
    refresh_study(open, study)
}

/// `opinion`: the same from a terminal.
pub fn give_opinion(
    open: &mut OpenVault,
    study: &str,
    opinion: Opinion,
    note: Option<String>,
) -> Result<OpinionWire, Failure> {
    let (uid, at) = give(open, study, opinion, note)?;
    let state = open.vault.state_for(&uid, &open.session.user)?;
    Ok(OpinionWire {
        study_instance_uid: uid.to_string(),
        opinion,
        reader: open.session.user.clone(),
        committed_at: rfc3339(at),
        study_state: state,
    })
}

fn give(open: &mut OpenVault, study: &str, given: Opinion, note: Option<String>) -> Result<(Uid, Timestamp), Failure> {
    permit(&open.session, Permission::Review)?;
    let note = note.filter(|note| !note.trim().is_empty());
    if note.as_ref().is_some_and(|note| note.chars().count() > LONGEST_NOTE) {
        return Err(Failure::usage(format!("notes have at most {LONGEST_NOTE} characters")));
    }
    let uid = parse_uid(study)?;
    if open.vault.opinion_given(&uid, &open.session.user)? {
        return Err(Failure::new(
            FailureCode::OpinionGiven,
            format!("you gave an opinion on study {uid} before; it stands as it was given"),
        ));
    }
    let at = now();
    let op = Op::Opinion { study: uid.clone() };
    open.vault.transact(&open.session, op, at, |tx| {
        tx.commit_opinion(&uid, given, note.as_deref())
    })?;
    Ok((uid, at))
}

#[cfg(test)]
pub(crate) mod tests;
