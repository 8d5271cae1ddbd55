//! Copies of an image as another machine, another hand or a poorer one might have made it: what a model's figures lose on
//! them is a hint of how they hold elsewhere. It is no stand-in for another hospital.

use domain::GreyFrame;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Grey levels of a copy: as many as an image file of 8 bits has.
const LEVELS: f32 = 255.0;
/// Standard deviation of the blur, as a share of the longer side: 2 pixels of 256.
const BLUR: f32 = 1.0 / 128.0;

/// How a copy differs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shift {
    /// A gamma curve over the range of the image; below 1 it is brighter.
    Gamma(f32),
    /// Normal noise of this standard deviation in levels of 255, cut off at both ends.
    Noise(f32),
    /// Out of focus.
    Blur,
    /// Out of focus, with noise.
    BlurAndNoise(f32),
    /// Half as many rows and columns.
    Halved,
}

impl Shift {
    /// Those that a card tells.
    pub const ALL: [Self; 7] = [
        Self::Gamma(0.5),
        Self::Gamma(2.0),
        Self::Noise(12.0),
        Self::Noise(25.0),
        Self::Blur,
        Self::BlurAndNoise(12.0),
        Self::Halved,
    ];

    /// As a card and `evaluation.json` call it.
    pub fn name(self) -> String {
        match self {
            Self::Gamma(gamma) => format!("gamma {gamma}"),
            Self::Noise(deviation) => format!("noise {deviation}/255"),
            Self::Blur => "blur".to_owned(),
            Self::BlurAndNoise(deviation) => format!("blur, noise {deviation}/255"),
            Self::Halved => "half the resolution".to_owned(),
        }
    }

    /// The copy of `grey` in 0..=255, of the same shape; the same for a seed.
    pub fn of(self, grey: &GreyFrame, seed: u64) -> Vec<u8> {
        let ends = (f32::INFINITY, f32::NEG_INFINITY);
        let finite = grey.values.iter().filter(|value| value.is_finite());
        let (low, high) = finite.fold(ends, |(low, high), value| (low.min(*value), high.max(*value)));
        let span = if high > low { high - low } else { 1.0 };
        let unit = |value: &f32| match value.is_finite() {
            true => (value - low) / span,
            false => 0.0,
        };
        let unit: Vec<f32> = grey.values.iter().map(unit).collect();
        let cols = grey.cols as usize;
        let sigma = BLUR * grey.rows.max(grey.cols) as f32;
        let copy = match self {
            Self::Gamma(gamma) => unit.iter().map(|value| value.powf(gamma)).collect(),
            Self::Noise(deviation) => noisy(&unit, deviation, seed),
            Self::Blur => blurred(&unit, cols, sigma),
            Self::BlurAndNoise(deviation) => noisy(&blurred(&unit, cols, sigma), deviation, seed),
            Self::Halved => halved(&unit, cols),
        };
        copy.iter().map(|value| (value * LEVELS).round() as u8).collect()
    }
}

fn noisy(unit: &[f32], deviation: f32, seed: u64) -> Vec<f32> {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    // The sum of twelve uniform numbers is nearly normal, with a deviation of 1.
    let mut normal = || (0..12).map(|_| rng.random_range(-0.5..0.5f32)).sum::<f32>();
    let strength = deviation / LEVELS;
    unit.iter()
        .map(|value| (value + strength * normal()).clamp(0.0, 1.0))
        .collect()
}

