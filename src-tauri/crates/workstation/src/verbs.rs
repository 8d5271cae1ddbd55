//! The verbs of the window on the open vault, with what the workstation adds: the person's settings
//! and the handle that fits.

use domain::{Annotation, Decision, Failure, FailureCode, FormText, Opinion, ReportForm, SignOff, WorklistRow};
use std::path::PathBuf;
use std::sync::Arc;

use super::{Workstation, locked};
use contract::window::{
    AuditCheck, AuditPage, DeviceInfo, Quality, ReportFormat, ReviewedWire, SavedFilter, SeriesWire, StudyDetail,
    VaultStatus, WorklistQuery, WorklistView,
};
use workflow::files::keep_out_of_vaults;
use workflow::jobs::work::{StoredPath, Work};

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

impl Workstation {
    pub fn open_worklist(&self, query: &WorklistQuery) -> Result<WorklistView, Failure> {
        let session = self.view()?;
        let (view, rows) = {
            let mut list = locked(&session.list);
            workflow::open_worklist(&mut list, query)?
        };
        session.take_up_words();
        let number = locked(&session.views).keep(rows);
        Ok(WorklistView { view: number, ..view })
    }

    /// Rows of a view, with the progress of those that are being analysed. A view that many newer ones
    /// pushed out is opened again by its query.
    pub fn worklist_rows(&self, view: u64, offset: u64, limit: u32) -> Result<Vec<WorklistRow>, Failure> {
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

    pub fn saved_filters(&self) -> Result<Vec<SavedFilter>, Failure> {
        self.with_vault(|open| workflow::saved_filters(open))
    }

    pub fn save_filter(&self, filter: &SavedFilter) -> Result<Vec<SavedFilter>, Failure> {
        self.with_vault(|open| workflow::save_filter(open, filter))
    }

    pub fn delete_filter(&self, name: &str) -> Result<Vec<SavedFilter>, Failure> {
        self.with_vault(|open| workflow::delete_filter(open, name))
    }

    /// Audited: this person looked at the study.
    pub fn open_study(&self, study: &str) -> Result<StudyDetail, Failure> {
        let opened = self.with_vault(|open| workflow::open_study(open, study))?;
        locked(&self.view()?.opened).insert(study.to_owned());
        Ok(opened)
    }

    /// A study that was opened since the unlock, as it stands now. Asking for another one is opening it.
    pub fn refresh_study(&self, study: &str) -> Result<StudyDetail, Failure> {
        if !locked(&self.view()?.opened).contains(study) {
            return self.open_study(study);
        }
        self.with_vault(|open| workflow::refresh_study(open, study))
    }

    /// The pictures of a study that may be opened next; not audited, for nobody sees them.
    pub fn read_ahead(&self, study: &str) -> Result<Vec<SeriesWire>, Failure> {
        self.with_vault(|open| workflow::read_ahead(open, study))
    }

    pub fn save_note_draft(&self, finding_id: &str, note: &str) -> Result<(), Failure> {
        self.with_vault(|open| workflow::save_note_draft(open, finding_id, note))
    }

    pub fn save_annotation(&self, study: &str, annotation: &Annotation) -> Result<Annotation, Failure> {
        self.with_vault(|open| workflow::save_annotation(open, study, annotation))
    }

    pub fn remove_annotation(&self, study: &str, id: &str) -> Result<(), Failure> {
        self.with_vault(|open| workflow::remove_annotation(open, study, id))
    }

    pub fn save_form(&self, study: &str, form: &FormText) -> Result<ReportForm, Failure> {
        self.with_vault(|open| workflow::save_form(open, study, form))
    }

    pub fn commit_opinion(&self, study: &str, opinion: Opinion, note: Option<String>) -> Result<StudyDetail, Failure> {
        self.with_vault(|open| workflow::commit_opinion(open, study, opinion, note))
    }

    pub fn review(&self, finding_id: &str, decision: Decision, note: Option<String>) -> Result<ReviewedWire, Failure> {
        self.with_vault(|open| workflow::review_finding(open, finding_id, decision, note))
    }

    pub fn report_formats(&self) -> Vec<ReportFormat> {
        workflow::report_formats()
    }

    pub fn report_preview(&self, study: &str) -> Result<Vec<u8>, Failure> {
        self.with_vault(|open| workflow::report_preview(open, study))
    }

    pub fn sign(&self, study: &str) -> Result<SignOff, Failure> {
        self.with_vault(|open| workflow::sign(open, study).map(|(_, sign_off)| sign_off))
    }

    pub fn vault_status(&self) -> Result<VaultStatus, Failure> {
        self.with_vault(|open| workflow::vault_numbers(open))
    }

    pub fn audit_rows(&self, find: &str, before: Option<u64>, limit: u32) -> Result<AuditPage, Failure> {
        self.with_vault(|open| workflow::audit_rows(open, find, before, limit))
    }

    pub fn verify_audit(&self) -> Result<AuditCheck, Failure> {
        self.with_vault(workflow::verify_audit)
    }

    pub fn device_info(&self) -> Result<DeviceInfo, Failure> {
        let choice = self.device_choice();
        self.with_vault(|open| workflow::device_info(open, choice))
    }

    pub fn quality(&self, days: u32) -> Result<Quality, Failure> {
        self.with_vault(|open| workflow::quality(open, days))
    }

    /// A copy of the vault in a new folder below `folder`.
    pub fn backup(self: &Arc<Self>, folder: PathBuf) -> Result<i64, Failure> {
        keep_out_of_vaults(&folder)?;
        self.submit(Work::Backup {
            folder: StoredPath(folder),
        })
    }
}
