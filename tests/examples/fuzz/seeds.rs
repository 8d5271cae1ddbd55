//! Whole files to begin with, by target.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use decode::{Decoders, Source, Urgency, Wanted};

use super::Outcome;

/// Larger files cost time and hold nothing that smaller ones lack.
const LARGEST: u64 = 256 << 10;
/// Of one target; the smallest ones, which are decoded most often in a minute.
const MOST: usize = 40;

/// The bytes of each seed by format, of DICOM by transfer syntax.
pub fn targets(decoders: &Decoders) -> Outcome<BTreeMap<String, Vec<Vec<u8>>>> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = vec![];
    walk(&repository.join("sample-data"), &mut files);
    match needs::data("") {
        Ok(packs) => ["dicom/files", "formats/files", "cases/files"]
            .iter()
            .for_each(|pack| walk(&packs.join(pack), &mut files)),
        Err(lack) => lack.end::<String>()?,
    }
    files.sort_by_key(|(length, path)| (*length, path.clone()));
    let mut targets = BTreeMap::<String, Vec<Vec<u8>>>::new();
    for (_, path) in files {
        let Ok(decoded) = decoders.ask(Source::File(&path), &Wanted::Header, Urgency::Work) else {
            continue;
        };
        let instance = decoded.header.instance;
        let name = match &instance.transfer_syntax_uid {
            Some(syntax) => format!("{} {syntax}", instance.format.as_str()),
            None => instance.format.as_str().to_owned(),
        };
        let seeds = targets.entry(name).or_default();
        if seeds.len() < MOST {
            seeds.push(fs::read(&path)?);
        }
    }
    Ok(targets)
}

fn walk(folder: &Path, files: &mut Vec<(u64, PathBuf)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.metadata() {
            Ok(meta) if meta.is_dir() => walk(&path, files),
            Ok(meta) if meta.is_file() && meta.len() <= LARGEST => files.push((meta.len(), path)),
            _ => {}
        }
    }
}
