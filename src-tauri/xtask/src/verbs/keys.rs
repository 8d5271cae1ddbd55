//! `keys make`: a release key, whose secret half is encrypted by a passphrase that its owner keeps.

use std::fs::{self, OpenOptions};
use std::io::{self, BufRead, IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use minisign::{KeyPair, SecretKey, SecretKeyBox};

use super::sign::unreadable;
use crate::failure::Failure;

/// Where the program's build looks for the public half.
const RELEASE_KEY: &str = "src-tauri/crates/engine/keys/release.pub";

/// Writes the secret half to `out` and the public one beside it, as `minisign -G` would.
///
/// # Errors
/// When a file is there already or cannot be written, or no passphrase is given.
pub fn make(out: &Path) -> Result<(), Failure> {
    let public = public_path(out);
    for path in [out, &public] {
        if path.exists() {
            return Err(Failure::new(
                format!("{} is there already", path.display()),
                "name a new file: a key that is overwritten is lost",
            ));
        }
    }
    let passphrase = passphrase("Passphrase of the new key: ")?;
    if io::stdin().is_terminal() && self::passphrase("Again: ")? != passphrase {
        return Err(Failure::new("the two passphrases differ", "run it again"));
    }
    write_pair(out, passphrase)?;
    eprintln!(
        "the secret key is in {0}; keep it and its passphrase where nobody else can read them\n\
         the public key is in {1}\n\
         to make a program that trusts it alone:\n  cp {1} {RELEASE_KEY}\n  cargo xtask sign --key {0}",
        out.display(),
        public.display()
    );
    Ok(())
}

fn write_pair(out: &Path, passphrase: String) -> Result<(), Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(
            format!("the key could not be made: {error}"),
            "look at the message, then run it again",
        )
    };
    let pair = KeyPair::generate_encrypted_keypair(Some(passphrase)).map_err(|error| failed(&error))?;
    let secret = pair.sk.to_box(None).map_err(|error| failed(&error))?.into_string();
    let public = pair.pk.to_box().map_err(|error| failed(&error))?.into_string();
    for (path, text, mode) in [(out, secret, 0o600), (&public_path(out), public, 0o644)] {
        let write = || -> io::Result<()> {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        write().map_err(|error| failed(&format!("{}: {error}", path.display())))?;
    }
    Ok(())
}

fn public_path(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".pub");
    name.into()
}

/// A secret key of minisign or rsign2; the passphrase is asked for where it is encrypted.
///
/// # Errors
/// When the file is no key, or the passphrase does not fit it.
pub fn read(path: &Path) -> Result<SecretKey, Failure> {
    let text = text(path)?;
    open(&text, || passphrase("Passphrase of the key: ")).map_err(|what| {
        Failure::new(
            format!("{}: {what}", path.display()),
            "give the file that `cargo xtask keys make` wrote, and its passphrase",
        )
    })
}

fn open(text: &str, ask: impl FnOnce() -> Result<String, Failure>) -> Result<SecretKey, String> {
    let boxed = || SecretKeyBox::from_string(text).map_err(|error| error.to_string());
    if let Ok(secret) = boxed()?.into_unencrypted_secret_key() {
        return Ok(secret);
    }
    let passphrase = ask().map_err(|failure| failure.what)?;
    boxed()?
        .into_secret_key(Some(passphrase))
        .map_err(|error| error.to_string())
}

pub fn text(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| unreadable(path, &error))
}

/// From the terminal without an echo, else the next line of stdin.
fn passphrase(prompt: &str) -> Result<String, Failure> {
    let typed = if io::stdin().is_terminal() {
        rpassword::prompt_password(prompt)
    } else {
        let mut line = String::new();
        io::stdin()
            .lock()
            .read_line(&mut line)
            .map(|_| line.trim_end_matches(['\r', '\n']).to_owned())
    };
    let advice = "type a passphrase, or write it as the first line of stdin";
    match typed {
        Ok(words) if !words.is_empty() => Ok(words),
        Ok(_) => Err(Failure::new("the passphrase is empty", advice)),
        Err(error) => Err(Failure::new(format!("the passphrase cannot be read: {error}"), advice)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_written_for_its_owner_alone_and_opens_by_its_passphrase_only() -> Result<(), Box<dyn std::error::Error>>
    {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir()?;
        let out = folder.path().join("release.key");
        write_pair(&out, "six words".into()).map_err(|failure| failure.to_string())?;
        assert_eq!(fs::metadata(&out)?.permissions().mode() & 0o777, 0o600);
        let secret = fs::read_to_string(&out)?;
        let opened = open(&secret, || Ok("six words".into()))?;
        let public = fs::read_to_string(folder.path().join("release.key.pub"))?;
        assert!(public.contains(&minisign::PublicKey::from_secret_key(&opened)?.to_base64()));
        assert!(open(&secret, || Ok("seven words".into())).is_err());
        let again = make(&out).err().ok_or("a key was overwritten")?;
        assert!(again.what.contains("is there already"), "{again}");
        assert_eq!(fs::read_to_string(&out)?, secret);
        Ok(())
    }
}
