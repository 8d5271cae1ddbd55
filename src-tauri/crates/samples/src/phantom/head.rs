//! From the air to the brain's surface: scalp, muscle, bone, meningeal fluid.

use super::anatomy::Anatomy;
use super::shape::{Point, mix, smoothstep};

/// Where a point of the head lies, in mm below a surface (negative: outside of it).
pub struct Depth {
    pub skin: f32,
    pub brain: f32,
    /// 1 on the skin, smaller inwards.
    pub radius: f32,
    scalp: f32,
    skull: f32,
    muscle: f32,
}

/// `None` well outside the head.
pub fn depth(anatomy: &Anatomy, at: Point) -> Option<Depth> {
    let head = &anatomy.head;
    let [half_width, half_length, half_height] = head.half_axes;
    let [mut x, y, z] = at;
    x += head.skew * y;
    let half_width = half_width * (1.0 + head.egg * (y / half_length).clamp(-1.2, 1.0) - 0.04);
    // Downwards the head tapers slowly; upwards its flanks are steeper than an ellipsoid's.
    let t = if z > 0.0 {
        z / half_height
    } else {
        z / (half_height * 1.35)
    };
    let squared = [
        x * x / (half_width * half_width),
        y * y / (half_length * half_length),
        t * t * (0.55 + 0.45 * t * t),
    ];
    let radius = (squared[0] + squared[1] + squared[2]).sqrt();
    if radius > 1.2 {
        return None;
    }
    let steep = [
        x / (half_width * half_width),
        y / (half_length * half_length),
        t * (0.55 + 0.9 * t * t) / if z > 0.0 { half_height } else { half_height * 1.35 },
    ];
    let slope = (steep[0] * steep[0] + steep[1] * steep[1] + steep[2] * steep[2]).sqrt();
    let plain = (1.0 - radius) * radius / slope.max(1e-4);
    if plain < -6.0 {
        return None;
    }
    let wave = anatomy.lattice.value([at[0] / 55.0 + 31.0, at[1] / 55.0, at[2] / 55.0]);
    let skin = plain + 2.5 * wave;

    let behind = smoothstep(30.0, 95.0, y);
    let near = smoothstep(36.0, 24.0, skin);
    let ripple = if near > 0.0 {
        near * anatomy.lattice.value([at[0] / 24.0, at[1] / 24.0 + 57.0, at[2] / 24.0])
    } else {
        0.0
    };
    let scalp = head.scalp * (1.0 + 0.25 * ripple + 0.35 * behind);
    let flank = smoothstep(0.62, 0.85, x.abs() / half_width) * smoothstep(20.0, 0.0, z);
    let muscle = 7.0 * flank * smoothstep(18.0, -12.0, y) * smoothstep(-72.0, -40.0, y);
    let skull = head.skull * (1.0 - 0.3 * ripple) * (1.0 - 0.35 * flank);
    let brain = skin - scalp - muscle - skull - head.gap * (1.0 + 0.6 * wave);
    Some(Depth {
        skin,
        brain,
        radius,
        scalp,
        skull,
        muscle,
    })
}

/// Level of everything outside the brain's surface.
pub fn level(anatomy: &Anatomy, at: Point, depth: &Depth, soft: f32) -> f32 {
    let tone = &anatomy.tone;
    let grain = anatomy.lattice.value([at[0] / 9.0, at[1] / 9.0, at[2] / 12.0 + 11.0]);
    let fat = tone.fat * (0.9 + 0.16 * grain) * (0.5 + 0.5 * smoothstep(0.2, 3.0, depth.skin + 0.8 * grain));
    let edge = |from: f32| smoothstep(from - soft, from + soft, depth.skin);

    let mut level = fat * smoothstep(-soft, soft, depth.skin);
    // A thin dark sheet divides the fat from the muscle.
    level = mix(
        level,
        tone.muscle * (1.0 + 0.3 * grain),
        edge(depth.scalp) * smoothstep(0.5, 2.0, depth.muscle),
    );
    let bone_from = depth.scalp + depth.muscle;
    level = mix(level, tone.bone, edge(bone_from));
    let marrow = edge(bone_from + 1.7) * (1.0 - edge(bone_from + depth.skull - 1.6));
    level = mix(
        level,
        tone.marrow * (0.8 + 0.5 * grain),
        marrow * smoothstep(3.2, 4.5, depth.skull),
    );
    mix(level, tone.fluid, edge(bone_from + depth.skull))
}
