//! Where models are made and judged: training, evaluation, model cards and recipes.
//!
//! Off the clinical path: no window links it, and it keeps no record. What it trains and judges goes through the same
//! engine that will use it.

pub mod evaluate;
mod images;
mod judged;
mod labelled;
mod others;
mod phase;
pub mod train;

pub use evaluate::{AttackOptions, EvaluateRequest, evaluate, judge};
pub use judged::Judged;
pub use phase::{Phase, Watch};
pub use train::{FoldsTrained, RecipeOf, TrainRequest, evaluation_figures, train, train_folds};
