//! From a frame to what a network is given: one path for training and use.

mod preprocess;
mod resample;

pub use preprocess::{ModelInput, prepare};
pub use resample::{Letterbox, crop, resize};
