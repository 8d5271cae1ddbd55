//! The power fails: while somebody types, and while files are coming in.

use std::fs;
use std::time::{Duration, Instant};

use overread_tests::{Done, need, overread, whole};
use serde_json::json;

use crate::steps::{READER, create_vault, desk, samples};

/// Only to tell a hang: nothing that is typed is ever stored.
const HANG: Duration = Duration::from_secs(120);

/// That no more than two seconds of typing are ever unsaved is tested on a clock moved by hand, in
/// `ui/src/screens/report/autosave.test.ts`. Here the power fails.
#[test]
fn a_kill_while_typing_keeps_what_was_stored_and_tears_nothing() -> Done {
    let desk = need!(desk("kill_typing")?);
    desk.settings(&json!({ "analyze_after_import": false }))?;
    let window = desk.open()?;
    let vault = create_vault(&window)?;
    window.import_files(&[&samples().join("png/lesion-01.png")])?;
    window.see("1 image imported")?;
    window.open_study("lesion-01")?;
    window.press("Ctrl+3")?;
    window.find_field("Conclusion")?;
    window.write("Conclusion", "Begun. ")?;
    window.see("Saved at")?;

    // Without a pause, until the vault was written to, and a little more.
    let written = || fs::metadata(vault.join("records.db-wal")).and_then(|wal| wal.modified());
    let before = written()?;
    let mut text = "Begun. ".to_owned();
    let mut left = 3;
    let until = Instant::now() + HANG;
    while left > 0 {
        let word = format!("w{} ", text.len());
        window.type_text(&word)?;
        text.push_str(&word);
        left -= i32::from(written()? != before);
        assert!(Instant::now() < until, "nothing was stored while {text:?} was typed");
    }
    window.kill()?;

    let window = desk.open()?;
    window.unlock()?;
    window.select_study("lesion-01")?;
    window.press("Ctrl+Enter")?;
    let kept = window.written("Conclusion")?;
    assert!(text.starts_with(&kept), "{kept:?} is not what was typed: {text:?}");
    assert!(kept.len() > "Begun. ".len(), "of {text:?} only {kept:?} was stored");
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
    window.see("1 interrupted job continues")?;
    window.press("Ctrl+1")?;
    window.see(&format!("{FILES} studies"))?;
    window.wait_until(
        "the end of the import",
        "return page.says('imported') && !page.says(' left')",
    )?;
    window.close()?;
    whole(&status()?, FILES as u64)
}
