//! The root key, how a passphrase wraps it, and the keys that are derived from it.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use domain::Role;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Passphrase;
use crate::error::{Error, Result};
use crate::hex;

pub(crate) type Key = Zeroizing<[u8; 32]>;

/// Cost of turning a passphrase into a key by Argon2id (RFC 9106).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KdfParameters {
    pub memory_kib: u32,
    pub iterations: u32,
    pub lanes: u32,
}

impl Default for KdfParameters {
    /// 64 MiB, 3 passes, 4 lanes: the second recommended choice of RFC 9106, section 4.
    fn default() -> Self {
        Self {
            memory_kib: 64 * 1024,
            iterations: 3,
            lanes: 4,
        }
    }
}

impl KdfParameters {
    /// A vault file from elsewhere must not make this program take all memory or run for hours.
    fn params(self) -> Result<Params> {
        let Self {
            memory_kib,
            iterations,
            lanes,
        } = self;
        if memory_kib > 1024 * 1024 || iterations > 64 || lanes > 64 {
            return Err(Error::Invalid(format!(
                "Argon2 parameters of {memory_kib} KiB, {iterations} passes, {lanes} lanes; at most 1048576, 64, 64"
            )));
        }
        Params::new(memory_kib, iterations, lanes, Some(32))
            .map_err(|error| Error::Invalid(format!("Argon2 parameters: {error}")))
    }
}

/// One user of the vault and the root key under that user's passphrase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UserKey {
    pub(crate) user: String,
    pub(crate) role: Role,
    pub(crate) kdf: KdfParameters,
    /// Hexadecimal, 16 bytes.
    pub(crate) salt: String,
    /// Hexadecimal, 24 bytes.
    pub(crate) nonce: String,
    /// Hexadecimal, 32 bytes and the tag of 16.
    pub(crate) wrapped_root_key: String,
}

/// 256 random bits from which every other key comes.
pub(crate) struct RootKey(Key);

impl RootKey {
    pub(crate) fn generate() -> Result<Self> {
        let mut key = Key::default();
        getrandom::fill(key.as_mut_slice())?;
        Ok(Self(key))
    }

    /// XChaCha20-Poly1305 under the passphrase's key; user, role and vault are bound to it.
    pub(crate) fn wrap(
        &self,
        vault_id: &str,
        user: &str,
        role: Role,
        passphrase: &Passphrase,
        kdf: KdfParameters,
    ) -> Result<UserKey> {
        let (mut salt, mut nonce) = ([0; 16], [0; 24]);
        getrandom::fill(&mut salt)?;
        getrandom::fill(&mut nonce)?;
        let wrapped = XChaCha20Poly1305::new(passphrase_key(passphrase, &salt, kdf)?.as_ref().into())
            .encrypt(
                XNonce::from_slice(&nonce),
                Payload {
                    msg: self.0.as_slice(),
                    aad: &binding(vault_id, user, role),
                },
            )
            .map_err(|_| Error::Invalid("the root key could not be wrapped".to_owned()))?;
        Ok(UserKey {
            user: user.to_owned(),
            role,
            kdf,
            salt: hex::encode(&salt),
            nonce: hex::encode(&nonce),
            wrapped_root_key: hex::encode(&wrapped),
        })
    }

    /// `None` when the passphrase is wrong, or user, role or vault are not those it was wrapped for.
    pub(crate) fn unwrap(vault_id: &str, key: &UserKey, passphrase: &Passphrase) -> Result<Option<Self>> {
        let damaged = || Error::VaultDamaged(format!("the key of user '{}' in vault.json is malformed", key.user));
        let salt: [u8; 16] = hex::decode(&key.salt).ok_or_else(damaged)?;
        let nonce: [u8; 24] = hex::decode(&key.nonce).ok_or_else(damaged)?;
        let wrapped: [u8; 48] = hex::decode(&key.wrapped_root_key).ok_or_else(damaged)?;
        let opened = XChaCha20Poly1305::new(passphrase_key(passphrase, &salt, key.kdf)?.as_ref().into()).decrypt(
            XNonce::from_slice(&nonce),
            Payload {
                msg: &wrapped,
                aad: &binding(vault_id, &key.user, key.role),
            },
        );
        let Ok(opened) = opened.map(Zeroizing::new) else {
            return Ok(None);
        };
        let mut root = Key::default();
        root.copy_from_slice(&opened);
        Ok(Some(Self(root)))
    }

