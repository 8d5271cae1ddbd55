use crate::call;
use crate::failure::Failure;
use crate::links;
use crate::place::Place;
use crate::programs::{BUILD_ADVICE, WITH_SCRIPTED_DIALOGS};
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
    // One set of features for all that follows, so that nothing is compiled twice.
    let workspace = |verb: &[&str], rest: &[&str], advice: &str| {
        let args = [verb, &["--workspace"], &WITH_SCRIPTED_DIALOGS, rest].concat();
        cargo(&args, advice)
    };

    steps.step("set-up", || setup::set_up(&place, Purpose::Test))?;
    steps.step("format", || {
        cargo(&["fmt", "--all", "--check"], "run `cargo fmt --all`")
    })?;
    steps.step("window: pages", || ui::build(&place))?;
    steps.step("window: types, unit tests, tests in a browser", || ui::check(&place))?;
    steps.step("clippy", || {
        workspace(
            &["clippy"],
            &["--all-targets", "--", "-D", "warnings"],
            "mend what clippy names above, or allow it there with a reason",
        )
    })?;
    steps.step("licences and sources", || deny::check(&place))?;
    steps.step("build", || {
        workspace(&["build"], &["--all-targets"], BUILD_ADVICE)?;
        links::make(&place)
    })?;
    steps.step("examples in the documentation", || {
        workspace(
            &["test", "--doc", "--quiet"],
            &[],
            "mend the example that is named above",
        )
    })?;
    eprint!("steps before the tests:\n{}", steps.summary());
    steps.step("tests", || {
        workspace(
            &["test", "--tests", "--no-fail-fast"],
            &[],
            "run the failing test alone: cargo test -p PACKAGE NAME",
        )
    })
}
