//! The one test that answers the real dialog of the desktop, by its own keys.

use std::process::Command;
use std::time::{Duration, Instant};

use overread_tests::{Desk, Done, Outcome, need, program};

use crate::steps::{create_vault, desk, samples};

#[test]
fn the_real_dialog_of_the_desktop_hands_over_the_file_that_is_chosen() -> Done {
    need!(program("xdotool"));
    let desk = need!(desk("file_dialog")?);
    desk.settings(&serde_json::json!({ "analyze_after_import": false }))?;
    let window = desk.open()?;
    create_vault(&window)?;
    window.close()?;
    let desk = desk.with_real_dialogs();
    let window = desk.open()?;
    window.unlock()?;
    window.press("Ctrl+o")?;
    let dialog = dialog(&desk, "Open scans")?;
    let file = samples().join("png/lesion-01.png").canonicalize()?;
    xdotool(&desk, &["windowfocus", "--sync", &dialog])?;
    xdotool(&desk, &["key", "ctrl+l"])?;
    xdotool(&desk, &["key", "ctrl+a"])?;
    xdotool(&desk, &["type", "--delay", "15", &file.display().to_string()])?;
    // The list of matching names may still be coming.
    std::thread::sleep(Duration::from_millis(700));
    xdotool(&desk, &["key", "Return"])?;
    window.see("1 image imported, 1 study")?;
    window.click("button", "Open the study")?;
    window.picture_shows()?;
    window.close()
}

fn xdotool(desk: &Desk, arguments: &[&str]) -> Outcome<String> {
    let output = Command::new("xdotool")
        .args(arguments)
        .env("DISPLAY", desk.display())
        .output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// The dialog's window, once it shows.
fn dialog(desk: &Desk, title: &str) -> Outcome<String> {
    let until = Instant::now() + Duration::from_secs(120);
    while Instant::now() < until {
        let found = xdotool(desk, &["search", "--onlyvisible", "--name", title])?;
        if let Some(first) = found.lines().next() {
            return Ok(first.to_owned());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Err(format!("no dialog {title:?} came up").into())
}
