//! Random variations of a training image, on plain f32 planes.

use engine::training::Variation;
use rand::Rng;

/// One image and its mask, both square.
pub struct Plane {
    pub image: Vec<f32>,
    pub mask: Vec<f32>,
}

/// Rotation, scale, shift and mirror in one sampling from `size` to `out` pixels a side; then bias
/// field, contrast, local contrast, blur, loss of JPEG, noise and covers. One image in twenty is
/// only resampled.
pub fn vary(plane: &Plane, size: usize, out: usize, variation: &Variation, rng: &mut impl Rng) -> Plane {
    if rng.random_bool(0.05) {
        return resample(plane, size, out, &Movement::none());
    }
    let mut varied = resample(plane, size, out, &Movement::draw(size, variation, rng));
    let size = out;
    if variation.bias_field && rng.random_bool(0.5) {
        bias_field(&mut varied.image, size, rng);
    }
    if rng.random_bool(0.5) {
        contrast(&mut varied.image, rng);
    }
    if rng.random_bool(0.1) {
        degrade::local_contrast(&mut varied.image, size, rng.random_range(0.2..0.7));
    }
    if rng.random_bool(0.2) {
        blur(&mut varied.image, size);
    }
    if variation.speckle && rng.random_bool(0.4) {
        let strength = rng.random_range(0.02..0.15f32);
        let low = varied.image.iter().copied().fold(f32::INFINITY, f32::min);
        varied
            .image
            .iter_mut()
            .for_each(|v| *v = low + (*v - low) * (1.0 + strength * grain(rng)));
    }
    if rng.random_bool(0.15) {
        degrade::jpeg(&mut varied.image, size, rng.random_range(1.0..5.0));
    }
    if rng.random_bool(0.4) {
        let strength = rng.random_range(0.0..0.2f32);
        varied.image.iter_mut().for_each(|v| *v += strength * grain(rng));
    }
    if variation.cover && rng.random_bool(0.3) {
        cover(&mut varied, size, rng);
    }
    varied
}

/// The sum of three uniform numbers is near enough to a normal one.
fn grain(rng: &mut impl Rng) -> f32 {
    (0..3).map(|_| rng.random_range(-1.0..1.0f32)).sum()
}

/// A corner or a border becomes background, where no lesion lies.
fn cover(plane: &mut Plane, size: usize, rng: &mut impl Rng) {
    let reach = |rng: &mut dyn rand::RngCore, most: f32| (size as f32 * rng.random_range(0.03..most)) as usize;
    let (wide, high) = if rng.random_bool(0.5) {
        (reach(rng, 0.3), reach(rng, 0.2))
    } else if rng.random_bool(0.5) {
        (size, reach(rng, 0.1))
    } else {
        (reach(rng, 0.1), size)
    };
    let left = if rng.random_bool(0.5) { 0 } else { size - wide };
    let top = if rng.random_bool(0.5) { 0 } else { size - high };
    let places = || (top..top + high).flat_map(|y| (left..left + wide).map(move |x| y * size + x));
    if places().all(|at| plane.mask[at] < 0.5) {
        let low = plane.image.iter().copied().fold(f32::INFINITY, f32::min);
        places().for_each(|at| plane.image[at] = low);
    }
}

/// From a place of the new image to its source, in pixels about the centre.
struct Movement {
    matrix: [f32; 4],
    shift: [f32; 2],
}

impl Movement {
    fn none() -> Self {
        Self {
            matrix: [1.0, 0.0, 0.0, 1.0],
            shift: [0.0; 2],
        }
    }

    fn draw(size: usize, variation: &Variation, rng: &mut impl Rng) -> Self {
        let (sin, cos) = rng
            .random_range(-variation.rotation..=variation.rotation)
            .to_radians()
            .sin_cos();
        let scale = 1.0 / rng.random_range(variation.zoom[0]..variation.zoom[1]);
        let shear = rng.random_range(-0.06..0.06f32);
        let reach = 0.06 * size as f32;
        let shift = [rng.random_range(-reach..reach), rng.random_range(-reach..reach)];
        let mirror = if variation.mirror && rng.random_bool(0.5) {
            -scale
        } else {
            scale
        };
        Self {
            matrix: [cos * mirror, (shear - sin) * scale, sin * mirror, cos * scale],
            shift,
        }
    }
}

fn resample(plane: &Plane, size: usize, out: usize, movement: &Movement) -> Plane {
    let step = size as f32 / out as f32;
    let half = size as f32 / 2.0;
    let [a, b, c, d] = movement.matrix;
    let last = size as f32 - 1.0;
    let background = plane.image.iter().copied().fold(f32::INFINITY, f32::min);
    let mut varied = Plane {
        image: vec![background; out * out],
        mask: vec![0.0; out * out],
    };
    for y in 0..out {
        for x in 0..out {
            let (u, v) = ((x as f32 + 0.5) * step - half, (y as f32 + 0.5) * step - half);
            let source_x = a * u + b * v + movement.shift[0] + half - 0.5;
            let source_y = c * u + d * v + movement.shift[1] + half - 0.5;
            if source_x < 0.0 || source_y < 0.0 || source_x > last || source_y > last {
                continue;
            }
            let (left, top) = ((source_x as usize).min(size - 2), (source_y as usize).min(size - 2));
            let (fx, fy) = (source_x - left as f32, source_y - top as f32);
            let at = top * size + left;
            let sample = |p: &[f32]| {
                let upper = p[at] * (1.0 - fx) + p[at + 1] * fx;
                let lower = p[at + size] * (1.0 - fx) + p[at + size + 1] * fx;
                upper * (1.0 - fy) + lower * fy
            };
            varied.image[y * out + x] = sample(&plane.image);
            varied.mask[y * out + x] = if sample(&plane.mask) >= 0.5 { 1.0 } else { 0.0 };
        }
    }
    varied
}

