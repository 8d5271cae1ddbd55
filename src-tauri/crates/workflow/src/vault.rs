//! Creating and opening a vault.

use std::path::Path;

use domain::{Permission, Session};
pub use records::Passphrase;
use records::{AuditVerdict, JobProgress, JobRecord, JobState, KdfParameters, Op, Vault};

use crate::error::Failure;
use crate::permit::permit;
use crate::time::now;
use crate::wire::VaultWire;
use crate::workstation::rows;

/// A vault with the person who opened it.
pub struct OpenVault {
    pub(crate) vault: Vault,
    pub session: Session,
    /// Whether it is in the audit that its own rows were looked at.
    pub(crate) audit_seen: bool,
}

impl OpenVault {
    /// A second handle for another thread.
    pub fn open_another(&self) -> Result<Self, Failure> {
        Ok(Self {
            vault: self.vault.open_another()?,
            session: self.session.clone(),
            audit_seen: self.audit_seen,
        })
    }
}

pub fn create_vault(folder: &Path, admin: &str, passphrase: &Passphrase) -> Result<OpenVault, Failure> {
    let (vault, session) = Vault::create(folder, admin, passphrase, KdfParameters::default(), now())?;
    Ok(OpenVault {
        vault,
        session,
        audit_seen: false,
    })
}

/// Opens the vault and ends what an earlier crash left running. What a window queued stays for the
/// next window.
pub fn open_vault(folder: &Path, user: &str, passphrase: &Passphrase) -> Result<OpenVault, Failure> {
    let (vault, session) = Vault::open(folder, user, passphrase, now())?;
    let mut open = OpenVault {
        vault,
        session,
        audit_seen: false,
    };
    if open.vault.unfinished_jobs()?.iter().any(is_run) {
        end_interrupted_jobs(&mut open)?;
    }
    Ok(open)
}

/// A run's own row, in contrast to the row of a window's job, which goes on after an unlock.
fn is_run(job: &JobRecord) -> bool {
    rows::work_of(job).is_none()
}

/// Runs that stand as running although nobody else has the vault open were cut off by a crash: they
/// are told as failed, so that their studies do not stay "analysing", and their loose files go.
fn end_interrupted_jobs(open: &mut OpenVault) -> Result<(), Failure> {
    if !clear_loose_files(open)? {
        return Ok(());
    }
    for job in open.vault.unfinished_jobs()?.into_iter().filter(is_run) {
        let message = "interrupted: the program ended before the job did; analyse what is new to go on".to_owned();
        let progress = JobProgress {
            state: JobState::Failed,
            phase: None,
            message: Some(message),
            ..job.progress
        };
        open.vault.transact(&open.session, Op::JobChange, now(), |tx| {
            tx.update_job(job.id, &progress)
        })?;
    }
    Ok(())
}

/// Removes files that no row refers to; `false` when another program has the vault open, whose
/// files may be about to get their row.
pub(crate) fn clear_loose_files(open: &mut OpenVault) -> Result<bool, Failure> {
    match open.vault.remove_unreferenced_files() {
        Ok(_) => Ok(true),
        Err(records::Error::VaultBusy) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Counts, versions and whether the audit chain is whole.
pub fn vault_status(open: &mut OpenVault) -> Result<VaultWire, Failure> {
    permit(&open.session, Permission::ViewRecords)?;
    let status = open.vault.status()?;
    let audit_intact = matches!(open.vault.verify_audit()?, AuditVerdict::Intact { .. });
    Ok(VaultWire {
        vault: open.vault.folder().to_owned(),
        user: open.session.user.clone(),
        role: open.session.role.as_str().to_owned(),
        format_version: status.format_version,
        schema_version: status.schema_version,
        cipher: status.cipher,
        patients: status.patients,
        studies: status.studies,
        instances: status.instances,
        analyses: status.analyses,
        findings: status.findings,
        reviews: status.reviews,
        audit_rows: status.audit_rows,
        audit_intact,
        file_bytes: status.file_bytes,
    })
}

#[cfg(test)]
mod tests;
