//! `manifest.json`: the libraries of a folder with sizes and hashes, for the program that loads them.

use std::fs;
use std::path::Path;

use super::fetch::{disk, list_libraries};
use super::wheels::TORCH_VERSION;
use crate::failure::Failure;
use crate::json::quoted;

/// # Errors
/// When the libraries cannot be read or the manifest cannot be written.
pub fn write(folder: &Path) -> Result<(), Failure> {
    let listing = list_libraries(folder)?;
    let text = manifest(TORCH_VERSION, &listing)
        .ok_or_else(|| Failure::new(format!("no library lies in {}", folder.display()), "run it again"))?;
    let path = folder.join("manifest.json");
    fs::write(&path, text).map_err(|e| disk(&path, &e))
}

/// From lines of "SHA256 BYTES NAME"; `None` when there is none, or one that is not so.
fn manifest(version: &str, listing: &str) -> Option<String> {
    let entry = |line: &str| {
        let (sha256, rest) = line.split_once(' ')?;
        let (bytes, name) = rest.split_once(' ')?;
        let bytes: u64 = bytes.parse().ok()?;
        Some(format!(
            "    {{\"name\": {}, \"bytes\": {bytes}, \"sha256\": {}}}",
            quoted(name),
            quoted(sha256)
        ))
    };
    let entries: Option<Vec<String>> = listing.lines().map(entry).collect();
    let entries = entries.filter(|entries| !entries.is_empty())?.join(",\n");
    Some(format!(
        "{{\n  \"version\": {},\n  \"files\": [\n{entries}\n  ]\n}}\n",
        quoted(version)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_library_stands_in_the_manifest_with_size_and_hash() {
        let text = manifest("2.11.0", "ab12 17 libc10.so\ncd34 358093552 libtorch_cpu.so\n");
        let expected = r#"{
  "version": "2.11.0",
  "files": [
    {"name": "libc10.so", "bytes": 17, "sha256": "ab12"},
    {"name": "libtorch_cpu.so", "bytes": 358093552, "sha256": "cd34"}
  ]
}
"#;
        assert_eq!(text.as_deref(), Some(expected));
    }

    #[test]
    fn an_empty_or_broken_listing_gives_no_manifest() {
        assert_eq!(manifest("2.11.0", ""), None);
        assert_eq!(manifest("2.11.0", "ab12 many libc10.so"), None);
    }
}
