use contract::window::{ModelInfo, Verification};

use crate::dialogs::Title;
use crate::shell::{Answer, Held};

#[tauri::command(rename_all = "snake_case")]
pub async fn models(shell: Held<'_>) -> Answer<Vec<ModelInfo>> {
    shell.work(move |station| station.models()).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn verify_models(shell: Held<'_>) -> Answer<Verification> {
    shell.work(move |station| station.verify_models()).await
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
pub async fn activate_bundle(shell: Held<'_>, name: String, version: String) -> Answer<Vec<ModelInfo>> {
    shell
        .work(move |station| station.activate_bundle(&name, &version))
        .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn retire_bundle(shell: Held<'_>, name: String, version: String) -> Answer<Vec<ModelInfo>> {
    shell.work(move |station| station.retire_bundle(&name, &version)).await
}
