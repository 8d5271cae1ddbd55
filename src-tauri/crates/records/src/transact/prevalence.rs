//! How frequent an anomaly is at the site, by bundle. Rows are added only: taking it back is a row too.

use domain::{Prevalence, Timestamp};
use rusqlite::params;

use super::Tx;
use crate::database::sql;
use crate::error::{Error, Result};
use crate::vault::Vault;
use crate::words;

/// One statement; the newest of a bundle stands.
#[derive(Debug, Clone, PartialEq)]
pub struct SitePrevalenceRow {
    pub bundle: String,
    /// `None` where it was taken back.
    pub prevalence: Option<Prevalence>,
    pub changed_at: Timestamp,
    pub changed_by: String,
}

/// A score that is the newest of its frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ToldScore {
    /// Row of the study.
    pub study: i64,
    pub score: f32,
    /// At which it holds; `None`: at that of the calibration.
    pub prevalence: Option<Prevalence>,
}

fn prevalence(share: Option<f64>) -> Result<Option<Prevalence>> {
    let read = |share: f64| Prevalence::try_from(share).map_err(|error| Error::VaultDamaged(error.to_string()));
    share.map(read).transpose()
}

impl Tx<'_> {
    /// States a prevalence for a bundle, or takes it back.
    pub fn state_prevalence(&mut self, bundle: &str, stated: Option<Prevalence>) -> Result<()> {
        let mut insert = self.connection.prepare_cached(sql!("insert_site_prevalence"))?;
        insert.execute(params![
            bundle,
            stated.map(Prevalence::share),
            self.now.0,
            self.actor.user
        ])?;
        self.note(
            "prevalence",
            stated.map_or_else(|| "taken back".to_owned(), |stated| stated.share().to_string()),
        );
        Ok(())
    }
}

impl Vault {
    /// Every statement, oldest first.
    pub fn site_prevalences(&self) -> Result<Vec<SitePrevalenceRow>> {
        let mut statement = self.connection.prepare_cached(sql!("list_site_prevalences"))?;
        let mut rows = statement.query([])?;
        let mut stated = Vec::new();
        while let Some(row) = rows.next()? {
            stated.push(SitePrevalenceRow {
                bundle: row.get(0)?,
                prevalence: prevalence(row.get(1)?)?,
                changed_at: words::time(row.get(2)?),
                changed_by: row.get(3)?,
            });
        }
        Ok(stated)
    }

    /// The scores that these weights gave and that nothing hides from this reader, newest first.
    pub fn scores_of(&self, bundle: &str, weights_sha256: &str, reader: &str) -> Result<Vec<ToldScore>> {
        let hidden_from = self.policy()?.read_first.then_some(reader);
        let mut statement = self.connection.prepare_cached(sql!("list_scores_of_model"))?;
        let mut rows = statement.query((bundle, weights_sha256, hidden_from))?;
        let mut scores = Vec::new();
        while let Some(row) = rows.next()? {
            scores.push(ToldScore {
                study: row.get(0)?,
                score: row.get(1)?,
                prevalence: prevalence(row.get(2)?)?,
            });
        }
        Ok(scores)
    }
}
