use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use crate::call;
use crate::failure::Failure;
use crate::links;
use crate::place::Place;
use crate::programs::{self, BUILD_ADVICE};
use crate::setup::{self, Purpose, reference};

/// Every file of the packs, or of the folders named, by our decoder and by pydicom side by side.
///
/// # Errors
/// When the set-up or the build fails, or a file differs, crashes, hangs or is refused unexpectedly.
pub fn files(folders: &[OsString]) -> Result<(), Failure> {
    let place = Place::find()?;
    setup::set_up(&place, Purpose::Build)?;
    setup::ui::build(&place)?;
    let mut build = place.cargo();
    build.args(["build", "--workspace", "--bins", "--examples"]);
    call::run(build.args(programs::WITH_SCRIPTED_DIALOGS), BUILD_ADVICE)?;
    links::make(&place)?;
    run(&place, &reference::install(&place)?, folders)
}

/// The check itself, with everything built.
///
/// # Errors
/// As [`files`].
pub fn run(place: &Place, packages: &Path, folders: &[OsString]) -> Result<(), Failure> {
    let mut check = Command::new(place.programs().join("examples/check_files"));
    check.arg(packages).args(folders);
    call::run(
        &mut check,
        "mend what is named above, or name a refusal in tests/examples/check_files/refused.txt",
    )
}
