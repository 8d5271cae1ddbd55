//! Where things lie.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::call;
use crate::failure::Failure;
use crate::json;

/// The folders of one clone. All absolute.
#[derive(Debug, Clone)]
pub struct Place {
    pub root: PathBuf,
    /// Cargo's target folder; it may lie outside the clone.
    pub target: PathBuf,
}

impl Place {
    /// # Errors
    /// When cargo cannot say where the workspace or its target folder is.
    pub fn find() -> Result<Self, Failure> {
        // Asked at run time: the executable may have been built by another clone that shares the target folder.
        let manifest_dir = std::env::var_os("CARGO_MANIFEST_DIR");
        let root = manifest_dir
            .as_deref()
            .and_then(|dir| Path::new(dir).ancestors().nth(2))
            .ok_or_else(|| Failure::new("CARGO_MANIFEST_DIR is not set", "start it as `cargo xtask VERB`"))?
            .to_owned();
        let mut metadata = Command::new(cargo());
        metadata
            .args(["metadata", "--format-version", "1", "--no-deps"])
            .current_dir(&root);
        let advice = "mend the Cargo.toml that the message above names";
        let text = call::stdout(&mut metadata, advice)?;
        let target = json::first_string(&text, "target_directory")
            .ok_or_else(|| call::failed(&metadata, "it names no target_directory".into(), advice))?;
        Ok(Self {
            root,
            target: target.into(),
        })
    }

    /// Where the programs are built: the workspace has one profile only.
    pub fn programs(&self) -> PathBuf {
        self.target.join("debug")
    }

    pub fn libtorch(&self) -> PathBuf {
        self.root.join("src-tauri/crates/torch/libtorch")
    }

    /// cargo, started in the root: only there it reads our `.cargo/config.toml`, wherever the user stands.
    pub fn cargo(&self) -> Command {
        let mut command = Command::new(cargo());
        command.current_dir(&self.root);
        command
    }
}

fn cargo() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}
