//! Foreign patches for the unknown-anomaly head: tissue of another image is pasted by Poisson
//! blending (Perez et al., 2003, with mixed gradients), so that no seam gives it away. After NSA
//! (Schlueter et al., ECCV 2022); plain pasting teaches a network to find seams.

use rand::Rng;

use crate::augment::Plane;

/// Relaxation rounds: a patch of 50 pixels has settled to a hundredth of a grey level by then.
const ROUNDS: usize = 120;
/// Over-relaxation of Gauss and Seidel's method.
const OVER: f32 = 1.8;
/// A change of this many deviations shows.
const VISIBLE: f32 = 0.35;
/// Places tried for a patch that lies in the body.
const TRIES: usize = 12;
/// Darker than this (z-score) is background.
const BODY: f32 = -0.8;

/// What was pasted, at the image's size: `area` is 1 in the whole patch, `changed` where it shows.
pub struct Patch {
    pub area: Vec<f32>,
    pub changed: Vec<f32>,
}

struct Ellipse {
    centre: [f32; 2],
    radii: [f32; 2],
    turn: f32,
}

impl Ellipse {
    fn holds(&self, x: usize, y: usize) -> bool {
        let (dx, dy) = (x as f32 - self.centre[0], y as f32 - self.centre[1]);
        let (sin, cos) = self.turn.sin_cos();
        let (u, v) = (
            (dx * cos + dy * sin) / self.radii[0],
            (dy * cos - dx * sin) / self.radii[1],
        );
        u * u + v * v < 1.0
    }
}

/// Pastes a patch of `source` (of `source_size` pixels a side, where its mask is 0) into `image`
/// (of `size`). `None`, and the image as it was, where no place was found or nothing shows.
pub fn paste(
    image: &mut [f32],
    lesion: &[f32],
    size: usize,
    source: &Plane,
    source_size: usize,
    rng: &mut impl Rng,
) -> Option<Patch> {
    let scale = size as f32;
    for _ in 0..TRIES {
        let radii = [(); 2].map(|()| scale * rng.random_range(0.03..0.16f32));
        let reach = radii[0].max(radii[1]) + 2.0;
        let centre = [(); 2].map(|()| rng.random_range(reach..scale - reach));
        let from = [(); 2].map(|()| rng.random_range(reach..scale - reach));
        let ellipse = Ellipse {
            centre,
            radii,
            turn: rng.random_range(0.0..std::f32::consts::PI),
        };
        let inside: Vec<usize> = (0..image.len())
            .filter(|at| ellipse.holds(at % size, at / size))
            .collect();
        let shift = [from[0] - centre[0], from[1] - centre[1]];
        let step = source_size as f32 / scale;
        let place = |at: usize| {
            let at = [(at % size) as f32 + shift[0], (at / size) as f32 + shift[1]];
            let [x, y] = at.map(|v| ((v * step).max(0.0) as usize).min(source_size - 1));
            y * source_size + x
        };
        let share = |test: &dyn Fn(usize) -> bool| {
            inside.iter().filter(|at| test(**at)).count() as f32 / inside.len().max(1) as f32
        };
        let in_body = share(&|at| image[at] > BODY) > 0.7 && share(&|at| source.image[place(at)] > BODY) > 0.5;
        let healthy = share(&|at| source.mask[place(at)] > 0.5 || lesion[at] > 0.5) == 0.0;
        if inside.is_empty() || !in_body || !healthy {
            continue;
        }
        // Some patches are brighter or darker than any tissue around them, as lesions often are.
        let lift = if rng.random_bool(0.5) {
            rng.random_range(-1.5..1.5f32)
        } else {
            0.0
        };
        let foreign: Vec<f32> = (0..image.len()).map(|at| source.image[place(at)]).collect();
        let blended = blend(image, &foreign, &inside, size, lift);
        let mut patch = Patch {
            area: vec![0.0; image.len()],
            changed: vec![0.0; image.len()],
        };
        for (at, value) in inside.iter().zip(&blended) {
            patch.area[*at] = 1.0;
            patch.changed[*at] = if (value - image[*at]).abs() > VISIBLE { 1.0 } else { 0.0 };
        }
        if patch.changed.iter().sum::<f32>() < 12.0 {
            continue;
        }
        inside.iter().zip(blended).for_each(|(at, value)| image[*at] = value);
        return Some(patch);
    }
    None
}

