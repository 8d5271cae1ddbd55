use contract::window::{AuditCheck, AuditPage, DeviceInfo, SessionInfo, VaultStatus};
use domain::Policy;

use crate::dialogs::Title;
use crate::shell::{Answer, Held};

#[tauri::command(rename_all = "snake_case")]
pub async fn vault_status(shell: Held<'_>) -> Answer<VaultStatus> {
    shell.work(move |station| station.vault_status()).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn audit_rows(shell: Held<'_>, find: String, before: Option<u64>, limit: u32) -> Answer<AuditPage> {
    shell
        .work(move |station| station.audit_rows(&find, before, limit))
        .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn verify_audit(shell: Held<'_>) -> Answer<AuditCheck> {
    shell.work(move |station| station.verify_audit()).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn device_info(shell: Held<'_>) -> Answer<DeviceInfo> {
    shell.work(move |station| station.device_info()).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn backup(shell: Held<'_>) -> Answer<Option<i64>> {
    let picked = shell.dialogs.folder(Title::BackupFolder, shell.language()).await?;
    let Some(folder) = picked else { return Ok(None) };
    shell.work(move |station| station.backup(folder).map(Some)).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn accept_restored(shell: Held<'_>) -> Answer<SessionInfo> {
    shell.work(|station| station.accept_restored()).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn change_policy(shell: Held<'_>, read_first: bool) -> Answer<SessionInfo> {
    let policy = Policy { read_first };
    shell.work(move |station| station.change_policy(policy)).await
}
