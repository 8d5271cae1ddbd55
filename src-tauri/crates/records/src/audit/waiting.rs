//! Audit rows of a vault that is open for reading only. Its database takes no row, so they wait in
//! `audit.waiting`, each sealed by a key of the vault, and enter the audit once the records are
//! vouched for again: these records, when they are accepted, or the newer ones, when they come back.

use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use domain::{AuditDeed, Outcome};

use super::row::Entry;
use crate::disk;
use crate::error::{Error, Result};
use crate::hex;
use crate::keys::Keys;

const NONCE_BYTES: usize = 24;

/// The row that a deed becomes which waited.
pub(crate) fn entry(deed: &AuditDeed) -> Entry<'_> {
    Entry {
        deed: AuditDeed {
            at: deed.at,
            user: &deed.user,
            role: &deed.role,
            event: &deed.event,
            op: &deed.op,
            action: &deed.action,
            subject: deed.subject.as_deref(),
        },
        outcome: Outcome::Success,
        detail: r#"{"while_reading_only":true}"#,
    }
}

pub(crate) fn remember(folder: &Path, keys: &Keys, entry: &Entry<'_>) -> Result<()> {
    let unwritable = || Error::Invalid("an audit row that cannot be sealed".to_owned());
    let text = serde_json::to_vec(&entry.deed).map_err(|_| unwritable())?;
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce)?;
    let sealed = XChaCha20Poly1305::new(keys.waiting.as_ref().into())
        .encrypt(XNonce::from_slice(&nonce), text.as_slice())
        .map_err(|_| unwritable())?;
    disk::append_line(&path(folder), &(hex::encode(&nonce) + &hex::encode(&sealed)))
}

/// Oldest first. A line that a crash tore or that this vault did not seal is passed over.
pub(crate) fn remembered(folder: &Path, keys: &Keys) -> Result<Vec<AuditDeed>> {
    let cipher = XChaCha20Poly1305::new(keys.waiting.as_ref().into());
    let open = |line: &String| {
        let bytes = hex::decode_all(line)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_BYTES)?;
        let text = cipher.decrypt(XNonce::from_slice(nonce), sealed).ok()?;
        serde_json::from_slice(&text).ok()
    };
    Ok(disk::read_lines(&path(folder))?.iter().filter_map(open).collect())
}

/// Only after the audit holds them.
pub(crate) fn forget(folder: &Path) -> Result<()> {
    disk::remove(&path(folder))
}

fn path(folder: &Path) -> PathBuf {
    folder.join("audit.waiting")
}
