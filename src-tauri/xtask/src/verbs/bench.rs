use std::ffi::OsString;
use std::fs;
use std::process::Command;

use crate::call;
use crate::failure::Failure;
use crate::place::Place;
use crate::programs::{self, BUILD_ADVICE};
use crate::setup::{self, Purpose, reference};

/// # Errors
/// When the set-up or the build fails, or a benchmark misses its bound.
pub fn bench(args: &[OsString]) -> Result<(), Failure> {
    let place = Place::find()?;
    setup::set_up(&place, Purpose::Bench)?;
    if let Some((_, rest)) = args.split_first().filter(|(first, _)| *first == "decode") {
        return decode(&place, rest);
    }
    programs::build(&place, Some("bench"))?;
    println!("{}", machine());
    let mut bench = Command::new(place.programs().join("examples/bench"));
    bench.args(args).current_dir(&place.root);
    call::run(
        &mut bench,
        "run it again on a quiet machine; if it stays, a change has made the job slower",
    )
}

/// The decoder beside pydicom and dcmtk. Only the decoder and what asks it are built as a release; the program for whole
/// processes is that of every day.
fn decode(place: &Place, args: &[OsString]) -> Result<(), Failure> {
    programs::build(place, None)?;
    let mut build = place.cargo();
    build.args([
        "build",
        "--release",
        "-p",
        "codecs",
        "-p",
        "decode",
        "--bins",
        "--examples",
    ]);
    call::run(&mut build, BUILD_ADVICE)?;
    let packages = reference::install(place)?;
    println!("{}", machine());
    let mut bench = Command::new(place.target.join("release/examples/bench_decode"));
    bench.arg(packages).arg(programs::overread(place)).args(args);
    call::run(
        bench.current_dir(&place.root),
        "see what it says above; dcmtk and the packs of real data are needed",
    )
}

/// Processor, cores and memory in one line: a figure without its machine says nothing.
pub fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let model = field(&cpu, "model name").unwrap_or("unknown processor");
    let kib: u64 = field(&memory, "MemTotal")
        .and_then(|t| t.split(' ').next()?.parse().ok())
        .unwrap_or_default();
    format!(
        "machine: {model}, {cores} cores, {:.1} GiB memory, {}",
        kib as f64 / 1_048_576.0,
        std::env::consts::OS
    )
}

/// The first value of a `name : value` line.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.trim() == name)
        .map(|(_, v)| v.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_proc_are_read() {
        let text = "processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\nmodel name\t: other\n";
        assert_eq!(field(text, "model name"), Some("Some CPU @ 2 GHz"));
        assert_eq!(field("MemTotal:       16384 kB\n", "MemTotal"), Some("16384 kB"));
        assert_eq!(field(text, "flags"), None);
    }
}
