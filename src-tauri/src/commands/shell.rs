//! Commands that need a dialog, a folder that a person chose, or the window itself.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use contract::window::{AppEvent, ModelInfo, SessionInfo, StartInfo};
use domain::{Failure, FailureCode, ReportFormat};
use tauri::ipc::Channel;
use tauri::{AppHandle, Runtime, WebviewWindow};
use workstation::Workstation;

use crate::dialogs::Title;
use crate::shell::{Answer, Held};
use crate::window;

#[tauri::command(rename_all = "snake_case")]
pub async fn subscribe(shell: Held<'_>, channel: Channel<AppEvent>) -> Answer<()> {
    shell.events.subscribe(channel);
    Ok(())
}

#[tauri::command(rename_all = "snake_case")]
pub async fn ui_ready<R: Runtime>(window: WebviewWindow<R>) -> Answer<()> {
    window::show(&window);
    Ok(())
}

#[tauri::command(rename_all = "snake_case")]
pub async fn choose_vault_folder(shell: Held<'_>) -> Answer<Option<String>> {
    let folder = shell.dialogs.folder(Title::VaultFolder, shell.language()).await?;
    Ok(folder.map(|folder| shell.grant(folder)))
}

#[tauri::command(rename_all = "snake_case")]
pub async fn create_vault(shell: Held<'_>, folder: &str, user: String, passphrase: String) -> Answer<SessionInfo> {
    let folder = shell.granted(folder)?;
    shell
        .work(move |station| station.create_vault(&folder, &user, passphrase))
        .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn unlock(shell: Held<'_>, folder: &str, user: String, passphrase: String) -> Answer<SessionInfo> {
    let folder = shell.granted(folder)?;
    shell
        .work(move |station| station.unlock(&folder, &user, passphrase))
        .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn forget_vault(shell: Held<'_>, folder: &str) -> Answer<StartInfo> {
    let folder = shell.granted(folder)?;
    shell.work(move |station| station.forget_vault(&folder)).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn close<R: Runtime>(app: AppHandle<R>, shell: Held<'_>, stop_jobs: bool) -> Answer<()> {
    shell.may_close.store(true, Ordering::Release);
    shell
        .work(move |station| {
            station.close(stop_jobs);
            Ok(())
        })
        .await?;
    app.exit(0);
    Ok(())
}

#[tauri::command(rename_all = "snake_case")]
pub async fn toggle_fullscreen<R: Runtime>(window: WebviewWindow<R>) -> Answer<()> {
    window::toggle_fullscreen(&window).map_err(|error| Failure::new(FailureCode::Window, error.to_string()))
}

#[tauri::command(rename_all = "snake_case")]
pub async fn import_files(shell: Held<'_>) -> Answer<Option<i64>> {
    let paths = shell.dialogs.files(Title::ImportFiles, shell.language()).await?;
    shell.import(paths).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn import_folder(shell: Held<'_>) -> Answer<Option<i64>> {
    let folder = shell.dialogs.folder(Title::ImportFolder, shell.language()).await?;
    shell.import(folder.into_iter().collect()).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn install_bundle(shell: Held<'_>) -> Answer<Option<Vec<ModelInfo>>> {
    let picked = shell.dialogs.folder(Title::BundleFolder, shell.language()).await?;
    let Some(folder) = picked else { return Ok(None) };
    shell
        .work(move |station| station.install_bundle(&folder).map(Some))
        .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn backup(shell: Held<'_>) -> Answer<Option<i64>> {
    let picked = shell.dialogs.folder(Title::BackupFolder, shell.language()).await?;
    let Some(folder) = picked else { return Ok(None) };
    shell.work(move |station| station.backup(folder).map(Some)).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn export_report(shell: Held<'_>, study_instance_uid: String, format: ReportFormat) -> Answer<Option<i64>> {
    let name = file_name(&study_instance_uid);
    let picked = shell
        .dialogs
        .save(Title::ExportReport, shell.language(), &name, format.as_str())
        .await?;
    let Some(file) = picked else { return Ok(None) };
    let export = move |station: &Arc<Workstation>| station.export_report(&study_instance_uid, format, file);
    shell.work(export).await.map(Some)
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
