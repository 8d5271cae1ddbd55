//! A study by the UID that a person gave.

use domain::{Failure, FailureCode, Uid};
use records::StudyRecord;

use crate::vault::OpenVault;

pub fn parse_uid(text: &str) -> Result<Uid, Failure> {
    Uid::as_written(text).map_err(|error| Failure::usage(error.to_string()))
}

/// The study's record; the error names the UID that was asked for.
pub(crate) fn find(open: &OpenVault, uid: &Uid) -> Result<StudyRecord, Failure> {
    open.vault.study(uid)?.ok_or_else(|| {
        Failure::new(
            FailureCode::NotFound,
            format!("there is no study {uid} in the vault; 'overread list' shows them"),
        )
    })
}
