//! An image as another machine and another hand might have made it: what the input gate must still let pass.

use domain::GreyFrame;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::Shift;

/// The logarithm of the gamma lies within this, so gamma between .55 and 1.8.
const GAMMA: f32 = 0.6;
/// The logarithm of the aspect lies within this, so one side is stretched by up to a quarter.
const ASPECT: f32 = 0.22;
/// A border is cut off, or a dark one added, of up to this share.
const ZOOM: f32 = 0.18;
/// Deviation of the noise in levels of 255, of the half that has some.
const NOISE: f32 = 12.0;

/// A copy with another exposure, shape and border, some of them blurred, some noisy; the same for a seed.
pub fn varied(grey: &GreyFrame, seed: u64) -> GreyFrame {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut within = |most: f32| rng.random_range(-most..most);
    let (gamma, aspect) = (within(GAMMA).exp(), within(ASPECT).exp());
    let zoom = 1.0 + within(ZOOM);
    // Two in five stay as sharp as they were.
    let blurred = (0.5 + within(0.5)).mul_add(5.0 / 3.0, -2.0 / 3.0).max(0.0) * 0.8;
    let noise = within(NOISE);
    let exposed = |frame: &GreyFrame, shift: Shift| GreyFrame {
        rows: frame.rows,
        cols: frame.cols,
        values: shift.of(frame, seed).into_iter().map(f32::from).collect(),
    };
    let mut copy = exposed(&framed(grey, zoom, aspect), Shift::Gamma(gamma));
    if blurred > 0.0 {
        let soft = exposed(&copy, Shift::Blur);
        let mixed = copy.values.iter().zip(&soft.values);
        copy.values = mixed.map(|(sharp, soft)| sharp + blurred * (soft - sharp)).collect();
    }
    if noise > 0.0 {
        copy = exposed(&copy, Shift::Noise(noise));
    }
    copy
}

/// `zoom` below 1 cuts a border off, above 1 adds one of the darkest value; `aspect` is rows over columns.
fn framed(grey: &GreyFrame, zoom: f32, aspect: f32) -> GreyFrame {
    let (rows, cols) = (grey.rows as f32, grey.cols as f32);
    let side = |length: f32, stretch: f32| (length * zoom.min(1.0) * stretch).round().max(8.0);
    let (height, width) = (side(rows, aspect.sqrt()), side(cols, 1.0 / aspect.sqrt()));
    let dark = grey
        .values
        .iter()
        .copied()
        .filter(|v| v.is_finite())
        .fold(f32::INFINITY, f32::min);
    let at = |y: f32, x: f32| match y >= 0.0 && x >= 0.0 && y < rows && x < cols {
        true => grey.values[y as usize * grey.cols as usize + x as usize],
        false => dark,
    };
    let place = |at: u32, length: f32, of: f32| ((at as f32 + 0.5) / length - 0.5).mul_add(zoom * of, of / 2.0 - 0.5);
    let value = |row: u32, col: u32| {
        let (y, x) = (place(row, height, rows), place(col, width, cols));
        let (top, left) = (y.floor(), x.floor());
        let (down, right) = (y - top, x - left);
        let line = |y: f32| at(y, left) * (1.0 - right) + at(y, left + 1.0) * right;
        line(top) * (1.0 - down) + line(top + 1.0) * down
    };
    let (height, width) = (height as u32, width as u32);
    GreyFrame {
        rows: height,
        cols: width,
        values: (0..height)
            .flat_map(|row| (0..width).map(move |col| (row, col)))
            .map(|(row, col)| value(row, col))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp() -> GreyFrame {
        GreyFrame {
            rows: 60,
            cols: 80,
            values: (0..4800).map(|at| (at % 80) as f32 + (at / 80) as f32).collect(),
        }
    }

    #[test]
    fn copies_differ_by_seed_and_stay_images() {
        let grey = ramp();
        let copies: Vec<GreyFrame> = (0..40).map(|seed| varied(&grey, seed)).collect();
        for copy in &copies {
            assert_eq!(copy.values.len(), (copy.rows * copy.cols) as usize);
            assert!(copy.values.iter().all(|value| (0.0..=255.0).contains(value)));
            let aspect = copy.rows as f32 / copy.cols as f32 / 0.75;
            assert!((0.75..1.34).contains(&aspect), "{aspect}");
        }
        assert_eq!(copies[3], varied(&grey, 3));
        assert!(copies.windows(2).all(|two| two[0] != two[1]));
        let aspects: Vec<f32> = copies.iter().map(|copy| copy.rows as f32 / copy.cols as f32).collect();
        assert!(aspects.iter().any(|aspect| *aspect > 0.8) && aspects.iter().any(|aspect| *aspect < 0.7));
    }

    #[test]
    fn a_frame_of_its_own_size_is_itself() {
        let grey = ramp();
        let same = framed(&grey, 1.0, 1.0);
        let far = |(left, right): (&f32, &f32)| (left - right).abs() > 1e-3;
        assert_eq!(
            same.values.iter().zip(&grey.values).filter(|pair| far(*pair)).count(),
            0
        );
        let wider = framed(&grey, 1.15, 1.0);
        assert_eq!((wider.rows, wider.cols, wider.values[0]), (60, 80, 0.0));
        assert!((wider.values[30 * 80 + 40] - grey.values[30 * 80 + 40]).abs() < 2.0);
    }
}
