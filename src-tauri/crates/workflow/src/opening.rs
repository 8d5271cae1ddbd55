//! Creating and opening a vault, and taking restored records as they are.

use std::path::Path;

use contract::terminal::{AcceptedWire, VaultWire};
use domain::{AuditChain, Failure, FailureCode, JobState, Permission};
use records::{AuditVerdict, JobProgress, JobRecord, KdfParameters, Op, Vault};

use crate::administration::numbers_told;
use crate::files::keep_out_of_vaults;
use crate::jobs::rows;
use crate::permit::permit;
use crate::time::now;
use crate::vault::{OpenVault, Passphrase, clear_loose_files};

pub fn create_vault(folder: &Path, admin: &str, passphrase: &Passphrase) -> Result<OpenVault, Failure> {
    // Of a vault in the folder itself the records say best what is there.
    if !folder.join("vault.json").is_file() {
        keep_out_of_vaults(folder)?;
    }
    let (vault, session) = Vault::create(folder, admin, passphrase.inner(), KdfParameters::default(), now())?;
    Ok(OpenVault {
        vault,
        session,
        audit_seen: false,
    })
}

/// Opens the vault and ends what an earlier crash left running. What a window queued stays for the
/// next window. A vault that is open for reading only stays as it is.
pub fn open_vault(folder: &Path, user: &str, passphrase: &Passphrase) -> Result<OpenVault, Failure> {
    let (vault, session) = Vault::open(folder, user, passphrase.inner(), now())?;
    let mut open = OpenVault {
        vault,
        session,
        audit_seen: false,
    };
    if open.vault.read_only()?.is_none() && open.vault.unfinished_jobs()?.iter().any(is_run) {
        end_interrupted_jobs(&mut open)?;
    }
    Ok(open)
}

/// A run's own row, in contrast to the row of a window's job, which goes on after an unlock, in a version that knows it.
fn is_run(job: &JobRecord) -> bool {
    rows::asked(job) == rows::Asked::Run
}

/// Runs that stand as running although nobody else has the vault open were cut off by a crash: they
/// are told as failed, so that their studies do not stay "analysing", and their loose files are set aside.
fn end_interrupted_jobs(open: &mut OpenVault) -> Result<(), Failure> {
    if !clear_loose_files(open)? {
        return Ok(());
    }
    for job in open.vault.unfinished_jobs()?.into_iter().filter(is_run) {
        let message = "the program ended before the job did; analyse what is new to go on";
        let progress = JobProgress {
            state: JobState::Failed,
            phase: None,
            failure: Some(Failure::new(FailureCode::Interrupted, message)),
            ..job.progress
        };
        open.vault.transact(&open.session, Op::JobChange, now(), |tx| {
            tx.update_job(job.id, &progress)
        })?;
    }
    Ok(())
}

/// Takes the records as they are although the audit's anchor does not vouch for them: a restored
/// backup that is to be used from here on. Files of newer records are set aside, not deleted.
pub fn accept_restored(open: &mut OpenVault) -> Result<AcceptedWire, Failure> {
    permit(&open.session, Permission::ManageVault)?;
    if open.vault.read_only()?.is_none() {
        return Err(Failure::usage(
            "the audit vouches for the records of this vault; there is nothing to accept",
        ));
    }
    open.vault.accept_restored(&open.session, now())?;
    clear_loose_files(open)?;
    let status = open.vault.status()?;
    Ok(AcceptedWire {
        vault: open.vault.folder().to_owned(),
        studies: status.counts.studies,
        audit_rows: status.counts.audit_rows,
        lost_files: status.lost.files,
        lost_bytes: status.lost.bytes,
        lost: open.vault.lost_files_by_name()?,
    })
}

/// Counts, versions and whether the audit chain is whole.
pub fn vault_status(open: &mut OpenVault) -> Result<VaultWire, Failure> {
    permit(&open.session, Permission::ViewRecords)?;
    let status = numbers_told(open)?;
    let audit = match open.vault.verify_audit()? {
        AuditVerdict::Intact { .. } => AuditChain::Intact,
        AuditVerdict::Broken { .. } => AuditChain::Broken,
        AuditVerdict::TailCut { .. } => AuditChain::EndsEarly,
        AuditVerdict::AnchorMissing { .. } => AuditChain::NoAnchor,
    };
    Ok(VaultWire {
        vault: open.vault.folder().to_owned(),
        user: open.session.user.clone(),
        role: open.session.role,
        versions: status.versions,
        counts: status.counts,
        audit_intact: audit == AuditChain::Intact,
        audit,
        file_bytes: status.file_bytes,
        lost_files: status.lost.files,
        lost_bytes: status.lost.bytes,
        lost: open.vault.lost_files_by_name()?,
        read_only: status.read_only,
    })
}

#[cfg(test)]
mod tests;
