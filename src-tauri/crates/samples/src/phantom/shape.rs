//! Small geometry: all lengths in mm.

pub type Point = [f32; 3];

pub fn smoothstep(from: f32, to: f32, x: f32) -> f32 {
    let t = ((x - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

pub fn mix(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

pub fn length(v: Point) -> f32 {
    (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]).sqrt()
}

pub fn scaled(v: Point, by: f32) -> Point {
    v.map(|c| c * by)
}

pub fn minus(a: Point, b: Point) -> Point {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

pub fn plus(a: Point, b: Point) -> Point {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

/// Distance from `at` to the segment, less a radius that runs from `radii[0]` to `radii[1]`.
pub fn capsule(at: Point, ends: [Point; 2], radii: [f32; 2]) -> f32 {
    let (along, from) = (minus(ends[1], ends[0]), minus(at, ends[0]));
    let dot = from[0] * along[0] + from[1] * along[1] + from[2] * along[2];
    let share = (dot / (along[0] * along[0] + along[1] * along[1] + along[2] * along[2])).clamp(0.0, 1.0);
    length(minus(from, scaled(along, share))) - mix(radii[0], radii[1], share)
}

/// Distance to an ellipsoid's surface, negative inside; near enough for soft edges.
pub fn ellipsoid(at: Point, centre: Point, half_axes: Point) -> f32 {
    let p = minus(at, centre);
    let n = [p[0] / half_axes[0], p[1] / half_axes[1], p[2] / half_axes[2]];
    let steep = [n[0] / half_axes[0], n[1] / half_axes[1], n[2] / half_axes[2]];
    let radius = length(n);
    (radius - 1.0) * radius / length(steep).max(1e-4)
}

/// Smaller of two distances with the crease between them rounded over `width` mm.
pub fn soft_min(a: f32, b: f32, width: f32) -> f32 {
    let t = (0.5 + 0.5 * (b - a) / width).clamp(0.0, 1.0);
    mix(b, a, t) - width * t * (1.0 - t)
}

/// A rotation by the angle whose half has the given tangent, as (cosine, sine) without trigonometry.
pub fn turn(half_tangent: f32) -> (f32, f32) {
    let square = half_tangent * half_tangent;
    ((1.0 - square) / (1.0 + square), 2.0 * half_tangent / (1.0 + square))
}
