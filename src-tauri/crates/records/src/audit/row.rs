//! One row of the audit and its hash.

use domain::{AuditDeed, AuditRow, Outcome};
use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::database::sql;
use crate::error::{Error, Result};
use crate::words;

/// EventOutcomeIndicator of DICOM PS3.15 A.5.2.
fn number_of(outcome: Outcome) -> i64 {
    match outcome {
        Outcome::Success => 0,
        Outcome::MinorFailure => 4,
    }
}

fn outcome_of(number: i64) -> Result<Outcome> {
    let known = Outcome::ALL.iter().copied();
    known
        .into_iter()
        .find(|outcome| number_of(*outcome) == number)
        .ok_or_else(|| Error::VaultDamaged(format!("an audit row has the outcome {number}")))
}

/// A row before it has its place in the chain.
pub(crate) struct Entry<'a> {
    pub(crate) deed: AuditDeed<&'a str>,
    pub(crate) outcome: Outcome,
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
    hash.update(entry.deed.at.0.to_le_bytes());
    hash.update(number_of(entry.outcome).to_le_bytes());
    for text in [
        entry.deed.user,
        entry.deed.role,
        entry.deed.event,
        entry.deed.op,
        entry.deed.action,
        entry.detail,
    ] {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    }
    match entry.deed.subject {
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
            entry.deed.at.0,
            entry.deed.user,
            entry.deed.role,
            entry.deed.event,
            entry.deed.op,
            entry.deed.action,
            number_of(entry.outcome),
            entry.deed.subject,
            entry.detail,
            previous.hash,
            hash,
        ])?;
    Ok(Head { seq, hash })
}

/// A row as `list_audit.sql` gives it, still borrowed from the database.
pub(crate) struct StoredRow<'a> {
    pub(crate) previous: [u8; 32],
    /// What it is itself.
    pub(crate) head: Head,
    entry: Entry<'a>,
}

impl<'a> StoredRow<'a> {
    pub(crate) fn read(row: &'a Row<'_>) -> Result<Self> {
        let text = |column: usize| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        let entry = Entry {
            deed: AuditDeed {
                at: words::time(row.get(1)?),
                user: text(2)?,
                role: text(3)?,
                event: text(4)?,
                op: text(5)?,
                action: text(6)?,
                subject: row.get_ref(8)?.as_str_or_null().map_err(rusqlite::Error::from)?,
            },
            outcome: outcome_of(row.get(7)?)?,
            detail: text(9)?,
        };
        Ok(Self {
            previous: row.get(10)?,
            head: Head {
                seq: row.get(0)?,
                hash: row.get(11)?,
            },
            entry,
        })
    }

    /// The hash that the row's own words have.
    pub(crate) fn own_hash(&self) -> [u8; 32] {
        chain_hash(&self.previous, self.head.seq, &self.entry)
    }

    pub(crate) fn to_owned(&self) -> Result<AuditRow> {
        let Entry { deed, outcome, detail } = &self.entry;
        let detail: Value = serde_json::from_str(detail)
            .map_err(|_| Error::VaultDamaged(format!("the detail of audit row {} is not JSON", self.head.seq)))?;
        Ok(AuditRow {
            seq: words::unsigned(self.head.seq)?,
            deed: owned(deed),
            outcome: *outcome,
            detail: detail.to_string(),
        })
    }
}

fn owned(deed: &AuditDeed<&str>) -> AuditDeed {
    AuditDeed {
        at: deed.at,
        user: deed.user.to_owned(),
        role: deed.role.to_owned(),
        event: deed.event.to_owned(),
        op: deed.op.to_owned(),
        action: deed.action.to_owned(),
        subject: deed.subject.map(str::to_owned),
    }
}
