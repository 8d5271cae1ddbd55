//! Shapes that are promises: what stands in old signatures stays as it was, whatever becomes of the
//! types that the program works with.

use domain::{Analysis, Annotation, ReportForm, Review};

use crate::error::{Error, Result};
use crate::read::StudyRecord;

/// The bytes that a signature hashes: the study's pictures, newest analyses, standing decisions, and
/// what the reader wrote, in the record's order.
///
/// # Errors
/// `invalid_record` when they cannot be written as JSON.
pub fn signed_bytes(record: &StudyRecord) -> Result<Vec<u8>> {
    type Decided<'a> = (&'a Analysis, Vec<Option<&'a Review>>);
    let uid = &record.study.study_instance_uid;
    let pictures: Vec<&str> = record
        .instances
        .iter()
        .map(|instance| instance.content_sha256.as_str())
        .collect();
    let newest = record.analyses.iter().filter(|stored| stored.newest);
    let decided: Vec<Decided<'_>> = newest
        .map(|stored| {
            let standing = stored.findings.iter().map(|finding| finding.standing());
            (&stored.analysis, standing.collect())
        })
        .collect();
    // A study without words of the reader hashes as it did before there were any.
    let written: (&Option<ReportForm>, &[Annotation]) = (&record.form, &record.annotations);
    let bytes = match written {
        (None, []) => serde_json::to_vec(&(uid, pictures, decided)),
        (form, annotations) => serde_json::to_vec(&(uid, pictures, decided, form, annotations)),
    };
    bytes.map_err(|error| Error::Invalid(format!("a study that cannot be hashed: {error}")))
}
