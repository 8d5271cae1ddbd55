use std::ffi::OsString;
use std::process::Command;

use super::bench::machine;
use crate::call;
use crate::failure::Failure;
use crate::links;
use crate::place::Place;
use crate::programs::{self, BUILD_ADVICE};
use crate::setup::{self, Purpose};

/// Builds what the tests build and runs an example of theirs: it drives the real window.
///
/// # Errors
/// When the set-up or the build fails, or the example does.
pub fn example(name: &str, args: &[OsString]) -> Result<(), Failure> {
    let place = Place::find()?;
    setup::set_up(&place, Purpose::Test)?;
    setup::ui::build(&place)?;
    let mut build = place.cargo();
    build.args(["build", "--workspace", "--bins", "--examples"]);
    call::run(build.args(programs::WITH_SCRIPTED_DIALOGS), BUILD_ADVICE)?;
    links::make(&place)?;
    println!("{}", machine());
    let mut run = Command::new(place.programs().join("examples").join(name));
    run.args(args).current_dir(&place.root);
    call::run(&mut run, "see what it says above, then run it again on a quiet machine")
}
