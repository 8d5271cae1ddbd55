use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::call;
use crate::failure::Failure;
use crate::place::Place;
use crate::programs;
use crate::setup::{self, Purpose};

/// Becomes `overread ARGS`: same folder, stdin, stdout and exit code as if it had been started directly.
///
/// # Errors
/// When the set-up or the build fails, or the program cannot be started.
pub fn cli(args: &[OsString]) -> Result<(), Failure> {
    let place = Place::find()?;
    setup::set_up(&place, Purpose::Build)?;
    programs::build(&place, None)?;
    let mut overread = Command::new(programs::overread(&place));
    overread.args(args);
    let error = overread.exec();
    Err(call::failed(
        &overread,
        format!("it could not be started: {error}"),
        programs::BUILD_ADVICE,
    ))
}
