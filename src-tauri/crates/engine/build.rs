//! Takes up the owner's release key, where there is one.

use std::fs;
use std::io;

const RELEASE_KEY: &str = "keys/release.pub";

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=keys");
    let text = match fs::read_to_string(RELEASE_KEY) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    // minisign: a comment, then 42 bytes in base64.
    let key = text.lines().nth(1).map(str::trim).filter(|key| key.len() == 56);
    let key = key.ok_or_else(|| io::Error::other(format!("{RELEASE_KEY} is no public key of minisign")))?;
    println!("cargo:rustc-env=OVERREAD_RELEASE_KEY={key}");
    Ok(())
}
