//! The answers to the window's commands: verbs of `workflow` on the open vault, with what the workstation adds, which is
//! the person's settings and the handle that fits.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use contract::commands::*;
use contract::window::*;
use domain::{
    Annotation, AnnotationKind, Counterparts, Failure, FailureCode, Permission, Policy, Prevalence, ReportForm,
    SignOff, WorklistRow,
};
use workflow::bundles;
use workflow::files::keep_out_of_vaults;
use workflow::jobs::work::{StoredPath, Work};
use workflow::permit::permit;
use workflow::pixels::{frame_bytes, instance_of_study, map_bytes};
use workflow::places::make_private;

use super::session::View;
use super::{Workstation, known_vaults, locked};

/// Views that stay answerable; a table shows one, and the one before it while it changes.
const MOST_VIEWS: usize = 4;

/// Orders of the list that were asked for, the newest last.
#[derive(Default)]
pub struct Views {
    next: u64,
    kept: Vec<(u64, Arc<Vec<i64>>)>,
}

impl Views {
    fn keep(&mut self, rows: Vec<i64>) -> u64 {
        self.next += 1;
        self.kept.push((self.next, Arc::new(rows)));
        if self.kept.len() > MOST_VIEWS {
            self.kept.remove(0);
        }
        self.next
    }

    fn rows(&self, view: u64) -> Option<Arc<Vec<i64>>> {
        self.kept
            .iter()
            .find(|(id, _)| *id == view)
            .map(|(_, rows)| rows.clone())
    }
}

impl Commands for Workstation {
    fn start_info(self: &Arc<Self>) -> Result<StartInfo, Failure> {
        Ok(StartInfo {
            app_version: env!("CARGO_PKG_VERSION").to_owned(),
            trusts_development_key: workflow::trusts_development_key(),
            vaults: known_vaults::list(&self.config),
            session: self.session(),
            settings: self.settings(),
            waiting_paths: locked(&self.waiting).len() as u64,
            settings_problem: self.settings_problem.clone(),
        })
    }

    fn save_settings(self: &Arc<Self>, request: SaveSettings) -> Result<Settings, Failure> {
        self.keep_settings(request.settings)
    }

    fn open_demo(self: &Arc<Self>) -> Result<SessionInfo, Failure> {
        self.enter_demo()
    }

    fn lock(self: &Arc<Self>) -> Result<(), Failure> {
        self.end_session();
        Ok(())
    }

    fn open_worklist(self: &Arc<Self>, request: OpenWorklist) -> Result<WorklistView, Failure> {
        let session = self.view()?;
        let (view, rows) = {
            let mut list = locked(&session.list);
            workflow::open_worklist(&mut list, &request.query)?
        };
        session.take_up_words();
        let number = locked(&session.views).keep(rows);
        Ok(WorklistView { view: number, ..view })
    }

    /// Rows of a view, with the progress of those that are being analysed. A view that many newer ones
    /// pushed out is opened again by its query.
    fn worklist_rows(self: &Arc<Self>, request: WorklistRows) -> Result<Vec<WorklistRow>, Failure> {
        let WorklistRows { view, offset, limit } = request;
        let session = self.view()?;
        let rows = locked(&session.views).rows(view).ok_or_else(|| {
            let message = format!("the list's view {view} is not kept any more; open the list again");
            Failure::new(FailureCode::ViewGone, message)
        })?;
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(rows.len());
        let end = start.saturating_add(limit as usize).min(rows.len());
        let mut shown = self.with_vault(|open| workflow::worklist_rows(open, &rows[start..end]))?;
        let progress = self.study_progress();
        for row in &mut shown {
            if let Some((done, of)) = progress.get(row.study_instance_uid.as_str()) {
                row.progress = Some([*done, *of]);
            }
        }
        Ok(shown)
    }

    fn saved_filters(self: &Arc<Self>) -> Result<Vec<SavedFilter>, Failure> {
        self.with_vault(|open| workflow::saved_filters(open))
    }

    fn save_filter(self: &Arc<Self>, request: SaveFilter) -> Result<Vec<SavedFilter>, Failure> {
        self.with_vault(|open| workflow::save_filter(open, &request.filter))
    }

    fn delete_filter(self: &Arc<Self>, request: DeleteFilter) -> Result<Vec<SavedFilter>, Failure> {
        self.with_vault(|open| workflow::delete_filter(open, &request.name))
    }

    fn open_study(self: &Arc<Self>, request: OpenStudy) -> Result<StudyDetail, Failure> {
        let study = request.study_instance_uid;
        let opened = self.with_vault(|open| workflow::open_study(open, &study))?;
        locked(&self.view()?.opened).insert(study);
        Ok(opened)
    }

    /// Asking for a study that was not opened since the unlock is opening it.
    fn refresh_study(self: &Arc<Self>, request: RefreshStudy) -> Result<StudyDetail, Failure> {
        let study_instance_uid = request.study_instance_uid;
        if !locked(&self.view()?.opened).contains(&study_instance_uid) {
            return self.open_study(OpenStudy { study_instance_uid });
        }
        self.with_vault(|open| workflow::refresh_study(open, &study_instance_uid))
    }

