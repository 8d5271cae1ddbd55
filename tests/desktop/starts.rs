//! Opening the program: with a wrong passphrase, a second time, with files.

use overread_tests::{Done, Window, need};

use crate::steps::{READER, create_vault, desk, samples};

#[test]
fn a_wrong_passphrase_is_said_in_a_sentence_and_nothing_opens() -> Done {
    let desk = need!(desk("passphrase")?);
    let window = desk.open()?;
    create_vault(&window)?;
    window.press("Ctrl+l")?;
    window.write("Passphrase", "not the six words")?;
    window.click("button", "Open")?;
    window.see("The name or the passphrase is wrong. Check Caps Lock and try again.")?;
    assert!(!window.there_is("navigation", "Screens")?, "the vault opened");
    assert_eq!(window.written("Passphrase")?, "", "a wrong passphrase stays written");
    assert_eq!(window.written("Name")?, READER);
    // The right one opens it all the same.
    window.unlock()?;
    window.see("No studies yet")?;
    window.close()
}

#[test]
fn a_second_start_hands_its_files_to_the_window_that_is_open() -> Done {
    let desk = need!(desk("second_start")?);
    desk.settings(&serde_json::json!({ "analyze_after_import": false }))?;
    // While no vault is open the file waits.
    let window = desk.open_with(&[&samples().join("png/clean-01.png")])?;
    create_vault_with_a_file(&window)?;
    // With one open it comes at once, and is shown.
    assert!(
        desk.start_again_with(&[&samples().join("png/lesion-01.png")])?
            .success()
    );
    window.picture_shows()?;
    window.press("Ctrl+1")?;
    window.see("2 studies")?;
    window.close()
}

/// The worklist is not empty after it, so that [`create_vault`] would wait in vain.
fn create_vault_with_a_file(window: &Window) -> Done {
    window.see("1 file waits")?;
    window.fill_in_vault(&window.desk.folder.join("vault"), READER)?;
    window.click("button", "Create")?;
    window.picture_shows().map(drop)
}
