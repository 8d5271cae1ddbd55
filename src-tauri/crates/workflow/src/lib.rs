//! The verbs: the only place where the rooms meet.
//!
//! Every verb takes the [`Session`] and asks for a permission first, reads the clock itself, and
//! returns what it did in the shape that shells print ([`wire`]). Permission, transaction, audit
//! and order are one decision, taken here; a shell holds no rule.

mod analyze;
mod decode_file;
mod error;
mod evaluate;
mod export;
mod files;
mod frames;
mod import;
mod jobs;
mod models;
mod permit;
mod places;
mod review;
mod samples_set;
mod studies;
mod time;
mod train;
mod vault;
pub mod wire;
pub mod workstation;

pub use analyze::{AnalyzeRequest, Target, analyze_files, analyze_stored};
pub use decode_file::{DecodeRequest, decode_file};
pub use domain::{Decision, Session};
pub use engine::DeviceChoice;
pub use error::{Failure, FailureKind};
pub use evaluate::{EvaluateRequest, evaluate};
pub use export::{formats, report};
pub use frames::Watch;
pub use import::import;
pub use jobs::{Job, Jobs, Urgency};
pub use learn::Evaluation;
pub use models::{list_models, verify_models};
pub use places::models_folder;
pub use review::{review, sign};
pub use samples_set::{SampleSize, write_samples};
pub use studies::{ListRequest, StudyOrder, list_studies, show_study};
pub use train::{TrainRequest, evaluation_figures, train};
pub use vault::{OpenVault, Passphrase, create_vault, open_vault, vault_status};
pub use workstation::{Workstation, config_folder};