/// By a normal distribution cut off at three deviations, rows and columns one after the other.
fn blurred(unit: &[f32], cols: usize, sigma: f32) -> Vec<f32> {
    let reach = (3.0 * sigma).ceil().max(1.0) as usize;
    let weight = |d: usize| (-0.5 * (d as f32 / sigma.max(1e-3)).powi(2)).exp();
    let weights: Vec<f32> = (0..=2 * reach).map(|at| weight(at.abs_diff(reach))).collect();
    let whole: f32 = weights.iter().sum();
    let rows = unit.len() / cols.max(1);
    let pass = |from: &[f32], along_rows: bool| -> Vec<f32> {
        let of = |place: usize| {
            let (y, x) = (place / cols, place % cols);
            let (at, last) = if along_rows { (x, cols - 1) } else { (y, rows - 1) };
            let value = |step: usize| {
                let to = (at + step).saturating_sub(reach).min(last);
                if along_rows {
                    from[y * cols + to]
                } else {
                    from[to * cols + x]
                }
            };
            weights
                .iter()
                .enumerate()
                .map(|(step, weight)| weight * value(step))
                .sum::<f32>()
                / whole
        };
        (0..from.len()).map(of).collect()
    };
    pass(&pass(unit, true), false)
}

/// The mean of every two rows and columns, in the place of each of the four.
fn halved(unit: &[f32], cols: usize) -> Vec<f32> {
    let rows = unit.len() / cols.max(1);
    let block = |place: usize| {
        let (y, x) = ((place / cols) & !1, (place % cols) & !1);
        let places = [(y, x), (y, x + 1), (y + 1, x), (y + 1, x + 1)];
        let there = places.into_iter().filter(|(y, x)| *y < rows && *x < cols);
        let (count, sum) = there.fold((0.0, 0.0), |(count, sum), (y, x)| {
            (count + 1.0, sum + unit[y * cols + x])
        });
        sum / count
    };
    (0..unit.len()).map(block).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp() -> GreyFrame {
        GreyFrame {
            rows: 33,
            cols: 65,
            values: (0..33 * 65).map(|i| (i % 65) as f32 * 10.0 - 100.0).collect(),
        }
    }

    #[test]
    fn each_copy_is_what_its_name_says_and_the_same_for_a_seed() {
        let ramp = ramp();
        let level = |copy: &[u8], x: usize| f32::from(copy[16 * 65 + x]);
        let middle = |shift: Shift| level(&shift.of(&ramp, 1), 32);
        assert!((middle(Shift::Gamma(0.5)) - 255.0 * 0.5f32.sqrt()).abs() <= 0.5);
        assert!((middle(Shift::Gamma(2.0)) - 255.0 * 0.25).abs() <= 0.5);
        assert!((middle(Shift::Blur) - 127.5).abs() <= 1.0);
        let halved = Shift::Halved.of(&ramp, 1);
        assert_eq!((halved[0], halved[2]), (halved[1], halved[3]));
        assert_ne!(halved[1], halved[2]);
        let deviation = |strength: f32| {
            let (copy, plain) = (Shift::Noise(strength).of(&ramp, 1), Shift::Gamma(1.0).of(&ramp, 1));
            let squares = (0..33 * 65)
                .filter(|place| (20..45).contains(&(place % 65)))
                .map(|place| (f32::from(copy[place]) - f32::from(plain[place])).powi(2));
            (squares.sum::<f32>() / (33.0 * 25.0)).sqrt()
        };
        assert!((deviation(12.0) - 12.0).abs() < 1.0 && (deviation(25.0) - 25.0).abs() < 2.0);
        for shift in Shift::ALL {
            assert_eq!(shift.of(&ramp, 3), shift.of(&ramp, 3), "{}", shift.name());
            assert_eq!(shift.of(&ramp, 3).len(), ramp.values.len());
        }
        assert_ne!(Shift::Noise(12.0).of(&ramp, 3), Shift::Noise(12.0).of(&ramp, 4));
    }

    #[test]
    fn the_names_differ_and_an_image_without_a_range_stays_one() {
        let names: std::collections::BTreeSet<String> = Shift::ALL.iter().map(|shift| shift.name()).collect();
        assert_eq!(names.len(), Shift::ALL.len());
        let blank = GreyFrame {
            rows: 1,
            cols: 3,
            values: vec![f32::NAN, 5.0, 5.0],
        };
        assert!(Shift::ALL.iter().all(|shift| shift.of(&blank, 1).len() == 3));
        assert_eq!(Shift::Blur.of(&blank, 1), [0, 0, 0]);
    }
}
