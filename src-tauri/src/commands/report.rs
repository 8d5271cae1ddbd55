use std::sync::Arc;

use workflow::Workstation;

use crate::dialogs::Title;
use crate::shell::{Answer, Held};

#[tauri::command(rename_all = "snake_case")]
pub async fn export_report(shell: Held<'_>, study_instance_uid: String, format: String) -> Answer<Option<i64>> {
    let name = file_name(&study_instance_uid);
    let picked = shell
        .dialogs
        .save(Title::ExportReport, &shell.language(), &name, &format)
        .await?;
    let Some(file) = picked else { return Ok(None) };
    let export = move |station: &Arc<Workstation>| station.export_report(&study_instance_uid, &format, file);
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
