//! The networks: the only room that names tch.
//!
//! [`network`] is one family of networks in two dresses: trainable variables with batch
//! normalisation, and folded convolutions for inference. [`serve`] answers the engine's protocol,
//! [`attack`] changes images so that a network errs, [`train`] fits a network to a packed training
//! set. The program is `overread-worker`.

pub mod attack;
pub mod augment;
pub mod autoencoder;
pub mod compute;
pub mod cuda;
pub mod layers;
pub mod loss;
pub mod network;
pub mod paste;
pub mod serve;
pub mod train;
pub mod training_set;
pub mod weights;
