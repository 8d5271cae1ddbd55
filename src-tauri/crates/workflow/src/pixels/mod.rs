//! Pictures for the window: decoded once in the sandbox, kept within a budget, handed over as bytes.

mod bytes;
mod cache;
mod map;
mod store;
#[cfg(test)]
mod tests;
mod thumbnail;

pub use bytes::frame_bytes;
pub use map::map_bytes;
pub use store::Store;
pub use thumbnail::{Thumbnails, instance_of_study};
