//! From an anomaly map to connected regions with outlines.

use std::ops::Range;

use domain::room::{NoRoom, filled, gathered, room_for};
use domain::{PixelBox, PixelPoint, Region, Ruler, geometry::pixel_area_mm2};

use crate::number::count;

/// One connected component with the map values of its pixels.
pub struct Component {
    /// Place, size and outline, in pixels of the map.
    pub region: Region,
    /// Map values of its pixels, in no order.
    pub values: Vec<f32>,
}

/// Components (8-connected) of `rows x cols` map values at or above `threshold` with at least
/// `min_pixels` pixels, the highest peak first.
///
/// # Errors
/// [`NoRoom`]; some 13 bytes a pixel are needed.
pub fn components(
    map: &[f32],
    rows: u32,
    cols: u32,
    threshold: f32,
    min_pixels: u32,
    ruler: &Ruler,
) -> Result<Vec<Component>, NoRoom> {
    let mut flood = Flood {
        map,
        rows: rows as usize,
        cols: cols as usize,
        threshold,
        label: filled(0, map.len())?,
        pixels: room_for(map.len())?,
        open: room_for(map.len())?,
    };
    let mut found = Vec::new();
    for (start, value) in map.iter().enumerate() {
        if flood.label[start] != 0 || *value < threshold {
            continue;
        }
        let id = count(found.len()).saturating_add(1);
        found.push((id, flood.from(count(start), id)));
    }
    let large = found.into_iter().filter(|(_, part)| part.len() >= min_pixels as usize);
    let mut components = large
        .map(|(id, part)| describe(map, &flood.label, rows, cols, id, &flood.pixels[part], ruler))
        .collect::<Result<Vec<Component>, NoRoom>>()?;
    components.sort_by(|a, b| peak_value(b).total_cmp(&peak_value(a)));
    Ok(components)
}

fn peak_value(component: &Component) -> f32 {
    component.values.iter().copied().fold(0.0, f32::max)
}

/// Its lists have room for all pixels from the start: each pixel comes into them once.
struct Flood<'a> {
    map: &'a [f32],
    rows: usize,
    cols: usize,
    threshold: f32,
    /// Number of the component that a pixel belongs to, from 1 on.
    label: Vec<u32>,
    /// Pixels of all components, one after another.
    pixels: Vec<u32>,
    open: Vec<u32>,
}

impl Flood<'_> {
    /// The component around a pixel; its range in `pixels`.
    fn from(&mut self, start: u32, id: u32) -> Range<usize> {
        let first = self.pixels.len();
        self.open.push(start);
        self.label[start as usize] = id;
        while let Some(at) = self.open.pop() {
            self.pixels.push(at);
            let (x, y) = (at as usize % self.cols, at as usize / self.cols);
            for ny in y.saturating_sub(1)..=(y + 1).min(self.rows - 1) {
                for nx in x.saturating_sub(1)..=(x + 1).min(self.cols - 1) {
                    let next = ny * self.cols + nx;
                    if self.label[next] == 0 && self.map[next] >= self.threshold {
                        self.label[next] = id;
                        self.open.push(count(next));
                    }
                }
            }
        }
        first..self.pixels.len()
    }
}

fn describe(
    map: &[f32],
    label: &[u32],
    rows: u32,
    cols: u32,
    id: u32,
    pixels: &[u32],
    ruler: &Ruler,
) -> Result<Component, NoRoom> {
    let place = |at: u32| (at % cols, at / cols);
    let value = |at: u32| map[at as usize];
    let (mut left, mut top, mut right, mut bottom) = (u32::MAX, u32::MAX, 0, 0);
    for at in pixels {
        let (x, y) = place(*at);
        (left, right) = (left.min(x), right.max(x));
        (top, bottom) = (top.min(y), bottom.max(y));
    }
    // The first of equal peaks in reading order, so that the answer does not depend on the flood.
    let peak = pixels
        .iter()
        .copied()
        .max_by(|a, b| value(*a).total_cmp(&value(*b)).then(b.cmp(a)))
        .unwrap_or_default();
    let (peak_x, peak_y) = place(peak);
    let bounds = PixelBox {
        x: left,
        y: top,
        width: right - left + 1,
        height: bottom - top + 1,
    };
    let inside = |x: i64, y: i64| match (u32::try_from(x), u32::try_from(y)) {
        (Ok(x), Ok(y)) if x < cols && y < rows => label[y as usize * cols as usize + x as usize] == id,
        _ => false,
    };
    Ok(Component {
        region: Region {
            bounds,
            peak: PixelPoint { x: peak_x, y: peak_y },
            area_px: count(pixels.len()),
            area_mm2: ruler
                .at(&bounds)
                .map(|scale| pixels.len() as f64 * pixel_area_mm2(scale.spacing_mm)),
            outlines: outlines(bounds, inside)?,
        },
        values: gathered(pixels.iter().map(|at| value(*at)))?,
    })
}

