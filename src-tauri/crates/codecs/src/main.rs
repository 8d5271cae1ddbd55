//! `overread-decoder`: decodes one file after another from its standard input, within limits.
//!
//! Foreign bytes are parsed here and nowhere else. The process sets limits on itself before it reads
//! anything, is handed the bytes over a pipe and needs no file system. Every declared size is checked
//! against [`decode::Limits`] before anything is allocated for it.

// Sizes of foreign files are computed here: each cast is meant, and says why.
#![cfg_attr(not(test), warn(clippy::cast_possible_truncation, clippy::cast_sign_loss))]

mod decode_bytes;
mod dicom;
mod exif;
mod frames;
mod jpeg_markers;
mod raster;
mod sandbox;
mod serve;
mod turned;

fn main() -> std::process::ExitCode {
    serve::serve(std::env::args().nth(1))
}
