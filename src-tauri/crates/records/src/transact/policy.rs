//! What holds for everybody who works in the vault.

use domain::Policy;
use rusqlite::params;

use super::Tx;
use crate::database::sql;
use crate::error::Result;

impl Tx<'_> {
    /// Decides on the policy; it stands from here on, and those before it are kept.
    pub fn set_policy(&mut self, policy: Policy) -> Result<()> {
        let mut insert = self.connection.prepare_cached(sql!("insert_policy"))?;
        insert.execute(params![policy.read_first, self.now.0, self.actor.user])?;
        self.note("read_first", policy.read_first);
        Ok(())
    }
}
