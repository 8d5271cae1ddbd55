//! Places to work in.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::program::{Call, Ran, overread};
use crate::{Outcome, number};

pub const PASSPHRASE: &str = "six words that nobody would guess";
/// Named in every analysis, so that more bundles may come.
pub const BUNDLE: &str = "brain-mri-flair";

/// An empty folder below cargo's folder for tests; what an earlier run left there is gone.
pub fn scratch(below: &str, name: &str) -> Outcome<PathBuf> {
    let folder = Path::new(below).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// A folder with sample scans and a vault beside them.
pub struct TestVault {
    pub folder: PathBuf,
    /// What `samples` wrote; `manifest.json` in it says what is in each file.
    pub samples: PathBuf,
    pub vault: PathBuf,
}

impl TestVault {
    /// Writes the small set and makes an empty vault.
    pub fn create(folder: PathBuf) -> Outcome<Self> {
        let made = Self {
            samples: folder.join("samples"),
            vault: folder.join("vault"),
            folder,
        };
        overread("samples").arg(&made.samples).run()?.ended(0);
        made.call("vault create").run()?.ended(0);
        Ok(made)
    }

    /// The sample set imported too.
    pub fn filled(folder: PathBuf) -> Outcome<Self> {
        let made = Self::create(folder)?;
        made.call("import").arg(&made.samples).run()?.ended(0);
        Ok(made)
    }

    /// A call with `--json` on this vault.
    pub fn call(&self, words: &str) -> Call {
        overread("--json --vault")
            .arg(&self.vault)
            .args(words.split_whitespace())
    }

    pub fn json(&self, words: &str) -> Outcome<Value> {
        self.call(words).run()?.ended(0).json()
    }

    /// The samples' own description.
    pub fn manifest(&self) -> Outcome<Value> {
        Ok(serde_json::from_slice(&fs::read(self.samples.join("manifest.json"))?)?)
    }

    /// The vault opens, its audit is whole, and it holds so many instances.
    #[track_caller]
    pub fn is_whole_with(&self, instances: u64) -> Outcome<()> {
        whole(&self.call("vault status").run()?, instances)
    }
}

#[track_caller]
pub fn whole(status: &Ran, instances: u64) -> Outcome<()> {
    let json = status.ended(0).json()?;
    assert_eq!(json["audit_intact"], true, "{status}");
    assert!(
        (number(&json, "instances") - instances as f64).abs() < 0.5,
        "{instances} expected: {status}"
    );
    Ok(())
}
