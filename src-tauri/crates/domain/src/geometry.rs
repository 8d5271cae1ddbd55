//! Places on a frame, in pixels of the original frame: x to the right, y down, origin top left.

use serde::{Deserialize, Serialize};

/// One pixel of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PixelPoint {
    /// Column; 0 is the leftmost.
    pub x: u32,
    /// Row; 0 is the topmost.
    pub y: u32,
}

/// A box that holds `width` x `height` pixels from its top left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
