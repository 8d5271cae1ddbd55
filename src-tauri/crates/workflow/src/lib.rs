//! The clinical verbs: where the rooms meet on the clinical path.
//!
//! Every verb takes the [`Session`] and asks for a permission first, reads the clock itself, and
//! returns what it did in the shape that shells print (`contract`). Permission, transaction, audit
//! and order are one decision, taken here; a shell holds no rule.

mod administration;
mod analyze;
mod annotate;
mod backup;
mod decode_file;
pub mod decoders;
mod device;
mod export;
pub mod files;
mod find;
mod form;
pub mod frames;
mod import;
pub mod jobs;
pub mod models;
mod opening;
pub mod permit;
pub mod pixels;
pub mod places;
mod policy;
mod read_first;
mod review;
mod samples_set;
mod studies;
mod study;
pub mod time;
mod vault;
mod worklist;

pub use administration::{audit_rows, quality, vault_numbers, verify_audit};
pub use analyze::{AnalyzeRequest, Follow, Target, analyze_files, analyze_followed, analyze_stored};
pub use annotate::{remove_annotation, save_annotation};
pub use backup::backup;
pub use decode_file::{DecodeRequest, decode_file};
pub use device::device_info;
pub use export::{formats, report, report_formats, report_preview};
pub use find::parse_uid;
pub use form::save_form;
pub use frames::Watch;
pub use import::{GivenPatient, ImportRequest, import, import_into};
pub use jobs::{Job, Jobs, Urgency};
pub use models::{install_bundle, list_models, list_models_of, trusts_development_key, use_bundle, verify_models};
pub use opening::{accept_restored, create_vault, open_vault, vault_status};
pub use places::{config_folder, models_folder};
pub use policy::{policy, set_policy};
pub use read_first::require_opinion;
pub use review::{review, review_finding, save_note_draft, sign};
pub use samples_set::{SampleSize, write_samples};
pub use studies::{ListRequest, StudyOrder, list_studies, show_study};
pub use study::{commit_opinion, counterparts, give_opinion, open_study, read_ahead, refresh_study};
pub use vault::{OpenVault, Passphrase};
pub use worklist::{delete_filter, open_worklist, save_filter, saved_filters, worklist_rows};
