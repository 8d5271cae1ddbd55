//! The way through all screens.

use overread_tests::{Desk, Done, Window, repository};

use crate::places::Place;

const READER: &str = "Dr. Ágnes Őri";
const LESION: &str = "SYN-0001";

/// What only a first start shows; in both themes, for the theme is chosen before a vault is.
pub fn before_a_vault(place: &Place, desk: &Desk) -> Done {
    for theme in crate::THEMES {
        desk.settings(&serde_json::json!({ "theme": theme }))?;
        let window = desk.open()?;
        window.see("Try it with sample scans")?;
        place.take(&window, &format!("first-start-{theme}-1366x768"))?;
        window.click("button", "Create a vault")?;
        place.take(&window, &format!("create-vault-{theme}-1366x768"))?;
        window.close()?;
    }
    Ok(())
}

/// Brings scans in, decides on the findings of one study and writes its report.
pub fn fill(place: &Place, desk: &Desk) -> Done {
    desk.settings(&serde_json::json!({ "theme": "dark" }))?;
    let window = desk.open()?;
    window.create_vault(&desk.folder.join("vault"), READER)?;
    place.take(&window, "worklist-empty-dark-1366x768")?;
    window.import_folder(&repository().join("sample-data"))?;
    window.see("images analysed")?;
    window.import_folder(&place.hard_names()?)?;
    window.see("8 images analysed")?;
    window.open_study(LESION)?;
    window.press("n")?;
    window.click("button", "Accept")?;
    window.write("Note", "Hyperintense, well defined; compare with the last examination.")?;
    window.press("Ctrl+3")?;
    window.write("Indication", "Headache for three weeks.")?;
    window.write(
        "Conclusion",
        "Focal lesion of the right hemisphere. Follow-up in three months.",
    )?;
    window.see("Saved at")?;
    window.close()
}

pub fn every_screen(place: &Place, window: &Window, look: &str) -> Done {
    let take = |screen: &str| place.take(window, &format!("{screen}-{look}"));
    window.find_field("Passphrase")?;
    take("unlock")?;
    window.unlock()?;
    window.see("studies")?;
    window.first_study()?;
    take("worklist")?;
    window.press("Ctrl+k")?;
    window.type_text("find")?;
    take("command-list")?;
    window.press("Escape")?;

    window.open_study(LESION)?;
    window.press("n")?;
    let map = "return document.querySelector('[data-map=shown]') !== null";
    window.wait_until("the anomaly map", map)?;
    take("reading")?;
    window.press("Ctrl+k")?;
    window.type_text("2 × 2")?;
    window.press("Enter")?;
    take("reading-2x2")?;
    window.press("Ctrl+3")?;
    window.find("button", "Sign…")?;
    window.find("group", "Page 1 of")?;
    nothing_is_awaited(window)?;
    take("report")?;
    window.click("button", "Sign…")?;
    take("sign")?;
    window.press("Escape")?;

    window.open_study("PX")?;
    take("reading-nameless")?;
    window.click("button", "3 things to know about the files")?;
    take("reading-notes")?;
    window.click("button", "Enter the patient")?;
    window.find_field("Family name")?;
    take("patient-form")?;
    window.press("Escape")?;
    window.open_study("HN-0001")?;
    take("reading-right-to-left")?;
    window.open_study("HN-0003")?;
    take("reading-long-name")?;
    for (keys, screen) in [
        ("Ctrl+4", "Models"),
        ("Ctrl+5", "Quality"),
        ("Ctrl+6", "Administration"),
        ("Ctrl+,", "Settings"),
    ] {
        window.press(keys)?;
        window.find("main", screen)?;
        nothing_is_awaited(window)?;
        take(&screen.to_lowercase())?;
    }
    window.press("Ctrl+1")?;
    Ok(())
}

/// What a screen asks the program for comes in a moment.
fn nothing_is_awaited(window: &Window) -> Done {
    // The answer to a question that was only just asked is not awaited yet.
    window.settle()?;
    let script = "return document.querySelector('.loading, [aria-busy=true]') === null";
    window.wait_until("all that was asked for", script).map(drop)
}
