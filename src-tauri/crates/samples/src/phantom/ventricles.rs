//! The fluid spaces inside the brain.

use super::shape::{Point, capsule, soft_min};

/// Answer where no ventricle is near.
const FAR_MM: f32 = 18.0;

/// Distance in mm to the wall of the ventricles, negative inside; where it is over about 18 mm that
/// is the answer. `scale` widens all of them.
pub fn distance(at: Point, scale: f32) -> f32 {
    let mirrored = [at[0].abs(), at[1], at[2]];
    if mirrored[0] > 60.0 || at[1].abs() > 80.0 || at[2] > 45.0 || at[2] < -45.0 {
        return FAR_MM;
    }
    let wide = |radius: f32| radius * scale;
    let frontal = capsule(
        mirrored,
        [[10.0, -33.0, 5.0], [6.0, -8.0, 16.0]],
        [wide(3.2), wide(4.6)],
    );
    let body = capsule(
        mirrored,
        [[6.0, -8.0, 16.0], [13.0, 20.0, 18.0]],
        [wide(4.6), wide(5.0)],
    );
    let atrium = capsule(
        mirrored,
        [[13.0, 20.0, 18.0], [23.0, 36.0, 7.0]],
        [wide(5.0), wide(5.2)],
    );
    let occipital = capsule(mirrored, [[23.0, 36.0, 7.0], [20.0, 54.0, 3.0]], [wide(4.6), wide(1.4)]);
    let temporal = capsule(
        mirrored,
        [[23.0, 36.0, 7.0], [33.0, 6.0, -17.0]],
        [wide(3.6), wide(1.6)],
    );
    let lateral = [body, atrium, occipital, temporal]
        .into_iter()
        .fold(frontal, |near, d| soft_min(near, d, 3.0));
    // The third ventricle is a slit: distances across it count more.
    let across = [at[0] * 2.2, at[1], at[2] * 0.7];
    let third = capsule(across, [[0.0, -9.0, -3.0], [0.0, 11.0, -1.0]], [wide(3.0), wide(3.2)]) / 2.0;
    lateral.min(third).min(FAR_MM)
}

/// Share of choroid plexus (bright threads in the atrium) at a place inside the ventricle, 0..=1.
pub fn plexus(at: Point) -> f32 {
    let mirrored = [at[0].abs(), at[1], at[2]];
    let near = capsule(mirrored, [[16.0, 26.0, 14.0], [23.0, 36.0, 7.0]], [1.3, 2.0]);
    (0.5 - near).clamp(0.0, 1.0)
}