    fn read_ahead(self: &Arc<Self>, request: ReadAhead) -> Result<Vec<SeriesWire>, Failure> {
        self.with_vault(|open| workflow::read_ahead(open, &request.study_instance_uid))
    }

    fn counterparts(self: &Arc<Self>, request: CounterpartsOf) -> Result<Counterparts, Failure> {
        let CounterpartsOf {
            series_instance_uid: from,
            other_series_instance_uid: to,
        } = request;
        self.with_vault(|open| workflow::counterparts(open, &from, &to))
    }

    fn save_note_draft(self: &Arc<Self>, request: SaveNoteDraft) -> Result<(), Failure> {
        self.with_vault(|open| workflow::save_note_draft(open, &request.finding_id, &request.note))
    }

    fn prefetch(self: &Arc<Self>, request: Prefetch) -> Result<(), Failure> {
        self.permitted_view()?.store.prefetch(request.sop_instance_uids);
        Ok(())
    }

    fn save_annotation(self: &Arc<Self>, request: SaveAnnotation) -> Result<Annotation, Failure> {
        let SaveAnnotation {
            study_instance_uid: study,
            annotation,
        } = request;
        // An area is measured on the image that it was drawn on; of one that cannot be read it has no values.
        let image = match annotation.kind {
            AnnotationKind::Ellipse => self
                .permitted_view()?
                .store
                .get(annotation.sop_instance_uid.as_str())
                .ok(),
            _ => None,
        };
        self.with_vault(|open| workflow::save_annotation(open, &study, &annotation, image.as_deref()))
    }

    fn remove_annotation(self: &Arc<Self>, request: RemoveAnnotation) -> Result<(), Failure> {
        self.with_vault(|open| workflow::remove_annotation(open, &request.study_instance_uid, &request.id))
    }

    fn commit_opinion(self: &Arc<Self>, request: CommitOpinion) -> Result<StudyDetail, Failure> {
        let CommitOpinion {
            study_instance_uid: study,
            opinion,
            note,
        } = request;
        self.with_vault(|open| workflow::commit_opinion(open, &study, opinion, note))
    }

    fn analyze_study(self: &Arc<Self>, request: AnalyzeStudy) -> Result<i64, Failure> {
        self.submit(Work::AnalyzeStudy {
            study: request.study_instance_uid,
        })
    }

    fn analyze_new(self: &Arc<Self>) -> Result<i64, Failure> {
        self.submit(Work::AnalyzeNew)
    }

    fn review(self: &Arc<Self>, request: ReviewFinding) -> Result<ReviewedWire, Failure> {
        let ReviewFinding {
            finding_id,
            decision,
            note,
        } = request;
        self.with_vault(|open| workflow::review_finding(open, &finding_id, decision, note))
    }

    fn set_patient(self: &Arc<Self>, request: SetPatient) -> Result<StudyDetail, Failure> {
        self.with_vault(|open| workflow::set_patient(open, &request.study_instance_uid, &request.patient))
    }

    fn state_kind(self: &Arc<Self>, request: StateKind) -> Result<StudyDetail, Failure> {
        self.with_vault(|open| workflow::state_kind(open, &request.study_instance_uid, &request.stated))
    }

    fn save_form(self: &Arc<Self>, request: SaveForm) -> Result<ReportForm, Failure> {
        self.with_vault(|open| workflow::save_form(open, &request.study_instance_uid, &request.form))
    }

    fn report_formats(self: &Arc<Self>) -> Result<Vec<OfferedFormat>, Failure> {
        Ok(workflow::report_formats())
    }

    fn sign(self: &Arc<Self>, request: Sign) -> Result<SignOff, Failure> {
        self.with_vault(|open| workflow::sign(open, &request.study_instance_uid).map(|(_, sign_off)| sign_off))
    }

    fn jobs(self: &Arc<Self>) -> Result<Vec<JobInfo>, Failure> {
        Ok(self.jobs.all())
    }

    fn stop_job(self: &Arc<Self>, request: StopJob) -> Result<(), Failure> {
        self.cancel_job(request.id)
    }

    fn dismiss_job(self: &Arc<Self>, request: DismissJob) -> Result<(), Failure> {
        self.let_go_of_job(request.id)
    }

    fn start_job_again(self: &Arc<Self>, request: StartJobAgain) -> Result<(), Failure> {
        self.take_up_job(request.id)
    }

    fn models(self: &Arc<Self>) -> Result<Vec<ModelInfo>, Failure> {
        self.with_vault(|open| bundles::describe_all(open, &self.installed_bundles()))
    }

    fn verify_models(self: &Arc<Self>) -> Result<Verification, Failure> {
        self.with_vault(|open| bundles::verify_all(open, &self.installed_bundles()))
    }

    fn activate_bundle(self: &Arc<Self>, request: ActivateBundle) -> Result<Vec<ModelInfo>, Failure> {
        self.use_bundle(&request.name, &request.version, true)
    }

