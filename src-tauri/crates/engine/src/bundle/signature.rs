//! Who vouches for a bundle: a minisign signature (Ed25519) of its manifest, beside it (decision record 24).

use std::path::Path;

use domain::{FailureCode, SigningKey};
use minisign_verify::{Error, PublicKey, Signature};

use super::manifest::MANIFEST_FILE;
use crate::error::EngineError;

/// What `cargo xtask sign` and `minisign -S -m manifest.json` write.
pub const SIGNATURE_FILE: &str = "manifest.json.minisig";
/// Published with its secret half: it tells a mistake from what was meant, and stops nobody.
const DEVELOPMENT_KEY: &str = include_str!("../../keys/DEVELOPMENT.pub");
/// Of the owner, where the program was built with one; the development key is then trusted no more.
const RELEASE_KEY: Option<&str> = option_env!("OVERREAD_RELEASE_KEY");

/// The key that this program trusts.
pub fn trusted_key() -> SigningKey {
    match RELEASE_KEY {
        Some(_) => SigningKey::Release,
        None => SigningKey::Development,
    }
}

/// Whether the manifest's bytes are signed with the key that this program trusts. A bundle without a
/// signature is whole and nobody's; a signature that does not fit is an error.
pub(super) fn is_signed(folder: &Path, manifest: &[u8]) -> Result<bool, String> {
    let text = match std::fs::read_to_string(folder.join(SIGNATURE_FILE)) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(format!("{SIGNATURE_FILE} cannot be read: {error}")),
    };
    let key = match RELEASE_KEY {
        Some(key) => PublicKey::from_base64(key),
        None => PublicKey::decode(DEVELOPMENT_KEY),
    };
    let key = key.map_err(|error| format!("the {} key cannot be read: {error}", trusted_key().as_str()))?;
    verify(&key, &text, manifest).map(|()| true)
}

fn verify(key: &PublicKey, signature: &str, manifest: &[u8]) -> Result<(), String> {
    let signature = Signature::decode(signature)
        .map_err(|error| format!("{SIGNATURE_FILE} is not a minisign signature: {error}"))?;
    key.verify(manifest, &signature, false).map_err(|error| match error {
        Error::UnexpectedKeyId => format!(
            "{SIGNATURE_FILE} is by another key than the {} key that this program trusts",
            trusted_key().as_str()
        ),
        error => format!("{SIGNATURE_FILE} does not fit {MANIFEST_FILE}: {error}"),
    })
}

/// A signature of an earlier manifest, gone before a new manifest is written.
pub(super) fn forget(folder: &Path) -> Result<(), EngineError> {
    let path = folder.join(SIGNATURE_FILE);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(EngineError::new(
            FailureCode::Io,
            format!("{}: {error}", path.display()),
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use minisign::{KeyPair, SecretKeyBox};

    use super::*;

    type Checked = Result<(), Box<dyn std::error::Error>>;

    const DEVELOPMENT_SECRET: &str = include_str!("../../keys/DEVELOPMENT.key");
    const MANIFEST: &[u8] = b"{\"format\":1}\n";

    fn signature(pair: &KeyPair, bytes: &[u8]) -> Result<String, minisign::PError> {
        Ok(minisign::sign(Some(&pair.pk), &pair.sk, bytes, None, None)?.into_string())
    }

    #[test]
    fn the_signed_bytes_pass_and_one_bit_or_another_key_does_not() -> Checked {
        let (pair, other) = (
            KeyPair::generate_unencrypted_keypair()?,
            KeyPair::generate_unencrypted_keypair()?,
        );
        let key = PublicKey::from_base64(&pair.pk.to_base64())?;
        let signed = signature(&pair, MANIFEST)?;
        assert_eq!(verify(&key, &signed, MANIFEST), Ok(()));
        assert!(verify(&key, &signed, b"{\"format\":2}\n").is_err_and(|why| why.contains("does not fit")));
        assert!(verify(&key, &signature(&other, MANIFEST)?, MANIFEST).is_err_and(|why| why.contains("another key")));
        assert!(verify(&key, "nonsense", b"").is_err_and(|why| why.contains("not a minisign signature")));
        Ok(())
    }

    #[test]
    fn a_folder_without_a_signature_is_nobodys_and_a_foreign_one_is_refused() -> Checked {
        let folder = tempfile::tempdir()?;
        assert_eq!(is_signed(folder.path(), MANIFEST), Ok(false));
        let foreign = signature(&KeyPair::generate_unencrypted_keypair()?, MANIFEST)?;
        std::fs::write(folder.path().join(SIGNATURE_FILE), foreign)?;
        assert!(is_signed(folder.path(), MANIFEST).is_err_and(|why| why.contains("another key")));
        assert!(forget(folder.path()).is_ok() && forget(folder.path()).is_ok());
        assert_eq!(is_signed(folder.path(), MANIFEST), Ok(false));
        Ok(())
    }

    /// The two halves belong together, both say what they are, and a release key takes their place.
    #[test]
    fn the_development_key_signs_where_no_release_key_is_trusted() -> Checked {
        let secret = SecretKeyBox::from_string(DEVELOPMENT_SECRET)?.into_unencrypted_secret_key()?;
        let public = minisign::PublicKey::from_secret_key(&secret)?;
        assert!(DEVELOPMENT_KEY.contains(&public.to_base64()));
        for half in [DEVELOPMENT_SECRET, DEVELOPMENT_KEY] {
            let first = half.lines().next().unwrap_or_default();
            assert!(first.contains("DEVELOPMENT") && first.contains("not secret"), "{first}");
        }
        let folder = tempfile::tempdir()?;
        let signed = minisign::sign(Some(&public), &secret, MANIFEST, None, None)?.into_string();
        std::fs::write(folder.path().join(SIGNATURE_FILE), signed)?;
        let trusted = trusted_key() == SigningKey::Development;
        assert_eq!(is_signed(folder.path(), MANIFEST).is_ok(), trusted);
        Ok(())
    }

    /// Nothing is shipped that the program would not run.
    #[test]
    fn every_bundle_of_the_repository_is_signed_with_the_trusted_key() -> Checked {
        let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../models");
        let names = super::super::names(&models)?;
        assert!(names.len() >= 5, "{names:?}");
        for name in names {
            let folder = models.join(&name);
            let manifest = std::fs::read(folder.join(MANIFEST_FILE))?;
            assert_eq!(is_signed(&folder, &manifest), Ok(true), "{name}: run cargo xtask sign");
        }
        Ok(())
    }
}
