use contract::window::JobInfo;

use crate::shell::{Answer, Held};

#[tauri::command(rename_all = "snake_case")]
pub async fn jobs(shell: Held<'_>) -> Answer<Vec<JobInfo>> {
    shell.work(|station| Ok(station.jobs())).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn stop_job(shell: Held<'_>, id: i64) -> Answer<()> {
    shell.work(move |station| station.stop_job(id)).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn dismiss_job(shell: Held<'_>, id: i64) -> Answer<()> {
    shell.work(move |station| station.dismiss_job(id)).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn start_job_again(shell: Held<'_>, id: i64) -> Answer<()> {
    shell.work(move |station| station.start_job_again(id)).await
}
