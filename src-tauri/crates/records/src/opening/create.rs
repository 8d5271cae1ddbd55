//! A new vault. `vault.json` is written last: until then there is no vault, and a second attempt
//! clears what the first one left.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use domain::{Role, Session, Timestamp};

use super::manifest::Manifest;
use crate::audit::Anchor;
use crate::database;
use crate::disk;
use crate::error::{Error, Result, io};
use crate::hex;
use crate::kept::Kept;
use crate::keys::{KdfParameters, Passphrase, RootKey};
use crate::layout::{FORMAT, FORMAT_VERSION, database_path, files_path, manifest_path};
use crate::lock::UseLock;
use crate::transact::Op;
use crate::vault::Vault;

/// Stands in the folder while a vault is being created.
pub(super) const CREATING: &str = "vault.creating";

impl Vault {
    /// Creates a vault in `folder` (new or empty) with one administrator and opens it.
    ///
    /// # Errors
    /// `vault_exists` when the folder holds a vault or anything else; `io` or `disk_full` when it
    /// cannot be written, and then nothing of it is left.
    pub fn create(
        folder: &Path,
        admin: &str,
        passphrase: &Passphrase,
        kdf: KdfParameters,
        now: Timestamp,
    ) -> Result<(Vault, Session)> {
        if passphrase.is_empty() {
            return Err(Error::EmptyPassphrase);
        }
        if admin.trim().is_empty() {
            return Err(Error::Invalid("an empty user name".to_owned()));
        }
        let was_there = folder.exists();
        disk::create_private_folder(folder)?;
        prepare(folder)?;
        let created = fill(folder, admin, passphrase, kdf, now);
        if created.is_err() {
            // The first error is the one to tell; a leftover is cleared by the next attempt.
            let _ = clear(folder);
            if !was_there {
                let _ = fs::remove_dir(folder);
            }
        }
        created
    }
}

fn fill(
    folder: &Path,
    admin: &str,
    passphrase: &Passphrase,
    kdf: KdfParameters,
    now: Timestamp,
) -> Result<(Vault, Session)> {
    disk::create_private(&folder.join(CREATING)).map_err(io(format!("write to the folder {}", folder.display())))?;
    disk::create_private_folder(&files_path(folder))?;
    let mut id = [0; 16];
    getrandom::fill(&mut id)?;
    let vault_id = hex::encode(&id);
    let root = RootKey::generate()?;
    let user = root.wrap(&vault_id, admin, Role::Administrator, passphrase, kdf)?;
    let keys = Arc::new(root.derive());

    let lock = UseLock::shared(folder)?;
    let mut connection = database::connect(&database_path(folder), &keys, database::Existing::Created)?;
    database::migrations()
        .to_latest(&mut connection)
        .map_err(database::migration_error)?;
    let anchor = Anchor::of(folder, &keys);
    anchor.create()?;
    let mut vault = Vault {
        folder: folder.to_owned(),
        connection,
        keys,
        anchor,
        lock,
        on_change: None,
        kept: Kept::default(),
        studies_read: std::cell::Cell::new(0),
    };
    let session = Session {
        user: admin.to_owned(),
        role: Role::Administrator,
    };
    vault.transact(&session, Op::VaultCreate, now, |tx| {
        tx.insert_user_account(admin, Role::Administrator)
    })?;

    let manifest = Manifest {
        format: FORMAT.to_owned(),
        format_version: FORMAT_VERSION,
        vault_id,
        created_at: now,
        users: vec![user],
        unknown_roles: vec![],
    };
    manifest.write(folder)?;
    // A vault with its manifest is whole, whatever becomes of the marker.
    let _ = fs::remove_file(folder.join(CREATING));
    Ok((vault, session))
}

/// Makes sure that the folder is empty, or holds only what an interrupted creation left.
fn prepare(folder: &Path) -> Result<()> {
    if manifest_path(folder).exists() {
        return Err(Error::VaultExists(folder.to_owned()));
    }
    if folder.join(CREATING).exists() {
        clear(folder)?;
    }
    let mut entries = fs::read_dir(folder).map_err(io(format!("read the folder {}", folder.display())))?;
    if entries.next().is_some() {
        Err(Error::FolderNotEmpty(folder.to_owned()))
    } else {
        Ok(())
    }
}

fn clear(folder: &Path) -> Result<()> {
    let action = || format!("clear the folder {}", folder.display());
    // An interrupted creation stored no file: where there is one, this is a vault that lost its manifest.
    match fs::remove_dir(files_path(folder)) {
        Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => {
            return Err(Error::FolderNotEmpty(folder.to_owned()));
        }
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(io(action())(error)),
        _ => {}
    }
    disk::remove_unfinished(folder)?;
    let names = [
        "vault.json",
        "records.db",
        "records.db-wal",
        "records.db-shm",
        "audit.anchor",
        "in-use.lock",
        CREATING,
    ];
    for name in names {
        match fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(io(action())(error)),
            _ => {}
        }
    }
    Ok(())
}
