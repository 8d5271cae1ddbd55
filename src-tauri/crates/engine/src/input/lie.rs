//! How the pixels of a frame lie: which turn makes it upright, the shape of a pixel, and what of the frame is image at
//! all. A slice gives one input, however it was stored.

use domain::{Decoded, PixelBox, Plane, SlicePlane, geometry::dot};

/// Pixels are not longer than this on one side than on the other: more is a mistake of the file.
const LARGEST_ASPECT: f64 = 10.0;

/// How the pixels of a frame lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lie {
    /// Makes it upright.
    pub turn: Turn,
    /// Height of a pixel over its width.
    pub aspect: f64,
    /// The part of the frame that is image; `None`: all of it.
    pub inner: Option<PixelBox>,
    /// Its values are Hounsfield units.
    pub hounsfield: bool,
}

impl Default for Lie {
    fn default() -> Self {
        Self {
            turn: Turn::default(),
            aspect: 1.0,
            inner: None,
            hounsfield: false,
        }
    }
}

impl Lie {
    /// Of a frame of `pixels`, counted from the first that is there.
    pub fn of(decoded: &Decoded, at: u32) -> Self {
        let plane = decoded.plane(at);
        let aspect = plane.aspect();
        let usable = aspect.is_finite() && (1.0 / LARGEST_ASPECT..=LARGEST_ASPECT).contains(&aspect);
        Self {
            turn: Turn::upright(&plane),
            // What was rounded in a header is no other shape.
            aspect: if usable && (aspect - 1.0).abs() > 0.005 {
                aspect
            } else {
                1.0
            },
            inner: inner(decoded, at),
            hounsfield: plane.unit.as_deref() == Some("HU"),
        }
    }
}

/// The smallest box around what is no padding, where that is a part of the frame.
fn inner(decoded: &Decoded, at: u32) -> Option<PixelBox> {
    let [low, high] = decoded.facts.padding?;
    let pixels = &decoded.pixels;
    if pixels.samples != 1 || pixels.cols == 0 {
        return None;
    }
    let (mut rows, mut cols) = ((u32::MAX, 0), (u32::MAX, 0));
    let (mut row, mut col) = (0, 0);
    for value in pixels.stored(at) {
        if !(low..=high).contains(&value) {
            rows = (rows.0.min(row), rows.1.max(row));
            cols = (cols.0.min(col), cols.1.max(col));
        }
        col += 1;
        if col == pixels.cols {
            (row, col) = (row + 1, 0);
        }
    }
    let found = PixelBox {
        x: cols.0,
        y: rows.0,
        width: cols.1.checked_sub(cols.0)? + 1,
        height: rows.1.checked_sub(rows.0)? + 1,
    };
    (found.width < pixels.cols || found.height < pixels.rows).then_some(found)
}

/// A turn by quarters and a mirroring: rows and columns change places first, then each may be reversed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Turn {
    /// Rows become columns.
    pub transpose: bool,
    /// The first row becomes the last.
    pub flip_rows: bool,
    /// The first column becomes the last.
    pub flip_cols: bool,
}

