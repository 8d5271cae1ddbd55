//! Names the code that trains, so that a bundle's record tells which code made it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Below the crates' folder: what the network is, how it is trained and fitted, and what it is shown.
const SOURCES: [&str; 12] = [
    "torch/src",
    "lab/src/train",
    "lab/recipes",
    "lab/src/images.rs",
    "lab/src/others",
    "samples/src",
    "engine/src/input",
    "learn/src/calibrate.rs",
    "learn/src/contrast.rs",
    "learn/src/varied.rs",
    "learn/src/gate.rs",
    "learn/src/operating_point.rs",
];
/// Tests, and words for the card.
const LEFT_OUT: [&str; 3] = ["tests", "tests.rs", "card.rs"];

fn main() -> io::Result<()> {
    let mut hash = Sha256::new();
    for source in SOURCES {
        let path = Path::new("..").join(source);
        println!("cargo:rerun-if-changed={}", path.display());
        let mut files = Vec::new();
        collect(&path, source, &mut files)?;
        files.sort();
        for (name, file) in files {
            // As it would be with the line ends of any system.
            let text = fs::read_to_string(&file)?.replace('\r', "");
            hash.update(format!("{name} {}\n{text}", text.len()));
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

fn collect(path: &Path, name: &str, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    let last = path.file_name().unwrap_or_default();
    if LEFT_OUT.iter().any(|out| last == *out) {
        return Ok(());
    }
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let inner = format!("{name}/{}", entry.file_name().to_string_lossy());
            collect(&entry.path(), &inner, files)?;
        }
    } else if [".rs", ".json"].iter().any(|ending| name.ends_with(ending)) {
        files.push((name.to_owned(), path.to_owned()));
    }
    Ok(())
}
