//! From a frame to what a network is given: one path for training and use.

mod lie;
mod preprocess;
mod quality;
mod resample;

pub use lie::{Lie, Turn};
pub use preprocess::{ModelInput, prepare, prepare_lying};
pub use resample::{Letterbox, crop, resize};
