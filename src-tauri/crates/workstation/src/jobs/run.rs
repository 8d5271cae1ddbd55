//! What each kind of job does when its turn comes.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use domain::{FailedInput, Failure, FailureCode, JobId, JobState, Phase, Stated};
use workflow::jobs::queue::Progress;

use super::list::{JobList, MOST_LISTED, Stop, capped};
use crate::Workstation;
use crate::events::Notice;
use contract::terminal::{AnalysisWire, ImportWire};
use contract::window::{AnalyzeSummary, AppEvent, ImportSummary, JobSummary};
use workflow::OpenVault;
use workflow::jobs::rows;
use workflow::jobs::work::Work;
use workflow::{AnalyzeRequest, Follow, Target, analyze_followed};
use workflow::{ImportRequest, import_into};

/// More studies than these are not named in a summary, which is sent with every event.
const MOST_STUDIES: usize = 200;

/// Works on a vault handle of its own, so that no read waits for it, and writes the job's end.
pub fn run(
    station: &std::sync::Arc<Workstation>,
    id: JobId,
    work: &Work,
    progress: &mut Progress<'_>,
    summary: &mut JobSummary,
) -> Result<(), Failure> {
    let mut open = station.another_handle()?;
    rows::update(&mut open, id, JobState::Running, None)?;
    let place = Place {
        station,
        id,
        kept: rows::was_cut_off(&open, id)?,
        last: RefCell::default(),
    };
    let mut told = Told {
        place: &place,
        id: id.0,
        jobs: &station.jobs,
        notice: &station.notice,
        progress,
        analyze: AnalyzeSummary {
            analyses: 0,
            hidden: 0,
            flagged: 0,
            outlined: 0,
            says_where: 0,
            refused: 0,
            failed: vec![],
            failed_unlisted: 0,
        },
        failed: vec![],
    };
    let outcome = verb(&mut open, work, &mut told, summary);
    if matches!(work, Work::AnalyzeStudy { .. } | Work::AnalyzeNew) {
        let (failed, failed_unlisted) = capped(std::mem::take(&mut told.failed));
        summary.analyze = Some(AnalyzeSummary {
            failed,
            failed_unlisted,
            ..told.analyze
        });
    }
    if let Err(failure) = &outcome {
        let order = station.jobs.ordered_to_stop(id.0);
        let cut_off = failure.is_a_stop() && order != Some(Stop::Cancel);
        if cut_off || order == Some(Stop::Leave) {
            // It goes on after the next unlock. Its row does not say that it runs: that would count as a cut.
            rows::update(&mut open, id, JobState::Queued, None)?;
            return outcome;
        }
    }
    let (state, failure) = match &outcome {
        Ok(()) => (JobState::Done, None),
        Err(failure) if failure.is_a_stop() => (JobState::Canceled, None),
        Err(failure) => (JobState::Failed, Some(failure.clone())),
    };
    rows::update(&mut open, id, state, failure)?;
    outcome
}

fn verb(open: &mut OpenVault, work: &Work, told: &mut Told<'_, '_>, summary: &mut JobSummary) -> Result<(), Failure> {
    match work {
        Work::Import { paths, .. } => {
            let paths: Vec<PathBuf> = paths.iter().map(|path| path.0.clone()).collect();
            told.tell(Phase::LookingForFiles, 0, 0);
            let mut result = ImportWire::default();
            let place = told.place;
            let mut watch = |phase: Phase, done: u64, of: u64| told.tell(phase, done, of);
            let mut at_file = |file: &Path| place.is(&file.display().to_string());
            let thumbnails = place.station.view().ok().map(|view| view.thumbnails.clone());
            let small = thumbnails.as_deref();
            let request = ImportRequest::of(paths);
            let outcome = import_into(open, &request, &mut watch, &mut at_file, small, &mut result);
            summary.import = Some(import_summary(result));
            outcome
        }
        Work::AnalyzeStudy { study } => analyze(open, &Target::Study(study.clone()), told),
        Work::AnalyzeNew => analyze(open, &Target::New, told),
        Work::Export { study, format, out } => {
            told.tell(Phase::WritingTheReport, 0, 1);
            let written = workflow::report(open, study, *format, out.as_ref())?;
            told.tell(Phase::WritingTheReport, 1, 1);
            summary.export = Some(written);
            Ok(())
        }
        Work::Backup { folder } => {
            let mut watch = |phase: Phase, done: u64, of: u64| told.tell(phase, done, of);
            summary.backup = Some(workflow::backup(open, folder.as_ref(), &mut watch)?);
            Ok(())
        }
    }
}

