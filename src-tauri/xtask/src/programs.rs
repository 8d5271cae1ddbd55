//! Building the programs and putting beside them what they need.

use std::path::PathBuf;

use crate::call;
use crate::failure::Failure;
use crate::links;
use crate::place::Place;
use crate::setup::ui;

pub const BUILD_ADVICE: &str = "mend the error above; if it is about libtorch, delete \
    src-tauri/crates/torch/libtorch and run `cargo xtask setup`";

/// What tests of the window need: its file dialogs answered from a file.
pub const WITH_SCRIPTED_DIALOGS: [&str; 2] = ["--features", "desktop/scripted-dialogs"];

/// Builds all programs and, where `example` names one, an example too.
///
/// The whole workspace is named on purpose: a smaller selection gives some dependencies other
/// features, and they would be compiled a second time for `cargo test --workspace`.
///
/// # Errors
/// When the window's pages or cargo fail, or the links cannot be made.
pub fn build(place: &Place, example: Option<&str>) -> Result<(), Failure> {
    ui::build(place)?;
    let mut cargo = place.cargo();
    cargo.args(["build", "--workspace", "--bins"]);
    if let Some(name) = example {
        cargo.args(["--example", name]);
    }
    // The first build takes minutes and shows its progress; after it the word belongs to the program.
    if overread(place).exists() {
        cargo.arg("--quiet");
    }
    call::run(&mut cargo, BUILD_ADVICE)?;
    links::make(place)
}

pub fn overread(place: &Place) -> PathBuf {
    place.programs().join("overread")
}

pub fn window(place: &Place) -> PathBuf {
    place.programs().join("overread-desktop")
}
