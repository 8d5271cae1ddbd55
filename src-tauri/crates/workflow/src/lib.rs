//! The clinical verbs: where the rooms meet on the clinical path.
//!
//! Every verb takes the [`Session`] and asks for a permission first, reads the clock itself, and
//! returns what it did in the shape that shells print (`contract`). Permission, transaction, audit
//! and order are one decision, taken here; a shell holds no rule.

mod administration;
mod analyze;
pub mod bundles;
mod decode_file;
pub mod decoders;
pub mod files;
mod find;
pub mod frames;
mod import;
pub mod jobs;
mod opening;
pub mod permit;
pub mod pixels;
pub mod places;
mod read_first;
mod report;
mod review;
mod samples_set;
mod study;
pub mod time;
mod vault;
mod worklist;

pub use self::report::{report, report_formats, report_preview, save_form};
pub use administration::{audit_rows, backup, device_info, policy, quality, set_policy, vault_numbers, verify_audit};
pub use analyze::{AnalyzeRequest, Follow, Target, analyze_files, analyze_followed, analyze_stored};
pub use bundles::{
    install_bundle, list_models, list_models_of, prevalence, state_prevalence, trusts_development_key, use_bundle,
    verify_models,
};
pub use decode_file::{DecodeRequest, decode_file};
pub use find::parse_uid;
pub use frames::Watch;
pub use import::{GivenPatient, ImportRequest, import, import_into};
pub use jobs::{Job, JobUrgency, Jobs};
pub use opening::{accept_restored, create_vault, open_vault, vault_status};
pub use places::{config_folder, models_folder};
pub use read_first::require_opinion;
pub use review::{remove_annotation, review, review_finding, save_annotation, save_note_draft, sign};
pub use samples_set::{SampleSize, write_samples};
pub use study::{
    ListRequest, StudyOrder, commit_opinion, counterparts, give_opinion, list_studies, open_study, read_ahead,
    refresh_study, say_patient, set_patient, show_study, state_kind,
};
pub use vault::{OpenVault, Passphrase};
pub use worklist::{delete_filter, open_worklist, save_filter, saved_filters, worklist_rows};
