//! A glioma-like lesion: an irregular bright blob with soft edges that may press on what is around it.

use super::anatomy::Anatomy;
use super::brain::Tissue;
use super::chance::Chance;
use super::head;
use super::shape::{Point, length, minus, mix, plus, scaled, smoothstep};
use super::ventricles;

pub struct Lesion {
    pub centre: Point,
    pub radius_mm: f32,
    /// Relative half axes, about 1.
    stretch: Point,
    /// Height of the border's lobes as a share of the radius.
    lobes: f32,
    /// Half width of the border as a share of the radius.
    soft: f32,
    /// Level over white matter's.
    rise: f32,
    /// How much less of it shows in grey matter.
    spares_grey: f32,
    patchy: f32,
    /// Radius of a fluid-filled core as a share of the radius; 0 for none.
    cyst: f32,
    pressure: f32,
    offset: Point,
}

impl Lesion {
    pub fn draw(seed: u64, anatomy: &Anatomy) -> Self {
        let mut chance = Chance::new(seed, 3);
        let c = &mut chance;
        let radius_mm = 0.5 * mix(6.0, 60.0, c.unit().max(0.7 * c.unit()));
        let large = smoothstep(6.0, 16.0, radius_mm);
        let stretch = [c.between(0.75, 1.15), c.between(0.85, 1.3), c.between(0.75, 1.1)];
        Self {
            centre: place(c, anatomy, radius_mm),
            radius_mm,
            stretch,
            lobes: c.between(0.2, 0.75),
            soft: c.between(0.08, 0.3) + 0.5 / radius_mm,
            rise: c.between(0.35, 1.25),
            spares_grey: c.between(0.0, 0.5),
            patchy: c.between(0.0, 0.5),
            cyst: if c.happens(0.2 * large) {
                c.between(0.25, 0.5)
            } else {
                0.0
            },
            pressure: if c.happens(0.6) {
                large * c.between(0.05, 0.3)
            } else {
                0.0
            },
            offset: [c.between(0.0, 90.0), c.between(0.0, 90.0), c.between(0.0, 90.0)],
        }
    }

    /// Where the tissue at `at` stood before the lesion pushed it aside, and how far sulci are shut there, 0..=1.
    pub fn before(&self, at: Point, below_mm: f32) -> (Point, f32) {
        let from = minus(at, self.centre);
        let near = length(from) / self.radius_mm;
        if self.pressure == 0.0 || near > 4.0 {
            return (at, 0.0);
        }
        let fall = 1.0 / (1.0 + 0.35 * near * near * near * near);
        let held = smoothstep(0.0, 12.0, below_mm);
        let back = self.pressure * fall * held;
        (
            plus(self.centre, scaled(from, 1.0 - back)),
            (3.0 * self.pressure * fall).min(1.0),
        )
    }

    /// How much of the lesion is at a point: 0 none, 0.5 its border, 1 all.
    pub fn share(&self, anatomy: &Anatomy, at: Point) -> f32 {
        let from = minus(at, self.centre);
        let r = self.radius_mm;
        let ratio = length([
            from[0] / (r * self.stretch[0]),
            from[1] / (r * self.stretch[1]),
            from[2] / (r * self.stretch[2]),
        ]);
        if ratio > 2.2 {
            return 0.0;
        }
        let coarse = anatomy.lattice.value(self.at_rate(from, 1.0 / (0.95 * r)));
        let fine = anatomy.lattice.value(self.at_rate(from, 1.0 / (0.42 * r)));
        smoothstep(
            1.0 + self.soft,
            1.0 - self.soft,
            ratio + self.lobes * (coarse + 0.45 * fine),
        )
    }

    /// The level with the lesion in place; fluid spaces keep theirs.
    pub fn level(&self, anatomy: &Anatomy, at: Point, share: f32, tissue: &Tissue) -> f32 {
        let tone = &anatomy.tone;
        let from = minus(at, self.centre);
        let grain = anatomy
            .lattice
            .value(self.at_rate(from, 1.0 / (0.25 * self.radius_mm + 2.5)));
        let held =
            share * (1.0 - self.spares_grey * tissue.grey) * (1.0 + self.patchy * (grain - 0.25)).clamp(0.35, 1.0);
        let mut level = tissue.level + tone.white * self.rise * held * (1.0 - tissue.fluid);
        if self.cyst > 0.0 {
            let wall = length(from) / self.radius_mm + 0.25 * grain - self.cyst;
            level = mix(level, tone.fluid * 1.8, smoothstep(0.08, -0.08, wall));
            level += tone.white * 0.35 * self.rise * share * smoothstep(0.14, 0.0, wall.abs()) * (1.0 - tissue.fluid);
        }
        level
    }

    fn at_rate(&self, from: Point, rate: f32) -> Point {
        plus(scaled(from, rate), self.offset)
    }
}

/// A place in the white matter or under the cortex, off the midline and off the ventricles.
fn place(chance: &mut Chance, anatomy: &Anatomy, radius_mm: f32) -> Point {
    for _ in 0..300 {
        let at = [
            chance.between(-58.0, 58.0),
            chance.between(-72.0, 74.0),
            chance.between(4.0, 46.0),
        ];
        let Some(depth) = head::depth(anatomy, at) else {
            continue;
        };
        let deep_enough = depth.brain > 5.0 + 0.25 * radius_mm && depth.brain < 34.0;
        let free = ventricles::distance(at, anatomy.head.ventricle_scale) > 2.0 + 0.45 * radius_mm;
        if deep_enough && free && at[0].abs() > 9.0 + 0.3 * radius_mm {
            return at;
        }
    }
    // Every head has white matter here.
    [36.0, 8.0, 30.0]
}
