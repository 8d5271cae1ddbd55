//! From the frame's own pixels to the size at which it is printed.

use domain::room::{NoRoom, filled};

/// Size of a drawn image in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrawnSize {
    pub width: u32,
    pub height: u32,
}

const SHORTEST: u32 = 640;
const LONGEST: u32 = 1280;

/// The size at which a frame is drawn: its long side between 640 and 1280 pixels, by a whole factor
/// where it grows, with the physical proportions when the pixels are not square. `pixel_aspect` is the height of a pixel
/// over its width.
pub fn drawn_size(rows: u32, cols: u32, pixel_aspect: f64) -> DrawnSize {
    let long = rows.max(cols).max(1);
    let factor = match long {
        ..SHORTEST => f64::from(SHORTEST.div_ceil(long)),
        SHORTEST..=LONGEST => 1.0,
        _ => f64::from(LONGEST) / f64::from(long),
    };
    let aspect = width_over_height(pixel_aspect);
    let (stretch_x, stretch_y) = if aspect < 1.0 {
        (1.0, 1.0 / aspect)
    } else {
        (aspect, 1.0)
    };
    let scaled = |length: u32, stretch: f64| (f64::from(length) * factor * stretch).round().max(1.0);
    let (width, height) = (scaled(cols, stretch_x), scaled(rows, stretch_y));
    // A stretched side may have passed the limit again.
    let shrink = (f64::from(LONGEST) / width.max(height)).min(1.0);
    DrawnSize {
        width: (width * shrink).round().max(1.0) as u32,
        height: (height * shrink).round().max(1.0) as u32,
    }
}

/// Width of a pixel over its height; 1 when too odd to be true.
fn width_over_height(pixel_aspect: f64) -> f64 {
    let aspect = 1.0 / pixel_aspect;
    if aspect.is_finite() && (0.1..=10.0).contains(&aspect) {
        aspect
    } else {
        1.0
    }
}

/// `values` (rows x cols) at another size (height x width): linear between pixel centres where a
/// side grows, the mean over the covered pixels where it shrinks. `number` is what a value stands for.
///
/// # Errors
/// [`NoRoom`].
pub fn resample<T: Copy>(
    values: &[T],
    rows: u32,
    cols: u32,
    size: DrawnSize,
    number: impl Fn(T) -> f32,
) -> Result<Vec<f32>, NoRoom> {
    let (cols, width, height) = (cols as usize, size.width as usize, size.height as usize);
    let across = taps(cols, width);
    let down = taps(rows as usize, height);
    let mut wide = filled(0.0_f32, rows as usize * width)?;
    for (row, out) in values.chunks_exact(cols).zip(wide.chunks_exact_mut(width)) {
        for (pixel, tap) in out.iter_mut().zip(&across) {
            *pixel = tap
                .weights
                .iter()
                .zip(&row[tap.first..])
                .map(|(weight, value)| weight * number(*value))
                .sum();
        }
    }
    let mut drawn = vec![0.0; height * width];
    for (out, tap) in drawn.chunks_exact_mut(width).zip(&down) {
        for (offset, weight) in tap.weights.iter().enumerate() {
            let from = (tap.first + offset) * width;
            for (pixel, value) in out.iter_mut().zip(&wide[from..from + width]) {
                *pixel += weight * value;
            }
        }
    }
    Ok(drawn)
}

/// The source pixels that make one drawn pixel, with weights that sum to 1.
struct Tap {
    first: usize,
    weights: Vec<f32>,
}

fn taps(source: usize, drawn: usize) -> Vec<Tap> {
    let step = source as f64 / drawn as f64;
    (0..drawn)
        .map(|index| {
            if step <= 1.0 {
                let centre = ((index as f64 + 0.5) * step - 0.5).clamp(0.0, (source - 1) as f64);
                let first = (centre as usize).min(source.saturating_sub(2));
                let share = (centre - first as f64) as f32;
                let weights = if source == 1 {
                    vec![1.0]
                } else {
                    vec![1.0 - share, share]
                };
                return Tap { first, weights };
            }
            let (start, end) = (index as f64 * step, (index as f64 + 1.0) * step);
            let first = (start as usize).min(source - 1);
            let last = (end.ceil() as usize).clamp(first + 1, source);
            let covered = (first..last).map(|p| (end.min(p as f64 + 1.0) - start.max(p as f64)).max(0.0));
            let weights: Vec<f64> = covered.collect();
            let sum: f64 = weights.iter().sum();
            Tap {
                first,
                weights: weights.iter().map(|weight| (weight / sum) as f32).collect(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_drawn_between_two_sizes() {
        let cases = [
            ((256, 256), 1.0, (768, 768)),
            ((1, 1), 1.0, (640, 640)),
            ((800, 700), 1.0, (700, 800)),
            ((4000, 2000), 1.0, (640, 1280)),
            ((1, 5000), 1.0, (1280, 1)),
            ((256, 256), 2.0, (640, 1280)),
            ((256, 256), 0.5, (1280, 640)),
            ((256, 256), 0.0, (768, 768)),
            ((256, 256), 50.0, (768, 768)),
            ((256, 256), f64::NAN, (768, 768)),
        ];
        for ((rows, cols), aspect, (width, height)) in cases {
            assert_eq!(
                drawn_size(rows, cols, aspect),
                DrawnSize { width, height },
                "{rows} x {cols} {aspect}"
            );
        }
    }

    #[test]
    fn the_same_size_gives_the_same_pixels() {
        let values: Vec<u8> = (0..12).collect();
        let drawn = resample(&values, 3, 4, DrawnSize { width: 4, height: 3 }, f32::from);
        assert_eq!(drawn, Ok(values.iter().map(|v| f32::from(*v)).collect()));
    }

    #[test]
    fn shrinking_takes_the_mean_and_growing_stays_within_the_range() -> Result<(), NoRoom> {
        let same = |v: f32| v;
        let values = [0.0, 10.0, 20.0, 30.0];
        assert_eq!(
            resample(&values, 2, 2, DrawnSize { width: 1, height: 1 }, same)?,
            [15.0]
        );
        let grown = resample(&values, 2, 2, DrawnSize { width: 8, height: 8 }, same)?;
        assert_eq!((grown[0], grown[63]), (0.0, 30.0));
        assert!(grown.iter().all(|v| (0.0..=30.0).contains(v)));
        let thinned = resample(&[1.0; 7 * 5], 7, 5, DrawnSize { width: 3, height: 2 }, same)?;
        assert!(thinned.iter().all(|v| (v - 1.0).abs() < 1e-5), "{thinned:?}");
        Ok(())
    }
}
