//! The brain: folded cortex, white matter, deep nuclei, fissures, ventricles, cerebellum.

use super::anatomy::Anatomy;
use super::head::Depth;
use super::shape::{Point, ellipsoid, mix, plus, scaled, smoothstep};
use super::ventricles;

/// What stands at a point inside the brain's surface.
pub struct Tissue {
    /// Level without a lesion.
    pub level: f32,
    /// Share that is fluid, 0..=1.
    pub fluid: f32,
    /// Share of the rest that is grey matter, 0..=1.
    pub grey: f32,
}

/// `below_mm`: depth under the brain's surface. `effaced`: 0..=1, how far pressure has shut the sulci here.
pub fn tissue(anatomy: &Anatomy, at: Point, depth: &Depth, effaced: f32, soft: f32) -> Tissue {
    let (head, tone, lattice) = (&anatomy.head, &anatomy.tone, &anatomy.lattice);
    let below_mm = depth.brain;
    let bend = lattice.sloped([at[0] / 38.0 + 5.0, at[1] / 38.0 + 9.0, at[2] / 38.0]);
    let p = plus(at, scaled(bend.slope, 1.6));
    let edge = |distance: f32| smoothstep(soft, -soft, distance);

    // Fluid-filled clefts: each is a distance to its sheet, less its half width.
    let sulci = sulcus(anatomy, p, depth, bend.value) + 0.9 * effaced;
    let clefts = sulci
        .min(midline(p, bend.value) + 0.4 * effaced)
        .min(sylvian(p, bend.slope, head.sulcus));
    let wall = ventricles::distance(p, head.ventricle_scale);
    let cistern = if p[2] > 0.0 {
        9.0
    } else {
        ellipsoid(p, [0.0, -4.0, -24.0], [13.0, 15.0, 11.0]) + 5.0 * bend.slope[0].abs()
    };
    let outside = edge(below_mm);
    let fluid = edge(clefts).max(edge(wall)).max(edge(cistern)).max(outside);

    let cortex = below_mm.min(clefts).min(cistern);
    let mut grey = smoothstep(head.cortex + 0.9, head.cortex - 0.7, cortex);
    grey = grey.max(0.5 * nuclei(plus(p, scaled(bend.slope, 1.2))));

    let blotch = lattice.value([at[0] / 13.0, at[1] / 13.0 + 23.0, at[2] / 13.0]);
    let mut solid = mix(tone.white, tone.grey, grey) * (1.0 + 0.06 * blotch + 0.06 * bend.value);
    solid *= 1.0 + tone.cap * smoothstep(3.5, 0.0, wall) * smoothstep(-60.0, 10.0, p[1].abs() - 18.0);
    if at[2] < -10.0 && at[1] > 10.0 {
        let (share, leaf) = cerebellum(anatomy, at);
        solid = mix(solid, mix(tone.grey * 0.97, tone.fluid * 1.6, leaf), share);
    }
    for (centre, radius) in &anatomy.spots {
        let distance = ellipsoid(at, *centre, [*radius; 3]);
        solid = mix(solid, tone.white * 1.5, smoothstep(0.9, -0.9, distance) * (1.0 - grey));
    }
    let liquor = tone.fluid * (1.0 + 0.15 * blotch);
    let liquor = mix(liquor, tone.grey * 0.9, ventricles::plexus(p) * edge(wall));
    Tissue {
        level: mix(solid, liquor, fluid),
        fluid,
        grey,
    }
}

