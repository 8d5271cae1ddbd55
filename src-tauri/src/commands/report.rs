use std::sync::Arc;

use contract::window::ReportFormat;
use domain::{Failure, FormText, ReportForm, SignOff};
use tauri::ipc::Response;
use workstation::Workstation;

use crate::dialogs::Title;
use crate::shell::{Answer, Held};

#[tauri::command(rename_all = "snake_case")]
pub async fn save_form(shell: Held<'_>, study_instance_uid: String, form: FormText) -> Answer<ReportForm> {
    shell
        .work(move |station| station.save_form(&study_instance_uid, &form))
        .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn report_formats(shell: Held<'_>) -> Answer<Vec<ReportFormat>> {
    shell.work(move |station| Ok(station.report_formats())).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn report_preview(shell: Held<'_>, study_instance_uid: String) -> Answer<Response> {
    let pdf = shell
        .work(move |station| station.report_preview(&study_instance_uid))
        .await?;
    Ok(Response::new(pdf))
}

#[tauri::command(rename_all = "snake_case")]
pub async fn sign(shell: Held<'_>, study_instance_uid: String) -> Answer<SignOff> {
    shell.work(move |station| station.sign(&study_instance_uid)).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn export_report(shell: Held<'_>, study_instance_uid: String, format: String) -> Answer<Option<i64>> {
    let (name, extension) = (file_name(&study_instance_uid), extension(&shell.station, &format)?);
    let picked = shell
        .dialogs
        .save(Title::ExportReport, shell.language(), &name, &extension)
        .await?;
    let Some(file) = picked else { return Ok(None) };
    let export = move |station: &Arc<Workstation>| station.export_report(&study_instance_uid, &format, file);
    shell.work(export).await.map(Some)
}

fn extension(station: &Workstation, format: &str) -> Answer<String> {
    let found = station.report_formats().into_iter().find(|one| one.id == format);
    let unknown = || Failure::usage(format!("'{format}' is not a format of a report"));
    found.map(|format| format.extension).ok_or_else(unknown)
}

/// Tells studies apart and says nothing of the patient: folders of reports are seen by many.
fn file_name(study_instance_uid: &str) -> String {
    let end = study_instance_uid.len().saturating_sub(8);
    format!(
        "report-{}",
        study_instance_uid
            .get(end..)
            .unwrap_or_default()
            .trim_start_matches('.')
    )
}
