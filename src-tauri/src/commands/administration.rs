use workflow::wire::window::DeviceInfo;

use crate::shell::{Answer, Held};

#[tauri::command(rename_all = "snake_case")]
pub async fn device_info(shell: Held<'_>) -> Answer<DeviceInfo> {
    shell.work(move |station| station.device_info()).await
}
