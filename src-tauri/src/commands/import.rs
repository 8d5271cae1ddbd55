use crate::dialogs::Title;
use crate::shell::{Answer, Held};

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
