//! A bundle and the set that it is judged on.

use domain::SetRef;
use engine::Bundle;
use learn::manifest::Case;

/// What an evaluation is about.
pub struct Judged<'a> {
    pub bundle: &'a Bundle,
    pub cases: &'a [Case],
    /// Images of other patients that the leakage probe may learn from; may be empty.
    pub training: &'a [Case],
    pub set: &'a SetRef,
    /// Of the manifest that names the cases.
    pub manifest_sha256: Option<&'a str>,
}
