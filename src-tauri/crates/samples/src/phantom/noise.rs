//! Gradient noise on a lattice, with its slope. Only `+ - * /` and `sqrt` are used in the whole
//! phantom, so that every machine computes the same bits.

use super::chance::Chance;

/// Gradient (Perlin) noise in three dimensions; one lattice cell is one unit.
/// Ken Perlin, "Improving noise", SIGGRAPH 2002.
pub struct Lattice {
    order: [u8; 256],
}

/// A noise value, about -1..=1, with its partial derivatives.
#[derive(Clone, Copy)]
pub struct Sloped {
    pub value: f32,
    pub slope: [f32; 3],
}

const GRADIENTS: [[f32; 3]; 16] = [
    [1.0, 1.0, 0.0],
    [-1.0, 1.0, 0.0],
    [1.0, -1.0, 0.0],
    [-1.0, -1.0, 0.0],
    [1.0, 0.0, 1.0],
    [-1.0, 0.0, 1.0],
    [1.0, 0.0, -1.0],
    [-1.0, 0.0, -1.0],
    [0.0, 1.0, 1.0],
    [0.0, -1.0, 1.0],
    [0.0, 1.0, -1.0],
    [0.0, -1.0, -1.0],
    [1.0, 1.0, 0.0],
    [-1.0, 1.0, 0.0],
    [0.0, -1.0, 1.0],
    [0.0, -1.0, -1.0],
];

impl Lattice {
    pub fn draw(chance: &mut Chance) -> Self {
        let mut order = [0_u8; 256];
        for (slot, value) in order.iter_mut().zip(0..=255_u8) {
            *slot = value;
        }
        for last in (1..256_u32).rev() {
            order.swap(last as usize, chance.below(last + 1) as usize);
        }
        Self { order }
    }

    pub fn value(&self, at: [f32; 3]) -> f32 {
        let (_, heights, within) = self.cell(at);
        trilinear(&heights, within.map(fade))
    }

    pub fn sloped(&self, at: [f32; 3]) -> Sloped {
        let (corners, heights, within) = self.cell(at);
        let fade = within.map(fade);
        let fade_slope = within.map(|t| 30.0 * t * t * (t * (t - 2.0) + 1.0));
        let value = trilinear(&heights, fade);
        let lerp = |a: f32, b: f32, t: f32| a + t * (b - a);
        let square = |a: f32, b: f32, c: f32, d: f32, s: f32, t: f32| lerp(lerp(a, b, s), lerp(c, d, s), t);
        let h = &heights;
        let across = [
            square(h[1] - h[0], h[3] - h[2], h[5] - h[4], h[7] - h[6], fade[1], fade[2]),
            square(h[2] - h[0], h[3] - h[1], h[6] - h[4], h[7] - h[5], fade[0], fade[2]),
            square(h[4] - h[0], h[5] - h[1], h[6] - h[2], h[7] - h[3], fade[0], fade[1]),
        ];
        let slope_on = |axis: usize| {
            let along = corners.map(|g| g[axis]);
            trilinear(&along, fade) + fade_slope[axis] * across[axis]
        };
        Sloped {
            value,
            slope: [slope_on(0), slope_on(1), slope_on(2)],
        }
    }

    /// Gradients at the eight corners (x runs fastest), their heights at the point, the point within its cell.
    #[inline(always)]
    fn cell(&self, at: [f32; 3]) -> ([[f32; 3]; 8], [f32; 8], [f32; 3]) {
        // The whole number below; faster than `floor`, which is a call on plain x86-64.
        let cell = at.map(|c| c as i32 - i32::from(c < 0.0));
        let within = [at[0] - cell[0] as f32, at[1] - cell[1] as f32, at[2] - cell[2] as f32];
        let step = |previous: u8, next: i32| self.order[usize::from(previous.wrapping_add(next as u8))];
        let [x, y, z] = cell;
        let (left, right) = (step(0, x), step(0, x.wrapping_add(1)));
        let rows = [
            step(left, y),
            step(right, y),
            step(left, y.wrapping_add(1)),
            step(right, y.wrapping_add(1)),
        ];
        let (mut corners, mut heights) = ([[0.0; 3]; 8], [0.0; 8]);
        for index in 0..8_usize {
            let hash = step(rows[index & 3], z.wrapping_add((index >> 2) as i32));
            let g = GRADIENTS[usize::from(hash & 15)];
            let offset = |axis: usize| within[axis] - ((index >> axis) & 1) as f32;
            heights[index] = g[0] * offset(0) + g[1] * offset(1) + g[2] * offset(2);
            corners[index] = g;
        }
        (corners, heights, within)
    }
}

fn fade(t: f32) -> f32 {
    t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
}

fn trilinear(v: &[f32; 8], t: [f32; 3]) -> f32 {
    let lerp = |a: f32, b: f32, t: f32| a + t * (b - a);
    let low = lerp(lerp(v[0], v[1], t[0]), lerp(v[2], v[3], t[0]), t[1]);
    let high = lerp(lerp(v[4], v[5], t[0]), lerp(v[6], v[7], t[0]), t[1]);
    lerp(low, high, t[2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_is_the_slope_of_the_value() {
        let lattice = Lattice::draw(&mut Chance::new(7, 1));
        let step = 1e-2;
        for index in 0..200 {
            let at = [
                index as f32 * 0.173 - 11.0,
                index as f32 * 0.091 + 3.1,
                7.3 - index as f32 * 0.057,
            ];
            let sloped = lattice.sloped(at);
            for axis in 0..3 {
                let (mut before, mut after) = (at, at);
                before[axis] -= step;
                after[axis] += step;
                let measured = (lattice.value(after) - lattice.value(before)) / (2.0 * step);
                let difference = (measured - sloped.slope[axis]).abs();
                assert!(
                    difference < 0.02,
                    "{at:?} axis {axis}: {measured} against {}",
                    sloped.slope[axis]
                );
            }
        }
    }
}
