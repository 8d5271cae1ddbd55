//! Creating and opening a vault.

use std::path::Path;

use domain::{Permission, Session};
pub use records::Passphrase;
use records::{AuditVerdict, KdfParameters, Vault};

use crate::error::Failure;
use crate::permit::permit;
use crate::time::now;
use crate::wire::VaultWire;

/// A vault with the person who opened it.
pub struct OpenVault {
    pub(crate) vault: Vault,
    pub session: Session,
}

impl OpenVault {
    /// A second handle for another thread.
    pub fn open_another(&self) -> Result<Self, Failure> {
        Ok(Self {
            vault: self.vault.open_another()?,
            session: self.session.clone(),
        })
    }
}

pub fn create_vault(folder: &Path, admin: &str, passphrase: &Passphrase) -> Result<OpenVault, Failure> {
    let (vault, session) = Vault::create(folder, admin, passphrase, KdfParameters::default(), now())?;
    Ok(OpenVault { vault, session })
}

/// Opens the vault and clears what an earlier crash may have left.
pub fn open_vault(folder: &Path, user: &str, passphrase: &Passphrase) -> Result<OpenVault, Failure> {
    let (vault, session) = Vault::open(folder, user, passphrase, now())?;
    Ok(OpenVault { vault, session })
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
