//! `analyze` on the studies of a vault.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use decode::{Source, Urgency, Wanted};
use domain::{
    Analysis, AnomalyMap, FailedInput, Failure, FailureCode, JobId, JobRow, JobState, Permission, Phase, Uid,
};
use records::{JobProgress, Op, Vault};

use super::item::Item;
use super::run::{Run, Stored, keep_statement};
use super::{AnalyzeRequest, Ready, each_analysis, ready, save_map};
use crate::bundles::{Readers, active_readers, installed_folder};
use crate::decoders::decoders;
use crate::find::{find, parse_uid};
use crate::frames::Watch;
use crate::permit::permit;
use crate::pixels::write_map;
use crate::read_first::{hides, require_opinion};
use crate::time::now;
use crate::vault::OpenVault;
use contract::terminal::{AnalysisWire, AnalyzeWire};

/// Sees what an analysis of stored studies does, step by step.
pub trait Follow {
    /// `false` asks it to stop.
    fn progress(&mut self, phase: Phase, done: u64, of: u64) -> bool;
    /// Images of the study in work.
    fn at_study(&mut self, study: &str, done: u64, of: u64);
    /// `None` where the vault's policy hides the answer from the reader.
    fn analysed(&mut self, analysis: Option<AnalysisWire>);
    fn failed(&mut self, input: FailedInput);
}

/// Keeps everything for whoever prints it.
struct Gather<'a, 'w> {
    watch: &'a mut Watch<'w>,
    result: AnalyzeWire,
}

impl Follow for Gather<'_, '_> {
    fn progress(&mut self, phase: Phase, done: u64, of: u64) -> bool {
        (self.watch)(phase, done, of)
    }

    fn at_study(&mut self, _: &str, _: u64, _: u64) {}

    fn analysed(&mut self, analysis: Option<AnalysisWire>) {
        match analysis {
            Some(analysis) => self.result.analyses.push(analysis),
            None => self.result.hidden += 1,
        }
    }

    fn failed(&mut self, input: FailedInput) {
        self.result.failed.push(input);
    }
}

/// Which studies of the vault.
#[derive(Debug, Clone)]
pub enum Target {
    Study(String),
    /// Images that this version of the bundle has not seen.
    New,
}

/// Analyses stored studies. Each analysis, its findings, its map and its audit row become permanent
/// together, one frame at a time; the job is a row that says how far it came. One that was stopped goes on after the
/// last frame that was stored.
pub fn analyze_stored(
    open: &mut OpenVault,
    target: &Target,
    request: &AnalyzeRequest,
    watch: &mut Watch<'_>,
) -> Result<AnalyzeWire, Failure> {
    let mut gather = Gather {
        watch,
        result: AnalyzeWire::default(),
    };
    analyze_followed(open, target, request, &installed_folder(), &mut gather).map(|()| gather.result)
}

/// `installed` is the folder of installed bundles.
pub fn analyze_followed(
    open: &mut OpenVault,
    target: &Target,
    request: &AnalyzeRequest,
    installed: &Path,
    follow: &mut dyn Follow,
) -> Result<(), Failure> {
    permit(&open.session, Permission::Analyze)?;
    open.vault.require_writable()?;
    let readers = active_readers(open, installed, request.bundle.as_deref())?;
    let mut ready = ready(readers, request, &mut |phase, done, of| {
        follow.progress(phase, done, of)
    })?;
    let studies: Vec<(Uid, u64)> = match target {
        Target::Study(uid) => vec![(parse_uid(uid)?, 0)],
        Target::New => open.vault.studies_without_analysis(&ready.readers.models())?,
    };
    if request.maps.is_some() {
        // A map beside the vault shows what the model saw.
        studies.iter().try_for_each(|(study, _)| require_opinion(open, study))?;
    }
    let (count, mut behind) = (studies.len() as u64, 0);
    let mut ahead: u64 = studies.iter().map(|(_, missing)| missing).sum();
    for (index, (uid, missing)) in studies.into_iter().enumerate() {
        let mut record = find(open, &uid)?;
        ahead = ahead.saturating_sub(missing);
        if record.sign_off.is_some() {
            if matches!(target, Target::New) {
                // Signed since the list was made.
                continue;
            }
            return Err(Failure::new(
                FailureCode::StudySigned,
                format!("study {uid} is signed; nothing of it can be changed any more"),
            ));
        }
        let hidden = hides(open, &uid)?;
        if keep_statement(open, &record, request)? {
            record = find(open, &uid)?;
        }
        let run = Run::of(open, &record, target, &ready.readers.models(), request)?;
        let (total, left) = (run.images(), run.left());
        let job = begin(open, &uid, &ready.readers, &run)?;
        let among = Among {
            // Of one study its images are counted, of many those that are to be analysed.
            before: if count > 1 { behind } else { total - left },
            total: if count > 1 { behind + left + ahead } else { total },
            of_study: (total - left, total),
        };
        let mut cut_short = None;
        let end = analyze_study(open, &uid, run.series, &mut ready, request, &mut |step| match step {
            Step::Analysed(_) if hidden => {
                follow.analysed(None);
                true
            }
            step => told(step, among, uid.as_str(), follow, &mut cut_short),
        });
        behind += left;
        // Images that the model never saw make the job a failed one, so that it is made again.
        let cause = end.as_ref().err().cloned().or(cut_short);
        let told = finish(open, job, total, cause.as_ref());
        end.map_err(|failure| {
            let said = match count > 1 {
                _ if !failure.is_a_stop() => return failure,
                true => format!("the analysis was stopped after {index} of {count} studies"),
                false => failure.message,
            };
            Failure::new(failure.code, format!("{said}; what was analysed is kept"))
        })?;
        told?;
    }
    Ok(())
}

