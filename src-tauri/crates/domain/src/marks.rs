//! What lies over an image: overlay planes (PS3.3 C.9.2) and shutters (C.7.6.11, C.7.6.15). Both change what is seen,
//! never the values.

use serde::{Deserialize, Serialize};

/// An overlay plane (60xx): a bitmap over the image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OverlayPlane {
    /// Its group, such as `6000`.
    pub group: String,
    /// Overlay Rows.
    pub rows: u32,
    /// Overlay Columns.
    pub cols: u32,
    /// Row and column of its first pixel in the image; 1, 1 is the image's first.
    pub origin: [i32; 2],
    /// Overlay Type as the file writes it: `G` for graphics, `R` for a region of interest. Text, for a vault holds what
    /// files wrote beyond the standard, and nothing is decided by it.
    pub kind: String,
    /// Overlay Label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Overlay Description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its set pixels, over all its frames.
    pub set: u64,
    /// Its bitmaps; not kept in the vault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bitmaps: Vec<Bitmap>,
}

/// One frame of an overlay plane.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bitmap {
    /// The frame of the file that it belongs to, from 0; `None` for all.
    pub frame: Option<u32>,
    /// Lengths of runs, row after row: so many pixels that are not set, so many that are, and so on.
    pub runs: Vec<u32>,
}

impl Bitmap {
    /// Of pixels row by row.
    pub fn of(frame: Option<u32>, pixels: impl IntoIterator<Item = bool>) -> Self {
        let mut runs = vec![0];
        let mut set = false;
        for pixel in pixels {
            if pixel != set {
                runs.push(0);
                set = pixel;
            }
            if let Some(last) = runs.last_mut() {
                *last += 1;
            }
        }
        Self { frame, runs }
    }

    /// First place and length of each run of set pixels.
    pub fn set_runs(&self) -> impl Iterator<Item = (u64, u32)> + '_ {
        let mut at = 0_u64;
        self.runs.iter().enumerate().filter_map(move |(number, length)| {
            let start = at;
            at += u64::from(*length);
            (number % 2 == 1 && *length > 0).then_some((start, *length))
        })
    }

    /// Number of set pixels.
    pub fn count(&self) -> u64 {
        self.set_runs().map(|(_, length)| u64::from(length)).sum()
    }
}

impl OverlayPlane {
    /// The set pixels over this frame of the file, as row and column of the image, from 0. What lies outside the image
    /// is told too, as long as it is not before its first row or column.
    pub fn pixels(&self, frame: u32) -> impl Iterator<Item = [u32; 2]> + '_ {
        let here = self
            .bitmaps
            .iter()
            .filter(move |bitmap| bitmap.frame.is_none_or(|of| of == frame));
        let cols = u64::from(self.cols.max(1));
        let [top, left] = self.origin.map(|start| i64::from(start) - 1);
        here.flat_map(Bitmap::set_runs)
            .flat_map(|(start, length)| start..start + u64::from(length))
            .filter_map(move |place| {
                let row = top + i64::try_from(place / cols).ok()?;
                let col = left + i64::try_from(place % cols).ok()?;
                Some([u32::try_from(row).ok()?, u32::try_from(col).ok()?])
            })
    }

    /// Itself without its bitmaps.
    pub fn described(&self) -> Self {
        Self {
            bitmaps: vec![],
            ..self.clone()
        }
    }
}

/// Parts of the image that are not to be seen. A pixel is seen where every shape leaves it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Shutter {
    /// At least one.
    pub shapes: Vec<ShutterShape>,
    /// Shutter Presentation Value (0018,1622), 0 to 65535; black where none is named.
    pub presentation_value: u16,
}

/// One shape of a shutter, in rows and columns of the image that count from 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "shape", rename_all = "snake_case")]
pub enum ShutterShape {
    /// What lies between the edges is seen, the edges too.
    Rectangular {
        /// First column.
        left: i32,
        /// Last column.
        right: i32,
        /// First row.
        upper: i32,
        /// Last row.
        lower: i32,
    },
    /// What lies within the radius is seen.
    Circular {
        /// Row and column.
        center: [i32; 2],
        /// In pixels along a row.
        radius: f64,
        /// Height of a pixel over its width, where it is not square.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional))]
        pixel_aspect: Option<f64>,
    },
    /// What lies within the closed line is seen.
    Polygonal {
        /// Row and column of each corner.
        vertices: Vec<[i32; 2]>,
    },
    /// What the overlay plane covers is hidden.
    Bitmap {
        /// Its group, such as `6000`.
        group: String,
    },
}

impl Shutter {
    /// Whether the pixel (from 0) is hidden by a shape other than a bitmap.
    pub fn hides(&self, row: u32, col: u32) -> bool {
        let (row, col) = (f64::from(row) + 1.0, f64::from(col) + 1.0);
        self.shapes.iter().any(|shape| match shape {
            ShutterShape::Rectangular {
                left,
                right,
                upper,
                lower,
            } => {
                let [left, right, upper, lower] = [left, right, upper, lower].map(|edge| f64::from(*edge));
                col < left || col > right || row < upper || row > lower
            }
            ShutterShape::Circular {
                center: [middle, across],
                radius,
                pixel_aspect,
            } => {
                let down = (row - f64::from(*middle)) * pixel_aspect.unwrap_or(1.0);
                down.hypot(col - f64::from(*across)) > *radius
            }
            ShutterShape::Polygonal { vertices } => !within(vertices, row, col),
            ShutterShape::Bitmap { .. } => false,
        })
    }

