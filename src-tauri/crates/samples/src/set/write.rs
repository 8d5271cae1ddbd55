//! Puts a set into a folder: all or, when something stands in the way, nothing.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::manifest::{MANIFEST_FILE, Manifest, SampleEntry, read_manifest};
use super::plan::{SampleSet, plan};
use crate::error::SamplesError;
use crate::uid::sha256_hex;

const PART_FILE: &str = ".overread-sample.part";

const NOTE: &str = "Synthetic phantoms made by the Overread sample generator; not patients.";

/// Writes the set's files and `manifest.json` into `dir`, which is made when missing. A second run
/// leaves the same bytes. Before anything is written every target is looked at: a file that is
/// neither ours already nor listed with its present hash in the manifest there is refused.
/// Each file appears whole or not at all.
pub fn write_set(dir: &Path, set: SampleSet) -> Result<Manifest, SamplesError> {
    let files = plan(set)?;
    let manifest = Manifest {
        set,
        note: NOTE.to_owned(),
        samples: files.iter().map(|file| file.entry.clone()).collect(),
    };
    let known = match read_manifest(dir) {
        Err(SamplesError::Manifest { path, .. }) => return Err(SamplesError::Foreign { path }),
        other => other?.map(|earlier| earlier.samples).unwrap_or_default(),
    };
    let mut missing = Vec::new();
    for file in &files {
        if !is_there(dir, &file.entry, &known)? {
            missing.push(file);
        }
    }
    for file in missing {
        put(&dir.join(&file.entry.file), &file.bytes)?;
    }
    let mut text = serde_json::to_vec_pretty(&manifest).map_err(|e| SamplesError::Encode {
        file: MANIFEST_FILE.to_owned(),
        reason: e.to_string(),
    })?;
    text.push(b'\n');
    put(&dir.join(MANIFEST_FILE), &text)?;
    Ok(manifest)
}

/// Whether the very file is there already; an error when another one that we do not know is.
fn is_there(dir: &Path, entry: &SampleEntry, known: &[SampleEntry]) -> Result<bool, SamplesError> {
    let path = dir.join(&entry.file);
    let present = match fs::read(&path) {
        Ok(bytes) => sha256_hex(&bytes),
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(false),
        Err(e) if e.kind() == ErrorKind::IsADirectory => return Err(SamplesError::Foreign { path }),
        Err(source) => {
            return Err(SamplesError::Io {
                action: "read",
                path,
                source,
            });
        }
    };
    if present == entry.sha256 {
        return Ok(true);
    }
    let ours = known
        .iter()
        .any(|earlier| earlier.file == entry.file && earlier.sha256 == present);
    if ours {
        Ok(false)
    } else {
        Err(SamplesError::Foreign { path })
    }
}

/// Writes beside the target, syncs, and renames.
fn put(path: &Path, bytes: &[u8]) -> Result<(), SamplesError> {
    let io = |action: &'static str, path: &Path| {
        let path: PathBuf = path.to_owned();
        move |source| SamplesError::Io { action, path, source }
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(io("make the folder", folder))?;
    let part = folder.join(PART_FILE);
    let written = fs::File::create(&part)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&part, path));
    written.map_err(|source| {
        // The first error is the one to tell; a part file that stays is overwritten by the next run.
        let _ = fs::remove_file(&part);
        SamplesError::Io {
            action: "write",
            path: path.to_owned(),
            source,
        }
    })
}
