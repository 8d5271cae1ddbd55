//! One row of the audit and its hash.

use domain::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::database::sql;
use crate::error::{Error, Result};
use crate::{hex, words};

/// EventOutcomeIndicator of DICOM PS3.15 A.5.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Success,
    MinorFailure,
}

impl Outcome {
    fn number(self) -> i64 {
        match self {
            Outcome::Success => 0,
            Outcome::MinorFailure => 4,
        }
    }

    fn of(number: i64) -> Result<Self> {
        [Outcome::Success, Outcome::MinorFailure]
            .into_iter()
            .find(|outcome| outcome.number() == number)
            .ok_or_else(|| Error::VaultDamaged(format!("an audit row has the outcome {number}")))
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuditRow {
    /// 1 is the first; no number is left out.
    pub seq: u64,
    pub at: Timestamp,
    pub user: String,
    /// `none` when nobody was let in.
    pub role: String,
    /// Name of the event in DICOM PS3.15 A.5.3.
    pub event: String,
    /// This program's own, narrower name of what was done.
    pub op: String,
    /// EventActionCode: C, R, U, D or E (create, read, update, delete, execute).
    pub action: String,
    pub outcome: Outcome,
    /// Study Instance UID, finding id or bundle; what the row is about.
    pub subject: Option<String>,
    pub detail: Value,
    /// Hexadecimal; zeros before the first row.
    pub previous: String,
    pub hash: String,
}

/// A row before it has its place in the chain.
pub(crate) struct Entry<'a> {
    pub(crate) at: Timestamp,
    pub(crate) user: &'a str,
    pub(crate) role: &'a str,
    pub(crate) event: &'a str,
    pub(crate) op: &'a str,
    pub(crate) action: &'a str,
    pub(crate) outcome: Outcome,
    pub(crate) subject: Option<&'a str>,
    /// JSON.
    pub(crate) detail: &'a str,
}

/// The newest row: its number and its hash. Number 0 stands before the first row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) seq: i64,
    pub(crate) hash: [u8; 32],
}

impl Head {
    pub(crate) const START: Head = Head { seq: 0, hash: [0; 32] };

    pub(crate) fn read(connection: &Connection) -> Result<Head> {
        let mut statement = connection.prepare_cached(sql!("select_audit_head"))?;
        let head = statement
            .query_row([], |row| {
                Ok(Head {
                    seq: row.get(0)?,
                    hash: row.get(1)?,
                })
            })
            .optional()?;
        Ok(head.unwrap_or(Head::START))
    }
}

/// sha256(previous || row), each field with its length before it so that no two rows read alike.
pub(crate) fn chain_hash(previous: &[u8; 32], seq: i64, entry: &Entry<'_>) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(previous);
    hash.update(seq.to_le_bytes());
    hash.update(entry.at.0.to_le_bytes());
    hash.update(entry.outcome.number().to_le_bytes());
    for text in [
        entry.user,
        entry.role,
        entry.event,
        entry.op,
        entry.action,
        entry.detail,
    ] {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    }
    match entry.subject {
        Some(subject) => {
            hash.update([1]);
            hash.update(subject.as_bytes());
        }
        None => hash.update([0]),
    }
    hash.finalize().into()
}

/// Writes the next row inside the caller's transaction.
pub(crate) fn append(connection: &Connection, entry: &Entry<'_>) -> Result<Head> {
    let previous = Head::read(connection)?;
    let seq = previous.seq + 1;
    let hash = chain_hash(&previous.hash, seq, entry);
    connection
        .prepare_cached(sql!("insert_audit"))?
        .execute(rusqlite::params![
            seq,
            entry.at.0,
            entry.user,
            entry.role,
            entry.event,
            entry.op,
            entry.action,
            entry.outcome.number(),
            entry.subject,
            entry.detail,
            previous.hash,
            hash,
        ])?;
    Ok(Head { seq, hash })
}

/// A row as `list_audit.sql` gives it, still borrowed from the database.
pub(crate) struct StoredRow<'a> {
    pub(crate) seq: i64,
    pub(crate) previous: [u8; 32],
    pub(crate) hash: [u8; 32],
    entry: Entry<'a>,
}

impl<'a> StoredRow<'a> {
    pub(crate) fn read(row: &'a Row<'_>) -> Result<Self> {
        let text = |column: usize| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        let entry = Entry {
            at: words::time(row.get(1)?),
            user: text(2)?,
            role: text(3)?,
            event: text(4)?,
            op: text(5)?,
            action: text(6)?,
            outcome: Outcome::of(row.get(7)?)?,
            subject: row.get_ref(8)?.as_str_or_null().map_err(rusqlite::Error::from)?,
            detail: text(9)?,
        };
        Ok(Self {
            seq: row.get(0)?,
            previous: row.get(10)?,
            hash: row.get(11)?,
            entry,
        })
    }

    /// The hash that the row's own words have.
    pub(crate) fn own_hash(&self) -> [u8; 32] {
        chain_hash(&self.previous, self.seq, &self.entry)
    }

    pub(crate) fn to_owned(&self) -> Result<AuditRow> {
        let entry = &self.entry;
        let detail = serde_json::from_str(entry.detail)
            .map_err(|_| Error::VaultDamaged(format!("the detail of audit row {} is not JSON", self.seq)))?;
        Ok(AuditRow {
            seq: words::unsigned(self.seq)?,
            at: entry.at,
            user: entry.user.to_owned(),
            role: entry.role.to_owned(),
            event: entry.event.to_owned(),
            op: entry.op.to_owned(),
            action: entry.action.to_owned(),
            outcome: entry.outcome,
            subject: entry.subject.map(str::to_owned),
            detail,
            previous: hex::encode(&self.previous),
            hash: hex::encode(&self.hash),
        })
    }
}