    /// Which pixels of a frame are hidden, row by row; `overlays` are those of its file.
    pub fn mask(&self, rows: u32, cols: u32, frame: u32, overlays: &[OverlayPlane]) -> Vec<bool> {
        let mut mask: Vec<bool> = (0..rows)
            .flat_map(|row| (0..cols).map(move |col| (row, col)))
            .map(|(row, col)| self.hides(row, col))
            .collect();
        for shape in &self.shapes {
            let ShutterShape::Bitmap { group } = shape else {
                continue;
            };
            for overlay in overlays.iter().filter(|overlay| overlay.group == *group) {
                paint(&mut mask, rows, cols, overlay.pixels(frame));
            }
        }
        mask
    }

    /// Grey 0..=255 of what is hidden.
    pub fn level(&self) -> u8 {
        (f64::from(self.presentation_value) / 65535.0 * 255.0).round() as u8
    }
}

/// Sets the pixels that lie in the image.
pub fn paint(mask: &mut [bool], rows: u32, cols: u32, pixels: impl Iterator<Item = [u32; 2]>) {
    for [row, col] in pixels.filter(|[row, col]| *row < rows && *col < cols) {
        if let Some(pixel) = mask.get_mut(row as usize * cols as usize + col as usize) {
            *pixel = true;
        }
    }
}

/// By the even-odd rule; what lies on the line is within.
fn within(vertices: &[[i32; 2]], row: f64, col: f64) -> bool {
    let mut inside = false;
    let next = vertices.iter().cycle().skip(1);
    for (from, to) in vertices.iter().zip(next) {
        let ([r1, c1], [r2, c2]) = (from.map(f64::from), to.map(f64::from));
        let cross = (r2 - r1) * (col - c1) - (c2 - c1) * (row - r1);
        let between = row >= r1.min(r2) && row <= r1.max(r2) && col >= c1.min(c2) && col <= c1.max(c2);
        if cross == 0.0 && between {
            return true;
        }
        if (r1 > row) != (r2 > row) && col < (c2 - c1) * (row - r1) / (r2 - r1) + c1 {
            inside = !inside;
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_say_which_pixels_are_set() {
        for pattern in 0..1u32 << 9 {
            let pixels: Vec<bool> = (0..9).map(|bit| pattern >> bit & 1 == 1).collect();
            let bitmap = Bitmap::of(None, pixels.iter().copied());
            let overlay = OverlayPlane {
                rows: 3,
                cols: 3,
                origin: [2, 0],
                bitmaps: vec![bitmap.clone()],
                ..OverlayPlane::default()
            };
            assert_eq!(bitmap.count(), u64::from(pattern.count_ones()));
            // The first column lies before the image.
            let expected: Vec<[u32; 2]> = (0..9)
                .filter(|at| pixels[*at as usize] && at % 3 > 0)
                .map(|at| [1 + at / 3, at % 3 - 1])
                .collect();
            assert_eq!(overlay.pixels(0).collect::<Vec<_>>(), expected, "{pattern:09b}");
        }
    }

    #[test]
    fn a_pixel_is_seen_where_every_shape_leaves_it() {
        let square = ShutterShape::Polygonal {
            vertices: vec![[2, 2], [2, 5], [5, 5], [5, 2]],
        };
        let rectangle = ShutterShape::Rectangular {
            left: 2,
            right: 5,
            upper: 2,
            lower: 5,
        };
        let of = |shapes: Vec<ShutterShape>| Shutter {
            shapes,
            presentation_value: 0,
        };
        let both = [of(vec![square]), of(vec![rectangle.clone()])];
        let circle = of(vec![
            rectangle,
            ShutterShape::Circular {
                center: [2, 2],
                radius: 2.0,
                pixel_aspect: None,
            },
        ]);
        for aspect in [0.5, 1.0, 1.5, 2.0] {
            let oval = of(vec![ShutterShape::Circular {
                center: [21, 21],
                radius: 12.0,
                pixel_aspect: Some(aspect),
            }]);
            let seen = |at: &dyn Fn(u32) -> [u32; 2]| (0..41).filter(|n| !oval.hides(at(*n)[0], at(*n)[1])).count();
            let half = (12.0 / aspect) as usize;
            let found = [seen(&|n| [20, n]), seen(&|n| [n, 20])];
            assert_eq!(found, [25, (2 * half + 1).min(41)], "{aspect}");
        }
        for (row, col) in (0..8).flat_map(|row| (0..8).map(move |col| (row, col))) {
            let outside = !(1..=4).contains(&row) || !(1..=4).contains(&col);
            assert_eq!(
                both.each_ref().map(|one| one.hides(row, col)),
                [outside; 2],
                "{row} {col}"
            );

            let (dr, dc) = (f64::from(row) - 1.0, f64::from(col) - 1.0);
            assert_eq!(circle.hides(row, col), outside || dr.hypot(dc) > 2.0, "{row} {col}");
        }
    }

    #[test]
    fn a_bitmap_hides_what_it_covers() {
        let overlay = OverlayPlane {
            group: "6002".into(),
            rows: 1,
            cols: 2,
            origin: [2, 2],
            bitmaps: vec![Bitmap::of(Some(1), [true, false])],
            ..OverlayPlane::default()
        };
        let shutter = Shutter {
            shapes: vec![ShutterShape::Bitmap { group: "6002".into() }],
            presentation_value: 65535,
        };
        let hidden = |frame| shutter.mask(2, 2, frame, std::slice::from_ref(&overlay));
        assert_eq!(hidden(0), [false; 4]);
        assert_eq!(hidden(1), [false, false, false, true]);
        assert_eq!(shutter.level(), 255);
    }
}
