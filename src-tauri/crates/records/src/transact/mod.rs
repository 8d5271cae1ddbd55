//! The one write path: the changes and their audit row, in one transaction, or nothing.

mod analysis;
mod bundle;
mod draft;
mod export;
mod filter;
mod form;
mod instance;
mod job;
mod op;
mod patient;
mod policy;
mod prevalence;
mod review;
mod user;
mod worklist;

use std::collections::{BTreeMap, BTreeSet};

use domain::{FailureCode, JobId, Session, Timestamp, Uid};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use serde_json::Value;

pub use analysis::AnalysisId;
pub use bundle::{BundleStateRow, ModelUse};
pub use filter::SavedFilter;
pub use instance::Inserted;
pub(crate) use job::job_state;
pub use job::{JobProgress, MOST_CUTS};
pub use op::Op;
pub use patient::SeriesDiffers;
pub use prevalence::{SitePrevalenceRow, ToldScore};
#[cfg(test)]
pub(crate) use worklist::refresh as refresh_worklist;

use crate::audit::{self, waiting};
use crate::database::sql;
use crate::error::{Error, Result};
use crate::vault::{Changes, Vault};
use crate::words;

/// An open transaction. Every row it writes carries its user and its time.
pub struct Tx<'a> {
    connection: &'a Connection,
    actor: &'a Session,
    now: Timestamp,
    /// Studies whose row in the worklist is to be written again, by row number.
    changed: BTreeMap<i64, Uid>,
    /// Studies the operation was about, changed or not.
    touched: BTreeSet<Uid>,
    jobs: BTreeSet<JobId>,
    detail: BTreeMap<String, Value>,
}

impl Vault {
    /// Runs `change` and writes the audit row of `op`; both are committed and on the disk when this
    /// returns, or neither is. Waits up to 10 s while another handle or program writes.
    ///
    /// # Errors
    /// What `change` returns; `vault_read_only` while the anchor does not vouch for the records;
    /// `vault_busy`, `disk_full`, `io`, `vault_damaged`.
    pub fn transact<T>(
        &mut self,
        actor: &Session,
        op: Op,
        now: Timestamp,
        change: impl FnOnce(&mut Tx<'_>) -> Result<T>,
    ) -> Result<(T, Changes)> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let unvouched = self.anchor.state(&transaction)?.read_only();
        if let Some(why) = unvouched
            && op != Op::RestoredAccepted
        {
            return Err(Error::ReadOnly(why));
        }
        let mut tx = Tx {
            connection: &transaction,
            actor,
            now,
            changed: BTreeMap::new(),
            touched: BTreeSet::new(),
            jobs: BTreeSet::new(),
            detail: BTreeMap::new(),
        };
        let value = change(&mut tx)?;
        let (changes, head) = tx.finish(&op)?;
        transaction.commit()?;
        if unvouched.is_some() {
            self.anchor.restart(head)?;
        } else if let Err(error) = self.anchor.advance(head) {
            // The change is committed: to report a failure would be false. The next one moves it.
            tracing::warn!(%error, "the anchor of the audit could not be moved");
        }
        if let Some(tell) = &self.on_change {
            tell(&changes);
        }
        Ok((value, changes))
    }

    /// Writes into the audit what changes nothing. While the vault is open for reading only the row
    /// waits outside the database.
    pub fn note(&mut self, actor: &Session, op: Op, now: Timestamp) -> Result<()> {
        if self.read_only()?.is_none() {
            return self.transact(actor, op, now, |_| Ok(())).map(|_| ());
        }
        let entry = op.entry(actor, now, op.subject(), "{}");
        waiting::remember(&self.folder, &self.keys, &entry)
    }

    /// Writes into the audit that `actor` looked at a study.
    ///
    /// # Errors
    /// `not_found`, and those of [`Vault::note`].
    pub fn note_access(&mut self, actor: &Session, study: &Uid, now: Timestamp) -> Result<()> {
        study_row(&self.connection, study)?;
        self.note(actor, Op::InstancesAccessed { study: study.clone() }, now)
    }
}

fn study_row(connection: &Connection, uid: &Uid) -> Result<i64> {
    let mut statement = connection.prepare_cached(sql!("find_study"))?;
    let row = statement.query_row([uid.as_str()], |row| row.get(0)).optional()?;
    row.ok_or_else(|| Error::not_found("study", uid))
}

impl Tx<'_> {
    /// Adds a word to the detail of the audit row. Never a patient's name.
    pub fn note(&mut self, key: &str, value: impl Into<Value>) {
        self.detail.insert(key.to_owned(), value.into());
    }

    fn count(&mut self, key: &str) {
        let counted = self.detail.get(key).and_then(Value::as_u64).unwrap_or(0);
        self.note(key, counted + 1);
    }

    fn changed(&mut self, study: i64, uid: &Uid) {
        self.touched.insert(uid.clone());
        self.changed.insert(study, uid.clone());
    }

    fn study_row(&self, uid: &Uid) -> Result<i64> {
        study_row(self.connection, uid)
    }

    /// Reviews and signatures are the signed-in person's own.
    fn require_own(&self, what: &str, reader: &str) -> Result<()> {
        if reader == self.actor.user {
            return Ok(());
        }
        Err(Error::Invalid(format!(
            "a {what} by '{reader}' while '{}' is signed in",
            self.actor.user
        )))
    }

    fn finish(mut self, op: &Op) -> Result<(Changes, audit::Head)> {
        for study in self.changed.keys() {
            worklist::refresh(self.connection, *study)?;
        }
        let about = match (op.subject(), self.touched.first()) {
            (Some(subject), _) => Some(subject.to_owned()),
            (None, Some(study)) if self.touched.len() == 1 => Some(study.as_str().to_owned()),
            _ => None,
        };
        if self
            .touched
            .iter()
            .any(|study| Some(study.as_str()) != about.as_deref())
        {
            let studies: Vec<&str> = self.touched.iter().map(Uid::as_str).collect();
            self.detail.insert("studies".to_owned(), studies.into());
        }
        let detail = serde_json::to_string(&self.detail)
            .map_err(|_| Error::Invalid("the detail of an audit row cannot be written as JSON".to_owned()))?;
        let entry = op.entry(self.actor, self.now, about.as_deref(), &detail);
        let head = audit::append(self.connection, &entry)?;
        let mut studies: Vec<Uid> = self.changed.into_values().collect();
        studies.sort();
        let jobs = self.jobs.into_iter().collect();
        Ok((
            Changes {
                studies,
                jobs,
                audit_seq: words::unsigned(head.seq)?,
            },
            head,
        ))
    }
}

/// Tells the refusal of a signed study's trigger from other errors.
fn or_signed<T>(outcome: rusqlite::Result<T>, study: &Uid) -> Result<T> {
    outcome.map_err(|error| match &error {
        rusqlite::Error::SqliteFailure(_, Some(message)) if message == FailureCode::StudySigned.as_str() => {
            Error::StudySigned(study.clone())
        }
        _ => error.into(),
    })
}
