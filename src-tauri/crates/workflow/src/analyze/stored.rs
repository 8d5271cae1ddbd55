//! `analyze` on the studies of a vault.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use decode::{Source, Urgency, Wanted};
use domain::{
    Analysis, AnomalyMap, FailedInput, Failure, FailureCode, JobId, JobRow, JobState, ModelVersion, Permission, Phase,
    Session, Stated, Uid,
};
use records::{FileId, InstanceRecord, JobProgress, Op, Vault};

use super::{AnalyzeRequest, Ready, each_analysis, ready, said_by, save_map};
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
    /// All that this version of the bundle has not seen.
    New,
}

/// Analyses stored studies. Each analysis, its findings, its map and its audit row become permanent
/// together, one frame at a time; the job is a row that says how far it came.
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
    let studies: Vec<Uid> = match target {
        Target::Study(uid) => vec![parse_uid(uid)?],
        Target::New => {
            let models: Vec<ModelVersion> = ready.readers.all().map(|bundle| bundle.model.clone()).collect();
            open.vault.studies_without_analysis(&models)?
        }
    };
    if request.maps.is_some() {
        // A map beside the vault shows what the model saw.
        studies.iter().try_for_each(|study| require_opinion(open, study))?;
    }
    let count = studies.len() as u64;
    for (index, uid) in studies.into_iter().enumerate() {
        let record = find(open, &uid)?;
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
        let pictures = record.instances.iter().filter(|i| i.header.holds_picture());
        let mut series: BTreeMap<&Uid, Vec<Stored>> = BTreeMap::new();
        for instance in pictures {
            let of = &instance.header.series.series_instance_uid;
            series.entry(of).or_default().push(Stored {
                uid: instance.header.instance.sop_instance_uid.to_string(),
                file: instance.file_id.clone(),
                stated: stated(instance, request, &open.session),
            });
        }
        let series: Vec<Vec<Stored>> = series.into_values().collect();
        let total = series.iter().map(Vec::len).sum::<usize>() as u64;
        let job = begin(open, &uid, &ready.readers, total)?;
        // Of many studies the person wants to know how many are done, of one how many images.
        let place = (count > 1).then_some((index as u64, count));
        let mut cut_short = None;
        let end = analyze_study(open, &uid, series, &mut ready, request, &mut |step| match step {
            Step::Analysed(_) if hidden => {
                follow.analysed(None);
                true
            }
            step => told(step, place, uid.as_str(), follow, &mut cut_short),
        });
        // Images that the model never saw make the job a failed one, so that it is made again.
        let cause = end.as_ref().err().cloned().or(cut_short);
        let told = finish(open, job, total, cause.as_ref());
        end.map_err(|failure| {
            let said = match place {
                _ if !failure.is_a_stop() => return failure,
                Some((index, count)) => format!("the analysis was stopped after {index} of {count} studies"),
                None => failure.message,
            };
            Failure::new(failure.code, format!("{said}; what was analysed is kept"))
        })?;
        told?;
    }
    Ok(())
}

enum Step {
    Progress(Phase, u64, u64),
    Analysed(Box<AnalysisWire>),
    Failed(FailedInput),
}

/// Passes a step on; `false` asks the analysis to stop.
fn told(
    step: Step,
    place: Option<(u64, u64)>,
    study: &str,
    follow: &mut dyn Follow,
    cut_short: &mut Option<Failure>,
) -> bool {
    match step {
        Step::Progress(phase, done, of) => {
            follow.at_study(study, done, of);
            match place {
                None => follow.progress(phase, done, of),
                Some((index, count)) => follow.progress(Phase::AnalysingStudies, index + u64::from(done == of), count),
            }
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

#[derive(Clone)]
struct Stored {
    uid: String,
    file: FileId,
    stated: Stated,
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

fn analyze_study(
    open: &mut OpenVault,
    study: &Uid,
    series: Vec<Vec<Stored>>,
    ready: &mut Ready,
    request: &AnalyzeRequest,
    tell: &mut dyn FnMut(Step) -> bool,
) -> Result<(), Failure> {
    let from: Vault = open.vault.open_another()?;
    let reading = || {
        let reader: Vault = from.open_another()?;
        Ok(move |item: &Stored, wanted: &Wanted| {
            let content = reader.read_file(&item.file)?;
            Ok(decoders()?.ask(Source::Bytes(&content), wanted, Urgency::Work)?)
        })
    };
    let mut names = BTreeSet::new();
    let tell = std::cell::RefCell::new(tell);
    let mut watch = |phase: Phase, done: u64, of: u64| (tell.borrow_mut())(Step::Progress(phase, done, of));
    each_analysis(
        series,
        reading,
        &|item| item.stated.clone(),
        ready,
        &mut watch,
        |item, analyzed| {
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

fn begin(open: &mut OpenVault, study: &Uid, readers: &Readers, total: u64) -> Result<JobId, Failure> {
    let bundles: BTreeMap<&str, &str> = (readers.all())
        .map(|bundle| (bundle.model.bundle.as_str(), bundle.model.version.as_str()))
        .collect();
    let parameters = serde_json::json!({ "bundles": bundles });
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
