//! What the walls stand on beside the manifests: who reads image files, and the table that people read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::{Done, MAY_IMPORT, ROOT, sources};

/// What turns the bytes of an image file into pixels.
const READS_IMAGES: [&str; 5] = [
    "load_from_memory",
    "image::open",
    "ImageReader",
    "ImageDecoder",
    "PngDecoder",
];

/// `image` is there for writing: who reads an image file with it parses foreign bytes outside the child.
#[test]
fn image_files_are_read_in_the_child_only() -> Done {
    let mut wrong = Vec::new();
    for path in sources(Path::new(ROOT).join("src-tauri"))? {
        let below = |folder: &str| path.iter().any(|part| part == folder);
        if below("codecs") || below("tests") || below("examples") || path.ends_with("tests.rs") {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        // Tests look at what was written.
        let program = text.split("#[cfg(test)]").next().unwrap_or_default();
        let found = READS_IMAGES.iter().filter(|name| program.contains(**name));
        wrong.extend(found.map(|name| format!("{}: {name}", path.display())));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    Ok(())
}

/// What stands between backquotes.
fn quoted(text: &str) -> BTreeSet<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_table_of_the_architecture_is_this_one() -> Done {
    let text = fs::read_to_string(Path::new(ROOT).join("src-tauri/ARCHITECTURE.md"))?;
    let table = text
        .split("## Who may import whom")
        .nth(1)
        .ok_or("the section is gone")?;
    let table = table.split("\n## ").next().unwrap_or_default();
    let mut written = BTreeMap::new();
    for line in table.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.split('|').collect();
        let [_, room, rooms, ..] = cells.as_slice() else {
            return Err(format!("not a row: {line}").into());
        };
        written.insert(quoted(room), quoted(rooms));
    }
    let exists = |room: &&str| Path::new(ROOT).join("src-tauri/crates").join(room).is_dir() || **room == *"desktop";
    let held: BTreeMap<_, _> = MAY_IMPORT
        .iter()
        .filter(|(room, _)| exists(room))
        .map(|(room, rooms)| (BTreeSet::from([*room]), rooms.iter().copied().filter(exists).collect()))
        .collect();
    assert_eq!(written, held);
    Ok(())
}
