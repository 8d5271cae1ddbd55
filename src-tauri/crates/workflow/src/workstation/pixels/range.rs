//! Least and greatest value of a frame, and the window it is first shown with: the file's own, else
//! the middle 99 % of the values, so that one bright pixel does not darken the rest.

use std::borrow::Cow;

use domain::Window;
use domain::room::{NoRoom, gathered};

/// Values that are looked at to find the middle of a frame of fractions; an even share of them all.
const MOST_SAMPLED: usize = 1 << 16;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// Stored values, finite ones.
    pub least: f64,
    pub greatest: f64,
    /// Modality values.
    pub center: f64,
    pub width: f64,
}

/// The grey sample of each pixel.
pub struct Grey<'a, T: Copy + 'static> {
    pub values: Cow<'a, [T]>,
}

impl<'a, T: Copy> Grey<'a, T> {
    pub fn of(samples: &'a [T], stride: usize) -> Result<Self, NoRoom> {
        let values = match stride {
            1 => Cow::Borrowed(samples),
            _ => gathered(samples.iter().copied().step_by(stride))?.into(),
        };
        Ok(Self { values })
    }
}

/// For types of at most 16 bits: one pass over all values counts each.
pub fn of_integers<T: Copy + Into<i32>>(grey: &Grey<'_, T>, slope: f64, intercept: f64, own: Option<Window>) -> Range {
    const LOWEST: i32 = i16::MIN as i32;
    // Two counters in turns: equal neighbours would wait for each other's increment.
    let mut counts = [vec![0u32; 3 << 15], vec![0u32; 3 << 15]];
    for (place, value) in grey.values.iter().enumerate() {
        let value: i32 = (*value).into();
        counts[place & 1][(value - LOWEST) as usize] += 1;
    }
    let counts: Vec<u32> = counts[0].iter().zip(&counts[1]).map(|(a, b)| a + b).collect();
    let value_at = |place: usize| f64::from(place as i32 + LOWEST);
    let total = grey.values.len();
    let nth = |wanted: usize| {
        let mut seen = 0usize;
        let place = counts.iter().position(|count| {
            seen += *count as usize;
            seen > wanted
        });
        value_at(place.unwrap_or_default())
    };
    let least = counts.iter().position(|c| *c > 0).map_or(0.0, value_at);
    let greatest = counts.iter().rposition(|c| *c > 0).map_or(0.0, value_at);
    let (low, high) = if total == 0 {
        (0.0, 0.0)
    } else {
        (nth(total / 200), nth(total - 1 - total / 200))
    };
    let (low, high) = (low * slope + intercept, high * slope + intercept);
    let (center, width) = own.map_or_else(
        || middle_window(low.min(high), low.max(high), slope.abs()),
        |window| (window.center, window.width),
    );
    Range {
        least,
        greatest,
        center,
        width,
    }
}

pub fn of_floats(values: &[f32], slope: f64, intercept: f64, own: Option<Window>) -> Range {
    let finite = values.iter().copied().filter(|v| v.is_finite());
    let (mut least, mut greatest) = finite.fold((f32::INFINITY, f32::NEG_INFINITY), |(l, g), v| (l.min(v), g.max(v)));
    if least > greatest {
        (least, greatest) = (0.0, 0.0);
    }
    let step = values.len().div_ceil(MOST_SAMPLED).max(1);
    // An odd step visits every column of a picture, whatever its width.
    let mut sample: Vec<f32> = values
        .iter()
        .copied()
        .step_by(step | 1)
        .filter(|v| v.is_finite())
        .collect();
    sample.sort_unstable_by(f32::total_cmp);
    let (low, high) = match sample.len() {
        0 => (least, greatest),
        n => (sample[n / 200], sample[n - 1 - n / 200]),
    };
    let (low, high) = (f64::from(low) * slope + intercept, f64::from(high) * slope + intercept);
    let (center, width) = own.map_or_else(
        || middle_window(low.min(high), low.max(high), 0.0),
        |window| (window.center, window.width),
    );
    Range {
        least: f64::from(least),
        greatest: f64::from(greatest),
        center,
        width,
    }
}

/// The window from `low` to `high`; whole numbers have a `step` between them, and the linear window
/// function of PS3.3 C.11.2.1.2.1 counts both ends. A flat frame is shown as a middle grey.
fn middle_window(low: f64, high: f64, step: f64) -> (f64, f64) {
    if high > low {
        return ((low + high + step) / 2.0, high - low + step);
    }
    (low, (2.0 * low.abs()).max(2.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_the_values_is_found_whatever_their_type() -> Result<(), NoRoom> {
        let grey: Vec<i16> = (0..1000).map(|v| v - 1000).chain([30_000]).collect();
        let range = of_integers(&Grey::of(&grey, 1)?, 2.0, 100.0, None);
        assert_eq!((range.least, range.greatest), (-1000.0, 30_000.0));
        let (low, high) = (range.center - range.width / 2.0, range.center + range.width / 2.0);
        assert!((-1892.0..=-1888.0).contains(&low), "{range:?}");
        assert!((88.0..=92.0).contains(&high), "{range:?}");
        let floats: Vec<f32> = grey
            .iter()
            .map(|v| f32::from(*v))
            .chain([f32::NAN, f32::INFINITY])
            .collect();
        let same = of_floats(&floats, 2.0, 100.0, None);
        assert_eq!((same.least, same.greatest), (range.least, range.greatest));
        assert!((same.center - range.center).abs() < 3.0 && (same.width - range.width).abs() < 6.0);
        let own = Window {
            center: 40.0,
            width: 400.0,
        };
        let range = of_integers(&Grey::of(&grey, 1)?, 2.0, 100.0, Some(own));
        assert_eq!((range.center, range.width), (40.0, 400.0));
        Ok(())
    }

    #[test]
    fn a_flat_an_empty_and_a_hopeless_frame_have_a_window_too() -> Result<(), NoRoom> {
        let flat = of_integers(&Grey::of(&[7u8; 9], 1)?, 1.0, 0.0, None);
        assert_eq!((flat.center, flat.width, flat.least), (7.0, 14.0, 7.0));
        let none = of_floats(&[f32::NAN, f32::INFINITY], 1.0, 0.0, None);
        assert_eq!(
            (none.least, none.greatest, none.center, none.width),
            (0.0, 0.0, 0.0, 2.0)
        );
        let two = of_integers(&Grey::of(&[0u16, 1], 1)?, 1.0, 0.0, None);
        assert_eq!((two.center, two.width), (1.0, 2.0));
        assert_eq!(
            of_integers(&Grey::of(&[65535u16], 1)?, 1.0, 0.0, None).greatest,
            65535.0
        );
        Ok(())
    }
}
