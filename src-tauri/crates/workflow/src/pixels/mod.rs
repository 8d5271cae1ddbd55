//! Images for the window: decoded once in the sandbox, kept within a budget, handed over as bytes.

mod bytes;
mod cache;
mod map;
mod map_file;
mod store;
#[cfg(test)]
pub(crate) mod tests;
mod thumbnail;

pub use bytes::frame_bytes;
pub use map::map_bytes;
pub(crate) use map::read_map;
pub(crate) use map_file::write as write_map;
pub use store::Store;
pub(crate) use thumbnail::thumbnail;
pub use thumbnail::{Thumbnails, instance_of_study};
