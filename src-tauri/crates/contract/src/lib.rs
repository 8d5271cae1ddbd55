//! What the programs say: [`window`] to the interface, [`terminal`] to people at a prompt and to scripts.
//!
//! Shapes alone: whoever answers fills them. The terminal's field names are a promise (decision record 12); those of
//! the window change together with the interface, which is written from them.

mod bundle;
pub mod commands;
pub mod decoded;
pub mod measurements;
pub mod prevalence;
pub mod stacks;
pub mod terminal;
pub mod window;
#[cfg(test)]
mod written;

pub use bundle::BundleFacts;
use domain::Timestamp;

/// RFC 3339 in UTC, to the second.
pub fn rfc3339(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map_or_else(|_| at.0.to_string(), |t| t.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}
