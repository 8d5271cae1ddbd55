//! The window's commands: one row each. From this table are made the trait that the workstation answers ([`Commands`]),
//! the requests, the handlers of the shell, the names that may be called, and `ui/src/ipc/generated`.
//!
//! A new command is a row here, a method of the workstation (`workstation/src/verbs.rs`; of the shell for those that
//! need a window or a dialog) and the answer of the made-up program (`ui/src/ipc/fake/commands`).

use std::sync::Arc;

use domain::Failure;

use crate::window::*;

/// Calls the macro `$with` with every row: what the workstation answers, what it answers with raw bytes, and what the
/// shell answers because it opens a dialog, checks a folder or moves a window.
#[macro_export]
macro_rules! each_command {
    ($with:ident) => {
        $with! {
            station {
                start_info() -> StartInfo;
                save_settings(SaveSettings { settings: Settings }) -> Settings;
                open_demo() -> SessionInfo;
                lock() -> ();

                open_worklist(OpenWorklist { query: WorklistQuery }) -> WorklistView;
                worklist_rows(WorklistRows { view: u64, offset: u64, limit: u32 }) -> Vec<domain::WorklistRow>;
                saved_filters() -> Vec<SavedFilter>;
                save_filter(SaveFilter { filter: SavedFilter }) -> Vec<SavedFilter>;
                delete_filter(DeleteFilter { name: String }) -> Vec<SavedFilter>;

                /// Audited: this person looked at the study.
                open_study(OpenStudy { study_instance_uid: String }) -> StudyDetail;
                /// A study that was opened since the unlock, as it stands now.
                refresh_study(RefreshStudy { study_instance_uid: String }) -> StudyDetail;
                /// The images alone, to fetch them before the study is opened; not audited.
                read_ahead(ReadAhead { study_instance_uid: String }) -> Vec<SeriesWire>;
                /// Which slices of two series belong together; of studies that were opened.
                counterparts(CounterpartsOf {
                    series_instance_uid: String,
                    other_series_instance_uid: String,
                }) -> domain::Counterparts;
                /// What is typed of a finding before the decision; empty takes it away.
                save_note_draft(SaveNoteDraft { finding_id: String, note: String }) -> ();
                /// Decodes these instances soon, in this order; replaces the hint before.
                prefetch(Prefetch { sop_instance_uids: Vec<String> }) -> ();
                save_annotation(SaveAnnotation { study_instance_uid: String, annotation: domain::Annotation }) -> domain::Annotation;
                remove_annotation(RemoveAnnotation { study_instance_uid: String, id: String }) -> ();
                commit_opinion(CommitOpinion {
                    study_instance_uid: String,
                    opinion: domain::Opinion,
                    note: Option<String>,
                }) -> StudyDetail;
                analyze_study(AnalyzeStudy { study_instance_uid: String }) -> i64;
                /// Every study that the active model has not seen.
                analyze_new() -> i64;
                review(ReviewFinding {
                    finding_id: String,
                    decision: domain::Decision,
                    note: Option<String>,
                }) -> ReviewedWire;

                /// Of a study whose files name nobody. Audited; what was typed before stays in the records.
                set_patient(SetPatient { study_instance_uid: String, patient: PatientEntry }) -> StudyDetail;
                /// Of images whose files do not say it. Audited, and named in results and report.
                state_kind(StateKind { study_instance_uid: String, stated: StatedEntry }) -> StudyDetail;
                save_form(SaveForm { study_instance_uid: String, form: domain::FormText }) -> domain::ReportForm;
                report_formats() -> Vec<OfferedFormat>;
                sign(Sign { study_instance_uid: String }) -> domain::SignOff;

                jobs() -> Vec<JobInfo>;
                stop_job(StopJob { id: i64 }) -> ();
                /// One that was set aside is let go of.
                dismiss_job(DismissJob { id: i64 }) -> ();
                /// Of a job that was set aside.
                start_job_again(StartJobAgain { id: i64 }) -> ();

                models() -> Vec<ModelInfo>;
                /// Reads every byte of the bundles and of libtorch; takes a second or two.
                verify_models() -> Verification;
                activate_bundle(ActivateBundle { name: String, version: String }) -> Vec<ModelInfo>;
                retire_bundle(RetireBundle { name: String, version: String }) -> Vec<ModelInfo>;
                /// How frequent what a bundle looks for is here; without a share what was stated is taken back.
                state_prevalence(StatePrevalence { name: String, share: Option<f64> }) -> Vec<ModelInfo>;
                estimate_prevalence(EstimatePrevalence { name: String }) -> PrevalenceEstimate;

                quality(QualityOf { days: u32 }) -> Quality;
                vault_status() -> VaultStatus;
                audit_rows(AuditRows { find: String, before: Option<u64>, limit: u32 }) -> AuditPage;
                verify_audit() -> AuditCheck;
                device_info() -> DeviceInfo;
                /// Decides whether the model's answer is hidden until the reader has given an own opinion, for
                /// everybody in the vault.
                change_policy(ChangePolicy { read_first: bool }) -> SessionInfo;
                /// Takes restored records as they are; the vault is entered again.
                accept_restored() -> SessionInfo;
            }
            bytes {
                /// PNG bytes.
                study_thumbnail(StudyThumbnail { study_instance_uid: String });
                /// PNG bytes.
                instance_thumbnail(InstanceThumbnail { sop_instance_uid: String });
                /// OVF2 bytes: a header of 96 bytes, the samples, and what follows them (`workflow/src/pixels/bytes.rs`).
                frame(FrameOf { sop_instance_uid: String, frame: u32 });
                /// OVM1 bytes: 12-byte header, then u16.
                anomaly_map(AnomalyMapOf { sop_instance_uid: String, frame: u32 });
                /// PDF bytes.
                report_preview(ReportPreview { study_instance_uid: String });
            }
            shell {
                ui_ready() -> ();
                choose_vault_folder() -> Option<String>;
                create_vault(CreateVault { folder: String, user: String, passphrase: String }) -> SessionInfo;
                unlock(Unlock { folder: String, user: String, passphrase: String }) -> SessionInfo;
                forget_vault(ForgetVault { folder: String }) -> StartInfo;
                close(Close { stop_jobs: bool }) -> ();
                toggle_fullscreen() -> ();
                /// The job; null when the person chose nothing.
                import_files() -> Option<i64>;
                /// The job; null when the person chose nothing.
                import_folder() -> Option<i64>;
                /// The job; null when the person chose nothing.
                export_report(ExportReport { study_instance_uid: String, format: domain::ReportFormat }) -> Option<i64>;
                install_bundle() -> Option<Vec<ModelInfo>>;
                /// The job; null when the person chose nothing.
                backup() -> Option<i64>;
            }
        }
    };
}

