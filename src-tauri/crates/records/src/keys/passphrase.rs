//! What a person types to open the vault.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// A passphrase in Unicode NFC, so that two keyboards which compose accents differently agree.
/// Wiped from memory when dropped and never printed.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    pub fn new(typed: impl Into<String>) -> Self {
        let typed = Zeroizing::new(typed.into());
        // Room for the longest composition, so that no half of it is left behind by a reallocation.
        let mut composed = Zeroizing::new(String::with_capacity(typed.len() * 3));
        composed.extend(typed.nfc());
        Self(composed)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn composed_and_decomposed_accents_are_the_same_passphrase_and_stay_hidden() {
        let (composed, decomposed) = (Passphrase::new("t\u{e1}bla"), Passphrase::new("ta\u{301}bla"));
        assert_eq!(composed.as_bytes(), decomposed.as_bytes());
        assert!(!format!("{composed:?}").contains("bla"));
    }
}
