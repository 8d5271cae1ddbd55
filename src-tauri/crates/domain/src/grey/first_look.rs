//! Least and greatest value of a frame, and the window in which it is first shown.

use super::{Curve, Samples, Values, Voi};
use crate::value::is_value;
use crate::{VoiChoice, VoiFunction, Window};

/// Of so many values one at each end is left out of the first window.
const CUT: usize = 1000;

/// Fractions that are looked at to find the middle of them; an even share of them all.
const MOST_SAMPLED: usize = 1 << 16;

/// Least and greatest stored sample; the file's own window, else the middle 99.8 % of the values.
pub(super) fn first_look(values: &Values<'_>, own: Option<&VoiChoice>) -> (f64, f64, Voi) {
    let [least, low, high, greatest] = quantiles(values);
    if let Some(own) = own {
        return (least, greatest, voi_of(values, own));
    }
    let modality = |stored: f64| stored * values.slope + values.intercept;
    let (low, high) = (modality(low), modality(high));
    // Integers have a step between them, and both ends are to be within.
    let step = match values.samples {
        Samples::F32(_) => 0.0,
        _ => values.slope.abs(),
    };
    let window = middle(low.min(high), low.max(high), step);
    let curve = if values.whole() && window.width >= 1.0 {
        Curve::Linear
    } else {
        Curve::LinearExact
    };
    (least, greatest, Voi { window, curve })
}

/// A choice of the file on these values. Without a function it is LINEAR (PS3.3 C.11.2.1.2.1), which has no meaning
/// below a width of one; of fractions a width of one would make a threshold, which a file must ask for by name.
pub(super) fn voi_of(values: &Values<'_>, choice: &VoiChoice) -> Voi {
    let window = choice.window();
    let curve = match (choice.function, &choice.table) {
        (_, Some(table)) if !table.values.is_empty() => Curve::Table(table.clone()),
        (Some(VoiFunction::Sigmoid), _) => Curve::Sigmoid,
        (Some(VoiFunction::LinearExact), _) => Curve::LinearExact,
        (Some(VoiFunction::Linear), _) if window.width >= 1.0 => Curve::Linear,
        _ if window.width > 1.0 || (window.width == 1.0 && values.whole()) => Curve::Linear,
        _ => Curve::LinearExact,
    };
    Voi { window, curve }
}

/// Every value between black and white.
pub(super) fn whole_range(values: &Values<'_>) -> Voi {
    let [least, _, _, greatest] = quantiles(values).map(|v| v * values.slope + values.intercept);
    Voi {
        window: middle(least.min(greatest), least.max(greatest), 0.0),
        curve: Curve::LinearExact,
    }
}

/// Least, low, high and greatest sample of those that count; the middle 99.8 % lie from the low to the high one.
fn quantiles(values: &Values<'_>) -> [f64; 4] {
    match &values.samples {
        Samples::U8(samples) => of_integers(samples, values),
        Samples::I8(samples) => of_integers(samples, values),
        Samples::U16(samples) => of_integers(samples, values),
        Samples::I16(samples) => of_integers(samples, values),
        Samples::F32(samples) => of_floats(samples, values),
    }
}

/// For types of at most 16 bits: one pass over all counts each.
fn of_integers<T: Copy + Into<i32>>(samples: &[T], values: &Values<'_>) -> [f64; 4] {
    const LOWEST: i32 = i16::MIN as i32;
    // Two counters in turns: equal neighbours would wait for each other's increment.
    let mut counts = [vec![0u32; 3 << 15], vec![0u32; 3 << 15]];
    for (place, value) in samples.iter().enumerate() {
        let value: i32 = (*value).into();
        counts[place & 1][(value - LOWEST) as usize] += 1;
    }
    let mut counts: Vec<u32> = counts[0].iter().zip(&counts[1]).map(|(a, b)| a + b).collect();
    if let Some([low, high]) = values.padding {
        let last = counts.len() as f64 - 1.0;
        let place = |value: f64| (value - f64::from(LOWEST)).clamp(0.0, last) as usize;
        let beyond = high < f64::from(LOWEST) || low - f64::from(LOWEST) > last;
        if !beyond && low <= high {
            counts[place(low.ceil())..=place(high.floor())].fill(0);
        }
    }
    let total: usize = counts.iter().map(|count| *count as usize).sum();
    if total == 0 {
        return [0.0; 4];
    }
    let nth = |wanted: usize| {
        let mut seen = 0usize;
        let place = counts.iter().position(|count| {
            seen += *count as usize;
            seen > wanted
        });
        f64::from(place.unwrap_or_default() as i32 + LOWEST)
    };
    [0, total / CUT, total - 1 - total / CUT, total - 1].map(nth)
}

