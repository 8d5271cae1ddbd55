//! tauri-driver: the tests of the real window speak WebDriver to it.

use super::tool::Tool;
use crate::failure::Failure;
use crate::place::Place;

const DRIVER: Tool = Tool {
    name: "tauri-driver",
    version: "^2",
    asked: &["--help"],
    will_do: |help| help.contains("native-driver"),
};

/// # Errors
/// When it cannot be installed.
pub fn install(place: &Place) -> Result<(), Failure> {
    DRIVER.installed(place).map(drop)
}
