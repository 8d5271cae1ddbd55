//! Frame to analysis, without libtorch.
//!
//! A [`bundle::Bundle`] says how an image is prepared ([`input`]), whether the model was made for it
//! ([`gate`]), and what its tasks make of the network's answers ([`task`]): a score, a map and regions
//! ([`regions`]), or which of several bundles an image is for. The network itself runs in another process
//! behind [`backend::Backend`]; [`worker`] starts, watches and restarts it over the framed [`protocol`].
//! [`pipeline`] overlaps the stages over many frames.

#![warn(missing_docs)]
#![cfg_attr(not(test), warn(clippy::cast_possible_truncation, clippy::cast_sign_loss))]

pub mod backend;
pub mod bundle;
pub mod error;
pub mod gate;
pub mod input;
pub mod libtorch;
mod number;
pub mod pipeline;
pub mod protocol;
pub mod regions;
pub mod task;
pub mod tensors;
#[cfg(test)]
mod testing;
pub mod training;
pub mod worker;

pub use backend::{Backend, Fixed, GoOn, Heard};
pub use bundle::Bundle;
pub use error::EngineError;
pub use input::{Lie, ModelInput, prepare, prepare_lying};
pub use task::{FrameFacts, Image, Outcome};
pub use tensors::{Answers, Tensor};

pub use worker::{Worker, WorkerSettings};
