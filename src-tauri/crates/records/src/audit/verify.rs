//! Walking the whole chain.

use rusqlite::Connection;
use serde::Serialize;

use super::anchor::{Anchor, AnchorState};
use super::row::{Head, StoredRow};
use crate::database::sql;
use crate::error::{Error, Result};
use crate::{hex, words};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditVerdict {
    Intact {
        rows: u64,
        /// Hash of the newest row, hexadecimal.
        head: String,
    },
    /// The first row that does not stand where and as it was written.
    Broken { seq: u64, fault: AuditFault },
    /// Rows up to `anchored` were written, but the database does not hold the last of them.
    TailCut { rows: u64, anchored: u64 },
    /// The chain holds, but nothing outside the database vouches for its end.
    AnchorMissing { rows: u64 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditFault {
    /// The row of this number is not there.
    Missing,
    /// The row's words are not those its hash was made of.
    Edited,
    /// The row follows another row than the one before it.
    Unlinked,
    /// The row holds values of the wrong kind.
    Unreadable,
}

pub(crate) fn verify(connection: &Connection, anchor: &Anchor) -> Result<AuditVerdict> {
    // Before the first row is read: see `AnchorState::of`.
    let anchored = anchor.read()?;
    let mut head = Head::START;
    let mut statement = connection.prepare_cached(sql!("list_audit"))?;
    let mut rows = statement.query([0, -1])?;
    while let Some(row) = rows.next()? {
        let seq = words::unsigned(head.seq + 1)?;
        match StoredRow::read(row).map(|row| (fault(&row, head), row)) {
            Ok((None, row)) => {
                head = row.head;
            }
            Ok((Some(fault), _)) => return Ok(AuditVerdict::Broken { seq, fault }),
            Err(Error::Database(_) | Error::VaultDamaged(_)) => {
                return Ok(AuditVerdict::Broken {
                    seq,
                    fault: AuditFault::Unreadable,
                });
            }
            Err(error) => return Err(error),
        }
    }
    let rows = words::unsigned(head.seq)?;
    Ok(match AnchorState::of(anchored, connection)? {
        AnchorState::Agrees => AuditVerdict::Intact {
            rows,
            head: hex::encode(&head.hash),
        },
        AnchorState::Disagrees(anchored) => AuditVerdict::TailCut {
            rows,
            anchored: words::unsigned(anchored.seq)?,
        },
        AnchorState::Missing => AuditVerdict::AnchorMissing { rows },
    })
}

fn fault(row: &StoredRow<'_>, before: Head) -> Option<AuditFault> {
    if row.head.seq != before.seq + 1 {
        return Some(AuditFault::Missing);
    }
    if row.own_hash() != row.head.hash {
        return Some(AuditFault::Edited);
    }
    (row.previous != before.hash).then_some(AuditFault::Unlinked)
}