fn import_summary(mut result: ImportWire) -> ImportSummary {
    let mut studies = std::mem::take(&mut result.studies);
    studies.truncate(MOST_STUDIES);
    let counted = |count: usize| count as u64;
    let unread = counted(result.unread().len());
    let beside = counted(result.failed.len()) - unread;
    let without_image = counted(result.no_image.len());
    // What seemed to be a scan is listed first.
    result.failed.sort_by_key(|one| one.code == FailureCode::NotAnImage);
    let (failed, failed_unlisted) = capped(std::mem::take(&mut result.failed));
    result.no_image.truncate(MOST_LISTED);
    result.notes.truncate(MOST_LISTED);
    result.also_read.truncate(MOST_LISTED);
    ImportSummary {
        import: ImportWire {
            studies,
            failed,
            ..result
        },
        failed_unlisted,
        unread,
        beside,
        without_image,
    }
}

fn analyze(open: &mut OpenVault, target: &Target, told: &mut Told<'_, '_>) -> Result<(), Failure> {
    let station = told.place.station;
    told.tell(Phase::LoadingTheModel, 0, 0);
    let request = AnalyzeRequest {
        bundle: None,
        device: station.device_choice(),
        maps: None,
        allow_unsigned: false,
        stated: Stated::default(),
    };
    analyze_followed(open, target, &request, &station.installed_bundles(), told)
}

/// What follows a finished job: the analysis of what an import brought, and the study on the screen.
pub fn afterwards(station: &std::sync::Arc<Workstation>, work: &Work, id: JobId) {
    let Work::Import { show, analyze, .. } = work else {
        return;
    };
    let import = station
        .jobs
        .all()
        .into_iter()
        .find(|job| job.id == id.0)
        .and_then(|job| job.gave.import);
    let Some(ImportSummary { import, .. }) = import else {
        return;
    };
    if *show && let [study] = import.studies.as_slice() {
        station.notice.tell(&AppEvent::ShowStudy {
            study_instance_uid: study.clone(),
        });
    }
    if *analyze && import.imported > 0 {
        // Who may import and not analyse gets no analysis; that is no failure of the import.
        if let Err(failure) = station.submit(Work::AnalyzeNew) {
            tracing::info!(%failure, "the imported studies are not analysed");
        }
    }
}

/// Where a job is. One that was cut off before writes it down first, so that a second cut can be told with the file
/// or study.
struct Place<'a> {
    station: &'a Workstation,
    id: JobId,
    kept: bool,
    last: RefCell<String>,
}

impl Place<'_> {
    fn is(&self, what: &str) {
        if !self.kept || *self.last.borrow() == what {
            return;
        }
        self.last.replace(what.to_owned());
        let noted = self.station.with_vault(|open| rows::working_on(open, self.id, what));
        if let Err(failure) = noted {
            tracing::warn!(%failure, "the place of a job could not be written down");
        }
    }
}

/// Passes a verb's progress on and gathers what it found.
struct Told<'a, 'p> {
    place: &'a Place<'a>,
    id: i64,
    jobs: &'a JobList,
    notice: &'a Notice,
    progress: &'a mut Progress<'p, Phase>,
    analyze: AnalyzeSummary,
    failed: Vec<FailedInput>,
}

impl Told<'_, '_> {
    fn tell(&mut self, phase: Phase, done: u64, of: u64) -> bool {
        let wanted = self.jobs.progress(self.id, phase, done, of);
        self.notice.jobs_changed();
        // The lane may be told to stop as well, when the program ends.
        self.progress.report(phase, done, of).is_ok() && wanted
    }
}

impl Follow for Told<'_, '_> {
    fn progress(&mut self, phase: Phase, done: u64, of: u64) -> bool {
        self.tell(phase, done, of)
    }

    fn at_study(&mut self, study: &str, done: u64, of: u64) {
        self.place.is(study);
        self.jobs.at_study(self.id, study, done, of);
    }

    fn analysed(&mut self, analysis: Option<AnalysisWire>) {
        self.analyze.analyses += 1;
        let Some(analysis) = analysis else {
            self.analyze.hidden += 1;
            return;
        };
        self.analyze.flagged += u64::from(analysis.flagged);
        self.analyze.outlined += u64::from(analysis.outlined);
        self.analyze.says_where += u64::from(analysis.score.is_some() && analysis.says == domain::Says::Where);
        self.analyze.refused += u64::from(analysis.input.verdict == domain::InputVerdict::OutOfRange);
    }

    fn failed(&mut self, input: FailedInput) {
        self.failed.push(input);
    }
}
