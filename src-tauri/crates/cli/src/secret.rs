//! Where the passphrase comes from: `--passphrase-file`, `OVERREAD_PASSPHRASE`, or a prompt.

use std::io::IsTerminal;
use std::path::Path;

use domain::Failure;
use workflow::Passphrase;

pub fn passphrase(file: Option<&Path>, confirm: bool) -> Result<Passphrase, Failure> {
    if let Some(path) = file {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::usage(format!(
                "the passphrase file {} cannot be read: {error}",
                path.display()
            ))
        })?;
        return Ok(Passphrase::new(text.lines().next().unwrap_or_default()));
    }
    if let Ok(text) = std::env::var("OVERREAD_PASSPHRASE") {
        return Ok(Passphrase::new(text));
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage(
            "the vault needs a passphrase: set OVERREAD_PASSPHRASE, or give --passphrase-file, or use a terminal",
        ));
    }
    let ask = |prompt: &str| {
        rpassword::prompt_password(prompt)
            .map_err(|error| Failure::usage(format!("the passphrase cannot be asked for: {error}")))
    };
    let first = ask("Passphrase: ")?;
    if confirm && ask("Again: ")? != first {
        return Err(Failure::usage("the two passphrases differ; try again"));
    }
    Ok(Passphrase::new(first))
}
