//! Image files without a patient: PNG, JPEG and its kin, TIFF, BMP, WebP.

pub(crate) mod bmp;
pub(crate) mod header;
pub(crate) mod jpeg;
pub(crate) mod jpeg2000;
pub(crate) mod jpeg_ls;
pub(crate) mod jpeg_xl;
pub(crate) mod png;
mod sub_byte;
pub(crate) mod tiff;
pub(crate) mod webp;

#[cfg(test)]
mod tests;
