use contract::window::Quality;

use crate::shell::{Answer, Held};

#[tauri::command(rename_all = "snake_case")]
pub async fn quality(shell: Held<'_>, days: u32) -> Answer<Quality> {
    shell.work(move |station| station.quality(days)).await
}
