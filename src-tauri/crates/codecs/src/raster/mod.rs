//! Image files without a patient: PNG, JPEG, TIFF, BMP.

pub(crate) mod bmp;
pub(crate) mod header;
pub(crate) mod jpeg;
pub(crate) mod png;
mod sub_byte;
pub(crate) mod tiff;
