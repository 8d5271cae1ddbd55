use contract::window::{ReviewedWire, SeriesWire, StudyDetail};
use domain::{Annotation, Decision, Opinion};
use tauri::ipc::Response;

use crate::shell::{Answer, Held};

#[tauri::command(rename_all = "snake_case")]
pub async fn open_study(shell: Held<'_>, study_instance_uid: String) -> Answer<StudyDetail> {
    shell.work(move |station| station.open_study(&study_instance_uid)).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn refresh_study(shell: Held<'_>, study_instance_uid: String) -> Answer<StudyDetail> {
    shell
        .work(move |station| station.refresh_study(&study_instance_uid))
        .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn read_ahead(shell: Held<'_>, study_instance_uid: String) -> Answer<Vec<SeriesWire>> {
    shell.work(move |station| station.read_ahead(&study_instance_uid)).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn save_note_draft(shell: Held<'_>, finding_id: String, note: String) -> Answer<()> {
    shell
        .work(move |station| station.save_note_draft(&finding_id, &note))
        .await
}

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
pub async fn save_annotation(
    shell: Held<'_>,
    study_instance_uid: String,
    annotation: Annotation,
) -> Answer<Annotation> {
    shell
        .work(move |station| station.save_annotation(&study_instance_uid, &annotation))
        .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn remove_annotation(shell: Held<'_>, study_instance_uid: String, id: String) -> Answer<()> {
    shell
        .work(move |station| station.remove_annotation(&study_instance_uid, &id))
        .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn commit_opinion(
    shell: Held<'_>,
    study_instance_uid: String,
    opinion: Opinion,
    note: Option<String>,
) -> Answer<StudyDetail> {
    shell
        .work(move |station| station.commit_opinion(&study_instance_uid, opinion, note))
        .await
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

#[tauri::command(rename_all = "snake_case")]
pub async fn review(
    shell: Held<'_>,
    finding_id: String,
    decision: Decision,
    note: Option<String>,
) -> Answer<ReviewedWire> {
    shell
        .work(move |station| station.review(&finding_id, decision, note))
        .await
}
