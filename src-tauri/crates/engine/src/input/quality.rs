//! Noise and exposure of an image, and how both are brought near those of the images that a model was trained on.

use domain::room::{NoRoom, filled, room_for};

use crate::bundle::QualitySpec;
use crate::number::narrow;

/// Half the side of the window in which the non-local means look for like pixels, and of the patches they compare.
const SEARCH: usize = 5;
const PATCH: usize = 1;
/// Strength of the non-local means, times the noise.
const STRENGTH: f32 = 0.8;
/// From the median of absolute deviations to the standard deviation of a normal distribution.
const MEDIAN_TO_DEVIATION: f32 = 1.482_6;
/// Gamma curves beyond this bring out what is not in the image.
const LARGEST_GAMMA: f32 = 3.0;
/// Radius of the middle of the body, times that of a disc of the body's area.
const MIDDLE: f32 = 0.55;
/// The body begins at this share of Otsu's threshold: its darker half belongs to it.
const BODY: f32 = 0.7;
/// Bins of the histogram that Otsu's threshold is sought in.
const BINS: usize = 256;

/// Standard deviation of the noise of a row-major plane `cols` wide, in its own units: from the median response of the
/// mask of Immerkær (Computer Vision and Image Understanding 1996;64:300-302), which edges hardly move. 0 of a plane
/// with fewer than three rows or columns.
pub fn noise(values: &[f32], cols: usize) -> f32 {
    let rows = values.len() / cols.max(1);
    if rows < 3 || cols < 3 {
        return 0.0;
    }
    let mut responses: Vec<f32> = Vec::with_capacity((rows - 2) * (cols - 2));
    for three in (0..rows - 2).map(|row| &values[row * cols..(row + 3) * cols]) {
        let (above, here, below) = (&three[..cols], &three[cols..2 * cols], &three[2 * cols..]);
        responses.extend((1..cols - 1).map(|x| {
            let corners = above[x - 1] + above[x + 1] + below[x - 1] + below[x + 1];
            let sides = above[x] + below[x] + here[x - 1] + here[x + 1];
            (corners - 2.0 * sides + 4.0 * here[x]).abs()
        }));
    }
    // The mask's squares add up to 36.
    median(&mut responses) * MEDIAN_TO_DEVIATION / 6.0
}

/// Non-local means (Buades, Coll, Morel, CVPR 2005) of a row-major plane `cols` wide with noise of this deviation, above 0.
///
/// # Errors
/// [`NoRoom`] for copies of the plane.
pub fn smoothed(values: &[f32], cols: usize, noise: f32) -> Result<Vec<f32>, NoRoom> {
    let rows = values.len() / cols.max(1);
    let margin = SEARCH + PATCH;
    let wide = cols + 2 * margin;
    let mut padded = room_for((rows + 2 * margin) * wide)?;
    for y in 0..rows + 2 * margin {
        let row = y.saturating_sub(margin).min(rows - 1) * cols;
        padded.extend((0..wide).map(|x| values[row + x.saturating_sub(margin).min(cols - 1)]));
    }
    let (like, sharp) = (2.0 * noise * noise, 1.0 / (STRENGTH * STRENGTH * noise * noise));
    let (mut sums, mut weights) = (filled(0.0f32, values.len())?, filled(0.0f32, values.len())?);
    // Squared differences to the shifted plane, summed over three columns, of every row.
    let mut lines = filled(0.0f32, (rows + 2 * PATCH) * cols)?;
    let mut apart = vec![0.0f32; cols + 2 * PATCH];
    for shift in (0..=2 * SEARCH).flat_map(|dy| (0..=2 * SEARCH).map(move |dx| (dy, dx))) {
        let (dy, dx) = shift;
        for (y, line) in lines.chunks_exact_mut(cols).enumerate() {
            let own = &padded[(y + SEARCH) * wide + SEARCH..][..apart.len()];
            let other = &padded[(y + dy) * wide + dx..][..apart.len()];
            for ((apart, own), other) in apart.iter_mut().zip(own).zip(other) {
                *apart = (own - other) * (own - other);
            }
            for (sum, three) in line.iter_mut().zip(apart.windows(1 + 2 * PATCH)) {
                *sum = three.iter().sum();
            }
        }
        for y in 0..rows {
            let patch = &lines[y * cols..(y + 1 + 2 * PATCH) * cols];
            let other = &padded[(y + PATCH + dy) * wide + PATCH + dx..][..cols];
            let (sums, weights) = (&mut sums[y * cols..][..cols], &mut weights[y * cols..][..cols]);
            for x in 0..cols {
                let distance = (patch[x] + patch[cols + x] + patch[2 * cols + x]) / 9.0;
                let weight = (-(distance - like).max(0.0) * sharp).exp();
                sums[x] += weight * other[x];
                weights[x] += weight;
            }
        }
    }
    sums.iter_mut().zip(&weights).for_each(|(sum, weight)| *sum /= weight);
    Ok(sums)
}

/// The exponent that brings the middle of the body of a plane of values within 0..=1, `cols` wide, to the exposure that
/// the model knows; 1 where it has it.
pub fn gamma(unit: &[f32], cols: usize, spec: &QualitySpec) -> f32 {
    let [dark, bright] = spec.exposure;
    let Some(found) = middle(unit, cols).filter(|found| *found > 0.0 && *found < 1.0) else {
        return 1.0;
    };
    let wanted = found.clamp(dark, bright);
    (wanted.ln() / found.ln()).clamp(1.0 / LARGEST_GAMMA, LARGEST_GAMMA)
}

