//! Damaged files by the million through the real path: the pool, the child, its limits and its filter.
//!
//! `cargo xtask fuzz --minutes N [--seed S] [--target TEXT] [--out FOLDER]`. The seeds are the sample scans and the
//! packs of `OVERREAD_DATA`; a target is a format or a transfer syntax, and all targets have equal turns. Mutation is
//! blind: nothing looks at which code a file reaches. A file at which a child died or did not answer in time is
//! written to the folder, and the run fails.

mod mutate;
mod seeds;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::Cursor;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use decode::{DecodeError, Decoders, Limits, Source, Unpacked, Urgency, Wanted};
use domain::FailureCode;
use rand::rngs::SmallRng;
use rand::{RngCore, SeedableRng};

use seeds::{Target, Way};

pub type Outcome<T> = Result<T, Box<dyn Error>>;

/// The issue of files: the host grows by no more than this.
const HOST_GROWTH_MIB: u64 = 50;
const WORKERS: usize = 2;
/// Files of one target before the next has its turn.
const TURN: usize = 50;

struct Settings {
    time: Duration,
    seed: u64,
    target: String,
    out: PathBuf,
}

/// What became of the files of one target.
#[derive(Default, Clone)]
struct Counts {
    images: u64,
    refused: u64,
    died: u64,
    timed_out: u64,
    codes: BTreeMap<&'static str, u64>,
}

fn main() -> Outcome<()> {
    let settings = settings(std::env::args().skip(1))?;
    let decoders = Decoders::beside_executable(Limits::default())?;
    let mut targets = seeds::targets(&decoders)?;
    targets.retain(|name, _| name.contains(&settings.target));
    if targets.is_empty() {
        return Err(format!("no target is named like '{}'", settings.target).into());
    }
    let seeds: usize = targets.values().map(|target| target.seeds.len()).sum();
    println!(
        "{} targets, {seeds} seeds, seed of the run {}",
        targets.len(),
        settings.seed
    );
    let before = memory_mib();
    let end = Instant::now() + settings.time;
    let all: Vec<BTreeMap<&str, Counts>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS as u64)
            .map(|worker| {
                let (targets, settings, decoders) = (&targets, &settings, &decoders);
                scope.spawn(move || work(targets, settings, decoders, worker, end))
            })
            .collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).collect()
    });
    if all.len() < WORKERS {
        return Err("a thread of the host fell".into());
    }
    let mut sums = BTreeMap::<&str, Counts>::new();
    for (name, counts) in all.iter().flatten() {
        sums.entry(name).or_default().add(counts);
    }
    report(&sums, memory_mib().saturating_sub(before), &settings)
}

fn work<'a>(
    targets: &'a BTreeMap<String, Target>,
    settings: &Settings,
    decoders: &Decoders,
    worker: u64,
    end: Instant,
) -> BTreeMap<&'a str, Counts> {
    let mut random = SmallRng::seed_from_u64(settings.seed.wrapping_mul(31).wrapping_add(worker));
    let mut sums = BTreeMap::<&str, Counts>::new();
    while Instant::now() < end {
        for (name, target) in targets {
            let counts = sums.entry(name).or_default();
            for _ in 0..TURN {
                let bytes = mutate::mutated(&target.seeds, &mut random);
                let error = handed_in(decoders, target.way, &bytes, &mut random).err();
                let code = error.as_ref().map(|error| error.code);
                counts.count(code);
                if matches!(
                    code,
                    Some(FailureCode::DecoderDied | FailureCode::TimedOut | FailureCode::Internal)
                ) {
                    eprintln!("{name}: {}", error.map(|error| error.message).unwrap_or_default());
                    keep(settings, name, &bytes, random.next_u64());
                }
            }
            if Instant::now() >= end {
                break;
            }
        }
    }
    sums
}

