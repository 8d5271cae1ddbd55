//! Damaged and hostile files through the program as a user runs it: each ends in a clear error or
//! in an image, in time, and the program that the user sees neither grows nor falls.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use overread_tests::{BUNDLE, Done, Outcome, Ran, assert_keys, csv_rows, data, each, need, overread, text};

/// Only to tell a file that keeps the processor busy for ever. Processor time of all processes of the call, for the
/// clock says more of what else the machine does; the decoder itself is granted much less (`decode::Limits`).
const ENDLESS: Duration = Duration::from_secs(60);
const LARGEST_RSS_KIB: u64 = 300 * 1024;
const AT_ONCE: usize = 2;

/// `check` with every file of the pack, two at a time; the errors of all.
fn each_corrupt_file(check: impl Fn(&PathBuf) -> Done + Sync) -> Done {
    let pack = need!(data("dicom"));
    let rows = csv_rows(&pack.join("corrupt_manifest.csv"))?;
    let files: Mutex<Vec<PathBuf>> = Mutex::new(rows.iter().map(|row| pack.join(&row["file"])).collect());
    let count = rows.len();
    assert!(count >= 40, "only {count} files");
    let next = || files.lock().ok().and_then(|mut files| files.pop());
    let work = || {
        let mut wrong = Vec::new();
        while let Some(file) = next() {
            if let Err(error) = check(&file) {
                wrong.push(format!("{}: {error}", file.display()));
            }
        }
        wrong
    };
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        let told = workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|_| vec!["an assertion failed".into()]));
        told.flatten().collect()
    });
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    Ok(())
}

fn stays_small_and_ends(ran: &Ran) -> Outcome<()> {
    if ran.processor > ENDLESS {
        return Err(format!("{:?} of processor time: {ran}", ran.processor).into());
    }
    stays_small(ran)
}

fn stays_small(ran: &Ran) -> Outcome<()> {
    if ran.peak_rss_kib > LARGEST_RSS_KIB {
        return Err(format!("{} KiB of memory: {ran}", ran.peak_rss_kib).into());
    }
    Ok(())
}

#[test]
fn decode_ends_with_a_picture_or_one_sentence() -> Done {
    each_corrupt_file(|file| {
        let ran = overread("decode --json").arg(file).run()?;
        stays_small_and_ends(&ran)?;
        let json = ran.json()?;
        match ran.code {
            Some(0) => assert_eq!(text(&json, "sha256_raw").len(), 64),
            _ => {
                let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
                let code = json["error"]["code"].as_str().unwrap_or_default().to_owned();
                ran.failed_with(&code, "")?;
                let known = [
                    "empty_file",
                    "unknown_format",
                    "truncated",
                    "limit_exceeded",
                    "unsupported",
                    "corrupt",
                    "decoder_died",
                ];
                assert!(known.contains(&code.as_str()), "{name:?}: {ran}");
            }
        }
        Ok(())
    })
}

#[test]
fn analyze_ends_with_an_analysis_or_one_failed_input() -> Done {
    each_corrupt_file(|file| {
        let ran = overread("analyze --json --device cpu --bundle")
            .arg(BUNDLE)
            .arg(file)
            .run()?;
        stays_small_and_ends(&ran)?;
        let json = ran.json()?;
        assert_keys(&json, &["analyses", "hidden", "failed"]);
        match ran.code {
            Some(0) => assert!(
                !each(&json, "analyses").is_empty() && each(&json, "failed").is_empty(),
                "{ran}"
            ),
            // Some frames of a file may be whole.
            Some(1 | 3) => {
                let code = text(&json, "failed/0/code").to_owned();
                assert_ne!(code, "timed_out", "{ran}");
                ran.input_failed_with(file, &code, &file.display().to_string())?;
            }
            _ => return Err(format!("no exit code of the contract: {ran}").into()),
        }
        Ok(())
    })
}

/// All at once: one bad file does not spoil the next.
#[test]
fn the_whole_folder_is_gone_through_in_one_call() -> Done {
    let folder = need!(data("dicom/corrupt"));
    let count = std::fs::read_dir(&folder)?.count();
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    let ran = overread("analyze --json --device cpu --bundle")
        .arg(BUNDLE)
        .args(&files)
        .run()?;
    stays_small(&ran)?;
    let json = ran.ended(3).json()?;
    let told: std::collections::BTreeSet<&str> = ["analyses", "failed"]
        .iter()
        .flat_map(|list| each(&json, list))
        .map(|one| text(one, "file"))
        .collect();
    assert_eq!(told.len(), count, "every file is either analysed or failed: {ran}");
    Ok(())
}

/// The largest zeros that a small PNG may hold: 116 MiB of them, in 116 KiB.
fn large_image(folder: &Path) -> Outcome<PathBuf> {
    const SIDE: u32 = 11_000;
    let path = folder.join("large.png");
    let file = BufWriter::new(File::create(&path)?);
    let zeros = vec![0; SIDE as usize * SIDE as usize];
    PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::NoFilter).write_image(
        &zeros,
        SIDE,
        SIDE,
        ExtendedColorType::L8,
    )?;
    Ok(path)
}

/// Wherever the room runs out (for the samples, for a copy of them, for grey values), the program says so and ends by
/// itself.
#[test]
fn too_little_memory_is_a_failure_with_a_code() -> Done {
    let folder = tempfile::tempdir()?;
    let large = large_image(folder.path())?;
    let shown = folder.path().join("shown.png");
    for mebibytes in [96, 128, 192, 288, 480, 560] {
        let script = format!("ulimit -S -v {}; exec \"$@\"", mebibytes << 10);
        let ran = overread("decode --json --png")
            .arg(&shown)
            .arg(&large)
            .under(["sh", "-c", &script, "sh"])
            .run()?;
        ran.failed_with("out_of_memory", "")?;
        assert!(!shown.exists(), "{mebibytes} MiB: {ran}");
    }
    overread("decode --json --png").arg(&shown).arg(&large).run()?.ended(0);
    Ok(())
}
