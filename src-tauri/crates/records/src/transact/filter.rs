//! Queries that a person keeps by name.

use rusqlite::params;
use serde_json::Value;

use super::Tx;
use crate::database::sql;
use crate::error::{Error, Result};
use crate::vault::Vault;

/// A query as the verb that lists studies takes it.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedFilter {
    pub name: String,
    pub query: Value,
}

impl Tx<'_> {
    /// Keeps a filter of the signed-in person, in place of the one of the same name.
    pub fn save_filter(&mut self, filter: &SavedFilter) -> Result<()> {
        let mut save = self.connection.prepare_cached(sql!("upsert_saved_filter"))?;
        save.execute(params![
            self.actor.user,
            filter.name,
            filter.query.to_string(),
            self.now.0
        ])?;
        self.note("saved", true);
        Ok(())
    }

    /// # Errors
    /// `not_found` when the signed-in person has no filter of this name.
    pub fn delete_filter(&mut self, name: &str) -> Result<()> {
        let mut delete = self.connection.prepare_cached(sql!("delete_saved_filter"))?;
        if delete.execute(params![self.actor.user, name])? == 0 {
            return Err(Error::not_found("saved filter", name));
        }
        self.note("deleted", true);
        Ok(())
    }
}

impl Vault {
    /// The filters of a person, by name.
    pub fn saved_filters(&self, user: &str) -> Result<Vec<SavedFilter>> {
        let mut statement = self.connection.prepare_cached(sql!("list_saved_filters"))?;
        let mut rows = statement.query([user])?;
        let mut filters = Vec::new();
        while let Some(row) = rows.next()? {
            let name: String = row.get(0)?;
            let query = serde_json::from_str(&row.get::<_, String>(1)?)
                .map_err(|_| Error::VaultDamaged("a saved filter is not JSON".to_owned()))?;
            filters.push(SavedFilter { name, query });
        }
        Ok(filters)
    }
}
