//! How long a file takes through the pool, beside pydicom with its plug-ins in one process, and a whole process beside a
//! program of dcmtk. `cargo xtask bench decode [--rounds N]` builds it as a release and starts it; each file has its
//! turns with all of them one after the other, so that what else the machine does meets all alike.

mod reference;
mod table;
mod whole;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use decode::{Decoders, Limits, Source, Urgency, Wanted};
use reference::Reference;
use table::{Row, median};

pub type Outcome<T> = Result<T, Box<dyn Error>>;

const ROUNDS: usize = 9;
/// A child that is started ahead is ready long before; this pause is not counted.
const START: Duration = Duration::from_millis(15);

/// `bench_decode PACKAGES OVERREAD [--rounds N]`: the folder of pydicom, and the program for whole processes.
fn main() -> Outcome<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (packages, overread, rounds) = match args.as_slice() {
        [packages, overread] => (packages, overread, ROUNDS),
        [packages, overread, rounds, number] if rounds == "--rounds" => (packages, overread, number.parse()?),
        _ => return Err("usage: cargo xtask bench decode [--rounds N], 1 or more".into()),
    };
    let pack = match needs::data("dicom/files") {
        Ok(pack) => pack,
        Err(lack) => return lack.end(),
    };
    let mut files: Vec<PathBuf> = fs::read_dir(pack)?.flatten().map(|entry| entry.path()).collect();
    files.sort();
    let mut reference = Reference::start(Path::new(packages))?;
    let kept = Decoders::beside_executable(Limits::default())?;
    let fresh = Decoders::beside_executable(Limits::default())?;
    let mut rows = BTreeMap::<String, Vec<Row>>::new();
    for file in &files {
        if let Some((syntax, row)) = measured(file, &mut reference, &kept, &fresh, rounds)? {
            rows.entry(syntax).or_default().push(row);
        }
    }
    table::print(&rows, rounds)?;
    whole::print(&files, Path::new(overread), rounds)
}

/// The medians of one file, by its transfer syntax; `None` for one that the reference or we refuse.
fn measured(
    file: &Path,
    reference: &mut Reference,
    kept: &Decoders,
    fresh: &Decoders,
    rounds: usize,
) -> Outcome<Option<(String, Row)>> {
    let (Some(_), Some((_, syntax))) = (seconds(file, kept), reference.ask(file)?) else {
        return Ok(None);
    };
    let (mut ours, mut alone, mut theirs, mut codec) = (vec![], vec![], vec![], vec![]);
    let mut megapixels = 0.0;
    for _ in 0..rounds {
        let Some((time, pixels)) = seconds(file, kept) else {
            return Ok(None);
        };
        megapixels = pixels / 1e6;
        ours.push(time);
        fresh.let_go();
        fresh.start_ahead()?;
        std::thread::sleep(START);
        alone.extend(seconds(file, fresh).map(|(time, _)| time));
        let Some((times, _)) = reference.ask(file)? else {
            return Ok(None);
        };
        theirs.push(times.pydicom);
        codec.extend(times.openjpeg);
    }
    let row = Row {
        file: file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        ours: median(ours),
        fresh: median(alone),
        pydicom: median(theirs),
        openjpeg: (!codec.is_empty()).then(|| median(codec)),
        megapixels,
    };
    Ok(Some((syntax, row)))
}

/// The time from the path to all stored values, and the number of their pixels.
fn seconds(file: &Path, decoders: &Decoders) -> Option<(f64, f64)> {
    let start = Instant::now();
    let decoded = decoders.ask(Source::File(file), &Wanted::All, Urgency::Work).ok()?;
    let time = start.elapsed().as_secs_f64();
    let pixels = &decoded.pixels;
    let count = f64::from(pixels.frames) * f64::from(pixels.rows) * f64::from(pixels.cols);
    (count > 0.0).then_some((time, count))
}
