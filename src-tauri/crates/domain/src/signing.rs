//! The key whose signature of bundles a program trusts.

use serde::{Deserialize, Serialize};

/// Whose signature of a bundle is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SigningKey {
    /// Published with its secret half: whoever wants to can sign with it.
    Development,
    /// The owner's, whose secret half is kept.
    Release,
}

impl SigningKey {
    /// The word for it in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            SigningKey::Development => "development",
            SigningKey::Release => "release",
        }
    }
}
