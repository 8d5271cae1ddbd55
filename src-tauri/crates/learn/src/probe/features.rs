//! What is no anatomy: block means, the border ring, a handful of figures.

use domain::GreyFrame;

/// Blocks of the thumbnail on each side.
const THUMBNAIL: usize = 8;
/// Blocks of the border ring on each side of the image.
const RING_BLOCKS: usize = 8;
/// The ring is this part of the shorter side: 12 pixels of 224.
const RING_PART: usize = 18;

/// Features of one image: 64 block means, 64 ring figures (mean and spread of 32 blocks), 6 trivial
/// ones (mean, spread, sharpness, rows, columns, aspect).
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeFeatures {
    /// 64 block means, row by row.
    pub thumbnail: Vec<f32>,
    /// Mean and spread of 32 blocks along the border.
    pub border: Vec<f32>,
    /// Mean, spread, sharpness, rows, columns, aspect.
    pub trivial: Vec<f32>,
}

/// Values are taken as they are, for brightness is one of the shortcuts. A frame without pixels
/// gives zeros.
pub fn features(frame: &GreyFrame) -> ProbeFeatures {
    let (rows, cols) = (frame.rows as usize, frame.cols as usize);
    let block = |top: usize, bottom: usize, left: usize, right: usize| mean_and_spread(frame, top..bottom, left..right);
    let mut thumbnail = Vec::with_capacity(THUMBNAIL * THUMBNAIL);
    for row in 0..THUMBNAIL {
        let (top, bottom) = share(rows, row, THUMBNAIL);
        for col in 0..THUMBNAIL {
            let (left, right) = share(cols, col, THUMBNAIL);
            thumbnail.push(block(top, bottom, left, right).0);
        }
    }
    let ring = (rows.min(cols) / RING_PART).max(1);
    let mut border = Vec::with_capacity(4 * RING_BLOCKS * 2);
    for part in 0..RING_BLOCKS {
        let (left, right) = share(cols, part, RING_BLOCKS);
        let (top, bottom) = share(rows, part, RING_BLOCKS);
        let sides = [
            block(0, ring.min(rows), left, right),
            block(rows.saturating_sub(ring), rows, left, right),
            block(top, bottom, 0, ring.min(cols)),
            block(top, bottom, cols.saturating_sub(ring), cols),
        ];
        border.extend(sides.iter().flat_map(|(mean, spread)| [*mean, *spread]));
    }
    let (mean, spread) = block(0, rows, 0, cols);
    let aspect = cols as f32 / rows.max(1) as f32;
    ProbeFeatures {
        thumbnail,
        border,
        trivial: vec![mean, spread, sharpness(frame), rows as f32, cols as f32, aspect],
    }
}

/// Bounds of one of `parts` equal shares of a side; at least one pixel wide where there is one.
fn share(length: usize, index: usize, parts: usize) -> (usize, usize) {
    let start = (length * index / parts).min(length.saturating_sub(1));
    (start, (length * (index + 1) / parts).max(start + 1).min(length))
}

fn mean_and_spread(frame: &GreyFrame, rows: std::ops::Range<usize>, cols: std::ops::Range<usize>) -> (f32, f32) {
    let width = frame.cols as usize;
    let (mut count, mut sum, mut squared) = (0.0, 0.0, 0.0);
    for row in rows {
        let line = frame
            .values
            .get(row * width + cols.start..row * width + cols.end)
            .unwrap_or_default();
        for value in line {
            count += 1.0;
            sum += f64::from(*value);
            squared += f64::from(*value) * f64::from(*value);
        }
    }
    if count == 0.0 {
        return (0.0, 0.0);
    }
    let mean = sum / count;
    (mean as f32, (squared / count - mean * mean).max(0.0).sqrt() as f32)
}

/// Mean absolute Laplacian of the inner pixels.
fn sharpness(frame: &GreyFrame) -> f32 {
    let (rows, cols) = (frame.rows as usize, frame.cols as usize);
    if rows < 3 || cols < 3 || frame.values.len() < rows * cols {
        return 0.0;
    }
    let at = |row: usize, col: usize| f64::from(frame.values[row * cols + col]);
    let mut sum = 0.0;
    for row in 1..rows - 1 {
        for col in 1..cols - 1 {
            let around = at(row - 1, col) + at(row + 1, col) + at(row, col - 1) + at(row, col + 1);
            sum += (around - 4.0 * at(row, col)).abs();
        }
    }
    (sum / ((rows - 2) * (cols - 2)) as f64) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_ring_and_figures_of_a_ramp() {
        // The value of a pixel is its column: 0..32.
        let frame = GreyFrame {
            rows: 16,
            cols: 32,
            values: (0..16 * 32).map(|at| (at % 32) as f32).collect(),
        };
        let found = features(&frame);
        assert_eq!(found.thumbnail.len(), 64);
        assert_eq!(found.thumbnail[..8], [1.5, 5.5, 9.5, 13.5, 17.5, 21.5, 25.5, 29.5]);
        assert_eq!(found.thumbnail[56..], found.thumbnail[..8]);
        // The ring is one pixel wide here. First part: top, bottom, left, right as mean and spread.
        assert_eq!(found.border.len(), 64);
        assert_eq!(
            [found.border[0], found.border[2], found.border[4], found.border[6]],
            [1.5, 1.5, 0.0, 31.0]
        );
        assert_eq!([found.border[5], found.border[7]], [0.0, 0.0]);
        assert_eq!(found.trivial[0], 15.5);
        assert_eq!(found.trivial[2], 0.0);
        assert_eq!(found.trivial[3..], [16.0, 32.0, 2.0]);
    }

    #[test]
    fn pictures_smaller_than_the_blocks_are_taken() {
        for (rows, cols) in [(1, 1), (3, 2), (7, 300), (0, 0)] {
            let frame = GreyFrame {
                rows,
                cols,
                values: vec![2.0; (rows * cols) as usize],
            };
            let found = features(&frame);
            let expected = if rows == 0 { 0.0 } else { 2.0 };
            assert!(
                found.thumbnail.iter().all(|value| *value == expected),
                "{rows} x {cols}"
            );
            assert!(found.border.iter().chain(&found.trivial).all(|value| value.is_finite()));
        }
    }
}
