use std::process::Command;

use crate::call;
use crate::failure::Failure;
use crate::links;
use crate::place::Place;
use crate::programs::BUILD_ADVICE;
use crate::setup::{self, Purpose, deny, ui};
use crate::steps::Steps;

/// Everything that must pass. The tests come last and nothing is printed after them, so that the
/// runner's own counts are the closing lines.
///
/// # Errors
/// The first step that fails.
pub fn test() -> Result<(), Failure> {
    let place = Place::find()?;
    let mut steps = Steps::default();
    let cargo = |args: &[&str], advice: &str| call::run(place.cargo().args(args), advice);

    steps.step("set-up", || setup::set_up(&place, Purpose::Test))?;
    steps.step("format", || {
        cargo(&["fmt", "--all", "--check"], "run `cargo fmt --all`")
    })?;
    steps.step("clippy", || {
        let args = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
        cargo(&args, "mend what clippy names above, or allow it there with a reason")
    })?;
    steps.step("licences and sources", || deny::check(&place))?;
    if ui::folder(&place).is_some() {
        steps.step("window: types and unit tests", || ui::check(&place))?;
    }
    steps.step("build", || {
        cargo(&["build", "--workspace", "--all-targets"], BUILD_ADVICE)?;
        links::make(&place)
    })?;
    steps.step("examples in the documentation", || {
        cargo(
            &["test", "--workspace", "--doc", "--quiet"],
            "mend the example that is named above",
        )
    })?;
    eprint!("steps before the tests:\n{}", steps.summary());
    steps.step("tests", || {
        let mut tests: Command = place.cargo();
        tests.args(["test", "--workspace", "--tests", "--no-fail-fast"]);
        call::run(&mut tests, "run the failing test alone: cargo test -p PACKAGE NAME")
    })
}
