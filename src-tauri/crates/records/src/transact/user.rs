//! People who may open the vault.

use domain::{AuditDeed, Role, Timestamp};
use rusqlite::params;

use super::{Op, Tx};
use crate::audit::waiting;
use crate::audit::{self, Entry};
use crate::database::sql;
use crate::error::Result;

impl Tx<'_> {
    pub(crate) fn insert_user_account(&mut self, name: &str, role: Role) -> Result<()> {
        let mut statement = self.connection.prepare_cached(sql!("insert_user_account"))?;
        statement.execute(params![name, role.as_str(), self.now.0, self.actor.user])?;
        self.note("account", name);
        self.note("role", role.as_str());
        Ok(())
    }

    /// An audit row of its own, for an attempt that was made before the database could be opened.
    pub(crate) fn record_failed_authentication(&mut self, user: &str, at: Timestamp) -> Result<()> {
        let op = Op::AuthenticationFailure;
        let (event, name, action) = op.words();
        let entry = Entry {
            deed: AuditDeed {
                at,
                user,
                // Nobody was let in.
                role: "none",
                event,
                op: name,
                action,
                subject: None,
            },
            outcome: op.outcome(),
            detail: "{}",
        };
        audit::append(self.connection, &entry).map(|_| ())
    }

    /// An audit row of its own, for what was done while the vault was open for reading only.
    pub(crate) fn record_waiting(&mut self, deed: &AuditDeed) -> Result<()> {
        audit::append(self.connection, &waiting::entry(deed)).map(|_| ())
    }
}
