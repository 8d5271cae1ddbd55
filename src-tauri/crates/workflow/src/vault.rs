//! The open vault, as verbs take it.

use std::path::Path;
use std::sync::Arc;

use domain::{Failure, Policy, ReadOnly, Session, Uid};
use records::{Changes, Vault};

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

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        self.vault.folder()
    }

    /// What the vault's people decided; `None` as long as nobody did.
    pub fn policy(&self) -> Result<Option<Policy>, Failure> {
        Ok(self.vault.policy_record()?.map(|record| record.policy))
    }

    /// Whether something was begun in it: studies are there, or a job that is to bring them.
    pub fn is_begun(&self) -> Result<bool, Failure> {
        let status = self.vault.status()?;
        Ok(status.counts.studies > 0 || status.read_only.is_some() || !self.vault.unfinished_jobs()?.is_empty())
    }

    /// Calls `tell` with the UIDs of the studies that a commit of any handle changed.
    pub fn tell_changed_studies(&mut self, tell: impl Fn(&[Uid]) + Send + Sync + 'static) {
        self.vault.tell_changes(Arc::new(move |changes: &Changes| {
            if !changes.studies.is_empty() {
                tell(&changes.studies);
            }
        }));
    }

    /// Reads what decides the order of the list, as far as it changed.
    pub fn take_up_changes(&mut self) -> Result<(), Failure> {
        Ok(self.vault.take_up_changes()?)
    }

    /// Reads a few words for searches and for the order by name; `false` when all are read.
    pub fn take_up_words(&mut self) -> Result<bool, Failure> {
        Ok(self.vault.take_up_words()?)
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
