//! Who vouches for a bundle: a minisign signature (Ed25519) of its manifest, beside it.

use std::path::Path;

use minisign_verify::{PublicKey, Signature};

use super::manifest::MANIFEST_FILE;
use crate::error::EngineError;
use domain::FailureCode;

/// What `minisign -S -m manifest.json` writes.
pub const SIGNATURE_FILE: &str = "manifest.json.minisig";
/// The key of the bundles that come with the program.
const RELEASE_KEY: &str = include_str!("release.pub");

/// Whether the manifest's bytes are signed with the release key. A bundle without a signature is
/// whole and nobody's; a signature that does not fit is an error.
pub(super) fn is_signed(folder: &Path, manifest: &[u8]) -> Result<bool, String> {
    let text = match std::fs::read_to_string(folder.join(SIGNATURE_FILE)) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(format!("{SIGNATURE_FILE} cannot be read: {error}")),
    };
    verify(RELEASE_KEY, &text, manifest).map(|()| true)
}

fn verify(key: &str, signature: &str, manifest: &[u8]) -> Result<(), String> {
    let key = PublicKey::decode(key).map_err(|error| format!("the release key cannot be read: {error}"))?;
    let signature =
        Signature::decode(signature).map_err(|error| format!("{SIGNATURE_FILE} is no minisign signature: {error}"))?;
    key.verify(manifest, &signature, false)
        .map_err(|error| format!("{SIGNATURE_FILE} does not fit {MANIFEST_FILE}: {error}"))
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
    use super::*;

    /// Made with `minisign -G -W` and `minisign -S` for this test; its secret key was thrown away.
    const KEY: &str = "untrusted comment: minisign public key C96C1AB2AC98B355\nRWRVs5isshpsyX+bBBRx69y8iTJmTP23URjVA2LsXJjdIlLjfPz1Vex1\n";
    const SIGNED: &str = "untrusted comment: test signature\nRURVs5isshpsySusbK6hyA0s3W3HXymUXfX+M78tWyzXPzKiRQB+JAk+Uy6x2oDNWT+xvun4ke1b5jh1RizuaIEd6BWVI7dj6w4=\ntrusted comment: test\n6c9+gF03MJj5W86FbA/GJpakLVhJp0ATzL6zLeP7fRxMVraPoIUFtdQz0UenNogg26ovxpWgXN/PlCBrR07KBA==\n";

    #[test]
    fn the_signed_bytes_pass_and_one_bit_or_another_key_does_not() {
        assert_eq!(verify(KEY, SIGNED, b"{\"format\":1}\n"), Ok(()));
        assert!(verify(KEY, SIGNED, b"{\"format\":2}\n").is_err_and(|why| why.contains("does not fit")));
        assert!(verify(RELEASE_KEY, SIGNED, b"{\"format\":1}\n").is_err());
        assert!(verify(KEY, "nonsense", b"").is_err_and(|why| why.contains("no minisign signature")));
    }

    #[test]
    fn a_folder_without_a_signature_is_nobodys_and_a_foreign_one_is_refused() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        assert_eq!(is_signed(folder.path(), b"x"), Ok(false));
        std::fs::write(folder.path().join(SIGNATURE_FILE), SIGNED)?;
        assert!(is_signed(folder.path(), b"{\"format\":1}\n").is_err());
        assert!(forget(folder.path()).is_ok() && forget(folder.path()).is_ok());
        assert_eq!(is_signed(folder.path(), b"x"), Ok(false));
        Ok(())
    }
}
