//! What differs from head to head and from scan to scan: drawn once for a seed.

use super::chance::Chance;
use super::noise::Lattice;
use super::shape::{Point, turn};

/// One head and the way it was scanned. Lengths in mm, levels in grey steps of an 8-bit image.
pub struct Anatomy {
    pub lattice: Lattice,
    pub head: Head,
    pub pose: Pose,
    pub tone: Tone,
    pub scanner: Scanner,
    /// Small bright spots of the white matter that are no lesion: centre and radius.
    pub spots: Vec<(Point, f32)>,
}

pub struct Head {
    /// Half of the width, length and height of the skin's surface.
    pub half_axes: Point,
    /// How much wider the back is than the front.
    pub egg: f32,
    /// Shear of the left side against the right.
    pub skew: f32,
    pub scalp: f32,
    pub skull: f32,
    pub gap: f32,
    /// Half width of a sulcus at the surface.
    pub sulcus: f32,
    /// Wavelength of the folding.
    pub fold: f32,
    pub cortex: f32,
    pub ventricle_scale: f32,
}

pub struct Pose {
    pub shift: Point,
    /// (cosine, sine) in the plane, of the nod.
    pub roll: (f32, f32),
    pub nod: (f32, f32),
}

pub struct Tone {
    pub white: f32,
    pub grey: f32,
    pub fluid: f32,
    pub fat: f32,
    pub bone: f32,
    pub marrow: f32,
    pub muscle: f32,
    /// Rise around the ventricles, as a share of white matter.
    pub cap: f32,
}

pub struct Scanner {
    pub field_of_view_mm: f32,
    /// Shading along x, y, z per 100 mm and the gain of the rim over the middle.
    pub shading: Point,
    pub rim: f32,
    pub noise: f32,
    /// Share of a neighbour in the point spread.
    pub spread: f32,
    /// Width of the empty frame that distortion correction leaves, as a share of the field of view.
    pub frame: f32,
    pub markers: Vec<([f32; 2], f32)>,
}

impl Anatomy {
    pub fn draw(seed: u64) -> Self {
        let lattice = Lattice::draw(&mut Chance::new(seed, 1));
        let mut chance = Chance::new(seed, 2);
        let c = &mut chance;
        let atrophy = c.unit();
        let head = Head {
            half_axes: [c.between(70.0, 80.0), c.between(90.0, 103.0), c.between(84.0, 93.0)],
            egg: c.between(0.04, 0.13),
            skew: c.between(-0.03, 0.03),
            scalp: c.between(4.0, 7.5),
            skull: c.between(5.5, 8.0),
            gap: 0.6 + 1.6 * atrophy * c.unit(),
            sulcus: 0.25 + 0.65 * atrophy,
            fold: c.between(15.5, 21.0),
            cortex: c.between(2.6, 3.4),
            ventricle_scale: 0.7 + 0.5 * atrophy + c.between(-0.1, 0.25),
        };
        let pose = Pose {
            shift: [c.between(-4.0, 4.0), c.between(-8.0, 4.0), c.between(-3.0, 3.0)],
            roll: turn(c.between(-0.07, 0.07)),
            nod: turn(c.between(-0.08, 0.08)),
        };
        let white = c.between(38.0, 58.0);
        let tone = Tone {
            white,
            grey: white * c.between(1.08, 1.3),
            fluid: white * c.between(0.10, 0.28),
            fat: white * c.between(1.7, 3.3),
            bone: white * c.between(0.08, 0.2),
            marrow: white * c.between(0.5, 1.25),
            muscle: white * c.between(0.5, 0.8),
            cap: c.between(0.02, 0.28),
        };
        let rim = c.between(0.0, 0.35);
        let scanner = Scanner {
            field_of_view_mm: c.between(218.0, 250.0),
            shading: [c.between(-0.18, 0.18), c.between(-0.22, 0.22), c.between(-0.12, 0.12)],
            rim,
            noise: c.between(0.9, 3.0),
            spread: c.between(0.02, 0.2),
            frame: if c.happens(0.5) { c.between(0.005, 0.03) } else { 0.0 },
            markers: draw_markers(c, head.half_axes),
        };
        let spots = draw_spots(c);
        Self {
            lattice,
            head,
            pose,
            tone,
            scanner,
            spots,
        }
    }

    /// Scanner coordinates to the head's own.
    pub fn head_from_scanner(&self, at: Point) -> Point {
        let p = [
            at[0] - self.pose.shift[0],
            at[1] - self.pose.shift[1],
            at[2] - self.pose.shift[2],
        ];
        let (cos, sin) = self.pose.roll;
        let rolled = [cos * p[0] + sin * p[1], cos * p[1] - sin * p[0], p[2]];
        let (cos, sin) = self.pose.nod;
        [
            rolled[0],
            cos * rolled[1] + sin * rolled[2],
            cos * rolled[2] - sin * rolled[1],
        ]
    }

    /// The way back of [`Self::head_from_scanner`].
    pub fn scanner_from_head(&self, p: Point) -> Point {
        let (cos, sin) = self.pose.nod;
        let level = [p[0], cos * p[1] - sin * p[2], cos * p[2] + sin * p[1]];
        let (cos, sin) = self.pose.roll;
        let turned = [
            cos * level[0] - sin * level[1],
            cos * level[1] + sin * level[0],
            level[2],
        ];
        [
            turned[0] + self.pose.shift[0],
            turned[1] + self.pose.shift[1],
            turned[2] + self.pose.shift[2],
        ]
    }
}

/// Skin markers of navigated surgery, seen beside the scalp in some scans: position in the plane and radius.
fn draw_markers(chance: &mut Chance, half_axes: Point) -> Vec<([f32; 2], f32)> {
    if !chance.happens(0.15) {
        return Vec::new();
    }
    let count = 1 + chance.below(4);
    (0..count)
        .map(|_| {
            let (cos, sin) = turn(chance.between(-1.0, 1.0));
            let side = if chance.happens(0.5) { 1.0 } else { -1.0 };
            (
                [side * cos * (half_axes[0] + 7.0), sin * (half_axes[1] + 7.0)],
                chance.between(1.5, 3.0),
            )
        })
        .collect()
}

fn draw_spots(chance: &mut Chance) -> Vec<(Point, f32)> {
    if !chance.happens(0.3) {
        return Vec::new();
    }
    let count = 1 + chance.below(5);
    (0..count)
        .map(|_| {
            let side = if chance.happens(0.5) { 1.0 } else { -1.0 };
            let at = [
                side * chance.between(16.0, 34.0),
                chance.between(-38.0, 42.0),
                chance.between(10.0, 38.0),
            ];
            (at, chance.between(1.0, 2.2))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_into_the_head_and_back_ends_where_it_began() {
        for seed in 0..20 {
            let anatomy = Anatomy::draw(seed);
            let at = [31.0, -47.0, 22.0];
            let back = anatomy.scanner_from_head(anatomy.head_from_scanner(at));
            for axis in 0..3 {
                assert!((back[axis] - at[axis]).abs() < 1e-3, "seed {seed}: {back:?}");
            }
        }
    }
}
