//! Making a vault and letting a person in: the manifest, the keys, and what the audit is told.

mod create;
mod failures;
pub(crate) mod manifest;
mod open;

#[cfg(test)]
pub(crate) use manifest::checksum;
