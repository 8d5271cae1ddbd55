//! Our samples against those of the reference.

use domain::{Decoded, PixelData};

use super::reference::{Answer, Values};
use super::table::Found;

/// Of a lossy stream two right decoders differ by their rounding: in grey levels of 8 bits, on average and at most.
const MEAN_APART: f64 = 1.0;
const MOST_APART: f64 = 12.0;

pub fn compare(ours: &Decoded, theirs: &Answer) -> Found {
    if ours.header.image.frames == 0 {
        return Found::NoImage;
    }
    let values = match &theirs.values {
        Ok(values) => values,
        Err(why) => return Found::OnlyHere(why.clone()),
    };
    let mine = floats(&ours.pixels.data);
    let candidates = [Some(&values.stored), values.colours.as_ref()];
    let mut least = None;
    for candidate in candidates.into_iter().flatten() {
        match difference(&mine, candidate, values, theirs.lossy) {
            None => return Found::Agree,
            Some(told) => least = least.or(Some(told)),
        }
    }
    Found::Differ(least.unwrap_or_default())
}

/// What is different, or nothing.
fn difference(mine: &[f64], theirs: &[f64], values: &Values, lossy: bool) -> Option<String> {
    if mine.len() != theirs.len() {
        return Some(format!("{} samples instead of {}", mine.len(), theirs.len()));
    }
    let apart = mine
        .iter()
        .zip(theirs)
        .map(|(a, b)| if same(*a, *b) { 0.0 } else { (a - b).abs() });
    let (mut most, mut sum, mut other) = (0.0_f64, 0.0, 0_usize);
    for one in apart {
        // A number beside what is none.
        let one = if one.is_nan() { f64::INFINITY } else { one };
        most = most.max(one);
        sum += one;
        other += usize::from(one > 0.0);
    }
    let mean = sum / mine.len().max(1) as f64;
    let level = 2.0_f64.powi(values.bits.min(16) as i32 - 8).max(1.0);
    let fits = if lossy {
        mean <= MEAN_APART * level && most <= MOST_APART * level
    } else {
        other == 0
    };
    (!fits).then(|| {
        format!(
            "{other} of {} samples are others, by {most} at most and {mean:.3} on average",
            mine.len()
        )
    })
}

fn same(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan())
}

fn floats(data: &PixelData) -> Vec<f64> {
    match data {
        PixelData::U8(values) => values.iter().map(|v| f64::from(*v)).collect(),
        PixelData::I8(values) => values.iter().map(|v| f64::from(*v)).collect(),
        PixelData::U16(values) => values.iter().map(|v| f64::from(*v)).collect(),
        PixelData::I16(values) => values.iter().map(|v| f64::from(*v)).collect(),
        PixelData::U32(values) => values.iter().map(|v| f64::from(*v)).collect(),
        PixelData::I32(values) => values.iter().map(|v| f64::from(*v)).collect(),
        PixelData::F32(values) => values.iter().map(|v| f64::from(*v)).collect(),
        PixelData::F64(values) => values.clone(),
    }
}
