//! What `overread-decoder` is made of: it decodes one file after another from its standard input, within limits.
//!
//! Foreign bytes are parsed here and nowhere else, in a process by itself: only the program `overread-decoder` and the
//! tests of this room name this library. The process shuts itself in ([`sandbox`]) before it reads anything, is handed
//! the bytes over a pipe and needs no file system. Every declared size is checked against [`decode::Limits`] before
//! anything is allocated for it.

#![warn(missing_docs)]
// Sizes of foreign files are computed here: each cast is meant, and says why.
#![cfg_attr(not(test), warn(clippy::cast_possible_truncation, clippy::cast_sign_loss))]

mod calibration;
mod decode_bytes;
mod density;
mod dicom;
mod essence;
mod exif;
mod frames;
mod jpeg2000_stream;
mod jpeg_ls_stream;
mod jpeg_stream;
mod jpeg_xl_stream;
mod names;
mod note;
mod opacity;
mod raster;
mod research;
pub mod sandbox;
mod serve;
mod turbojpeg;
mod turned;
mod unit;
mod zlib;

pub use serve::{serve, serve_files};
