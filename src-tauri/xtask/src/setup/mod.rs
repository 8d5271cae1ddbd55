//! What a fresh machine lacks. Every part looks first and does nothing when all is there.

mod cuda;
pub mod deny;
mod driver;
mod fetch;
mod libtorch;
mod manifest;
mod packages;
pub mod reference;
mod stamp;
mod tool;
pub mod ui;
mod wheels;

use crate::failure::Failure;
use crate::place::Place;

/// Whom the set-up is for: the checks need more programs than the build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Build,
    Test,
    Bench,
}

/// # Errors
/// Says which part could not be set up and how to do it by hand.
pub fn set_up(place: &Place, purpose: Purpose) -> Result<(), Failure> {
    packages::install(purpose).map_err(|failure| named(failure, "system packages"))?;
    libtorch::fetch(place).map_err(|failure| named(failure, "libtorch"))?;
    ui::install(place).map_err(|failure| named(failure, "npm packages"))?;
    match purpose {
        Purpose::Build | Purpose::Bench => Ok(()),
        Purpose::Test => {
            driver::install(place).map_err(|failure| named(failure, "tauri-driver"))?;
            reference::install(place)
                .map(drop)
                .map_err(|failure| named(failure, "pydicom"))
        }
    }
}

/// # Errors
/// As [`set_up`].
pub fn set_up_cuda(place: &Place) -> Result<(), Failure> {
    cuda::fetch(place).map_err(|failure| named(failure, "CUDA libraries"))
}

fn named(failure: Failure, part: &str) -> Failure {
    Failure {
        what: format!("{part}: {}", failure.what),
        ..failure
    }
}
