//! The key whose signature of bundles a program trusts, and who signed what spoke.

use crate::closed_set::closed_set;

closed_set! {
    /// Whose signature of a bundle is trusted.
    pub enum SigningKey {
        /// Published with its secret half: whoever wants to can sign with it.
        Development = "development",
        /// The owner's, whose secret half is kept.
        Release = "release",
    }
}

closed_set! {
    /// Who signed the bundles that an answer comes from; the least of them where the router chose.
    pub enum ModelSigner {
        /// No signature that the program trusts: a person activated it.
        Nobody = "nobody",
        /// Whoever wanted to.
        Development = "development",
        /// The owner.
        Release = "release",
    }
}

impl From<SigningKey> for ModelSigner {
    fn from(key: SigningKey) -> Self {
        match key {
            SigningKey::Development => Self::Development,
            SigningKey::Release => Self::Release,
        }
    }
}
