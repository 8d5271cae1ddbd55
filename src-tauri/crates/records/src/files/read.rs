//! Reading a file back.

use std::fs;
use std::io::ErrorKind;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{FileId, seal};
use crate::error::{Error, Result, io};
use crate::vault::Vault;

impl Vault {
    /// The content of a vault file, checked down to its last byte and against its own name.
    ///
    /// # Errors
    /// `vault_damaged` naming the file when it is missing or any byte of it has changed.
    pub fn read_file(&self, id: &FileId) -> Result<Zeroizing<Vec<u8>>> {
        let path = id.found_in(&self.folder);
        let sealed = match fs::read(&path) {
            Ok(sealed) => sealed,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(Error::VaultDamaged(format!("its file {id} is missing")));
            }
            Err(error) => return Err(io(format!("read {}", path.display()))(error)),
        };
        let damaged = || Error::VaultDamaged(format!("its file {id} is not as it was written"));
        let content = seal::unseal(&self.keys.files, &sealed).ok_or_else(damaged)?;
        // A whole and valid file under another file's name is caught here.
        if FileId::of(&self.keys, &Sha256::digest(content.as_slice()).into()) != *id {
            return Err(damaged());
        }
        Ok(content)
    }
}
