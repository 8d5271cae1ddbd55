//! The verbs: the only place where the rooms meet.
//!
//! Every verb takes the [`Session`] and asks for a permission first, reads the clock itself, and
//! returns what it did in the shape that shells print ([`wire`]). Permission, transaction, audit
//! and order are one decision, taken here; a shell holds no rule.

mod administration;
mod analyze;
mod annotate;
mod backup;
mod decode_file;
mod evaluate;
mod export;
mod files;
mod form;
mod frames;
mod import;
mod jobs;
mod labelled;
mod models;
mod permit;
mod places;
mod policy;
mod review;
mod samples_set;
mod studies;
mod study;
mod time;
mod train;
mod vault;
pub mod wire;
mod worklist;
pub mod workstation;

pub use administration::{audit_rows, quality, vault_numbers, verify_audit};
pub use analyze::{AnalyzeRequest, Target, analyze_files, analyze_stored};
pub use annotate::{remove_annotation, save_annotation};
pub use backup::backup;
pub use decode_file::{DecodeRequest, decode_file};
pub use domain::{Decision, Opinion, Policy, Session};
pub use engine::DeviceChoice;
pub use evaluate::{AttackOptions, EvaluateRequest, Judged, evaluate, judge};
pub use export::{formats, report, report_formats, report_preview};
pub use form::save_form;
pub use frames::Watch;
pub use import::import;
pub use jobs::{Job, Jobs, Urgency};
pub use learn::attack::{AttackFigures, AttackReport};
pub use learn::operating_point::Certificate;
pub use learn::{Estimate, Evaluation};
pub use models::{install_bundle, list_models, list_models_of, use_bundle, verify_models};
pub use places::models_folder;
pub use policy::{policy, set_policy};
pub use review::{review, review_finding, save_note_draft, sign};
pub use samples_set::{SampleSize, write_samples};
pub use studies::{ListRequest, StudyOrder, list_studies, show_study};
pub use study::{commit_opinion, counterparts, give_opinion, open_study, read_ahead, refresh_study};
pub use train::{RecipeOf, TrainRequest, evaluation_figures, train};
pub use vault::{OpenVault, Passphrase, accept_restored, create_vault, open_vault, vault_status};
pub use worklist::{delete_filter, open_worklist, save_filter, saved_filters, worklist_rows};
pub use workstation::{Workstation, config_folder};
