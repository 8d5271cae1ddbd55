//! Opening a vault: the manifest, the key, the database, and the audit row that says who came in.

use std::path::Path;
use std::sync::Arc;

use domain::{Session, Timestamp};

use super::failures::{self, Failure};
use super::keys::RootKey;
use super::manifest::Manifest;
use super::{Passphrase, Vault};
use crate::audit::AnchorState;
use crate::error::{Error, Result};
use crate::transact::Op;

impl Vault {
    /// Opens the vault in `folder` for `user` and writes the audit rows of this and of the failed
    /// attempts since the last opening.
    ///
    /// # Errors
    /// `vault_not_found`, `vault_damaged`, `vault_too_new`, `wrong_passphrase` (also for an unknown
    /// user; the attempt is remembered), `vault_busy` while another program migrates it.
    pub fn open(folder: &Path, user: &str, passphrase: &Passphrase, now: Timestamp) -> Result<(Vault, Session)> {
        let manifest = Manifest::read(folder)?;
        let key = manifest.users.iter().find(|key| key.user == user);
        let root = match key {
            Some(key) => RootKey::unwrap(&manifest.vault_id, key, passphrase)?,
            None => None,
        };
        let (Some(key), Some(root)) = (key, root) else {
            let failure = Failure {
                at: now,
                user: key.map(|key| key.user.clone()),
            };
            if let Err(error) = failures::remember(folder, &failure) {
                tracing::warn!(%error, "a failed attempt to open the vault could not be remembered");
            }
            return Err(Error::WrongPassphrase {
                vault: folder.to_owned(),
            });
        };
        let session = Session {
            user: key.user.clone(),
            role: key.role,
        };
        let mut vault = Vault::connect(folder, Arc::new(root.derive()))?;
        vault.record_opening(&session, now)?;
        Ok((vault, session))
    }

    /// One transaction for all that was remembered: a guesser must not make the next opening slow.
    fn record_opening(&mut self, session: &Session, now: Timestamp) -> Result<()> {
        let failures = failures::remembered(&self.folder)?;
        if !matches!(self.anchor.state(&self.connection)?, AnchorState::Agrees(_)) {
            let what = "the audit does not agree with its anchor".to_owned();
            self.transact(session, Op::SecurityAlert { what }, now, |_| Ok(()))?;
        }
        self.transact(session, Op::UserAuthentication, now, |tx| {
            failures.iter().try_for_each(|failure| {
                tx.record_failed_authentication(failure.user.as_deref().unwrap_or("(unknown user)"), failure.at)
            })
        })?;
        failures::forget(&self.folder)
    }
}
