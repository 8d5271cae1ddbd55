//! `sign`: a minisign signature beside the manifest of a bundle.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use minisign::{PublicKey, SecretKey, SecretKeyBox, SignatureBox};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::keys;
use crate::failure::Failure;
use crate::place::Place;

const MANIFEST: &str = "manifest.json";
const SIGNATURE: &str = "manifest.json.minisig";
/// Below the repository: published, so that everybody can sign what they try.
pub const DEVELOPMENT_KEY: &str = "src-tauri/crates/engine/keys/DEVELOPMENT.key";

/// Signs the named bundles, or all of `models/`, with the development key or that of `key`.
///
/// # Errors
/// When the key cannot be used, a bundle is not whole, or a file cannot be read or written.
pub fn sign(key: Option<&Path>, bundles: &[PathBuf]) -> Result<(), Failure> {
    let place = Place::find()?;
    let folders = folders(&place, bundles)?;
    let secret = match key {
        Some(path) => keys::read(path)?,
        None => development_key(&place)?,
    };
    let public = public_of(&secret)?;
    for folder in &folders {
        let signed = sign_bundle(&secret, &public, folder)?;
        eprintln!("signed {signed} in {}", folder.display());
    }
    let whose = if key.is_some() {
        "the key"
    } else {
        "the DEVELOPMENT key"
    };
    eprintln!("signed with {whose} {}", public.to_base64());
    Ok(())
}

fn development_key(place: &Place) -> Result<SecretKey, Failure> {
    let path = place.root.join(DEVELOPMENT_KEY);
    let text = keys::text(&path)?;
    let secret = SecretKeyBox::from_string(&text).and_then(SecretKeyBox::into_unencrypted_secret_key);
    secret.map_err(|error| {
        Failure::new(
            format!("{}: {error}", path.display()),
            "take the file from the repository",
        )
    })
}

pub fn public_of(secret: &SecretKey) -> Result<PublicKey, Failure> {
    PublicKey::from_secret_key(secret).map_err(|error| Failure::new(error.to_string(), "make another key"))
}

/// Folders by their path, or by the name of a bundle in `models/`; all of these where none is named.
fn folders(place: &Place, bundles: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let models = place.root.join("models");
    if bundles.is_empty() {
        let entries = fs::read_dir(&models).map_err(|error| unreadable(&models, &error))?;
        let all = entries.flatten().map(|entry| entry.path());
        let mut found: Vec<PathBuf> = all.filter(|folder| folder.join(MANIFEST).is_file()).collect();
        found.sort();
        return Ok(found);
    }
    let one = |given: &PathBuf| {
        let candidates = [given.clone(), models.join(given)];
        let found = candidates.into_iter().find(|folder| folder.join(MANIFEST).is_file());
        found.ok_or_else(|| {
            Failure::new(
                format!("{} is no bundle: it holds no {MANIFEST}", given.display()),
                "name the folder of a bundle, or a bundle of models/",
            )
        })
    };
    bundles.iter().map(one).collect()
}

/// Gives the bundle's name and version, which the signature covers too. A signature that fits already
/// stays, for each new one differs.
fn sign_bundle(secret: &SecretKey, public: &PublicKey, folder: &Path) -> Result<String, Failure> {
    let path = folder.join(MANIFEST);
    let manifest = fs::read(&path).map_err(|error| unreadable(&path, &error))?;
    let faults = faults(folder, &manifest)?;
    if !faults.is_empty() {
        return Err(Failure::new(
            format!("{} is not whole: {}", folder.display(), faults.join("; ")),
            "make the bundle again, or take its files from the repository",
        ));
    }
    let metadata = folder.join("metadata.json");
    let said: Value = parsed(
        &metadata,
        &fs::read(&metadata).map_err(|error| unreadable(&metadata, &error))?,
    )?;
    let word = |key: &str| said[key].as_str().unwrap_or_default().to_owned();
    let named = format!("{} {}", word("name"), word("version"));
    let target = folder.join(SIGNATURE);
    if is_signed(&target, public, &manifest) {
        return Ok(named);
    }
    let signature = minisign::sign(
        Some(public),
        secret,
        Cursor::new(&manifest),
        Some(&named),
        Some("Overread bundle"),
    )
    .map_err(|error| Failure::new(format!("{named} could not be signed: {error}"), "make another key"))?;
    let partial = folder.join(format!(".{SIGNATURE}.partial"));
    let write = || fs::write(&partial, signature.into_string()).and_then(|()| fs::rename(&partial, &target));
    write().map_err(|error| {
        Failure::new(
            format!("{} could not be written: {error}", target.display()),
            "look at the folder's rights",
        )
    })?;
    Ok(named)
}

