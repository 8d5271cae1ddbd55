//! Outlines of regions on a drawn image.

use domain::Region;
use image::{Rgb, RgbImage};

/// Outline of a finding that stands.
pub const STANDING: Rgb<u8> = Rgb([0, 224, 255]);
/// Outline of a finding that the reader rejected.
pub const REJECTED: Rgb<u8> = Rgb([168, 168, 168]);
const CASING: Rgb<u8> = Rgb([0, 0, 0]);

/// Draws the region's outlines, given in pixel corners of a frame of rows x cols, on an image of
/// any size: a coloured line with a dark casing, so that it shows on bright and on dark ground.
/// A region without outlines shows its box.
pub fn draw_outline(picture: &mut RgbImage, region: &Region, rows: u32, cols: u32, colour: Rgb<u8>) {
    let bounds = region.bounds;
    let (right, bottom) = (
        bounds.x.saturating_add(bounds.width),
        bounds.y.saturating_add(bounds.height),
    );
    let boxed = [vec![
        [bounds.x, bounds.y],
        [right, bounds.y],
        [right, bottom],
        [bounds.x, bottom],
    ]];
    let has_outline = region.outlines.iter().any(|outline| outline.len() > 1);
    let outlines = if has_outline {
        region.outlines.as_slice()
    } else {
        &boxed
    };
    let (scale_x, scale_y) = (
        f64::from(picture.width()) / f64::from(cols),
        f64::from(picture.height()) / f64::from(rows),
    );
    let place = |corner: [u32; 2]| {
        (
            f64::from(corner[0].min(cols)) * scale_x,
            f64::from(corner[1].min(rows)) * scale_y,
        )
    };
    let radius = i64::from(picture.width().max(picture.height()) / 320).max(1);
    for (line_colour, line_radius) in [(CASING, radius + 1), (colour, radius)] {
        for outline in outlines {
            for (index, corner) in outline.iter().enumerate() {
                let next = outline[(index + 1) % outline.len()];
                draw_line(picture, place(*corner), place(next), line_radius, line_colour);
            }
        }
    }
}

/// A straight line that covers `radius` pixels to each side of its course.
fn draw_line(picture: &mut RgbImage, from: (f64, f64), to: (f64, f64), radius: i64, colour: Rgb<u8>) {
    let (width, height) = (i64::from(picture.width()), i64::from(picture.height()));
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let steps = dx.abs().max(dy.abs()).ceil().max(1.0) as i64;
    for step in 0..=steps {
        let share = step as f64 / steps as f64;
        let (x, y) = (
            (from.0 + dx * share).round() as i64,
            (from.1 + dy * share).round() as i64,
        );
        for row in (y - radius).max(0)..(y + radius).min(height) {
            for col in (x - radius).max(0)..(x + radius).min(width) {
                picture.put_pixel(col as u32, row as u32, colour);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{PixelBox, PixelPoint};

    fn region(outlines: Vec<Vec<[u32; 2]>>) -> Region {
        Region {
            bounds: PixelBox {
                x: 4,
                y: 2,
                width: 3,
                height: 5,
            },
            peak: PixelPoint { x: 5, y: 3 },
            area_px: 15,
            area_mm2: None,
            outlines,
        }
    }

    fn painted(picture: &RgbImage) -> Vec<(u32, u32)> {
        picture
            .enumerate_pixels()
            .filter(|(_, _, p)| **p == STANDING)
            .map(|(x, y, _)| (x, y))
            .collect()
    }

    #[test]
    fn the_line_runs_along_the_edges_of_the_region() {
        let mut picture = RgbImage::new(100, 100);
        draw_outline(
            &mut picture,
            &region(vec![vec![[4, 2], [7, 2], [7, 7], [4, 7]]]),
            10,
            10,
            STANDING,
        );
        for (x, y) in [(40, 20), (55, 20), (70, 20), (70, 50), (70, 70), (50, 70), (40, 45)] {
            assert_eq!(*picture.get_pixel(x, y), STANDING, "no line at {x},{y}");
        }
        for (x, y) in painted(&picture) {
            let on_side = (39..=70).contains(&x) && (19..=70).contains(&y);
            let inside = (42..69).contains(&x) && (22..69).contains(&y);
            assert!(on_side && !inside, "a line at {x},{y}");
        }
    }

    #[test]
    fn a_region_without_outlines_shows_its_box() {
        let (mut boxed, mut outlined) = (RgbImage::new(60, 60), RgbImage::new(60, 60));
        draw_outline(&mut boxed, &region(Vec::new()), 10, 10, STANDING);
        draw_outline(
            &mut outlined,
            &region(vec![vec![[4, 2], [7, 2], [7, 7], [4, 7]]]),
            10,
            10,
            STANDING,
        );
        assert!(!painted(&boxed).is_empty());
        assert_eq!(boxed, outlined);
    }

    #[test]
    fn corners_outside_the_picture_are_drawn_at_its_border() {
        let mut picture = RgbImage::new(20, 20);
        draw_outline(
            &mut picture,
            &region(vec![vec![[0, 0], [u32::MAX, 0], [u32::MAX, u32::MAX]]]),
            10,
            10,
            STANDING,
        );
        assert_eq!(*picture.get_pixel(19, 10), STANDING);
    }
}
