//! Labelled cases to figures: manifests with their leak guard, metrics with patient-level intervals,
//! calibration, operating points, the input gate's statistics and the leakage probe.
//!
//! Off the clinical path, and without libtorch, pixels on disk or the records: scores, masks and
//! features are handed in, figures come out. Randomness is a seed, so that every figure can be
//! computed again.

#![warn(missing_docs)]

pub mod attack;
pub mod calibrate;
pub mod contrast;
pub mod error;
pub mod evaluate;
pub mod folds;
pub mod gate;
pub mod kinds;
mod linear;
mod logistic;
pub mod manifest;
pub mod mask;
pub mod metrics;
pub mod operating_point;
pub mod probe;
pub mod protocol;
pub mod shift;
pub mod split;
mod varied;

pub use calibrate::Calibration;
pub use error::LearnError;
pub use evaluate::{Evaluation, Localisation, Options, Prediction, RegionFound, ScoredCase, evaluate};
pub use folds::{FoldPredictions, Folds, Overlap, Unseen};
pub use gate::GateStatistics;
pub use manifest::{Case, Checks, Problem, Problems, Selection};
pub use mask::Mask;
pub use protocol::protocol;
pub use shift::Shift;
pub use varied::varied;
