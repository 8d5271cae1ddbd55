//! Names the code that trains, so that a bundle's record tells which code made it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Below the crates' folder: what the network is, how it is trained, and what it is shown.
const SOURCES: [&str; 3] = ["torch/src", "workflow/src/train", "samples/src"];

fn main() -> io::Result<()> {
    let mut hash = Sha256::new();
    for folder in SOURCES {
        let folder = Path::new("..").join(folder);
        println!("cargo:rerun-if-changed={}", folder.display());
        let mut files = Vec::new();
        collect(&folder, &mut files)?;
        files.sort();
        for file in files {
            hash.update(file.file_name().unwrap_or_default().to_string_lossy().as_bytes());
            hash.update(fs::read(&file)?);
        }
    }
    let code: String = hash
        .finalize()
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    println!("cargo:rustc-env=OVERREAD_TRAINING_CODE={code}");
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
