//! A file becomes its stored pixel values and what it says of itself ([`domain::Decoded`]).
//!
//! Foreign files are parsed in a child process, `overread-decoder` (the room `codecs`); this is the
//! parent's side of it: [`Decoders`] starts a few of them, hands them the bytes over a pipe and holds them to the
//! clock, and [`discover()`] finds the files. No codec is named here.

#![warn(missing_docs)]

mod decoder;
pub mod discover;
mod error;
pub mod limits;
pub mod other;
pub mod protocol;
pub mod set;
pub mod sniff;
pub mod unpack;

pub use decoder::{Decoders, MOST_CHILDREN, ReadSeek, Source, Turn, Unpacked, Urgency, Watch};
pub use discover::{Discovered, READ_FORMATS, discover};
pub use error::DecodeError;
pub use limits::Limits;
pub use protocol::Wanted;