impl Turn {
    /// By which a slice is shown as radiology shows it; of what has no place in the patient, none.
    fn upright(plane: &Plane) -> Self {
        let Some(orientation) = &plane.orientation else {
            return Self::default();
        };
        let (right, down) = match SlicePlane::of(orientation) {
            Some(SlicePlane::Axial) => ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]),
            Some(SlicePlane::Sagittal) => ([0.0, 1.0, 0.0], [0.0, 0.0, -1.0]),
            Some(SlicePlane::Coronal) => ([1.0, 0.0, 0.0], [0.0, 0.0, -1.0]),
            Some(SlicePlane::Oblique) | None => return Self::default(),
        };
        let (row, column) = (&orientation.row, &orientation.column);
        if dot(row, &right).abs() >= dot(row, &down).abs() {
            Self {
                transpose: false,
                flip_rows: dot(column, &down) < 0.0,
                flip_cols: dot(row, &right) < 0.0,
            }
        } else {
            Self {
                transpose: true,
                flip_rows: dot(row, &down) < 0.0,
                flip_cols: dot(column, &right) < 0.0,
            }
        }
    }

    /// Rows and columns of what a `rows` x `cols` plane becomes.
    pub fn shape(self, rows: u32, cols: u32) -> (u32, u32) {
        if self.transpose { (cols, rows) } else { (rows, cols) }
    }

    /// Turns a plane of `rows` x `cols`, row by row.
    pub fn apply(self, values: &[f32], rows: u32, cols: u32) -> Vec<f32> {
        let (to_rows, to_cols) = self.shape(rows, cols);
        let from = cols as usize;
        self.places(to_rows as usize, to_cols as usize)
            .map(|(row, col)| {
                let place = if self.transpose {
                    col * from + row
                } else {
                    row * from + col
                };
                values.get(place).copied().unwrap_or_default()
            })
            .collect()
    }

    /// Turns a plane back that [`Turn::apply`] made of one of `rows` x `cols`.
    pub fn undo(self, values: &[f32], rows: u32, cols: u32) -> Vec<f32> {
        let (from_rows, from_cols) = self.shape(rows, cols);
        let mut back = vec![0.0; values.len()];
        let places = self.places(from_rows as usize, from_cols as usize);
        for (value, (row, col)) in values.iter().zip(places) {
            let place = if self.transpose {
                col * cols as usize + row
            } else {
                row * cols as usize + col
            };
            if let Some(to) = back.get_mut(place) {
                *to = *value;
            }
        }
        back
    }

    /// Of each place of the turned plane, row by row, where it lay before it was mirrored.
    fn places(self, rows: usize, cols: usize) -> impl Iterator<Item = (usize, usize)> {
        (0..rows).flat_map(move |row| {
            let row = if self.flip_rows { rows - 1 - row } else { row };
            (0..cols).map(move |col| (row, if self.flip_cols { cols - 1 - col } else { col }))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Orientation, PixelArray, PixelData, testing::header};

    #[test]
    fn a_slice_is_upright_however_it_was_stored() {
        // 1 2 3
        // 4 5 6
        let stored = [
            ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0], (2, 3), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
            (
                [-1.0, 0.0, 0.0],
                [0.0, 1.0, 0.0],
                (2, 3),
                [3.0, 2.0, 1.0, 6.0, 5.0, 4.0],
            ),
            (
                [1.0, 0.0, 0.0],
                [0.0, -1.0, 0.0],
                (2, 3),
                [4.0, 5.0, 6.0, 1.0, 2.0, 3.0],
            ),
            ([0.0, 1.0, 0.0], [1.0, 0.0, 0.0], (3, 2), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]),
            (
                [0.0, -1.0, 0.0],
                [1.0, 0.0, 0.0],
                (3, 2),
                [4.0, 1.0, 5.0, 2.0, 6.0, 3.0],
            ),
            (
                [0.0, 1.0, 0.0],
                [-1.0, 0.0, 0.0],
                (3, 2),
                [3.0, 6.0, 2.0, 5.0, 1.0, 4.0],
            ),
        ];
        let mut plane = Plane::of_header(&header());
        for (row, column, (rows, cols), values) in stored {
            plane.orientation = Some(Orientation { row, column });
            let turn = Turn::upright(&plane);
            assert_eq!(turn.shape(rows, cols), (2, 3), "{row:?} {column:?}");
            let upright = turn.apply(&values, rows, cols);
            assert_eq!(upright, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "{row:?} {column:?}");
            assert_eq!(turn.undo(&upright, rows, cols), values, "{row:?} {column:?}");
        }
        plane.orientation = None;
        assert_eq!(Turn::upright(&plane), Turn::default());
    }

    #[test]
    fn padding_is_no_part_of_the_image_and_pixels_have_a_shape() {
        let mut header = header();
        header.image.pixel_spacing_mm = Some([2.0, 1.0]);
        let pixels = PixelArray {
            frames: 1,
            rows: 3,
            cols: 4,
            samples: 1,
            data: PixelData::U8(vec![9, 9, 9, 9, 9, 1, 2, 9, 9, 3, 9, 9]),
        };
        let mut decoded = Decoded::new(header, pixels);
        assert_eq!(Lie::of(&decoded, 0).inner, None);
        decoded.facts.padding = Some([9.0, 9.0]);
        let lie = Lie::of(&decoded, 0);
        let inner = PixelBox {
            x: 1,
            y: 1,
            width: 2,
            height: 2,
        };
        assert_eq!((lie.inner, lie.aspect), (Some(inner), 2.0));
        decoded.header.image.pixel_spacing_mm = Some([0.0, 1.0]);
        assert_eq!(Lie::of(&decoded, 0).aspect, 1.0);
    }
}
