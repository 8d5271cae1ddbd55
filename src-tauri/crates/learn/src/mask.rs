//! A binary mask as runs along its rows: a lesion of a 256 x 256 slice takes about a kilobyte.

mod components;
#[cfg(test)]
mod tests;

use domain::PixelPoint;

use crate::LearnError;

/// DICOM's Rows and Columns are 16 bits wide (PS3.3 C.7.6.3); flat indices then fit 32 bits.
const SIDE_MAX: u32 = 65_535;

/// Pixels of a run lie on one row: flat indices `start..start + len`, row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    start: u32,
    len: u32,
}

impl Run {
    fn end(self) -> u32 {
        self.start + self.len
    }
}

/// Set pixels of a rows x cols image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    rows: u32,
    cols: u32,
    runs: Vec<Run>,
    area: u32,
}

impl Mask {
    /// Sets every pixel whose flat index (row by row) fits. Error: a side of more than 65,535 pixels.
    pub fn from_fn(rows: u32, cols: u32, set: impl Fn(usize) -> bool) -> Result<Self, LearnError> {
        fits(rows, cols)?;
        let mut runs = Vec::new();
        for row in 0..rows {
            let first = row * cols;
            let mut col = 0;
            while col < cols {
                let start = col;
                while col < cols && set((first + col) as usize) {
                    col += 1;
                }
                if col > start {
                    runs.push(Run {
                        start: first + start,
                        len: col - start,
                    });
                } else {
                    col += 1;
                }
            }
        }
        Ok(Self::of_runs(rows, cols, runs))
    }

    /// Pixels of `values` (rows x cols, row by row) at or above `threshold`, as the lesion mask
    /// files (0 and 255) and anomaly maps hold them.
    pub fn at_or_above<T: PartialOrd + Copy>(
        rows: u32,
        cols: u32,
        values: &[T],
        threshold: T,
    ) -> Result<Self, LearnError> {
        let expected = fits(rows, cols)? as usize;
        if values.len() != expected {
            return Err(LearnError::Length {
                what: "mask",
                expected,
                got: values.len(),
            });
        }
        Self::from_fn(rows, cols, |index| values[index] >= threshold)
    }

    /// The pixels inside closed outlines along pixel edges (`domain::Region::outlines`), even-odd:
    /// an outline inside another cuts a hole. Error: a slanting edge, an edge outside the image.
    pub fn from_outlines(rows: u32, cols: u32, outlines: &[Vec<[u32; 2]>]) -> Result<Self, LearnError> {
        fits(rows, cols)?;
        let mut crossings: Vec<Vec<u32>> = vec![Vec::new(); rows as usize];
        for outline in outlines {
            let next = outline.iter().cycle().skip(1);
            for ([x, y], [next_x, next_y]) in outline.iter().zip(next) {
                if (x != next_x && y != next_y) || *x > cols {
                    return Err(LearnError::BrokenOutline { row: *y });
                }
                if x != next_x {
                    continue;
                }
                for row in *y.min(next_y)..*y.max(next_y) {
                    let crossed = crossings
                        .get_mut(row as usize)
                        .ok_or(LearnError::BrokenOutline { row })?;
                    crossed.push(*x);
                }
            }
        }
        let mut runs = Vec::new();
        for (row, mut crossed) in (0..rows).zip(crossings) {
            crossed.sort_unstable();
            if crossed.len() % 2 == 1 {
                return Err(LearnError::BrokenOutline { row });
            }
            for pair in crossed.chunks_exact(2).filter(|pair| pair[1] > pair[0]) {
                push_joined(
                    &mut runs,
                    Run {
                        start: row * cols + pair[0],
                        len: pair[1] - pair[0],
                    },
                    cols,
                );
            }
        }
        Ok(Self::of_runs(rows, cols, runs))
    }

    /// A mask without a pixel.
    ///
    /// # Errors
    /// Where a side is above 65,535.
    pub fn empty(rows: u32, cols: u32) -> Result<Self, LearnError> {
        fits(rows, cols)?;
        Ok(Self::of_runs(rows, cols, Vec::new()))
    }

    fn of_runs(rows: u32, cols: u32, runs: Vec<Run>) -> Self {
        let area = runs.iter().map(|run| run.len).sum();
        Self { rows, cols, runs, area }
    }

    /// Rows of the image, set or not.
    pub fn rows(&self) -> u32 {
        self.rows
    }

    /// Columns of the image.
    pub fn cols(&self) -> u32 {
        self.cols
    }

    /// `rows x cols` for a message.
    pub fn size(&self) -> String {
        format!("{} x {}", self.rows, self.cols)
    }

    /// Set pixels.
    pub fn area_px(&self) -> u32 {
        self.area
    }

    /// Whether no pixel is set.
    pub fn is_empty(&self) -> bool {
        self.area == 0
    }

    /// False for a point outside the image.
    pub fn contains(&self, point: PixelPoint) -> bool {
        if point.x >= self.cols || point.y >= self.rows {
            return false;
        }
        let index = point.y * self.cols + point.x;
        let after = self.runs.partition_point(|run| run.start <= index);
        after > 0 && index < self.runs[after - 1].end()
    }

    /// Pixels set in both. Both masks have the same size, otherwise only equal flat indices are compared.
    pub fn intersection_px(&self, other: &Mask) -> u32 {
        let (mut left, mut right) = (self.runs.iter().peekable(), other.runs.iter().peekable());
        let mut shared = 0;
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            shared += a.end().min(b.end()).saturating_sub(a.start.max(b.start));
            if a.end() <= b.end() {
                left.next();
            } else {
                right.next();
            }
        }
        shared
    }

    /// Whether a pixel is set in both.
    pub fn touches(&self, other: &Mask) -> bool {
        self.intersection_px(other) > 0
    }
}

fn fits(rows: u32, cols: u32) -> Result<u32, LearnError> {
    if rows > SIDE_MAX || cols > SIDE_MAX {
        return Err(LearnError::MaskTooLarge { rows, cols });
    }
    Ok(rows * cols)
}

/// Keeps one run where two meet on a row.
fn push_joined(runs: &mut Vec<Run>, run: Run, cols: u32) {
    match runs.last_mut() {
        Some(last) if last.end() == run.start && !run.start.is_multiple_of(cols) => last.len += run.len,
        _ => runs.push(run),
    }
}
