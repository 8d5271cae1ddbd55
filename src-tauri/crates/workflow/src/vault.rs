//! The open vault, as verbs take it.

use domain::{Failure, ReadOnly, Session};
use records::Vault;

/// The passphrase of a vault; wiped from memory when it goes.
pub struct Passphrase(records::Passphrase);

impl Passphrase {
    pub fn new(text: impl Into<String>) -> Self {
        Self(records::Passphrase::new(text))
    }

    pub(crate) fn inner(&self) -> &records::Passphrase {
        &self.0
    }
}

/// A vault with the person who opened it.
pub struct OpenVault {
    pub(crate) vault: Vault,
    pub session: Session,
    /// Whether it is in the audit that its own rows were looked at.
    pub(crate) audit_seen: bool,
}

impl OpenVault {
    /// Why nothing of the vault may be changed.
    pub fn read_only(&self) -> Result<Option<ReadOnly>, Failure> {
        Ok(self.vault.read_only()?)
    }

    /// A second handle for another thread.
    pub fn open_another(&self) -> Result<Self, Failure> {
        Ok(Self {
            vault: self.vault.open_another()?,
            session: self.session.clone(),
            audit_seen: self.audit_seen,
        })
    }
}

/// Sets files aside that no row refers to; `false` when another program has the vault open, whose
/// files may be about to get their row.
pub(crate) fn clear_loose_files(open: &mut OpenVault) -> Result<bool, Failure> {
    match open.vault.set_loose_files_aside() {
        Ok(_) => Ok(true),
        Err(records::Error::VaultBusy) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
