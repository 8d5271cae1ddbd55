//! What the images of a study are, where their files do not say it.

use contract::window::{StatedEntry, StudyDetail};
use domain::{Failure, Permission, Sentence, SentenceCode, Stated, Timestamp, kind};
use engine::gate::HeaderFacts;
use records::{InstanceRecord, Op, StudyRecord};

use super::refresh_study;
use crate::find::{find, parse_uid};
use crate::import::read::stated;
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
    let all = images().map(|one| (one, said.clone()));
    if !keep(open, &record, all, at)? {
        let why = images().find_map(|one| contradiction(one, &said)).map(|why| why.words);
        return Err(Failure::usage(why.unwrap_or_default()));
    }
    refresh_study(open, study)
}

fn contradiction(image: &InstanceRecord, said: &Stated) -> Option<Sentence> {
    HeaderFacts::of_file(&image.header, &image.facts)
        .with(said)
        .contradiction
}

/// Keeps what was said of images of a study, in place of what was said of them before; what was refused until then
/// counts no more. What contradicts a file is not kept of it. `false` where that is so of all of them.
pub(crate) fn keep<'a>(
    open: &mut OpenVault,
    record: &StudyRecord,
    said: impl Iterator<Item = (&'a InstanceRecord, Stated)>,
    at: Timestamp,
) -> Result<bool, Failure> {
    let uid = &record.study.study_instance_uid;
    let after = record.analyses.iter().map(|stored| stored.id.0).max();
    let kept: Vec<_> = said.filter(|(one, said)| contradiction(one, said).is_none()).collect();
    let Some((_, first)) = kept.first() else {
        return Ok(false);
    };
    let words = first.in_words();
    let op = Op::Statement { study: uid.clone() };
    open.vault.transact(&open.session, op, at, |tx| {
        tx.note("stated", words);
        for (one, said) in kept {
            let mut facts = one.facts.clone();
            facts
                .notes
                .retain(|note| note.code() != Some(SentenceCode::ImportStated));
            facts.notes.push(stated(&said));
            facts.stated = Stated { after, ..said };
            tx.set_facts(uid, &one.header.instance.sop_instance_uid, &facts)?;
        }
        Ok(())
    })?;
    Ok(true)
}

fn read(entry: &StatedEntry) -> Result<Stated, Failure> {
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let stated = Stated {
        sequence: entry.sequence,
        age_years: some(&entry.age)
            .map(|age| kind::age_of(&age))
            .transpose()
            .map_err(Failure::usage)?,
        view: entry.view.map(|view| view.as_str().to_owned()),
        ..Stated::default()
    };
    if stated.is_silent() {
        return Err(Failure::usage("nothing was stated; give a sequence, an age or a view"));
    }
    Ok(stated)
}
