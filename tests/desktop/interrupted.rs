//! The power fails: while somebody types, and while files are coming in.

use std::fs;
use std::time::{Duration, Instant};

use overread_tests::{Done, need, overread, whole};
use serde_json::json;

use crate::steps::{READER, create_vault, desk, samples};

/// More than this must never be lost.
const PROMISED: Duration = Duration::from_secs(2);

#[test]
fn a_kill_while_typing_loses_at_most_two_seconds_of_text() -> Done {
    let desk = need!(desk("kill_typing")?);
    desk.settings(&json!({ "analyze_after_import": false }))?;
    let window = desk.open()?;
    create_vault(&window)?;
    window.import_files(&[&samples().join("png/lesion-01.png")])?;
    window.see("1 image imported")?;
    window.open_study("lesion-01")?;
    window.press("Ctrl+3")?;
    window.find_field("Conclusion")?;
    window.write("Conclusion", "Begun. ")?;

    // Without a pause, so that only the longest span between two savings counts.
    let mut typed: Vec<(Instant, String)> = Vec::new();
    let mut text = "Begun. ".to_owned();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(7) {
        let word = format!("w{} ", typed.len());
        window.type_text(&word)?;
        text.push_str(&word);
        typed.push((Instant::now(), text.clone()));
    }
    let killed = Instant::now();
    window.kill()?;

    let window = desk.open()?;
    window.unlock()?;
    window.select_study("lesion-01")?;
    window.press("Ctrl+Enter")?;
    let kept = window.written("Conclusion")?;
    assert!(text.starts_with(&kept), "{kept:?} is not what was typed: {text:?}");
    let promised = typed
        .iter()
        .rfind(|(at, _)| killed - *at > PROMISED)
        .map(|(_, text)| text.trim_end());
    let promised = promised.ok_or("nothing was typed more than two seconds before the end")?;
    assert!(
        kept.trim_end().len() >= promised.len(),
        "more than two seconds are lost: {kept:?} is left of {text:?}, and {promised:?} was typed in time"
    );
    window.close()
}

const FILES: usize = 600;

#[test]
fn a_kill_while_importing_goes_on_at_the_next_start() -> Done {
    let desk = need!(desk("kill_import")?);
    desk.settings(&json!({ "analyze_after_import": false }))?;
    let scans = desk.folder.join("scans");
    fs::create_dir(&scans)?;
    let picture = fs::read(samples().join("png/clean-01.png"))?;
    for number in 0..FILES {
        // Bytes after the end of a PNG make another file of the same image.
        let bytes = [picture.as_slice(), &number.to_le_bytes()].concat();
        fs::write(scans.join(format!("{number:04}.png")), bytes)?;
    }
    let window = desk.open()?;
    let vault = create_vault(&window)?;
    window.import_folder(&scans)?;
    // In the midst of it: some are in, and not all.
    window.wait_until(
        "the import under way",
        "const words = /(\\d+) of (\\d+)/.exec(page.text()); return words !== null && Number(words[1]) > 20",
    )?;
    window.kill()?;
    let status = || {
        overread("--json --vault")
            .arg(&vault)
            .args(["--user", READER, "vault", "status"])
            .run()
    };

    let window = desk.open()?;
    window.unlock()?;
    window.see("1 interrupted job goes on")?;
    window.press("Ctrl+1")?;
    window.see(&format!("{FILES} studies"))?;
    window.wait_until(
        "the end of the import",
        "return page.says('imported') && !page.says(' left')",
    )?;
    window.close()?;
    whole(&status()?, FILES as u64)
}
