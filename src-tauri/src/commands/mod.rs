//! What the interface may ask, one file for each room of the workstation. A command takes words, asks, and gives back;
//! whatever takes longer than a glance runs on another thread.

mod administration;
mod import;
mod jobs;
mod models;
#[cfg(test)]
mod names;
mod quality;
mod report;
mod start;
mod study;
mod worklist;

use tauri::Runtime;
use tauri::ipc::Invoke;

pub fn handler<R: Runtime>() -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        start::start_info,
        start::subscribe,
        start::ui_ready,
        start::save_settings,
        start::choose_vault_folder,
        start::create_vault,
        start::unlock,
        start::open_demo,
        start::lock,
        start::forget_vault,
        start::close,
        start::toggle_fullscreen,
        import::import_files,
        import::import_folder,
        worklist::open_worklist,
        worklist::worklist_rows,
        worklist::study_thumbnail,
        worklist::instance_thumbnail,
        worklist::saved_filters,
        worklist::save_filter,
        worklist::delete_filter,
        study::open_study,
        study::refresh_study,
        study::read_ahead,
        study::counterparts,
        study::frame,
        study::anomaly_map,
        study::prefetch,
        study::save_annotation,
        study::remove_annotation,
        study::commit_opinion,
        study::analyze_study,
        study::analyze_new,
        study::review,
        study::save_note_draft,
        report::save_form,
        report::report_formats,
        report::report_preview,
        report::sign,
        report::export_report,
        jobs::jobs,
        jobs::stop_job,
        jobs::dismiss_job,
        jobs::start_job_again,
        models::models,
        models::verify_models,
        models::install_bundle,
        models::activate_bundle,
        models::retire_bundle,
        quality::quality,
        administration::vault_status,
        administration::audit_rows,
        administration::verify_audit,
        administration::device_info,
        administration::backup,
        administration::accept_restored,
        administration::change_policy,
    ]
}

#[cfg(test)]
mod tests;
