use tauri::ipc::Response;

use crate::shell::{Answer, Held};

#[tauri::command(rename_all = "snake_case")]
pub async fn frame(shell: Held<'_>, sop_instance_uid: String, frame: u32) -> Answer<Response> {
    let bytes = shell
        .work(move |station| station.frame(&sop_instance_uid, frame))
        .await?;
    Ok(Response::new(bytes))
}

#[tauri::command(rename_all = "snake_case")]
pub async fn anomaly_map(shell: Held<'_>, sop_instance_uid: String, frame: u32) -> Answer<Response> {
    let bytes = shell
        .work(move |station| station.anomaly_map(&sop_instance_uid, frame))
        .await?;
    Ok(Response::new(bytes))
}

#[tauri::command(rename_all = "snake_case")]
pub async fn prefetch(shell: Held<'_>, sop_instance_uids: Vec<String>) -> Answer<()> {
    shell.work(move |station| station.prefetch(sop_instance_uids)).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn analyze_study(shell: Held<'_>, study_instance_uid: String) -> Answer<i64> {
    shell
        .work(move |station| station.analyze_study(&study_instance_uid))
        .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn analyze_new(shell: Held<'_>) -> Answer<i64> {
    shell.work(move |station| station.analyze_new()).await
}