    pub(crate) fn derive(&self) -> Keys {
        Keys {
            database: self.expand(b"overread records.db v1"),
            files: self.expand(b"overread vault files v1"),
            file_names: self.expand(b"overread vault file names v1"),
            anchor: self.expand(b"overread audit anchor v1"),
            waiting: self.expand(b"overread waiting audit rows v1"),
        }
    }

    /// HKDF-Expand with SHA-256 (RFC 5869, section 2.3), one block; the root key is already uniform.
    fn expand(&self, label: &[u8]) -> Key {
        keyed_hash(&self.0, &[label, &[1]])
    }
}

/// The keys of an open vault, wiped when dropped.
pub(crate) struct Keys {
    pub(crate) database: Key,
    pub(crate) files: Key,
    pub(crate) file_names: Key,
    pub(crate) anchor: Key,
    pub(crate) waiting: Key,
}

/// HMAC-SHA256 (RFC 2104) over the parts one after another.
pub(crate) fn keyed_hash(key: &Key, parts: &[&[u8]]) -> Key {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key.as_slice()).expect("HMAC takes keys of every length");
    parts.iter().for_each(|part| mac.update(part));
    Zeroizing::new(mac.finalize().into_bytes().into())
}

fn passphrase_key(passphrase: &Passphrase, salt: &[u8], kdf: KdfParameters) -> Result<Key> {
    let mut key = Key::default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, kdf.params()?)
        .hash_password_into(passphrase.as_bytes(), salt, key.as_mut_slice())
        .map_err(|error| Error::Invalid(format!("the passphrase could not be hashed: {error}")))?;
    Ok(key)
}

fn binding(vault_id: &str, user: &str, role: Role) -> Vec<u8> {
    // JSON quotes what is inside, so that no two triples read alike.
    serde_json::json!(["overread root key v1", vault_id, user, role.as_str()])
        .to_string()
        .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: KdfParameters = KdfParameters {
        memory_kib: 64,
        iterations: 1,
        lanes: 1,
    };

    #[test]
    fn a_root_key_opens_only_for_its_user_role_vault_and_passphrase() -> Result<()> {
        let root = RootKey::generate()?;
        let right = Passphrase::new("correct horse");
        let wrapped = root.wrap("vault-a", "admin", Role::Reader, &right, QUICK)?;
        let opened = RootKey::unwrap("vault-a", &wrapped, &right)?.map(|key| key.derive().database);
        assert_eq!(opened, Some(root.derive().database));

        let promoted = UserKey {
            role: Role::Administrator,
            ..wrapped.clone()
        };
        let renamed = UserKey {
            user: "other".to_owned(),
            ..wrapped.clone()
        };
        assert!(RootKey::unwrap("vault-a", &promoted, &right)?.is_none());
        assert!(RootKey::unwrap("vault-a", &renamed, &right)?.is_none());
        assert!(RootKey::unwrap("vault-b", &wrapped, &right)?.is_none());
        assert!(RootKey::unwrap("vault-a", &wrapped, &Passphrase::new("correct horsf"))?.is_none());
        Ok(())
    }

    #[test]
    fn derived_keys_differ_and_outrageous_costs_are_refused() -> Result<()> {
        let keys = RootKey::generate()?.derive();
        assert!(keys.database != keys.files && keys.files != keys.file_names && keys.file_names != keys.anchor);
        let huge = KdfParameters {
            memory_kib: u32::MAX,
            ..QUICK
        };
        assert_eq!(
            passphrase_key(&Passphrase::new("x"), &[0; 16], huge).map_err(|e| e.code().as_str()),
            Err("invalid_record")
        );
        Ok(())
    }

    #[test]
    fn expansion_is_hkdf() -> Result<()> {
        // RFC 5869, test case 1: the first block of OKM from its PRK and info.
        let prk = hex::decode("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5")
            .ok_or_else(|| Error::Invalid("prk".to_owned()))?;
        let info: [u8; 10] = [0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9];
        let block = RootKey(Zeroizing::new(prk)).expand(&info);
        assert_eq!(
            hex::encode(block.as_slice()),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
        );
        Ok(())
    }
}