fn of_floats(samples: &[f32], values: &Values<'_>) -> [f64; 4] {
    let counts = |v: &f32| {
        let stored = f64::from(*v);
        is_value(stored) && is_value(stored * values.slope + values.intercept) && !values.is_padding(stored)
    };
    let finite = samples.iter().copied().filter(counts);
    let (least, greatest) = finite.fold((f32::INFINITY, f32::NEG_INFINITY), |(l, g), v| (l.min(v), g.max(v)));
    if least > greatest {
        return [0.0; 4];
    }
    let step = samples.len().div_ceil(MOST_SAMPLED).max(1);
    // An odd step visits every column of an image, whatever its width.
    let sample = samples.iter().copied().step_by(step | 1);
    let mut sample: Vec<f32> = sample.filter(counts).collect();
    sample.sort_unstable_by(f32::total_cmp);
    let (low, high) = match sample.len() {
        0 => (least, greatest),
        n => (sample[n / CUT], sample[n - 1 - n / CUT]),
    };
    [least, low, high, greatest].map(f64::from)
}

/// The window from `low` to `high`, both within. A flat frame is shown as a middle grey.
fn middle(low: f64, high: f64, step: f64) -> Window {
    let (center, width) = if high > low {
        ((low + high + step) / 2.0, high - low + step)
    } else {
        (low, (2.0 * low.abs()).max(2.0))
    };
    Window { center, width }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    fn values(samples: Samples<'_>, slope: f64, intercept: f64) -> Values<'_> {
        Values {
            samples,
            slope,
            intercept,
            padding: None,
        }
    }

    #[test]
    fn the_middle_of_the_values_is_found_whatever_their_type() {
        let grey: Vec<i16> = (0..1000).map(|v| v - 1000).chain([30_000]).collect();
        let integers = values(Samples::I16(Cow::Borrowed(&grey)), 2.0, 100.0);
        let (least, greatest, first) = first_look(&integers, None);
        assert_eq!(
            (least, greatest, first.curve.clone()),
            (-1000.0, 30_000.0, Curve::Linear)
        );
        let Window { center, width } = first.window;
        let (low, high) = (center - width / 2.0, center + width / 2.0);
        assert!((-1900.0..=-1896.0).contains(&low), "{first:?}");
        assert!((96.0..=100.0).contains(&high), "{first:?}");
        let floats: Vec<f32> = grey
            .iter()
            .map(|v| f32::from(*v))
            .chain([f32::NAN, f32::INFINITY])
            .collect();
        let floats = values(Samples::F32(Cow::Borrowed(&floats)), 2.0, 100.0);
        let (least, greatest, same) = first_look(&floats, None);
        assert_eq!(
            (least, greatest, same.curve.clone()),
            (-1000.0, 30_000.0, Curve::LinearExact)
        );
        assert!((same.window.center - center).abs() < 3.0 && (same.window.width - width).abs() < 6.0);
        let own = Window {
            center: 40.0,
            width: 400.0,
        };
        assert_eq!(first_look(&integers, Some(&VoiChoice::plain(own))).2.window, own);
    }

    #[test]
    fn a_flat_an_empty_and_a_hopeless_frame_have_a_window_too() {
        let look = |samples| {
            let (least, greatest, first) = first_look(&values(samples, 1.0, 0.0), None);
            [least, greatest, first.window.center, first.window.width]
        };
        let integers = |samples: &[u16]| look(Samples::U16(Cow::Owned(samples.to_vec())));
        assert_eq!(integers(&[7; 9]), [7.0, 7.0, 7.0, 14.0]);
        assert_eq!(integers(&[0, 1]), [0.0, 1.0, 1.0, 2.0]);
        assert_eq!(integers(&[65535])[1], 65535.0);
        assert_eq!(integers(&[]), [0.0, 0.0, 0.0, 2.0]);
        let hopeless = look(Samples::F32(Cow::Borrowed(&[f32::NAN, f32::INFINITY])));
        assert_eq!(hopeless, [0.0, 0.0, 0.0, 2.0]);
    }
}
