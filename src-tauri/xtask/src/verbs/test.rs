use super::check;
use crate::call;
use crate::failure::Failure;
use crate::links;
use crate::place::Place;
use crate::programs::{BUILD_ADVICE, WITH_SCRIPTED_DIALOGS};
use crate::setup::{self, Purpose, deny, reference, ui};
use crate::steps::Steps;
use crate::suite::{self, Notes, Tally};

/// A test that lacks something fails, unless it is hardware (`tests/needs`).
const REQUIRE_ALL: &str = "OVERREAD_REQUIRE_ALL";

/// Everything that must pass. The tests come last, and the last line is their counts, in Rust and in the interface.
///
/// # Errors
/// The first step that fails.
pub fn test() -> Result<(), Failure> {
    let place = Place::find()?;
    let mut steps = Steps::default();
    let notes = Notes::begin(&place)?;
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
    steps.step("window: types, linter, unit tests, tests in a browser", || {
        ui::check(&place, &notes)
    })?;
    steps.step("clippy", || {
        workspace(
            &["clippy"],
            &["--all-targets", "--", "-D", "warnings"],
            "mend what clippy names above, or allow it there with a reason",
        )
    })?;
    let not_looked_at = steps.step("licences and sources", || deny::check(&place))?;
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
    steps.step("files of the packs beside pydicom", || {
        check::run(&place, &reference::install(&place)?, &[])
    })?;
    let programs = steps.step("test programs", || suite::built(&place))?;
    let ran = steps.step("tests", || Ok(suite::run_all(programs, &notes)))?;
    eprint!("{}", steps.summary());
    let tally = Tally::of(ran, &notes.lacks(), &notes.tally());
    if let Some(what) = not_looked_at {
        println!("not looked at: {what}");
    }
    print!("{}", notes.measures());
    let required = std::env::var_os(REQUIRE_ALL).is_some_and(|value| !value.is_empty() && value != "0");
    let verdict = verdict(&tally, required);
    println!("{tally}");
    verdict
}

fn verdict(tally: &Tally, all_required: bool) -> Result<(), Failure> {
    if tally.has_failed() {
        return Err(Failure::new(
            "a test failed",
            "run it alone: cargo test -p PACKAGE NAME; for the interface `npm test` in ui/",
        ));
    }
    let lacking = tally.could_be_there();
    if all_required && !lacking.is_empty() {
        return Err(Failure::new(
            format!("{REQUIRE_ALL} is set, and tests were skipped: {}", lacking.join("; ")),
            "bring what lacks, or run it without that variable",
        ));
    }
    Ok(())
}
