//! Which version of a bundle is in use. Rows are added only: going back is a row too.

use domain::{BundleState, ModelVersion, Timestamp};
use rusqlite::params;

use super::Tx;
use crate::database::sql;
use crate::error::{Error, Result};
use crate::vault::Vault;
use crate::words;

fn state(word: &str) -> Result<BundleState> {
    BundleState::parse(word).ok_or_else(|| Error::VaultDamaged(format!("a stored bundle is in the state '{word}'")))
}

/// One change of a bundle's use; the newest of a version stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleStateRow {
    pub model: ModelVersion,
    pub state: BundleState,
    /// sha256 (hex) of the manifest that was put to use: the activation holds for these files only.
    /// `None` in rows of schema 6 and earlier, and where a version was retired.
    pub manifest_sha256: Option<String>,
    pub changed_at: Timestamp,
    pub changed_by: String,
}

/// A version that analyses of this vault were made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelUse {
    pub model: ModelVersion,
    pub first_used_at: Timestamp,
    pub analyses: u64,
}

impl Tx<'_> {
    /// Puts a version of a bundle to use, or out of it. `manifest_sha256` pins the files of an activation.
    pub fn set_bundle_state(
        &mut self,
        model: &ModelVersion,
        state: BundleState,
        manifest_sha256: Option<&str>,
    ) -> Result<()> {
        self.connection
            .prepare_cached(sql!("insert_bundle_state"))?
            .execute(params![
                model.bundle,
                model.version,
                model.weights_sha256,
                state.as_str(),
                self.now.0,
                self.actor.user,
                manifest_sha256,
            ])?;
        self.note("version", model.version.as_str());
        self.note("weights_sha256", model.weights_sha256.as_str());
        self.note("state", state.as_str());
        if let Some(sha256) = manifest_sha256 {
            self.note("manifest_sha256", sha256);
        }
        Ok(())
    }
}

impl Vault {
    /// Every change of a bundle's use, oldest first.
    pub fn bundle_states(&self) -> Result<Vec<BundleStateRow>> {
        let mut statement = self.connection.prepare_cached(sql!("list_bundle_states"))?;
        let mut rows = statement.query([])?;
        let mut states = Vec::new();
        while let Some(row) = rows.next()? {
            states.push(BundleStateRow {
                model: ModelVersion {
                    bundle: row.get(0)?,
                    version: row.get(1)?,
                    weights_sha256: row.get(2)?,
                },
                state: state(&row.get::<_, String>(3)?)?,
                changed_at: words::time(row.get(4)?),
                changed_by: row.get(5)?,
                manifest_sha256: row.get(6)?,
            });
        }
        Ok(states)
    }

    /// The versions that analyses were made with, by bundle, oldest first.
    pub fn model_uses(&self) -> Result<Vec<ModelUse>> {
        let mut statement = self.connection.prepare_cached(sql!("list_model_uses"))?;
        let mut rows = statement.query([])?;
        let mut uses = Vec::new();
        while let Some(row) = rows.next()? {
            uses.push(ModelUse {
                model: ModelVersion {
                    bundle: row.get(0)?,
                    version: row.get(1)?,
                    weights_sha256: row.get(2)?,
                },
                first_used_at: words::time(row.get(3)?),
                analyses: words::unsigned(row.get(4)?)?,
            });
        }
        Ok(uses)
    }
}
