//! What the interface may ask, one file for each room of the workstation. A command takes words, asks, and gives back;
//! whatever takes longer than a glance runs on another thread.

mod administration;
mod import;
mod jobs;
#[cfg(test)]
mod names;
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
        worklist::study_thumbnail,
        worklist::instance_thumbnail,
        study::frame,
        study::anomaly_map,
        study::prefetch,
        study::analyze_study,
        study::analyze_new,
        report::export_report,
        jobs::jobs,
        jobs::stop_job,
        jobs::dismiss_job,
        administration::device_info,
    ]
}

#[cfg(test)]
mod tests;
