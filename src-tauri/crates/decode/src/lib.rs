//! A file becomes its stored pixel values and what it says of itself ([`domain::Decoded`]).
//!
//! Foreign files are parsed in a child process, `overread-decoder`, that sets limits on itself
//! before it reads anything; [`Decoder`] is the parent's side of it. The child is handed the bytes
//! over a pipe, so it needs no file system. Every declared size is checked against [`Limits`]
//! before anything is allocated for it.

mod decode_bytes;
mod decoder;
mod dicom;
mod discover;
mod error;
mod jpeg_markers;
mod limits;
mod protocol;
mod raster;
mod sandbox;
mod serve;
mod sniff;

pub use decode_bytes::decode_in_process;
pub use decoder::{Decoder, Source};
pub use discover::{Discovered, discover};
pub use error::DecodeError;
pub use limits::Limits;
pub use serve::serve;