fn handed_in(decoders: &Decoders, way: Way, bytes: &[u8], random: &mut SmallRng) -> Result<(), DecodeError> {
    match way {
        Way::Image => {
            let wanted = [Wanted::All, Wanted::Header, Wanted::Middle, Wanted::Frames(0..1)];
            // Whole ones most often: they go through all that the others do.
            let which = (random.next_u32() % 6) as usize;
            let wanted = wanted.get(which).unwrap_or(&Wanted::All);
            decoders.ask(Source::Bytes(bytes), wanted, Urgency::Work).map(drop)
        }
        Way::Names => decoders.names(Source::Bytes(bytes)).map(drop),
        Way::Unpack => decoders.unpack(&mut Cursor::new(bytes), "archive", &mut |told| match told {
            Unpacked::Member(_, member) => match std::io::copy(member, &mut std::io::sink()) {
                Ok(_) => Ok(()),
                Err(error) => Err(DecodeError::io("member", &error)),
            },
            Unpacked::Listed(_) | Unpacked::Refused(..) | Unpacked::Whole => Ok(()),
        }),
    }
}

impl Counts {
    fn count(&mut self, code: Option<FailureCode>) {
        match code {
            None => self.images += 1,
            // A reader that is wrong counts as one that died.
            Some(FailureCode::DecoderDied | FailureCode::Internal) => self.died += 1,
            Some(FailureCode::TimedOut) => self.timed_out += 1,
            Some(_) => self.refused += 1,
        }
        if let Some(code) = code {
            *self.codes.entry(code.as_str()).or_default() += 1;
        }
    }

    fn add(&mut self, other: &Counts) {
        self.images += other.images;
        self.refused += other.refused;
        self.died += other.died;
        self.timed_out += other.timed_out;
        for (code, count) in &other.codes {
            *self.codes.entry(code).or_default() += count;
        }
    }
}

/// A file that is kept can be tried again: `overread decode FILE`.
fn keep(settings: &Settings, target: &str, bytes: &[u8], name: u64) {
    let plain: String = target
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let path = settings.out.join(format!("{plain}-{name:016x}.bin"));
    if let Err(error) = fs::create_dir_all(&settings.out).and_then(|()| fs::write(&path, bytes)) {
        eprintln!("{} is not kept: {error}", path.display());
    }
}

fn report(sums: &BTreeMap<&str, Counts>, growth: u64, settings: &Settings) -> Outcome<()> {
    println!("| target | files | image | refused | child died | timed out |\n|---|---:|---:|---:|---:|---:|");
    let mut all = Counts::default();
    for (name, c) in sums {
        all.add(c);
        line(name, c);
    }
    line("**all**", &all);
    let codes: Vec<String> = all
        .codes
        .iter()
        .map(|(code, count)| format!("{code} {count}"))
        .collect();
    println!("\nrefusals: {}", codes.join(", "));
    println!("the host grew by {growth} MiB (bound {HOST_GROWTH_MIB})");
    if all.died + all.timed_out > 0 {
        return Err(format!("the files are in {}", settings.out.display()).into());
    }
    if growth > HOST_GROWTH_MIB {
        return Err("the host grew by more than the bound".into());
    }
    Ok(())
}

fn line(name: &str, c: &Counts) {
    let files = c.images + c.refused + c.died + c.timed_out;
    println!(
        "| {name} | {files} | {} | {} | {} | {} |",
        c.images, c.refused, c.died, c.timed_out
    );
}

fn settings(mut args: impl Iterator<Item = String>) -> Outcome<Settings> {
    let mut settings = Settings {
        time: Duration::from_secs(60),
        seed: 1,
        target: String::new(),
        out: std::env::temp_dir().join("overread-fuzz"),
    };
    while let Some(name) = args.next() {
        let value = args.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--minutes" => settings.time = Duration::try_from_secs_f64(60.0 * value.parse::<f64>()?)?,
            "--seed" => settings.seed = value.parse()?,
            "--target" => settings.target = value,
            "--out" => settings.out = value.into(),
            _ => return Err(format!("'{name}' is none of --minutes, --seed, --target, --out").into()),
        }
    }
    Ok(settings)
}

/// Resident memory of this process, without its children.
fn memory_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.unwrap_or_default() / 1024
}