/// Walks along pixel edges with the inside on the right; corners only.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a walk stays on the corners of `bounds`, whose places are u32"
)]
fn outlines(bounds: PixelBox, inside: impl Fn(i64, i64) -> bool) -> Result<Vec<Vec<[u32; 2]>>, NoRoom> {
    const STEP: [(i64, i64); 4] = [(1, 0), (0, 1), (-1, 0), (0, -1)];
    // The pixels right and left of an edge that leaves corner (x, y) in each direction.
    let right_of = |x: i64, y: i64, d: usize| [(x, y), (x - 1, y), (x - 1, y - 1), (x, y - 1)][d];
    let left_of = |x: i64, y: i64, d: usize| [(x, y - 1), (x, y), (x - 1, y), (x - 1, y - 1)][d];
    let is_edge = |x: i64, y: i64, d: usize| {
        let ((rx, ry), (lx, ly)) = (right_of(x, y, d), left_of(x, y, d));
        inside(rx, ry) && !inside(lx, ly)
    };
    let (left, top) = (i64::from(bounds.x), i64::from(bounds.y));
    let (width, height) = (i64::from(bounds.width), i64::from(bounds.height));
    let slot = |x: i64, y: i64| ((y - top) * (width + 1) + (x - left)) as usize;
    // Only edges to the right start a loop: every closed outline has one.
    let mut walked = filled(false, ((width + 1) * (height + 1)) as usize)?;
    let mut loops = Vec::new();
    for y in top..=top + height {
        for x in left..left + width {
            if walked[slot(x, y)] || !is_edge(x, y, 0) {
                continue;
            }
            let mut corners = Vec::new();
            let (mut cx, mut cy, mut d) = (x, y, 0usize);
            loop {
                if d == 0 {
                    if walked[slot(cx, cy)] {
                        break;
                    }
                    walked[slot(cx, cy)] = true;
                }
                (cx, cy) = (cx + STEP[d].0, cy + STEP[d].1);
                // Turning left first keeps diagonal neighbours in one outline (8-connected).
                let turn = [3, 0, 1]
                    .into_iter()
                    .map(|t| (d + t) % 4)
                    .find(|next| is_edge(cx, cy, *next));
                let Some(next) = turn else { break };
                if next != d {
                    corners.push([cx as u32, cy as u32]);
                }
                d = next;
            }
            loops.push(corners);
        }
    }
    Ok(loops)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(lines: &[&str]) -> (Vec<f32>, u32, u32) {
        let values = lines
            .iter()
            .flat_map(|l| l.chars().map(|c| c.to_digit(10).map_or(0.0, |d| d as f32 / 10.0)))
            .collect();
        (values, lines.len() as u32, lines[0].len() as u32)
    }

    #[test]
    fn regions_have_box_peak_area_and_order() -> Result<(), NoRoom> {
        let (values, rows, cols) = map(&["000000", "067000", "000000", "000090", "000900"]);
        let found = components(&values, rows, cols, 0.5, 1, &Ruler::of_spacing(Some([2.0, 0.5])))?;
        assert_eq!(found.len(), 2);
        let diagonal = &found[0].region;
        assert_eq!(
            diagonal.bounds,
            PixelBox {
                x: 3,
                y: 3,
                width: 2,
                height: 2
            }
        );
        assert_eq!(diagonal.peak, PixelPoint { x: 4, y: 3 });
        assert_eq!((diagonal.area_px, diagonal.area_mm2), (2, Some(2.0)));
        assert_eq!(diagonal.outlines.len(), 1);
        assert_eq!(found[1].region.peak, PixelPoint { x: 2, y: 1 });
        assert_eq!(components(&values, rows, cols, 0.5, 3, &Ruler::default())?.len(), 0);
        Ok(())
    }

    #[test]
    fn an_outline_encloses_its_area_and_holes_are_own_loops() -> Result<(), NoRoom> {
        let (values, rows, cols) = map(&["99999", "90009", "90909", "90009", "99999"]);
        let found = components(&values, rows, cols, 0.5, 1, &Ruler::default())?;
        let ring = &found
            .iter()
            .find(|c| c.region.area_px == 16)
            .map(|c| c.region.outlines.clone());
        let loops = ring.clone().unwrap_or_default();
        assert_eq!(loops.len(), 2, "{loops:?}");
        // Shoelace: outer area 25, hole 9 of opposite sense.
        let area = |corners: &[[u32; 2]]| -> f64 {
            let shifted = corners.iter().cycle().skip(1);
            corners
                .iter()
                .zip(shifted)
                .map(|(a, b)| f64::from(a[0]) * f64::from(b[1]) - f64::from(b[0]) * f64::from(a[1]))
                .sum::<f64>()
                / 2.0
        };
        let total: f64 = loops.iter().map(|l| area(l)).sum();
        assert!((total.abs() - 16.0).abs() < 1e-9, "{total} from {loops:?}");
        Ok(())
    }

    #[test]
    fn a_region_at_the_border_is_closed() -> Result<(), NoRoom> {
        let (values, rows, cols) = map(&["99", "99"]);
        let found = components(&values, rows, cols, 0.5, 1, &Ruler::default())?;
        assert_eq!(found[0].region.outlines, vec![vec![[2, 0], [2, 2], [0, 2], [0, 0]]]);
        Ok(())
    }
}
