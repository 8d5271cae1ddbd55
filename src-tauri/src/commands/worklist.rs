use tauri::ipc::Response;

use crate::shell::{Answer, Held};

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
