//! Places on a frame, in pixels of the original frame: x to the right, y down, origin top left. Places and directions
//! in the patient, in millimetres (PS3.3 C.7.6.2.1.1): x to the left, y to the back, z to the head.

use serde::{Deserialize, Serialize};

use crate::Orientation;

/// One pixel of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PixelPoint {
    /// Column; 0 is the leftmost.
    pub x: u32,
    /// Row; 0 is the topmost.
    pub y: u32,
}

/// A box that holds `width` x `height` pixels from its top left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PixelBox {
    /// Column of its left edge.
    pub x: u32,
    /// Row of its upper edge.
    pub y: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl PixelBox {
    /// Whether the pixel lies in the box.
    pub fn contains(&self, point: PixelPoint) -> bool {
        point.x >= self.x && point.y >= self.y && point.x - self.x < self.width && point.y - self.y < self.height
    }
}

/// A place or a direction in the patient.
pub type Vector = [f64; 3];

/// The scalar product.
pub fn dot(a: &Vector, b: &Vector) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The direction in which one looks at a slice, that of its rows times that of its columns, of length 1. `None` where
/// the two span no plane.
pub fn normal(slice: &Orientation) -> Option<Vector> {
    let ([a, b, c], [x, y, z]) = (slice.row, slice.column);
    let across = [b * z - c * y, c * x - a * z, a * y - b * x];
    let length = dot(&across, &across).sqrt();
    (length.is_finite() && length > 1e-3).then(|| across.map(|part| part / length))
}

/// Whether slices with these normals look the same way or the opposite one, within about five degrees.
pub fn are_parallel(a: &Vector, b: &Vector) -> bool {
    dot(a, b).abs() > 0.996
}

/// A direction in the letters of DICOM: Left, Right, Anterior, Posterior, Head, Foot; up to three for an oblique one,
/// the one that weighs most first, none for no direction (PS3.3 C.7.6.1.1.1).
pub fn letters(direction: &Vector) -> String {
    let names = [('L', 'R'), ('P', 'A'), ('H', 'F')];
    let parts = direction.iter().zip(names);
    let mut parts: Vec<(f64, char)> = parts
        .filter(|(part, _)| part.is_finite())
        .map(|(part, (positive, negative))| (part.abs(), if *part > 0.0 { positive } else { negative }))
        .collect();
    parts.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let seen = parts.iter().enumerate();
    seen.filter(|(at, (size, _))| *size > 0.25 || (*at == 0 && *size > 0.0))
        .map(|(_, (_, letter))| letter)
        .collect()
}

/// Where the patient's sides are at the four edges of an image that is neither turned nor mirrored, in letters of DICOM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Sides {
    /// Beyond the first column.
    pub left: String,
    /// Beyond the last column.
    pub right: String,
    /// Above the first row.
    pub top: String,
    /// Below the last row.
    pub bottom: String,
}

impl Sides {
    /// The sides of an image that lies so in the patient.
    pub fn of(slice: &Orientation) -> Self {
        let back = |direction: &Vector| letters(&direction.map(|part| -part));
        Self {
            left: back(&slice.row),
            right: letters(&slice.row),
            top: back(&slice.column),
            bottom: letters(&slice.column),
        }
    }
}

/// Area of one pixel in mm², from DICOM Pixel Spacing (row spacing, column spacing).
pub fn pixel_area_mm2(spacing_mm: [f64; 2]) -> f64 {
    spacing_mm[0] * spacing_mm[1]
}

/// Longest distance in mm between two corners of the outlines; `spacing_mm` is row spacing, column spacing.
pub fn diameter_mm(outlines: &[Vec<[u32; 2]>], spacing_mm: [f64; 2]) -> f64 {
    let corners = outlines
        .iter()
        .flatten()
        .map(|[x, y]| (f64::from(*x) * spacing_mm[1], f64::from(*y) * spacing_mm[0]))
        .collect();
    let hull = convex_hull(corners);
    let distance = |a: &(f64, f64), b: &(f64, f64)| (a.0 - b.0).hypot(a.1 - b.1);
    hull.iter()
        .enumerate()
        .flat_map(|(index, a)| hull[index + 1..].iter().map(move |b| distance(a, b)))
        .fold(0.0, f64::max)
}