/// A smooth gain over the image, as receive coils give it (brightness counts from the darkest value).
fn bias_field(image: &mut [f32], size: usize, rng: &mut impl Rng) {
    let [a, b, c, d] = [(); 4].map(|()| rng.random_range(-0.25..0.25f32));
    let low = image.iter().copied().fold(f32::INFINITY, f32::min);
    let half = (size as f32 - 1.0) / 2.0;
    for (at, value) in image.iter_mut().enumerate() {
        let (x, y) = ((at % size) as f32 / half - 1.0, (at / size) as f32 / half - 1.0);
        *value = low + (*value - low) * (a * x + b * y + c * x * y + d * (x * x + y * y - 1.0)).exp();
    }
}

/// Gamma over the image's own range, with a new gain and level.
fn contrast(image: &mut [f32], rng: &mut impl Rng) {
    let (low, high) = image
        .iter()
        .fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
    let span = (high - low).max(1e-3);
    let gamma = rng.random_range(0.7..1.4f32);
    let gain = rng.random_range(0.85..1.15f32);
    let level = rng.random_range(-0.15..0.15f32);
    image
        .iter_mut()
        .for_each(|v| *v = (low + ((*v - low) / span).powf(gamma) * span) * gain + level);
}

/// 3 x 3 binomial filter.
fn blur(image: &mut [f32], size: usize) {
    let pass = |source: &[f32], step: usize, at: usize, place: usize| {
        let before = if place > 0 { source[at - step] } else { source[at] };
        let after = if place + 1 < size {
            source[at + step]
        } else {
            source[at]
        };
        0.25 * before + 0.5 * source[at] + 0.25 * after
    };
    let rows: Vec<f32> = (0..image.len()).map(|at| pass(image, 1, at, at % size)).collect();
    image
        .iter_mut()
        .enumerate()
        .for_each(|(at, v)| *v = pass(&rows, size, at, at / size));
}

mod degrade;

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_pcg::Pcg64Mcg;

    use super::*;

    const ALL: Variation = Variation {
        mirror: true,
        rotation: 15.0,
        zoom: [0.85, 1.18],
        bias_field: true,
        speckle: true,
        cover: true,
    };

    #[test]
    fn the_mask_moves_with_the_picture() {
        let size = 64;
        let mut plane = Plane {
            image: vec![-1.0; size * size],
            mask: vec![0.0; size * size],
        };
        for y in 20..36 {
            for x in 24..44 {
                plane.image[y * size + x] = 3.0;
                plane.mask[y * size + x] = 1.0;
            }
        }
        let mut rng = Pcg64Mcg::seed_from_u64(7);
        for _ in 0..20 {
            let varied = resample(&plane, size, size, &Movement::draw(size, &ALL, &mut rng));
            let bright: Vec<bool> = varied.image.iter().map(|v| *v >= 1.0).collect();
            let apart = bright
                .iter()
                .zip(&varied.mask)
                .filter(|(b, m)| **b != (**m > 0.5))
                .count();
            let area = varied.mask.iter().filter(|m| **m > 0.5).count();
            assert!(area > 120, "the lesion of 320 pixels shrank to {area}");
            assert!(apart <= 4, "{apart} pixels of image and mask disagree");
        }
    }

    #[test]
    fn without_movement_the_same_size_is_the_same_picture() {
        let image: Vec<f32> = (0..256).map(|i| (i * 7 % 31) as f32).collect();
        let mask = image.iter().map(|v| if *v > 15.0 { 1.0 } else { 0.0 }).collect();
        let plane = Plane { image, mask };
        let same = resample(&plane, 16, 16, &Movement::none());
        assert_eq!((&same.image, &same.mask), (&plane.image, &plane.mask));
        let small = resample(&plane, 16, 8, &Movement::none());
        assert_eq!(small.image.len(), 64);
        let mean = |v: &[f32]| v.iter().sum::<f32>() / v.len() as f32;
        assert!((mean(&small.image) - mean(&plane.image)).abs() < 0.5);
    }

    #[test]
    fn variation_is_finite_and_repeats_for_a_seed() {
        let size = 32;
        let image: Vec<f32> = (0..size * size).map(|i| (i % 17) as f32 / 4.0 - 2.0).collect();
        let plane = Plane {
            mask: vec![0.0; image.len()],
            image,
        };
        let run = |seed| {
            let mut rng = Pcg64Mcg::seed_from_u64(seed);
            (0..10)
                .flat_map(|_| vary(&plane, size, size, &ALL, &mut rng).image)
                .collect::<Vec<f32>>()
        };
        let first = run(3);
        assert!(first.iter().all(|v| v.is_finite()));
        assert_eq!(first, run(3));
        assert_ne!(first, run(4));
    }
}
