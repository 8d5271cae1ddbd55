//! Modality values and windowed values of the packs `dicom` and `cases`, bit for bit as pydicom makes them.
//! `grey_pack.py` wrote the hashes.

mod common;

use std::collections::BTreeMap;

use common::{Done, decoder};
use decode::Source;
use domain::grey::{Curve, Shown};
use domain::{Decoded, Polarity};
use needs::{data, need};
use serde::Deserialize;
use sha2::{Digest, Sha256};

const HASHES: &str = include_str!("grey_pack.json");

#[derive(Deserialize)]
struct Hashes {
    files: BTreeMap<String, Said>,
}

#[derive(Deserialize)]
struct Said {
    modality: String,
    window: Option<String>,
    table: Option<String>,
    /// What pydicom maps a window to.
    range: Option<[f64; 2]>,
}

fn sha256(values: impl Iterator<Item = f64>) -> String {
    let mut hash = Sha256::new();
    values.for_each(|value| hash.update(value.to_le_bytes()));
    format!("{:x}", hash.finalize()).chars().take(16).collect()
}

/// Modality values as pydicom has them: padding is none of its concern.
fn modality(decoded: &Decoded, frame: u32) -> Vec<f64> {
    let mut plane = decoded.plane(frame);
    plane.padding = None;
    decoded
        .pixels
        .stored(frame)
        .map(|stored| plane.modality(stored).unwrap_or(stored))
        .collect()
}

/// What differs of one file.
fn compare(decoded: &Decoded, said: &Said) -> Result<Vec<&'static str>, Box<dyn std::error::Error>> {
    let mut wrong = vec![];
    let all = (0..decoded.pixels.frames).flat_map(|frame| modality(decoded, frame));
    if sha256(all) != said.modality {
        wrong.push("modality values");
    }
    let Shown::Grey(grey) = Shown::of(decoded, 0)? else {
        return Err("no grey image".into());
    };
    let first = modality(decoded, 0).into_iter();
    if let (Some(hash), Some([low, high])) = (&said.window, said.range) {
        let voi = &grey.first;
        if sha256(first.clone().map(|value| voi.share(value) * (high - low) + low)) != *hash {
            wrong.push("windowed values");
        }
    }
    if let Some(hash) = &said.table {
        let Curve::Table(table) = &grey.first.curve else {
            return Err("its VOI LUT is not what it is first shown by".into());
        };
        if sha256(first.map(|value| f64::from(table.at(value)))) != *hash {
            wrong.push("values of the VOI LUT");
        }
    }
    // The way to the screen ends in whole levels.
    let greys = Shown::of(decoded, 0)?.greys()?;
    let turned = decoded.plane(0).polarity == Polarity::BrightIsLow;
    let level = |value: f64| {
        let level = grey.first.level(value);
        if turned { 255 - level } else { level }
    };
    let plane = decoded.plane(0);
    let expected = decoded
        .pixels
        .stored(0)
        .map(|stored| plane.modality(stored).map_or(0, level));
    if !expected.eq(greys.iter().copied()) {
        wrong.push("greys of its own values");
    }
    Ok(wrong)
}

#[test]
fn values_are_those_of_pydicom_to_the_last_bit() -> Done {
    let (dicom, _) = (need!(data("dicom")), need!(data("cases")));
    let packs = dicom.parent().ok_or("the packs lie in no folder")?;
    let hashes: Hashes = serde_json::from_str(HASHES)?;
    assert!(hashes.files.len() > 20, "only {} files have hashes", hashes.files.len());
    let mut decoder = decoder();
    let (mut equal, mut wrong, mut refused) = (0, vec![], vec![]);
    for (file, said) in &hashes.files {
        match decoder.decode(Source::File(&packs.join(file))) {
            Err(error) => refused.push(format!("{file}: {}", error.message)),
            Ok(decoded) => match compare(&decoded, said) {
                Ok(differs) if differs.is_empty() => equal += 1,
                Ok(differs) => wrong.push(format!("{file}: {}", differs.join(", "))),
                Err(error) => wrong.push(format!("{file}: {error}")),
            },
        }
    }
    eprintln!(
        "{equal} files equal to pydicom, {} wrong, {} refused",
        wrong.len(),
        refused.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    Ok(())
}
