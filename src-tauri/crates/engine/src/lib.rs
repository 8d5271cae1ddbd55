//! Frame to analysis, without libtorch.
//!
//! A [`bundle::Bundle`] says how a picture is prepared ([`preprocess`]), whether the model was made
//! for it ([`gate`]), and how the network's raw output becomes a score, a map and regions
//! ([`analysis`], [`regions`], [`unknown`]); [`route`] tells which of several bundles it is for. The network itself runs in another process behind [`backend::Backend`];
//! [`worker`] starts, watches and restarts it over the framed [`protocol`]. [`pipeline`] overlaps
//! the stages over many frames.

pub mod analysis;
pub mod backend;
pub mod bundle;
pub mod error;
pub mod gate;
pub mod libtorch;
pub mod pipeline;
pub mod preprocess;
pub mod protocol;
pub mod regions;
pub mod resample;
pub mod route;
#[cfg(test)]
mod testing;
pub mod unknown;
pub mod worker;

pub use analysis::{FrameFacts, Outcome, analyze_output};
pub use backend::{Backend, Fixed, GoOn, Heard, RawOutput};
pub use bundle::Bundle;
pub use error::EngineError;
pub use preprocess::{ModelInput, prepare};

pub use worker::{Worker, WorkerSettings};
