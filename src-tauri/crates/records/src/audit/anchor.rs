//! The head of the audit chain, kept outside the database: a database whose newest rows were cut
//! off, or that was put back from an older copy, does not agree with it.
//!
//! Two slots of fixed length are written in turn, so that a torn write leaves the other one, and a
//! full disk cannot refuse it. Once the anchor disagrees it is not moved again: what happened stays
//! visible.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use domain::ReadOnly;
use rusqlite::{Connection, OptionalExtension};

use super::row::Head;
use crate::database::sql;
use crate::disk;
use crate::error::{Result, io};
use crate::hex;
use crate::keys::{Keys, keyed_hash};
use zeroize::Zeroizing;

/// `number hash mac` with a newline: 20, 64 and 64 digits.
const SLOT_BYTES: usize = 20 + 1 + 64 + 1 + 64 + 1;

pub(crate) struct Anchor {
    path: PathBuf,
    key: Zeroizing<[u8; 32]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnchorState {
    /// The anchored row is in the database. Rows after it are those of a crash between the commit
    /// and the anchor.
    Agrees,
    /// The database lacks the anchored row or has another in its place.
    Disagrees(Head),
    Missing,
}

impl AnchorState {
    /// Of the head that the anchor named before `connection` was asked: others may commit and move
    /// the anchor by then, so that one read later may be ahead of a longer read of the database.
    pub(crate) fn of(anchored: Option<Head>, connection: &Connection) -> Result<Self> {
        let Some(anchored) = anchored else {
            return Ok(AnchorState::Missing);
        };
        if anchored == Head::START {
            return Ok(AnchorState::Agrees);
        }
        let mut statement = connection.prepare_cached(sql!("select_audit_hash"))?;
        let stored: Option<[u8; 32]> = statement.query_row([anchored.seq], |row| row.get(0)).optional()?;
        Ok(if stored == Some(anchored.hash) {
            AnchorState::Agrees
        } else {
            AnchorState::Disagrees(anchored)
        })
    }

    pub(crate) fn read_only(self) -> Option<ReadOnly> {
        match self {
            AnchorState::Agrees => None,
            AnchorState::Disagrees(_) => Some(ReadOnly::RecordsReplaced),
            AnchorState::Missing => Some(ReadOnly::AnchorMissing),
        }
    }
}

impl Anchor {
    pub(crate) fn of(folder: &Path, keys: &Keys) -> Self {
        Self {
            path: folder.join("audit.anchor"),
            key: keys.anchor.clone(),
        }
    }

    /// Writes the anchor of an empty audit.
    pub(crate) fn create(&self) -> Result<()> {
        self.restart(Head::START)
    }

    pub(crate) fn state(&self, connection: &Connection) -> Result<AnchorState> {
        AnchorState::of(self.read()?, connection)
    }

    /// Names this head whatever the anchor named before: the records as they are were accepted.
    pub(crate) fn restart(&self, head: Head) -> Result<()> {
        let slot = self.slot(head);
        disk::write_atomically(&self.path, [slot.clone(), slot].concat().as_bytes())
    }

    /// Moves the anchor to a newer head, after its commit.
    pub(crate) fn advance(&self, head: Head) -> Result<()> {
        // Another process may have gone further.
        if self.read()?.is_some_and(|anchored| anchored.seq >= head.seq) {
            return Ok(());
        }
        let slot = self.slot(head);
        let offset = if head.seq % 2 == 0 { 0 } else { SLOT_BYTES as u64 };
        let write = |mut file: File| {
            file.seek(SeekFrom::Start(offset))?;
            file.write_all(slot.as_bytes())
        };
        OpenOptions::new()
            .write(true)
            .open(&self.path)
            .and_then(write)
            .map_err(io(format!("write {}", self.path.display())))
    }

    /// The higher of the slots that this vault's key has sealed.
    pub(crate) fn read(&self) -> Result<Option<Head>> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io(format!("read {}", self.path.display()))(error)),
        };
        Ok(bytes
            .chunks(SLOT_BYTES)
            .filter_map(|slot| self.parse(slot))
            .max_by_key(|head| head.seq))
    }

    fn parse(&self, slot: &[u8]) -> Option<Head> {
        let text = std::str::from_utf8(slot).ok()?;
        let mut parts = text.split_ascii_whitespace();
        let head = Head {
            seq: parts.next()?.parse().ok()?,
            hash: hex::decode(parts.next()?)?,
        };
        (self.slot(head) == text).then_some(head)
    }

    fn slot(&self, head: Head) -> String {
        let mac = keyed_hash(&self.key, &[&head.seq.to_le_bytes(), &head.hash]);
        format!(
            "{:020} {} {}\n",
            head.seq,
            hex::encode(&head.hash),
            hex::encode(mac.as_slice())
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_slot_falls_back_to_the_one_before_and_a_forged_one_counts_for_nothing()
    -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let anchor = Anchor {
            path: folder.path().join("audit.anchor"),
            key: Zeroizing::new([7; 32]),
        };
        anchor.create()?;
        let heads = [1, 2, 3].map(|seq| Head {
            seq,
            hash: [seq as u8; 32],
        });
        for head in heads {
            anchor.advance(head)?;
        }
        assert_eq!(anchor.read()?, Some(heads[2]));
        anchor.advance(heads[0])?;
        assert_eq!(anchor.read()?, Some(heads[2]), "the anchor went back");

        let mut bytes = fs::read(&anchor.path)?;
        bytes[SLOT_BYTES + 5] = b'9';
        fs::write(&anchor.path, &bytes)?;
        assert_eq!(anchor.read()?, Some(heads[1]));

        let stranger = Anchor {
            path: anchor.path.clone(),
            key: Zeroizing::new([8; 32]),
        };
        assert_eq!(stranger.read()?, None);
        Ok(())
    }
}