/// The command that passes the channel of events; it is no row, for a channel has no shape.
pub const SUBSCRIBE: &str = "subscribe";

macro_rules! declare {
    (
        station { $(
            $(#[doc = $about:literal])*
            $name:ident($($request:ident { $($field:ident: $type:ty),* $(,)? })?) -> $answer:ty;
        )* }
        bytes { $(
            $(#[doc = $bytes_about:literal])*
            $bytes:ident($bytes_request:ident { $($bytes_field:ident: $bytes_type:ty),* $(,)? });
        )* }
        shell { $(
            $(#[doc = $shell_about:literal])*
            $shell:ident($($shell_request:ident { $($shell_field:ident: $shell_type:ty),* $(,)? })?) -> $shell_answer:ty;
        )* }
    ) => {
        $($(
            #[doc = concat!("What `", stringify!($name), "` is asked.")]
            pub struct $request { $(pub $field: $type),* }
        )?)*
        $(
            #[doc = concat!("What `", stringify!($bytes), "` is asked.")]
            pub struct $bytes_request { $(pub $bytes_field: $bytes_type),* }
        )*

        /// What the workstation answers.
        pub trait Commands: Sized {
            $(
                $(#[doc = $about])*
                fn $name(self: &Arc<Self> $(, request: $request)?) -> Result<$answer, Failure>;
            )*
            $(
                $(#[doc = $bytes_about])*
                fn $bytes(self: &Arc<Self>, request: $bytes_request) -> Result<Vec<u8>, Failure>;
            )*
        }

        /// Every command, in the order of the table.
        pub const NAMES: &[&str] = &[SUBSCRIBE, $(stringify!($name),)* $(stringify!($bytes),)* $(stringify!($shell),)*];
    };
}

each_command!(declare);

#[cfg(test)]
mod typescript;
