use contract::window::{SavedFilter, WorklistQuery, WorklistView};
use domain::WorklistRow;
use tauri::ipc::Response;

use crate::shell::{Answer, Held};

#[tauri::command(rename_all = "snake_case")]
pub async fn open_worklist(shell: Held<'_>, query: WorklistQuery) -> Answer<WorklistView> {
    shell.work(move |station| station.open_worklist(&query)).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn worklist_rows(shell: Held<'_>, view: u64, offset: u64, limit: u32) -> Answer<Vec<WorklistRow>> {
    shell
        .work(move |station| station.worklist_rows(view, offset, limit))
        .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn study_thumbnail(shell: Held<'_>, study_instance_uid: String) -> Answer<Response> {
    let png = shell
        .work(move |station| station.study_thumbnail(&study_instance_uid))
        .await?;
    Ok(Response::new(png))
}

#[tauri::command(rename_all = "snake_case")]
pub async fn instance_thumbnail(shell: Held<'_>, sop_instance_uid: String) -> Answer<Response> {
    let png = shell
        .work(move |station| station.instance_thumbnail(&sop_instance_uid))
        .await?;
    Ok(Response::new(png))
}

#[tauri::command(rename_all = "snake_case")]
pub async fn saved_filters(shell: Held<'_>) -> Answer<Vec<SavedFilter>> {
    shell.work(move |station| station.saved_filters()).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn save_filter(shell: Held<'_>, filter: SavedFilter) -> Answer<Vec<SavedFilter>> {
    shell.work(move |station| station.save_filter(&filter)).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn delete_filter(shell: Held<'_>, name: String) -> Answer<Vec<SavedFilter>> {
    shell.work(move |station| station.delete_filter(&name)).await
}
