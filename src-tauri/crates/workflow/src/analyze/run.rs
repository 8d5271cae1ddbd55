//! What is to be done of a stored study: all of its images, what no version in use has seen, or what a run left that was
//! cut off.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Failure, InputCheck, InputVerdict, JobState, ModelVersion, Permission, Sentence, SentenceCode, Session, Stated, Uid,
};
use records::{AnalysisRecord, FileId, InstanceRecord, StudyRecord};

use super::item::{Before, Item, left};
use super::stored::Target;
use super::{AnalyzeRequest, said_by};
use crate::study::keep;
use crate::time::now;
use crate::vault::OpenVault;

/// An image of the vault.
#[derive(Debug, Clone)]
pub struct Stored {
    pub uid: String,
    pub file: FileId,
    pub stated: Stated,
}

/// The images of a study that are analysed together.
pub struct Run {
    pub series: Vec<Vec<Item<Stored>>>,
    /// Analyses up to this number are of runs before this one, and before those that it goes on with.
    pub after: i64,
    /// What was stated of its images, in words; what is stated otherwise is no continuation.
    pub stated: BTreeSet<String>,
}

impl Run {
    pub fn of(
        open: &OpenVault,
        record: &StudyRecord,
        target: &Target,
        models: &[ModelVersion],
        request: &AnalyzeRequest,
    ) -> Result<Self, Failure> {
        let pictures = || record.instances.iter().filter(|one| one.header.holds_picture());
        let said = |one: &InstanceRecord| stated(one, request, &open.session);
        let all_said: BTreeSet<String> = pictures().map(|one| said(one).in_words()).collect();
        let cut = cut_after(open, record, &all_said)?;
        let after = cut.unwrap_or_else(|| record.analyses.iter().map(|one| one.id.0).max().unwrap_or(0));
        let asked = |model: &ModelVersion| {
            let same = |one: &ModelVersion| one.bundle == model.bundle && one.version == model.version;
            models.iter().any(same)
        };
        // The newest of each frame by these versions.
        let mut newest: BTreeMap<(&Uid, u32), &AnalysisRecord> = BTreeMap::new();
        for stored in record.analyses.iter().filter(|one| asked(&one.analysis.model)) {
            let place = newest.entry((&stored.analysis.sop_instance_uid, stored.analysis.frame));
            let known = place.or_insert(stored);
            if stored.id > known.id {
                *known = stored;
            }
        }
        let stated_after: BTreeMap<&Uid, Option<i64>> = pictures()
            .map(|one| (&one.header.instance.sop_instance_uid, one.facts.stated.after))
            .collect();
        let mut before: BTreeMap<&Uid, Before> = BTreeMap::new();
        for ((uid, frame), stored) in newest {
            let said_after = stated_after.get(uid).copied().flatten();
            if stored.analysis.input.is_void(stored.id.0, said_after) {
                continue;
            }
            // What was refused may be otherwise beside images that came since, so a run of its own sees it again.
            let has_score = matches!(target, Target::New) && stored.analysis.score.is_some();
            if stored.id.0 > after || has_score {
                let of = before.entry(uid).or_default();
                of.frames.insert(frame);
                if of.verdict.is_none() {
                    of.verdict = verdict(stored);
                }
            }
        }
        let mut series: BTreeMap<&Uid, Vec<Item<Stored>>> = BTreeMap::new();
        for one in pictures() {
            let uid = &one.header.instance.sop_instance_uid;
            let stored = Stored {
                uid: uid.to_string(),
                file: one.file_id.clone(),
                stated: said(one),
            };
            let item = Item::after(stored, one.header.image.frames, before.remove(uid).unwrap_or_default());
            series
                .entry(&one.header.series.series_instance_uid)
                .or_default()
                .push(item);
        }
        Ok(Self {
            series: series.into_values().collect(),
            after,
            stated: all_said,
        })
    }

    /// Frames that hold an image.
    pub fn images(&self) -> u64 {
        self.series.iter().flatten().map(Item::frames).sum()
    }

    /// Of these, those that are to be analysed.
    pub fn left(&self) -> u64 {
        left(self.series.iter().flatten())
    }
}

/// Of a study whose last run was stopped or cut off: the number of the last analysis before that run, or before the
/// first of those that it went on with. `None` where that run came to its end, or was of images of which other things
/// were stated.
fn cut_after(open: &OpenVault, record: &StudyRecord, stated: &BTreeSet<String>) -> Result<Option<i64>, Failure> {
    if record.analyses.is_empty() {
        return Ok(None);
    }
    let run = open.vault.last_run(&record.study.study_instance_uid)?;
    let run = run.filter(|(state, _)| matches!(state, JobState::Failed | JobState::Canceled));
    let parameters = run.map(|(_, parameters)| parameters).unwrap_or_default();
    let same = serde_json::to_value(stated).is_ok_and(|stated| parameters["stated"] == stated);
    Ok(parameters["after"].as_i64().filter(|_| same))
}

/// The learned gate's verdict on the stack that a frame was judged with; `None` where the frame had one of its own.
fn verdict(stored: &AnalysisRecord) -> Option<(ModelVersion, InputCheck)> {
    let check = &stored.analysis.input;
    let of_noise = check.reason.as_ref().and_then(Sentence::code) == Some(SentenceCode::GateNoise);
    if check.score.is_none() && !of_noise {
        return None;
    }
    // What a person stated stands there in place of no reason.
    let reason = check
        .reason
        .clone()
        .filter(|_| check.verdict == InputVerdict::OutOfRange);
    let check = InputCheck {
        reason,
        ..check.clone()
    };
    Some((stored.analysis.model.clone(), check))
}

/// What was said now, else what was said of the image before.
fn stated(instance: &InstanceRecord, request: &AnalyzeRequest, session: &Session) -> Stated {
    let before = &instance.facts.stated;
    // Of a model that was named it is told who did.
    let now = !request.stated.is_silent() || before.is_silent();
    match now {
        true => said_by(&request.stated, session).or(before),
        false => before.clone(),
    }
}

/// Keeps what was said now of the images of a study, so that it holds for what a stop leaves; whether there was
/// something to keep. Who may not bring images in states it for this run alone.
pub fn keep_statement(open: &mut OpenVault, record: &StudyRecord, request: &AnalyzeRequest) -> Result<bool, Failure> {
    if request.stated.is_silent() || !open.session.role.permits(Permission::Import) {
        return Ok(false);
    }
    let session = open.session.clone();
    let pictures = record.instances.iter().filter(|one| one.header.holds_picture());
    let said = pictures.map(|one| (one, stated(one, request, &session)));
    let new = said.filter(|(one, said)| one.facts.stated.in_words() != said.in_words());
    keep(open, record, new, now())
}