/// The median of a disc in the middle of the body. A gamma curve moves it along itself, for the disc hardly moves: it is
/// where the body lies, not how bright it is.
fn middle(unit: &[f32], cols: usize) -> Option<f32> {
    // A root parts a dark body from its background as well as a bright one.
    let roots: Vec<f32> = unit.iter().map(|value| value.sqrt()).collect();
    let limit = BODY * otsu(&roots);
    let body = || {
        roots
            .iter()
            .enumerate()
            .filter(|(_, root)| **root > limit)
            .map(|(place, _)| place)
    };
    let mut xs: Vec<f32> = body().map(|place| (place % cols) as f32).collect();
    let mut ys: Vec<f32> = body().map(|place| (place / cols) as f32).collect();
    let radius = MIDDLE * (xs.len() as f32 / std::f32::consts::PI).sqrt();
    if xs.is_empty() {
        return None;
    }
    let (x, y) = (median(&mut xs), median(&mut ys));
    let inside = |place: usize| {
        let (dx, dy) = ((place % cols) as f32 - x, (place / cols) as f32 - y);
        dx * dx + dy * dy <= radius * radius
    };
    let mut disc: Vec<f32> = unit
        .iter()
        .enumerate()
        .filter(|(place, _)| inside(*place))
        .map(|(_, value)| *value)
        .collect();
    (!disc.is_empty()).then(|| median(&mut disc))
}

/// Otsu's threshold (IEEE Transactions on Systems, Man, and Cybernetics 1979;9:62-66) of values within 0..=1.
fn otsu(values: &[f32]) -> f32 {
    let mut bins = [0u32; BINS];
    for value in values {
        let bin = crate::number::rounded(f64::from(*value) * (BINS - 1) as f64) as usize;
        bins[bin.min(BINS - 1)] += 1;
    }
    let total = values.len() as f64;
    let whole: f64 = bins
        .iter()
        .zip(0u32..)
        .map(|(n, bin)| f64::from(*n) * f64::from(bin))
        .sum();
    let (mut below, mut sum) = (0.0, 0.0);
    let (mut best, mut limit) = (0.0, 0.0);
    for (n, bin) in bins.iter().zip(0u32..) {
        below += f64::from(*n);
        sum += f64::from(*n) * f64::from(bin);
        let above = total - below;
        if below == 0.0 || above == 0.0 {
            continue;
        }
        let between = below * above * (sum / below - (whole - sum) / above).powi(2);
        if between > best {
            (best, limit) = (between, f64::from(bin + 1));
        }
    }
    narrow(limit / BINS as f64)
}

/// The upper one of the two in the middle; the order of the values is lost.
fn median(values: &mut [f32]) -> f32 {
    let middle = values.len() / 2;
    if values.is_empty() {
        return 0.0;
    }
    *values.select_nth_unstable_by(middle, f32::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::noisy;

    const SIDE: usize = 96;

    /// A head: a bright disc with structure on a dark ground, 0..=1.
    fn head() -> Vec<f32> {
        (0..SIDE * SIDE)
            .map(|place| {
                let (x, y) = ((place % SIDE) as f32 - 48.0, (place / SIDE) as f32 - 50.0);
                let lesion = (x - 12.0).hypot(y - 8.0) < 6.0;
                match x.hypot(y) {
                    _ if lesion => 0.8,
                    r if r < 34.0 => 0.35 + 0.05 * (x * 0.3).sin() + 0.03 * (y * 0.2).cos(),
                    _ => 0.01,
                }
            })
            .collect()
    }

    #[test]
    fn noise_is_measured_beside_edges() {
        let head = head();
        assert!(noise(&head, SIDE) < 0.002, "{}", noise(&head, SIDE));
        for deviation in [0.02f32, 0.05, 0.1] {
            let found = noise(&noisy(&head, deviation, 7), SIDE);
            assert!(
                (found / deviation - 1.0).abs() < 0.08,
                "{deviation} was measured as {found}"
            );
        }
        assert_eq!((noise(&[], 0), noise(&[1.0, 2.0], 2)), (0.0, 0.0));
    }

    #[test]
    fn smoothing_takes_noise_and_leaves_what_is_there() -> Result<(), NoRoom> {
        let head = head();
        let shaken = noisy(&head, 0.08, 3);
        let smooth = smoothed(&shaken, SIDE, noise(&shaken, SIDE))?;
        let error = |values: &[f32]| {
            let squares: f32 = values.iter().zip(&head).map(|(v, h)| (v - h) * (v - h)).sum();
            (squares / values.len() as f32).sqrt()
        };
        assert!(
            error(&smooth) < 0.4 * error(&shaken),
            "{} of {}",
            error(&smooth),
            error(&shaken)
        );
        // The edge of the head stays where it was.
        let row = 50 * SIDE;
        assert!(smooth[row + 48] > 0.3 && smooth[row + 4] < 0.08);
        Ok(())
    }

    #[test]
    fn a_gamma_curve_is_taken_back() {
        let head = head();
        let spec = QualitySpec {
            exposure: [0.34, 0.36],
            smoothed_above: 1.0,
            refused_above: 1.0,
        };
        assert!((gamma(&head, SIDE, &spec) - 1.0).abs() < 0.05);
        for curve in [0.45f32, 0.7, 1.4, 2.2] {
            let exposed: Vec<f32> = head.iter().map(|v| v.powf(curve)).collect();
            let found = gamma(&exposed, SIDE, &spec) * curve;
            assert!((found - 1.0).abs() < 0.08, "{curve}: {found}");
        }
        // A wide range leaves what lies in it; nothing to measure changes nothing.
        let wide = QualitySpec {
            exposure: [0.05, 0.9],
            ..spec
        };
        assert_eq!(gamma(&head, SIDE, &wide), 1.0);
        assert_eq!(gamma(&[0.0; 64], 8, &spec), 1.0);
        assert_eq!(gamma(&[1.0; 64], 8, &spec), 1.0);
    }
}
