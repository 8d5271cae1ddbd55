//! Bundles as somebody might leave them: copied, edited, and with the hashes of their manifest taken again.

use std::fs;
use std::path::Path;

use minisign::{PublicKey, SecretKey, SecretKeyBox};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{Done, Outcome, repository};

const MANIFEST: &str = "manifest.json";
pub const SIGNATURE: &str = "manifest.json.minisig";

/// Every file of a bundle, into a new folder or over the files of another bundle.
pub fn copy_bundle(from: &Path, to: &Path) -> Done {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

pub fn edit_json(path: &Path, edit: impl FnOnce(&mut Value)) -> Done {
    let mut value = serde_json::from_slice(&fs::read(path)?)?;
    edit(&mut value);
    Ok(fs::write(path, serde_json::to_vec_pretty(&value)?)?)
}

/// Moves the threshold of the first operating point.
pub fn set_threshold(bundle: &Path, threshold: f64) -> Done {
    edit_json(&bundle.join("metadata.json"), |metadata| {
        metadata["operating_points"][0]["threshold"] = threshold.into();
    })
}

/// A manifest that fits the files as they lie there now; a signature stays as it is.
pub fn hash_again(bundle: &Path) -> Done {
    let mut files = Vec::new();
    let mut names: Vec<_> = fs::read_dir(bundle)?.collect::<Result<Vec<_>, _>>()?;
    names.sort_by_key(fs::DirEntry::file_name);
    for entry in names {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == MANIFEST || name == SIGNATURE {
            continue;
        }
        let bytes = fs::read(entry.path())?;
        let sha256 = format!("{:x}", Sha256::digest(&bytes));
        files.push(json!({ "name": name, "bytes": bytes.len(), "sha256": sha256 }));
    }
    edit_json(&bundle.join(MANIFEST), |manifest| manifest["files"] = files.into())
}

/// Signs the manifest as it is, with the development key.
pub fn sign(bundle: &Path) -> Done {
    let key = repository().join("src-tauri/crates/engine/keys/DEVELOPMENT.key");
    let secret = SecretKeyBox::from_string(&fs::read_to_string(key)?)?.into_unencrypted_secret_key()?;
    sign_with(&secret, bundle)
}

pub fn sign_with(secret: &SecretKey, bundle: &Path) -> Done {
    let public = PublicKey::from_secret_key(secret)?;
    let manifest = fs::read(bundle.join(MANIFEST))?;
    let signature = minisign::sign(Some(&public), secret, manifest.as_slice(), None, None)?;
    Ok(fs::write(bundle.join(SIGNATURE), signature.into_string())?)
}

/// sha256 of the manifest, as an activation pins it.
pub fn manifest_sha256(bundle: &Path) -> Outcome<String> {
    Ok(format!("{:x}", Sha256::digest(fs::read(bundle.join(MANIFEST))?)))
}
