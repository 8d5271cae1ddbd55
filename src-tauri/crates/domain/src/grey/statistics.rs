//! Least, greatest and mean value of a frame, to the last digit of its samples.

use crate::value::is_value;
use crate::{Colour, Decoded, Palette};

/// Of the modality values of one frame, without what is no part of the image.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Statistics {
    /// Values that count.
    pub count: u64,
    /// Least value; `None` where none counts, as for the others.
    pub min: Option<f64>,
    /// Greatest value.
    pub max: Option<f64>,
    /// Mean of the values.
    pub mean: Option<f64>,
}

impl Statistics {
    /// Of values, those that are none left out.
    pub fn of(values: impl Iterator<Item = f64>) -> Self {
        let start = (0_u64, f64::INFINITY, f64::NEG_INFINITY, 0.0);
        let (count, min, max, sum) = values
            .filter(|value| is_value(*value))
            .fold(start, |(count, min, max, sum), v| {
                (count + 1, v.min(min), v.max(max), sum + v)
            });
        let some = |value: f64| (count > 0).then_some(value);
        Self {
            count,
            min: some(min),
            max: some(max),
            mean: some(sum / count as f64),
        }
    }
}

/// Of the modality values of a frame of `pixels`, counted from the first that is there; `None` of one that is shown in
/// colours, or is not there.
pub fn statistics(decoded: &Decoded, frame: u32) -> Option<Statistics> {
    let pixels = &decoded.pixels;
    let there = decoded.header.no_picture().is_none() && frame < pixels.frames && matches!(pixels.samples, 1..=4);
    let plane = there.then(|| decoded.plane(frame))?;
    let of_palette = |palette: &Palette| pixels.stored(frame).any(|stored| palette.holds(stored));
    match (plane.colour, &decoded.header.image.palette) {
        (Colour::Grey, _) => {}
        (Colour::Supplemental, Some(palette)) if !of_palette(palette) => {}
        _ => return None,
    }
    let stored = pixels.stored(frame).step_by(pixels.samples as usize);
    Some(Statistics::of(stored.filter_map(|stored| plane.modality(stored))))
}
