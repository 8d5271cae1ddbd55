//! What only the disk and the whole selection can tell: files, hashes, classes.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{Case, Checks, Problem, Problems};

/// Gives the cases whose image and mask are there and are what the manifest says.
pub(super) fn files(folder: &Path, cases: Vec<Case>, checks: Checks, problems: &mut Problems) -> Vec<Case> {
    if checks.both_classes {
        find_empty_classes(&cases, problems);
    }
    let mut readable = Vec::with_capacity(cases.len());
    for case in cases {
        let before = problems.count();
        let image_is_there = present(folder, case.line, "image", &case.file, problems);
        match &case.mask {
            Some(mask) => {
                present(folder, case.line, "mask", mask, problems);
            }
            None if checks.masks && case.anomaly => {
                problems.push(Problem::MaskNotNamed {
                    line: case.line,
                    file: case.name.clone(),
                });
            }
            None => {}
        }
        if checks.sha256 && image_is_there {
            compare_sha256(&case, problems);
        }
        if problems.count() == before {
            readable.push(case);
        }
    }
    readable
}

/// A plain file that lies below the folder even after links are followed.
fn present(folder: &Path, line: u64, what: &'static str, path: &Path, problems: &mut Problems) -> bool {
    let shown = || path.strip_prefix(folder).unwrap_or(path).display().to_string();
    match path.canonicalize() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            problems.push(Problem::FileMissing {
                line,
                what,
                path: shown(),
            });
            false
        }
        Err(error) => {
            problems.push(Problem::Unreadable {
                line,
                path: shown(),
                reason: error.to_string(),
            });
            false
        }
        Ok(real) if !real.starts_with(folder) => {
            problems.push(Problem::PathLeavesFolder { line, path: shown() });
            false
        }
        Ok(real) if !real.is_file() => {
            problems.push(Problem::Unreadable {
                line,
                path: shown(),
                reason: "it is not a file".to_owned(),
            });
            false
        }
        Ok(_) => true,
    }
}

fn compare_sha256(case: &Case, problems: &mut Problems) {
    let Some(expected) = &case.sha256 else { return };
    match sha256_of(&case.file) {
        Ok(found) if &found == expected => {}
        Ok(found) => problems.push(Problem::Sha256 {
            line: case.line,
            path: case.name.clone(),
            expected: expected.clone(),
            found,
        }),
        Err(error) => problems.push(Problem::Unreadable {
            line: case.line,
            path: case.name.clone(),
            reason: error.to_string(),
        }),
    }
}

fn sha256_of(path: &Path) -> std::io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let mut hash = Sha256::new();
    let mut block = vec![0; 1 << 16];
    loop {
        match file.read(&mut block)? {
            0 => break,
            read => hash.update(&block[..read]),
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn find_empty_classes(cases: &[Case], problems: &mut Problems) {
    let mut counts: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for case in cases {
        counts.entry(case.split.as_str()).or_default()[usize::from(case.anomaly)] += 1;
    }
    for (split, [without, with]) in counts {
        for (count, missing) in [(without, "without an anomaly"), (with, "with an anomaly")] {
            if count == 0 {
                problems.push(Problem::EmptyClass {
                    split: split.to_owned(),
                    missing,
                });
            }
        }
    }
}
