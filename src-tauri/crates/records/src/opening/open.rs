//! Opening a vault: the manifest, the key, the database, and the audit row that says who came in.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use domain::{ReadOnly, Session, Timestamp};

use super::create::CREATING;
use super::failures::{self, Failure};
use super::manifest::Manifest;
use crate::audit::waiting;
use crate::error::{Error, Result};
use crate::hex;
use crate::keys::{Passphrase, RootKey};
use crate::transact::{Op, Tx};
use crate::vault::Vault;

impl Vault {
    /// Opens the vault in `folder` for `user` and writes the audit rows of this and of the failed
    /// attempts since the last opening. While [`Vault::read_only`] gives a reason, nothing is written.
    ///
    /// # Errors
    /// `vault_not_found`, `vault_damaged`, `vault_too_new`, `wrong_passphrase` (also for an unknown
    /// user; the attempt is remembered), `vault_busy` while another program migrates it.
    pub fn open(folder: &Path, user: &str, passphrase: &Passphrase, now: Timestamp) -> Result<(Vault, Session)> {
        let manifest = Manifest::read(folder)?;
        if let Some((user, role)) = manifest.unknown_roles.iter().find(|(name, _)| name == user) {
            return Err(Error::VaultDamaged(format!(
                "the stored role '{role}' of user '{user}' is unknown to this version; the other users can open the vault"
            )));
        }
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
        // A crash right after the last step of the creation left it; without it no second attempt clears the folder.
        let _ = fs::remove_file(folder.join(CREATING));
        Ok((vault, session))
    }

    /// Takes the records as they are although the anchor does not vouch for them: a restored backup
    /// that is to be used from here on. The anchor follows them again, and the audit keeps what it
    /// named before.
    ///
    /// # Errors
    /// `invalid_record` when the anchor vouches for them already; those of [`Vault::transact`].
    pub fn accept_restored(&mut self, actor: &Session, now: Timestamp) -> Result<()> {
        let Some(why) = self.read_only()? else {
            return Err(Error::Invalid(
                "an acceptance of records for which the anchor vouches already".to_owned(),
            ));
        };
        let anchored = self.anchor.read()?;
        self.take_in_waiting(actor, Op::RestoredAccepted, now, |tx| {
            let why = match why {
                ReadOnly::RecordsReplaced => "records_replaced",
                ReadOnly::AnchorMissing => "anchor_missing",
            };
            tx.note("why", why);
            if let Some(anchored) = anchored {
                tx.note("anchored_row", anchored.seq);
                tx.note("anchored_hash", hex::encode(&anchored.hash));
            }
        })
    }

    fn record_opening(&mut self, session: &Session, now: Timestamp) -> Result<()> {
        if self.read_only()?.is_some() {
            return self.note(session, Op::UserAuthentication, now);
        }
        self.take_in_waiting(session, Op::UserAuthentication, now, |_| {})
    }

    /// One transaction for all that was remembered: a guesser must not make the next opening slow.
    fn take_in_waiting(
        &mut self,
        session: &Session,
        op: Op,
        now: Timestamp,
        note: impl FnOnce(&mut Tx<'_>),
    ) -> Result<()> {
        let failures = failures::remembered(&self.folder)?;
        let waiting = waiting::remembered(&self.folder, &self.keys)?;
        self.transact(session, op, now, |tx| {
            note(tx);
            waiting.iter().try_for_each(|row| tx.record_waiting(row))?;
            failures.iter().try_for_each(|failure| {
                tx.record_failed_authentication(failure.user.as_deref().unwrap_or("(unknown user)"), failure.at)
            })
        })?;
        failures::forget(&self.folder)?;
        waiting::forget(&self.folder)
    }
}
