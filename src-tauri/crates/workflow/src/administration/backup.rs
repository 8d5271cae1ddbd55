//! `backup`: a copy of the vault that was tried before it is called one.

use std::path::Path;

use domain::{Failure, FailureCode, Permission};
use records::Op;

use crate::files::keep_out_of_vaults;
use crate::frames::Watch;
use crate::permit::permit;
use crate::time::{file_stamp, now};
use crate::vault::OpenVault;
use contract::window::BackupSummary;

/// Copies the vault into a new folder below `folder`, opens the copy and reads all of it. It is
/// encrypted as the vault is; to restore it is to open it as a vault.
pub fn backup(open: &mut OpenVault, folder: &Path, watch: &mut Watch<'_>) -> Result<BackupSummary, Failure> {
    permit(&open.session, Permission::ManageVault)?;
    if !folder.is_dir() {
        return Err(Failure::new(
            FailureCode::FileNotFound,
            format!("{} is no folder; name one to put the backup in", folder.display()),
        ));
    }
    keep_out_of_vaults(folder)?;
    let at = now();
    let target = folder.join(format!("overread-backup-{}", file_stamp(at)));
    let report = open.vault.back_up(&target, watch)?;
    open.vault.transact(&open.session, Op::Backup, now(), |tx| {
        tx.note("files", report.copied.files);
        tx.note("bytes", report.copied.bytes);
        tx.note("studies", report.copied.studies);
        Ok(())
    })?;
    Ok(BackupSummary {
        folder: report.folder.display().to_string(),
        copied: report.copied,
        verified: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::Passphrase;
    use crate::{create_vault, open_vault};

    #[test]
    fn a_backup_has_its_own_folder_and_opens_by_the_same_passphrase() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let passphrase = Passphrase::new("a passphrase");
        let vault = folder.path().join("vault");
        let mut open = create_vault(&vault, "admin", &passphrase)?;
        let go_on = &mut |_: domain::Phase, _: u64, _: u64| true;
        assert_eq!(
            backup(&mut open, &vault, go_on).err().map(|f| f.code),
            Some(FailureCode::InsideVault)
        );
        assert_eq!(
            backup(&mut open, &folder.path().join("nowhere"), go_on)
                .err()
                .map(|f| f.code),
            Some(FailureCode::FileNotFound)
        );
        let made = backup(&mut open, folder.path(), go_on)?;
        let name = Path::new(&made.folder)
            .file_name()
            .map(|n| n.to_string_lossy().into_owned());
        let stamp = name.as_deref().and_then(|name| name.strip_prefix("overread-backup-"));
        assert_eq!(stamp.map(str::len), Some("20260131-235959".len()), "{name:?}");
        drop(open);
        open_vault(Path::new(&made.folder), "admin", &passphrase)?;
        Ok(())
    }
}
