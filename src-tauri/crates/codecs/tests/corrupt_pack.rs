//! Damaged files through the real child process: each ends in an image or a clear error, in time, with
//! this process alive and no larger. One test a program, for it watches the memory of the whole process.

mod common;

use std::time::{Duration, Instant};

use common::{Done, HANG, decoder, rows};
use decode::Source;
use needs::{data, need};

/// Peak resident memory of this process in KiB.
fn peak_memory_kib() -> Result<u64, Box<dyn std::error::Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find(|l| l.starts_with("VmHWM:"))
        .ok_or("the kernel tells no peak memory")?;
    Ok(line.split_whitespace().nth(1).ok_or("the line has a value")?.parse()?)
}

#[test]
fn every_corrupt_file_ends_in_a_picture_or_a_clear_error() -> Done {
    let folder = need!(data("dicom"));
    let mut decoder = decoder();
    let before = peak_memory_kib()?;
    let (mut pictures, mut errors) = (0, 0);
    let mut slowest = Duration::ZERO;
    for row in rows(&folder.join("corrupt_manifest.csv"))? {
        let started = Instant::now();
        match decoder.decode(Source::File(&folder.join(&row["file"]))) {
            Ok(decoded) => {
                pictures += 1;
                eprintln!("{}: a picture of {}", row["file"], decoded.pixels.shape());
                // Of many frames those before the cut are shown, and the cut is told.
                let told = decoded
                    .facts
                    .notes
                    .iter()
                    .any(|note| note.code_name() == Some("file.frames_missing"));
                assert!(
                    told || !row["kind"].starts_with("truncated"),
                    "{} passed for whole",
                    row["file"]
                );
            }
            Err(error) => {
                errors += 1;
                eprintln!("{}: {}: {error}", row["file"], error.code.as_str());
                assert!(error.message.len() > 20, "{}: {error}", row["file"]);
            }
        }
        let took = started.elapsed();
        assert!(took < HANG, "{} took {took:?}", row["file"]);
        slowest = slowest.max(took);
    }
    let grown = peak_memory_kib()?.saturating_sub(before);
    eprintln!(
        "corrupt files: {pictures} pictures, {errors} clear errors, slowest {slowest:?}, host grew by {grown} KiB"
    );
    assert!(pictures + errors >= 40, "only {} files were tried", pictures + errors);
    assert!(grown < 50 << 10, "the host grew by {grown} KiB");
    Ok(())
}
