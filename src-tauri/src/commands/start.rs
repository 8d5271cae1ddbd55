use std::sync::atomic::Ordering;

use contract::window::{AppEvent, SessionInfo, Settings, StartInfo};
use domain::{Failure, FailureCode};
use tauri::ipc::Channel;
use tauri::{AppHandle, Runtime, WebviewWindow};
use workflow::Passphrase;

use crate::dialogs::Title;
use crate::shell::{Answer, Held};
use crate::window;

#[tauri::command(rename_all = "snake_case")]
pub async fn start_info(shell: Held<'_>) -> Answer<StartInfo> {
    shell.work(|station| Ok(station.start_info())).await
}

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
pub async fn save_settings(shell: Held<'_>, settings: Settings) -> Answer<Settings> {
    shell.work(|station| station.save_settings(settings)).await
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
        .work(move |station| station.create_vault(&folder, &user, &Passphrase::new(passphrase)))
        .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn unlock(shell: Held<'_>, folder: &str, user: String, passphrase: String) -> Answer<SessionInfo> {
    let folder = shell.granted(folder)?;
    shell
        .work(move |station| station.unlock(&folder, &user, &Passphrase::new(passphrase)))
        .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn open_demo(shell: Held<'_>) -> Answer<SessionInfo> {
    shell.work(|station| station.open_demo()).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn lock(shell: Held<'_>) -> Answer<()> {
    shell
        .work(|station| {
            station.lock();
            Ok(())
        })
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