/// Distance to the folding's sheets. They are zero surfaces of noise that is drawn out towards the
/// middle, so they stand upright on the surface; each ends at its own depth.
fn sulcus(anatomy: &Anatomy, p: Point, depth: &Depth, bend: f32) -> f32 {
    let reach = mix(5.0, 19.0, (0.5 + 0.8 * bend).clamp(0.0, 1.0));
    // The wall of the cleft between the hemispheres is folded too, down to the corpus callosum.
    let medial = match 2.2 * p[0].abs() + 2.0 {
        far if far > depth.brain.min(28.0) => far,
        near => near + 0.6 * (-callosum(p)).max(0.0),
    };
    let below_mm = depth.brain.min(medial);
    let past_end = below_mm - reach;
    if past_end > 8.0 {
        return 8.0;
    }
    let stretch = 1.35 / (0.35 + depth.radius.max(0.65));
    let side = if p[0] < 0.0 { 40.0 } else { 0.0 };
    let rate = stretch / anatomy.head.fold;
    let q = [p[0] * rate + side, p[1] * rate, p[2] * rate];
    let coarse = anatomy.lattice.sloped(q);
    let fine = anatomy.lattice.sloped(q.map(|c| c * 2.1 + 3.7));
    let value = coarse.value + 0.4 * fine.value;
    let slope = plus(coarse.slope, scaled(fine.slope, 0.4 * 2.1));
    let steep = (slope[0] * slope[0] + slope[1] * slope[1] + slope[2] * slope[2])
        .sqrt()
        .max(0.45);
    let across = value.abs() / (steep * rate);
    let past_end = past_end.max(0.0);
    let open = anatomy.head.sulcus * (1.4 - 1.2 * (below_mm / reach).clamp(0.0, 1.0));
    (across * across + past_end * past_end).sqrt() - open
}

/// Distance to the cleft between the hemispheres; it ends at the corpus callosum.
fn midline(p: Point, bend: f32) -> f32 {
    let across = (p[0] + 1.5 * bend).abs();
    if across > 9.0 {
        return 9.0;
    }
    let core = callosum(p);
    let inside = (-core).max(0.0);
    (across * across + inside * inside).sqrt() - 0.4 - 0.45 * smoothstep(2.0, 14.0, core)
}

/// Distance to what joins the hemispheres, negative inside.
fn callosum(p: Point) -> f32 {
    ellipsoid(p, [0.0, -2.0, 4.0], [60.0, 39.0, 24.0])
}

/// Distance to the cleft between temporal lobe and the rest, and to the insula it leads to.
fn sylvian(p: Point, bend: Point, open: f32) -> f32 {
    let (x, y, z) = (p[0].abs() + 3.0 * bend[1], p[1] + 4.0 + 4.0 * bend[0], p[2] - 3.0);
    if z.abs() > 28.0 || x < 26.0 {
        return 9.0;
    }
    let past = (z.abs() - 13.0).max(0.0);
    let to_segment = |from: [f32; 2], to: [f32; 2]| {
        let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
        let share = (((x - from[0]) * dx + (y - from[1]) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
        let (ex, ey) = (x - from[0] - share * dx, y - from[1] - share * dy);
        (ex * ex + ey * ey).sqrt()
    };
    let insula = to_segment([35.0, -17.0], [40.0, -3.0]).min(to_segment([40.0, -3.0], [38.0, 14.0]));
    let mouth = to_segment([40.0, -2.0 - 0.5 * z], [66.0, 7.0 - 0.6 * z]);
    // The insula is the narrower of the two.
    let near = mouth.min(insula + 0.5);
    (near * near + past * past).sqrt() - 0.4 - 0.8 * open
}

/// Share of deep grey matter: thalamus, caudate, lentiform nucleus.
fn nuclei(p: Point) -> f32 {
    if p[2] < -14.0 || p[2] > 26.0 || p[0].abs() > 36.0 || p[1].abs() > 40.0 {
        return 0.0;
    }
    let m = [p[0].abs(), p[1], p[2]];
    let thalamus = ellipsoid(m, [11.0, 10.0, 3.0], [8.0, 13.0, 9.0]);
    let caudate = ellipsoid(m, [14.0, -22.0, 8.0], [4.5, 9.0, 10.0]);
    let lentiform = ellipsoid(m, [25.0, -5.0, 2.0], [6.0, 15.0, 10.0]);
    smoothstep(1.5, -1.5, thalamus.min(caudate).min(lentiform))
}

/// (share of cerebellum, share of dark leaf line) below the tentorium.
fn cerebellum(anatomy: &Anatomy, at: Point) -> (f32, f32) {
    let under = -20.0 - at[2] - 0.2 * (at[1] - 35.0).abs() - 0.1 * at[0].abs();
    let share = smoothstep(-1.0, 1.0, under) * smoothstep(12.0, 18.0, at[1]);
    let wave = anatomy.lattice.value([at[0] / 15.0, at[1] / 4.5, at[2] / 4.5]);
    let leaf = smoothstep(0.12, 0.0, wave.abs()) * smoothstep(6.0, 14.0, at[0].abs() + 0.2 * at[1]);
    (share, 0.6 * leaf)
}
