//! A slice as the bytes of a file. Each format says in its header that the image is synthetic.

pub mod dicom;
pub mod png;
pub mod tiff;

/// Stands in the header of every sample; the decoder knows a sample by it.
pub const COMMENT: &str = domain::kind::PHANTOM_COMMENT;