    fn retire_bundle(self: &Arc<Self>, request: RetireBundle) -> Result<Vec<ModelInfo>, Failure> {
        self.use_bundle(&request.name, &request.version, false)
    }

    fn state_prevalence(self: &Arc<Self>, request: StatePrevalence) -> Result<Vec<ModelInfo>, Failure> {
        let share = request.share.map(Prevalence::try_from).transpose();
        let share = share.map_err(|error| Failure::usage(error.to_string()))?;
        self.with_vault(|open| {
            bundles::state_prevalence(open, &request.name, share)?;
            bundles::describe_all(open, &self.installed_bundles())
        })
    }

    fn estimate_prevalence(self: &Arc<Self>, request: EstimatePrevalence) -> Result<PrevalenceEstimate, Failure> {
        self.with_vault(|open| bundles::estimated(open, &request.name))
    }

    fn quality(self: &Arc<Self>, request: QualityOf) -> Result<Quality, Failure> {
        self.with_vault(|open| workflow::quality(open, request.days))
    }

    fn vault_status(self: &Arc<Self>) -> Result<VaultStatus, Failure> {
        self.with_vault(|open| workflow::vault_numbers(open))
    }

    fn audit_rows(self: &Arc<Self>, request: AuditRows) -> Result<AuditPage, Failure> {
        self.with_vault(|open| workflow::audit_rows(open, &request.find, request.before, request.limit))
    }

    fn verify_audit(self: &Arc<Self>) -> Result<AuditCheck, Failure> {
        self.with_vault(workflow::verify_audit)
    }

    fn device_info(self: &Arc<Self>) -> Result<DeviceInfo, Failure> {
        let choice = self.device_choice();
        self.with_vault(|open| workflow::device_info(open, choice))
    }

    fn change_policy(self: &Arc<Self>, request: ChangePolicy) -> Result<SessionInfo, Failure> {
        self.set_policy(Policy {
            read_first: request.read_first,
        })
    }

    fn accept_restored(self: &Arc<Self>) -> Result<SessionInfo, Failure> {
        self.take_restored()
    }

    fn study_thumbnail(self: &Arc<Self>, request: StudyThumbnail) -> Result<Vec<u8>, Failure> {
        let sop = self.with_vault(|open| instance_of_study(open, &request.study_instance_uid))?;
        self.thumbnail(&sop)
    }

    fn instance_thumbnail(self: &Arc<Self>, request: InstanceThumbnail) -> Result<Vec<u8>, Failure> {
        self.thumbnail(&request.sop_instance_uid)
    }

    fn frame(self: &Arc<Self>, request: FrameOf) -> Result<Vec<u8>, Failure> {
        let decoded = self.permitted_view()?.store.get(&request.sop_instance_uid)?;
        frame_bytes(&decoded, request.frame)
    }

    fn anomaly_map(self: &Arc<Self>, request: AnomalyMapOf) -> Result<Vec<u8>, Failure> {
        self.with_vault(|open| map_bytes(open, &request.sop_instance_uid, request.frame))
    }

    fn report_preview(self: &Arc<Self>, request: ReportPreview) -> Result<Vec<u8>, Failure> {
        self.with_vault(|open| workflow::report_preview(open, &request.study_instance_uid))
    }
}

impl Workstation {
    /// A copy of the vault in a new folder below `folder`; the job.
    pub fn backup(self: &Arc<Self>, folder: PathBuf) -> Result<i64, Failure> {
        keep_out_of_vaults(&folder)?;
        self.submit(Work::Backup {
            folder: StoredPath(folder),
        })
    }

    /// Copies the bundle in `folder` to those of this machine.
    pub fn install_bundle(self: &Arc<Self>, folder: &Path) -> Result<Vec<ModelInfo>, Failure> {
        make_private(&self.config)?;
        self.with_vault(|open| bundles::install(open, &self.installed_bundles(), folder))?;
        self.models()
    }

    fn use_bundle(self: &Arc<Self>, name: &str, version: &str, in_use: bool) -> Result<Vec<ModelInfo>, Failure> {
        self.with_vault(|open| bundles::set_state(open, &self.installed_bundles(), name, version, in_use))?;
        self.models()
    }

    pub(super) fn installed_bundles(&self) -> PathBuf {
        self.config.join("models")
    }

    fn thumbnail(&self, sop_instance_uid: &str) -> Result<Vec<u8>, Failure> {
        let view = self.permitted_view()?;
        view.thumbnails.of_instance(&view.store, sop_instance_uid)
    }

    /// Looking at a study was permitted and audited when it was opened; every image asks for the permission again.
    fn permitted_view(&self) -> Result<Arc<View>, Failure> {
        let view = self.view()?;
        let session = locked(&self.session);
        let asked = session
            .as_ref()
            .map(|session| permit(session.who(), Permission::ViewRecords));
        asked.unwrap_or(Ok(())).map(|()| view)
    }
}