/// Where a study stands among all that are analysed, in images.
#[derive(Clone, Copy)]
struct Among {
    before: u64,
    total: u64,
    /// Images of it that were analysed before, and all of them.
    of_study: (u64, u64),
}

enum Step {
    Progress(Phase, u64),
    Analysed(Box<AnalysisWire>),
    Failed(FailedInput),
}

/// Passes a step on; `false` asks the analysis to stop.
fn told(step: Step, among: Among, study: &str, follow: &mut dyn Follow, cut_short: &mut Option<Failure>) -> bool {
    match step {
        Step::Progress(phase, done) => {
            let (before, images) = among.of_study;
            follow.at_study(study, before + done, images);
            follow.progress(phase, among.before + done, among.total)
        }
        Step::Analysed(analysis) => {
            follow.analysed(Some(*analysis));
            true
        }
        Step::Failed(input) => {
            if cut_short.is_none() && input.code.is_of_the_worker() {
                *cut_short = Some(Failure::new(input.code, input.message.clone()));
            }
            follow.failed(input);
            true
        }
    }
}

fn analyze_study(
    open: &mut OpenVault,
    study: &Uid,
    series: Vec<Vec<Item<Stored>>>,
    ready: &mut Ready,
    request: &AnalyzeRequest,
    tell: &mut dyn FnMut(Step) -> bool,
) -> Result<(), Failure> {
    let from: Vault = open.vault.open_another()?;
    let reading = || {
        let reader: Vault = from.open_another()?;
        Ok(move |item: &Item<Stored>, wanted: &Wanted| {
            let content = reader.read_file(&item.of.file)?;
            Ok(decoders()?.ask(Source::Bytes(&content), wanted, Urgency::Work)?)
        })
    };
    let mut names = BTreeSet::new();
    let tell = std::cell::RefCell::new(tell);
    let mut watch = |phase: Phase, done: u64, _: u64| (tell.borrow_mut())(Step::Progress(phase, done));
    each_analysis(
        series,
        reading,
        &|item| item.of.stated.clone(),
        ready,
        &mut watch,
        |item, analyzed| {
            let item = &item.of;
            match analyzed {
                Ok((analysis, map, ruler)) => {
                    store(open, study, &analysis, map.as_ref())?;
                    let path = PathBuf::from(&item.uid);
                    let saved = save_map(request.maps.as_deref(), &path, &analysis, map.as_ref(), &mut names)?;
                    let analysed = AnalysisWire::of(item.uid.clone(), &analysis, &ruler, saved);
                    (tell.borrow_mut())(Step::Analysed(Box::new(analysed)));
                }
                Err(failure) => {
                    (tell.borrow_mut())(Step::Failed(FailedInput::new(item.uid.clone(), failure)));
                }
            }
            Ok(())
        },
    )
}

/// The map first, then the row that refers to it: a crash between leaves a file that nobody names.
fn store(open: &mut OpenVault, study: &Uid, analysis: &Analysis, map: Option<&AnomalyMap>) -> Result<(), Failure> {
    let stored = match map {
        Some(map) => Some(open.vault.put_file(&mut write_map(map)?.as_slice())?),
        None => None,
    };
    open.vault
        .transact(&open.session, Op::Analyze { study: study.clone() }, now(), |tx| {
            tx.insert_analysis(analysis, stored.as_ref().map(|file| &file.id))
        })?;
    Ok(())
}

fn begin(open: &mut OpenVault, study: &Uid, readers: &Readers, run: &Run) -> Result<JobId, Failure> {
    let bundles: BTreeMap<&str, &str> = (readers.all())
        .map(|bundle| (bundle.model.bundle.as_str(), bundle.model.version.as_str()))
        .collect();
    let parameters = serde_json::json!({ "bundles": bundles, "after": run.after, "stated": run.stated });
    let total = run.images();
    let op = Op::JobChange;
    let (job, _) = open.vault.transact(&open.session, op, now(), |tx| {
        let job = tx.insert_job(JobRow::Analyze, Some(study), &parameters, total)?;
        let running = JobProgress {
            state: JobState::Running,
            phase: Some(Phase::Analysing),
            done: 0,
            total,
            failure: None,
        };
        tx.update_job(job, &running)?;
        Ok(job)
    })?;
    Ok(job)
}

fn finish(open: &mut OpenVault, job: JobId, total: u64, failure: Option<&Failure>) -> Result<(), Failure> {
    let (state, failure) = match failure {
        None => (JobState::Done, None),
        Some(failure) if failure.is_a_stop() => (JobState::Canceled, None),
        Some(failure) => (JobState::Failed, Some(failure.clone())),
    };
    let done = if state == JobState::Done { total } else { 0 };
    let progress = JobProgress {
        state,
        phase: None,
        done,
        total,
        failure,
    };
    open.vault
        .transact(&open.session, Op::JobChange, now(), |tx| tx.update_job(job, &progress))?;
    Ok(())
}
