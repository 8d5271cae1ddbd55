//! Random damage to good files: whatever comes out, this process lives and the answer is in time.

mod common;

use std::time::Instant;

use common::{Done, HANG, decoder, dicom, rows};
use decode::Source;
use domain::FailureCode;
use needs::{data, need};

/// Marsaglia's xorshift, for the same damage on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    /// A few bytes changed, often to the values that lengths and counts break at; sometimes a cut.
    fn damage(&mut self, file: &[u8], from: usize) -> Vec<u8> {
        let mut damaged = file.to_vec();
        for _ in 0..1 + self.roll(6) {
            let at = from + self.roll(damaged.len() - from);
            damaged[at] = [0, 1, 0x7f, 0x80, 0xfe, 0xff, self.roll(256) as u8][self.roll(7)];
        }
        if self.roll(4) == 0 {
            damaged.truncate(from + self.roll(damaged.len() - from));
        }
        damaged
    }
}

/// More rounds, with other dice, for a long search: `OVERREAD_DAMAGE_ROUNDS=500`.
fn rounds(usual: usize) -> usize {
    std::env::var("OVERREAD_DAMAGE_ROUNDS")
        .ok()
        .and_then(|v| v.parse().ok())
        .unwrap_or(usual)
}

#[test]
fn a_damaged_data_set_never_kills_the_decoder() -> Done {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ rounds(0) as u64);
    let mut decoder = decoder();
    let file = dicom(16, 16, &[3; 512]);
    let (mut pictures, mut errors) = (0, 0);
    for round in 0..rounds(3000) {
        match decoder.decode(Source::Bytes(&dice.damage(&file, 128))) {
            Ok(_) => pictures += 1,
            Err(error) => {
                errors += 1;
                let died = matches!(error.code, FailureCode::DecoderDied | FailureCode::TimedOut);
                assert!(!died, "round {round}: {error}");
            }
        }
    }
    eprintln!("damaged data sets: {pictures} pictures, {errors} errors");
    assert!(
        pictures > 100 && errors > 100,
        "the damage is too small or too great to tell anything"
    );
    Ok(())
}

#[test]
fn damaged_code_streams_end_in_time_and_are_survived() -> Done {
    let packs = [("dicom", "manifest.csv"), ("formats", "manifest.csv")];
    let mut dice = Dice(0x2545_f491_4f6c_dd1d ^ rounds(0) as u64);
    let mut decoder = decoder();
    let (mut files, mut answers, mut deaths) = (0, 0, 0);
    for (name, manifest) in packs {
        let folder = need!(data(name));
        for row in rows(&folder.join(manifest))? {
            // Small files, so that the damage hits something and many rounds are quick.
            if row["size_bytes"].parse::<u64>()? > 160_000 {
                continue;
            }
            files += 1;
            let file = std::fs::read(folder.join(&row["file"]))?;
            for _ in 0..rounds(12) {
                let damaged = dice.damage(&file, file.len().min(132).min(file.len() / 2));
                let started = Instant::now();
                if let Err(error) = decoder.decode(Source::Bytes(&damaged))
                    && matches!(error.code, FailureCode::DecoderDied | FailureCode::TimedOut)
                {
                    deaths += 1;
                    eprintln!("{}: {error}", row["file"]);
                }
                answers += 1;
                assert!(started.elapsed() < HANG, "{} took {:?}", row["file"], started.elapsed());
            }
        }
    }
    eprintln!("damaged code streams: {answers} answers for {files} files, {deaths} deaths of the child survived");
    let alive = decoder.decode(Source::Bytes(&dicom(2, 2, &[0; 8])))?;
    assert_eq!(alive.pixels.shape(), "2x2");
    assert!(files > 30, "only {files} files were damaged");
    Ok(())
}
