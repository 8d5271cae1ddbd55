//! The key whose signature of bundles a program trusts.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SigningKey {
    /// Published with its secret half: whoever wants to can sign with it.
    Development,
    /// The owner's, whose secret half is kept.
    Release,
}

impl SigningKey {
    pub fn as_str(self) -> &'static str {
        match self {
            SigningKey::Development => "development",
            SigningKey::Release => "release",
        }
    }
}