/// The image inside the patch whose gradients are the stronger ones of image and patch, with
/// the image's own values around it. `lift` raises the middle of the patch.
fn blend(image: &[f32], foreign: &[f32], inside: &[usize], size: usize, lift: f32) -> Vec<f32> {
    let mut place = vec![usize::MAX; image.len()];
    inside.iter().enumerate().for_each(|(order, at)| place[*at] = order);
    let neighbours = |at: usize| [at - 1, at + 1, at - size, at + size];
    // A constant divergence bows the solution to a dome whose height goes with the patch's area.
    let bow = 4.0 * std::f32::consts::PI * lift / inside.len() as f32;
    let divergence: Vec<f32> = inside
        .iter()
        .map(|at| {
            let gradients = neighbours(*at).map(|other| {
                let (own, new) = (image[*at] - image[other], foreign[*at] - foreign[other]);
                if own.abs() > new.abs() { own } else { new }
            });
            gradients.iter().sum::<f32>() + bow
        })
        .collect();
    let mut values: Vec<f32> = inside.iter().map(|at| image[*at]).collect();
    for _ in 0..ROUNDS {
        for (order, at) in inside.iter().enumerate() {
            let around: f32 = neighbours(*at)
                .map(|other| {
                    if place[other] == usize::MAX {
                        image[other]
                    } else {
                        values[place[other]]
                    }
                })
                .iter()
                .sum();
            let settled = (around + divergence[order]) / 4.0;
            values[order] += OVER * (settled - values[order]);
        }
    }
    values.iter().map(|v| v.clamp(-6.0, 6.0)).collect()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_pcg::Pcg64Mcg;

    use super::*;

    #[test]
    fn a_patch_of_the_same_picture_in_its_own_place_changes_nothing() {
        let size = 48;
        let image: Vec<f32> = (0..size * size).map(|i| ((i * 31) % 17) as f32 / 8.0).collect();
        let ellipse = Ellipse {
            centre: [24.0, 22.0],
            radii: [9.0, 6.0],
            turn: 0.4,
        };
        let inside: Vec<usize> = (0..image.len())
            .filter(|at| ellipse.holds(at % size, at / size))
            .collect();
        let blended = blend(&image, &image, &inside, size, 0.0);
        let apart = inside
            .iter()
            .zip(&blended)
            .map(|(at, v)| (image[*at] - v).abs())
            .fold(0.0, f32::max);
        assert!(apart < 1e-3, "{apart}");
        let raised = blend(&image, &image, &inside, size, 1.0);
        let highest = inside
            .iter()
            .zip(&raised)
            .map(|(at, v)| v - image[*at])
            .fold(0.0, f32::max);
        assert!((0.5..1.5).contains(&highest), "{highest}");
    }

    #[test]
    fn patches_lie_inside_the_picture_show_and_keep_off_lesions() {
        let size = 64;
        let wavy = |k: f32| {
            (0..size * size)
                .map(|i| ((i % size) as f32 * k).sin() + ((i / size) as f32 * k).cos())
                .collect()
        };
        let source = Plane {
            image: wavy(0.9),
            mask: vec![0.0; size * size],
        };
        let mut lesion = vec![0.0; size * size];
        lesion[..size * size / 3].fill(1.0);
        let mut rng = Pcg64Mcg::seed_from_u64(4);
        let mut pasted = 0;
        for _ in 0..30 {
            let before: Vec<f32> = wavy(0.2);
            let mut image = before.clone();
            let Some(patch) = paste(&mut image, &lesion, size, &source, size, &mut rng) else {
                assert_eq!(image, before);
                continue;
            };
            pasted += 1;
            for at in 0..image.len() {
                assert!(image[at].is_finite());
                if patch.area[at] == 0.0 {
                    assert_eq!(image[at], before[at]);
                    assert_eq!(patch.changed[at], 0.0);
                }
                assert!(patch.area[at] * lesion[at] == 0.0);
            }
        }
        assert!(pasted > 5, "{pasted}");
    }
}
