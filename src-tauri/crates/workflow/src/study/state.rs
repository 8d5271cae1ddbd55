//! What the images of a study are, where their files do not say it.

use contract::window::{StatedEntry, StudyDetail};
use domain::{Failure, Permission, Stated, kind};
use engine::gate::HeaderFacts;
use records::{InstanceRecord, Op};

use super::refresh_study;
use crate::find::{find, parse_uid};
use crate::import::read::{STATED, stated};
use crate::permit::permit;
use crate::time::{day, now};
use crate::vault::OpenVault;

/// States of all images of a study what their files do not say. It may be said again, until the study is signed; the
/// audit keeps each. What contradicts a file is not kept of it.
///
/// # Errors
/// `not_permitted`; `wrong_usage` for an age that nobody has, or where all files say otherwise; `study_signed`.
pub fn state_kind(open: &mut OpenVault, study: &str, entry: &StatedEntry) -> Result<StudyDetail, Failure> {
    permit(&open.session, Permission::Import)?;
    let uid = parse_uid(study)?;
    let record = find(open, &uid)?;
    let at = now();
    let said = Stated {
        user: Some(open.session.user.clone()),
        day: Some(day(at)),
        ..read(entry)?
    };
    if record.sign_off.is_some() {
        return Err(records::Error::StudySigned(uid).into());
    }
    let images = || record.instances.iter().filter(|one| one.header.holds_picture());
    let contradiction = |one: &InstanceRecord| HeaderFacts::of_file(&one.header, &one.facts).with(&said).contradiction;
    let (open_ones, others): (Vec<_>, Vec<_>) = images().partition(|one| contradiction(one).is_none());
    if let (true, Some(one)) = (open_ones.is_empty(), others.first()) {
        let why = contradiction(one).map(|why| why.words).unwrap_or_default();
        return Err(Failure::usage(why));
    }
    let op = Op::Statement { study: uid.clone() };
    open.vault.transact(&open.session, op, at, |tx| {
        tx.note("stated", said.in_words());
        for one in open_ones {
            let mut facts = one.facts.clone();
            facts.notes.retain(|note| note.code() != Some(STATED));
            facts.notes.push(stated(&said));
            facts.stated = said.clone();
            tx.set_facts(&uid, &one.header.instance.sop_instance_uid, &facts)?;
        }
        Ok(())
    })?;
    refresh_study(open, study)
}

fn read(entry: &StatedEntry) -> Result<Stated, Failure> {
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let stated = Stated {
        sequence: entry.sequence,
        age_years: some(&entry.age)
            .map(|age| kind::age_of(&age))
            .transpose()
            .map_err(Failure::usage)?,
        view: some(&entry.view)
            .map(|view| kind::view_of(&view))
            .transpose()
            .map_err(Failure::usage)?,
        ..Stated::default()
    };
    if stated.is_silent() {
        return Err(Failure::usage("nothing was stated; give a sequence, an age or a view"));
    }
    Ok(stated)
}
