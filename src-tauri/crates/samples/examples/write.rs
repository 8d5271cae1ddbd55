//! Writes a set without the command line program: `cargo run -p samples --example write -- DIR small|full`.

use std::error::Error;
use std::path::PathBuf;

use samples::{SampleSet, write_set};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let dir: PathBuf = arguments.next().ok_or("usage: write DIR small|full")?.into();
    let set = match arguments.next().as_deref() {
        Some("small") => SampleSet::Small,
        Some("full") => SampleSet::Full,
        other => return Err(format!("'{}' is no set; small and full are", other.unwrap_or("")).into()),
    };
    let manifest = write_set(&dir, set)?;
    println!("{} files in {}", manifest.samples.len(), dir.display());
    Ok(())
}
