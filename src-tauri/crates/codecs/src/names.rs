//! The files that a file names: the index of a disc, the header of a volume.

use std::panic::{AssertUnwindSafe, catch_unwind};

use decode::{
    DecodeError, Limits,
    sniff::{Kind, sniff},
    unpack::Named,
};

use crate::{dicom, research};

/// Paths below the folder in which the file lies; none leads out of it.
pub(crate) fn names(bytes: &[u8], limits: &Limits) -> Result<Named, DecodeError> {
    let named = catch_unwind(AssertUnwindSafe(|| match sniff(bytes) {
        Some(Kind::Dicom) => dicom::names(bytes, limits),
        Some(kind @ (Kind::Nrrd | Kind::MetaImage)) => research::names(bytes, kind).map(|files| Named {
            files,
            ..Named::default()
        }),
        _ => Ok(Named::default()),
    }));
    named.unwrap_or_else(|_| Err(DecodeError::corrupt("the file is damaged: its reader stopped")))
}