/// The corners that can be farthest apart (Andrew's monotone chain); an outline has thousands, its hull a few.
fn convex_hull(mut points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    points.dedup();
    if points.len() < 3 {
        return points;
    }
    let turns_left =
        |a: (f64, f64), b: (f64, f64), c: (f64, f64)| (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0) > 0.0;
    let half = |points: &mut dyn Iterator<Item = (f64, f64)>| {
        let mut chain: Vec<(f64, f64)> = Vec::new();
        for point in points {
            while chain.len() >= 2 && !turns_left(chain[chain.len() - 2], chain[chain.len() - 1], point) {
                chain.pop();
            }
            chain.push(point);
        }
        chain.pop();
        chain
    };
    let mut hull = half(&mut points.iter().copied());
    hull.extend(half(&mut points.iter().rev().copied()));
    hull
}

#[cfg(test)]
mod tests {
    use super::*;

    const AXIAL: Orientation = Orientation {
        row: [1.0, 0.0, 0.0],
        column: [0.0, 1.0, 0.0],
    };
    const SAGITTAL: Orientation = Orientation {
        row: [0.0, 1.0, 0.0],
        column: [0.0, 0.0, -1.0],
    };

    fn sides(slice: &Orientation) -> [String; 4] {
        let Sides {
            left,
            right,
            top,
            bottom,
        } = Sides::of(slice);
        [left, right, top, bottom]
    }

    #[test]
    fn letters_say_where_the_patient_is_on_each_side() {
        assert_eq!(sides(&AXIAL), ["R", "L", "A", "P"]);
        assert_eq!(sides(&SAGITTAL), ["A", "P", "H", "F"]);
        // Oblique directions are named by what weighs most; what is no direction has no name.
        assert_eq!(letters(&[0.8, 0.6, 0.0]), "LP");
        assert_eq!(letters(&[0.1, -0.2, 0.97]), "H");
        assert_eq!(letters(&[-0.5, -0.6, -0.62]), "FAR");
        assert_eq!(letters(&[0.0; 3]), "");
        assert_eq!(letters(&[f64::NAN, -0.0, f64::INFINITY]), "");
    }

    #[test]
    fn one_looks_at_an_axial_slice_from_the_feet_and_is_told_which_slices_are_parallel() {
        assert_eq!(normal(&AXIAL), Some([0.0, 0.0, 1.0]));
        let of = |row, column| normal(&Orientation { row, column });
        assert_eq!(of([1.0, 0.0, 0.0], [1.0, 0.0, 0.0]), None);
        assert_eq!(of([f64::NAN, 0.0, 0.0], [0.0, 1.0, 0.0]), None);
        let tilted = |degrees: f64| {
            let (sin, cos) = degrees.to_radians().sin_cos();
            [0.0, -sin, cos]
        };
        let up = [0.0, 0.0, 1.0];
        assert!(are_parallel(&up, &tilted(4.0)) && are_parallel(&up, &tilted(177.0)));
        assert!(!are_parallel(&up, &tilted(6.0)) && !are_parallel(&up, &[f64::NAN; 3]));
    }

    #[test]
    fn a_diameter_takes_each_spacing_for_its_own_direction() {
        let square = vec![vec![[0, 0], [4, 0], [4, 3], [0, 3]]];
        assert_eq!(diameter_mm(&square, [1.0, 1.0]), 5.0);
        // 4 columns of 0.5 mm, 3 rows of 2 mm.
        assert_eq!(diameter_mm(&square, [2.0, 0.5]), 2.0_f64.hypot(6.0));
        let line = vec![vec![[2, 7], [2, 9]]];
        assert_eq!(diameter_mm(&line, [1.5, 1.0]), 3.0);
        assert_eq!(diameter_mm(&[], [1.0, 1.0]), 0.0);
    }

    #[test]
    fn the_hull_finds_what_comparing_every_corner_finds() {
        let corners: Vec<[u32; 2]> = (0..300u32).map(|i| [i * 7919 % 211, i * 104_729 % 173]).collect();
        let spacing = [0.7, 0.4];
        let mut longest = 0.0_f64;
        for a in &corners {
            for b in &corners {
                let across = (f64::from(a[0]) - f64::from(b[0])) * spacing[1];
                let down = (f64::from(a[1]) - f64::from(b[1])) * spacing[0];
                longest = longest.max(across.hypot(down));
            }
        }
        assert!((diameter_mm(&[corners], spacing) - longest).abs() < 1e-9);
    }

    #[test]
    fn a_box_holds_its_first_pixel_and_not_the_one_past_its_last() {
        let area = PixelBox {
            x: 2,
            y: 3,
            width: 4,
            height: 1,
        };
        assert!(area.contains(PixelPoint { x: 2, y: 3 }));
        assert!(area.contains(PixelPoint { x: 5, y: 3 }));
        assert!(!area.contains(PixelPoint { x: 6, y: 3 }));
        assert!(!area.contains(PixelPoint { x: 1, y: 3 }));
        assert!(!area.contains(PixelPoint { x: 2, y: 4 }));
    }
}
