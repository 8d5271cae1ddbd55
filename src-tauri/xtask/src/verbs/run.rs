use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::process::Command;

use super::terminal::terminal;
use crate::call;
use crate::failure::Failure;
use crate::place::Place;
use crate::programs;
use crate::setup::{self, Purpose};
use crate::steps::Steps;

/// Opens the window; without a screen, or when asked, does the main job in the terminal.
///
/// # Errors
/// The step that failed.
pub fn run(in_terminal: bool) -> Result<(), Failure> {
    let place = Place::find()?;
    if in_terminal {
        return terminal(&place);
    }
    let variable = |name: &str| std::env::var_os(name);
    if !has_screen(variable("DISPLAY").as_deref(), variable("WAYLAND_DISPLAY").as_deref()) {
        eprintln!(
            "There is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can open.\n\
             The main job is done in this terminal instead, as `cargo xtask run --terminal` does it."
        );
        return terminal(&place);
    }
    let mut steps = Steps::default();
    steps.step("set-up", || setup::set_up(&place, Purpose::Build))?;
    steps.step("build", || programs::build(&place, None))?;
    eprint!("{}", steps.summary());
    eprintln!(
        "The window opens. On the first start choose 'Try it with sample scans'; `cargo xtask run --terminal` does \
         the same job without a window."
    );
    let mut window = Command::new(programs::window(&place));
    let error = window.exec();
    Err(call::failed(
        &window,
        format!("it could not be started: {error}"),
        programs::BUILD_ADVICE,
    ))
}

fn has_screen(x11: Option<&OsStr>, wayland: Option<&OsStr>) -> bool {
    [x11, wayland]
        .iter()
        .any(|name| name.is_some_and(|name| !name.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_is_one_of_x11_or_of_wayland() {
        assert!(has_screen(Some(OsStr::new(":0")), None));
        assert!(has_screen(None, Some(OsStr::new("wayland-0"))));
        assert!(!has_screen(Some(OsStr::new("")), None));
        assert!(!has_screen(None, None));
    }
}
