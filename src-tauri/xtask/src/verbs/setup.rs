use crate::failure::Failure;
use crate::place::Place;
use crate::setup::{self, Purpose};
use crate::steps::Steps;

/// # Errors
/// Says what could not be set up.
pub fn setup(cuda: bool) -> Result<(), Failure> {
    let place = Place::find()?;
    let mut steps = Steps::default();
    steps.step("set-up", || setup::set_up(&place, Purpose::Build))?;
    if cuda {
        steps.step("set-up of CUDA", || setup::set_up_cuda(&place))?;
    }
    eprint!("all in place\n{}", steps.summary());
    Ok(())
}
