//! Whole steps that tests, screenshots and measurements begin with.

use std::path::Path;

use super::Window;
use crate::{Outcome, PASSPHRASE};

impl Window<'_> {
    /// Fills in all that a new vault asks for, up to its last button.
    pub fn fill_in_vault(&self, folder: &Path, user: &str) -> Outcome<()> {
        std::fs::create_dir(folder)?;
        self.desk.answer(&[folder])?;
        self.click("button", "Create a vault")?;
        self.click("button", "Choose a folder…")?;
        self.see(&folder.display().to_string())?;
        self.write("Your name in this vault", user)?;
        self.write("Passphrase", PASSPHRASE)?;
        self.write("Passphrase again", PASSPHRASE)?;
        self.click("checkbox", "I understand")
    }

    /// Makes a vault as a new user does, and is in its empty worklist then.
    pub fn create_vault(&self, folder: &Path, user: &str) -> Outcome<()> {
        self.fill_in_vault(folder, user)?;
        self.click("button", "Create")?;
        self.see("No studies yet")
    }

    /// Opens the vault that was open last; the name is filled in.
    pub fn unlock(&self) -> Outcome<()> {
        self.write("Passphrase", PASSPHRASE)?;
        self.click("button", "Open")?;
        self.find("navigation", "Screens").map(drop)
    }

    /// Answers the dialog for files and opens it.
    pub fn import_files(&self, files: &[&Path]) -> Outcome<()> {
        self.desk.answer(files)?;
        self.press("Ctrl+o")
    }

    /// Answers the dialog for a folder and opens it.
    pub fn import_folder(&self, folder: &Path) -> Outcome<()> {
        self.desk.answer(&[folder])?;
        self.press("Ctrl+Shift+o")
    }

    /// Puts the focus on the first study of the worklist.
    pub fn first_study(&self) -> Outcome<()> {
        self.wait_until(
            "the list of studies",
            "page.first('grid', null)?.focus(); return document.activeElement?.getAttribute('role') === 'grid'",
        )?;
        self.press("Home")
    }

    /// Finds the one study that `words` match and in whose row they stand; the list has the focus then.
    pub fn select_study(&self, words: &str) -> Outcome<()> {
        self.press("Ctrl+1")?;
        self.write("Search", words)?;
        let found = "const rows = [...document.querySelectorAll('[role=row]:has([role=gridcell])')];
            return page.says('1 of ') && rows.length === 1 && rows[0].textContent.includes(arguments[0])";
        self.wait_until_with("the one study", found, &[words.into()])?;
        self.press("Enter")?;
        let chosen = "return document.querySelector('[role=row][aria-selected=true]') !== null";
        self.wait_until("a chosen study", chosen).map(drop)
    }

    /// Finds a study by what is written of it and opens it; its first image is on the screen then.
    pub fn open_study(&self, words: &str) -> Outcome<()> {
        self.select_study(words)?;
        self.press("Enter")?;
        self.picture_shows().map(drop)
    }

    /// The instance in the first tile, once its image is drawn.
    pub fn picture_shows(&self) -> Outcome<String> {
        let script = "const tile = document.querySelector('[data-tile=\"0\"]');
            return tile !== null && Number(tile.dataset.drawn) > 0 ? (tile.dataset.sop ?? null) : null";
        let shown = self.wait_until("a picture", script)?;
        self.settle()?;
        Ok(shown.as_str().unwrap_or_default().to_owned())
    }
}