fn is_signed(signature: &Path, public: &PublicKey, manifest: &[u8]) -> bool {
    let Ok(signature) = SignatureBox::from_file(signature) else {
        return false;
    };
    minisign::verify(public, &signature, Cursor::new(manifest), true, false, false).is_ok()
}

/// What in the folder is not as the manifest says. Only what is whole is vouched for.
fn faults(folder: &Path, manifest: &[u8]) -> Result<Vec<String>, Failure> {
    let said = parsed(&folder.join(MANIFEST), manifest)?;
    let files = said["files"].as_array().cloned().unwrap_or_default();
    let mut faults = Vec::new();
    let mut names = vec![MANIFEST.to_owned(), SIGNATURE.to_owned()];
    for file in &files {
        let name = file["name"].as_str().unwrap_or_default();
        names.push(name.to_owned());
        let path = folder.join(name);
        let bytes = fs::read(&path).map_err(|error| unreadable(&path, &error))?;
        if file["sha256"].as_str() != Some(&format!("{:x}", Sha256::digest(&bytes))) {
            faults.push(format!("{name} does not have the hash of the manifest"));
        }
    }
    if files.is_empty() {
        faults.push("the manifest names no file".to_owned());
    }
    let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') && !names.contains(&name) {
            faults.push(format!("{name} is not in the manifest"));
        }
    }
    Ok(faults)
}

fn parsed(path: &Path, bytes: &[u8]) -> Result<Value, Failure> {
    serde_json::from_slice(bytes).map_err(|error| {
        Failure::new(
            format!("{} is no JSON: {error}", path.display()),
            "make the bundle again",
        )
    })
}

pub fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(
        format!("{} cannot be read: {error}", path.display()),
        "check the path and its rights",
    )
}

#[cfg(test)]
mod tests {
    use minisign::KeyPair;

    use super::*;

    type Checked = Result<(), Box<dyn std::error::Error>>;

    fn bundle(folder: &Path) -> Checked {
        fs::write(folder.join("metadata.json"), r#"{"name": "toy", "version": "1.0.0"}"#)?;
        fs::write(folder.join("weights.safetensors"), b"weights")?;
        let entry = |name: &str| -> std::io::Result<Value> {
            let sha256 = format!("{:x}", Sha256::digest(fs::read(folder.join(name))?));
            Ok(serde_json::json!({ "name": name, "bytes": 1, "sha256": sha256 }))
        };
        let files = [entry("metadata.json")?, entry("weights.safetensors")?];
        let manifest = serde_json::json!({ "format": 2, "files": files });
        fs::write(folder.join(MANIFEST), manifest.to_string())?;
        Ok(())
    }

    #[test]
    fn a_whole_bundle_is_signed_once_and_the_signature_fits_it_alone() -> Checked {
        let folder = tempfile::tempdir()?;
        bundle(folder.path())?;
        let pair = KeyPair::generate_unencrypted_keypair()?;
        let sign = || sign_bundle(&pair.sk, &pair.pk, folder.path()).map_err(|failure| failure.to_string());
        assert_eq!(sign()?, "toy 1.0.0");
        let first = fs::read_to_string(folder.path().join(SIGNATURE))?;
        sign()?;
        assert_eq!(fs::read_to_string(folder.path().join(SIGNATURE))?, first);
        let signature = minisign::SignatureBox::from_string(&first)?;
        assert_eq!(signature.trusted_comment()?, "toy 1.0.0");
        let manifest = fs::read(folder.path().join(MANIFEST))?;
        minisign::verify(&pair.pk, &signature, Cursor::new(&manifest), true, false, false)?;
        assert!(minisign::verify(&pair.pk, &signature, Cursor::new(b"x"), true, false, false).is_err());
        Ok(())
    }

    #[test]
    fn what_is_not_whole_is_not_signed() -> Checked {
        let pair = KeyPair::generate_unencrypted_keypair()?;
        type Change = fn(&Path) -> std::io::Result<()>;
        let changes: [(&str, Change); 3] = [
            ("weights.safetensors", |folder| {
                fs::write(folder.join("weights.safetensors"), b"others")
            }),
            ("extra.py", |folder| fs::write(folder.join("extra.py"), b"print()")),
            ("names no file", |folder| fs::write(folder.join(MANIFEST), b"{}")),
        ];
        for (named, change) in changes {
            let folder = tempfile::tempdir()?;
            bundle(folder.path())?;
            change(folder.path())?;
            let refused = sign_bundle(&pair.sk, &pair.pk, folder.path())
                .err()
                .ok_or("it was signed")?;
            assert!(refused.what.contains(named), "{refused}");
            assert!(!folder.path().join(SIGNATURE).exists());
        }
        Ok(())
    }
}
