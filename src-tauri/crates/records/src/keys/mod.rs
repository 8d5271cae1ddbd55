//! The keys of a vault: what a person types, the root key that it wraps, and what is derived from that.

mod passphrase;
mod root;

pub use passphrase::Passphrase;
pub use root::KdfParameters;
pub(crate) use root::{Keys, RootKey, UserKey, keyed_hash};
