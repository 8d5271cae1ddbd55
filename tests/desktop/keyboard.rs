//! The main job without a mouse: from the locked vault to the exported report by keys alone.

use overread_tests::{Done, PASSPHRASE, need};

use crate::steps::{READER, create_vault, desk, samples};

#[test]
fn the_main_job_is_done_by_keys_alone() -> Done {
    let desk = need!(desk("keyboard")?);
    let window = desk.open()?;
    create_vault(&window)?;
    window.import_folder(&samples().join("dicom"))?;
    window.see("18 images analysed")?;
    window.press("Ctrl+l")?;

    // Unlock: the passphrase has the focus already.
    window.find_field("Passphrase")?;
    window.wait_until(
        "the passphrase's focus",
        "return document.activeElement === page.first('textbox', 'Passphrase')",
    )?;
    window.type_text(PASSPHRASE)?;
    window.press("Enter")?;

    // Worklist: search, down into the list, open.
    window.find("navigation", "Screens")?;
    window.see("2 studies")?;
    window.press("/")?;
    window.type_text("SYN-0001")?;
    window.see("1 of 2 studies")?;
    window.press("Enter")?;
    window.wait_until(
        "a chosen study",
        "return document.querySelector('[role=row][aria-selected=true]') !== null",
    )?;
    window.press("Enter")?;

    // Reading: every finding is accepted.
    window.picture_shows()?;
    let count = "return document.querySelectorAll('[data-finding-card]').length";
    let count = window.wait_until("findings", count)?.as_u64().unwrap_or_default();
    for left in (0..count).rev() {
        window.press("n")?;
        window.press("Enter")?;
        window.see(&format!("{left} of {count} to decide"))?;
    }

    // Report: write, sign, export.
    window.press("Ctrl+Enter")?;
    window.tab_to("textbox", "Conclusion")?;
    window.type_text("Written by keys alone.")?;
    window.see("Saved at")?;
    window.tab_to("button", "Sign…")?;
    window.press("Enter")?;
    window.tab_to("button", "Sign")?;
    window.press("Enter")?;
    window.see(&format!("Signed by {READER}"))?;
    let pdf = desk.folder.join("keys.pdf");
    desk.answer(&[&pdf])?;
    window.tab_to("button", "Export")?;
    window.press("Enter")?;
    window.find("menu", "Export")?;
    window.press("Enter")?;
    window.see("Written")?;
    let exported = std::fs::read_dir(&desk.folder)?.flatten().map(|entry| entry.path());
    let exported: Vec<_> = exported
        .filter(|path| path.file_stem().is_some_and(|stem| stem == "keys"))
        .collect();
    assert_eq!(exported.len(), 1, "{exported:?}");

    // The other screens, and back to the worklist.
    for (keys, screen) in [
        ("Ctrl+4", "Models"),
        ("Ctrl+5", "Quality"),
        ("Ctrl+6", "Administration"),
        ("Ctrl+,", "Settings"),
        ("Ctrl+1", "Worklist"),
    ] {
        window.press(keys)?;
        window.find("main", screen)?;
    }
    // The command list knows them too.
    window.press("Ctrl+k")?;
    window.type_text("quality")?;
    window.press("Enter")?;
    window.find("main", "Quality")?;
    window.close()
}
