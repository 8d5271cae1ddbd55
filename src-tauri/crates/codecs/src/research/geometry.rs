//! Where voxels lie in the patient, and how a slice is turned to be looked at.

use std::array::from_fn;

use domain::PlaneFacts;

/// What a file says of where its voxels lie.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// `None` where it does not place them in the patient.
    pub affine: Option<Affine>,
    /// Between columns, rows and slices, in millimetres, where it states them.
    pub spacing: Option<[f64; 3]>,
    /// Whether steps and places are lengths at all.
    pub measured: bool,
}

/// From column, row and slice (the last column: of the first voxel's centre) to millimetres, LPS (PS3.3 C.7.6.2.1.1).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Affine(pub [[f64; 4]; 3]);

impl Affine {
    /// From millimetres to the right, front and top of the patient, as NIfTI has them.
    pub(super) fn of_ras(rows: [[f64; 4]; 3]) -> Self {
        let [x, y, z] = rows;
        Self([x.map(|v| -v), y.map(|v| -v), z])
    }

    /// From a direction of each axis with its step in it, and the first voxel.
    pub(super) fn of_axes(axes: [[f64; 3]; 3], origin: [f64; 3]) -> Self {
        let [columns, rows, slices] = axes;
        Self(from_fn(|i| {
            let at = |axis: [f64; 3]| axis.get(i).copied().unwrap_or_default();
            [at(columns), at(rows), at(slices), at(origin)]
        }))
    }

    /// Step along an axis of the volume.
    fn axis(&self, axis: usize) -> [f64; 3] {
        self.0.map(|row| row.get(axis).copied().unwrap_or_default())
    }

    /// The letters of where each axis begins, such as `RAI` for one that leads left, back and up.
    pub(super) fn begins(&self) -> String {
        let letters = [['R', 'L'], ['A', 'P'], ['I', 'S']];
        let letter = |axis: usize| {
            let vector = self.axis(axis);
            let main = main_axis(vector);
            let back = vector.get(main).is_some_and(|step| *step < 0.0);
            letters.get(main).and_then(|pair| pair.get(usize::from(back)))
        };
        (0..3).filter_map(letter).collect()
    }

    /// How far two axes are from a right angle, as the cosine between them.
    fn cosine(&self, one: usize, other: usize) -> f64 {
        let (one, other) = (self.axis(one), self.axis(other));
        let product: f64 = one.iter().zip(other).map(|(a, b)| a * b).sum();
        (product / (length(one) * length(other))).abs()
    }

    /// How far the centre of a corner's voxel lies from where another one puts it, at most; of so many voxels.
    pub(super) fn apart(&self, other: &Self, counts: [u64; 3]) -> f64 {
        let last = counts.map(|count| count.saturating_sub(1) as f64);
        let mut most = 0.0_f64;
        for corner in 0..8 {
            let at = |axis: usize| match corner >> axis & 1 {
                1 => last.get(axis).copied().unwrap_or_default(),
                _ => 0.0,
            };
            let voxel = [at(0), at(1), at(2), 1.0];
            let place = |affine: &Self| {
                affine
                    .0
                    .map(|row| row.iter().zip(voxel).map(|(a, b)| a * b).sum::<f64>())
            };
            let (one, two) = (place(self), place(other));
            let step: [f64; 3] = from_fn(|i| one.get(i).zip(two.get(i)).map_or(0.0, |(a, b)| a - b));
            most = most.max(length(step));
        }
        most
    }

    /// The smallest step between voxels.
    pub(super) fn finest(&self) -> f64 {
        (0..3).map(|axis| length(self.axis(axis))).fold(f64::INFINITY, f64::min)
    }

    /// Whether every axis leads somewhere, and all values are numbers.
    pub(super) fn is_sound(&self) -> bool {
        let finite = self.0.iter().flatten().all(|value| value.is_finite());
        finite && (0..3).all(|axis| length(self.axis(axis)) > 1e-9)
    }
}

pub(super) fn length(vector: [f64; 3]) -> f64 {
    vector.iter().map(|v| v * v).sum::<f64>().sqrt()
}

/// Cosine of an angle beyond which axes count as sheared: a length is wrong by as much, a thousandth.
const SHEARED: f64 = 0.001;

/// How the axes of a volume stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shear {
    None,
    /// Rows and columns are at right angles, slices are shifted.
    OfSlices,
    OfPixels,
}

/// How slices are shown, and what their header says then. Files of research store rows and columns in any direction;
/// a reader and a model expect the patient as radiology shows it: the patient's right on the left of an axial or
/// coronal slice, the front on top or on the left, the head on top.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct View {
    stored: [usize; 2],
    /// Rows are stored as columns.
    transposed: bool,
    /// The shown column, row is counted from the other end.
    turned_columns: bool,
    turned_rows: bool,
    pub rows: u32,
    pub cols: u32,
    /// Between rows, between columns.
    pub pixel_spacing_mm: Option<[f64; 2]>,
    pub position_mm: Option<[f64; 3]>,
    pub orientation: Option<[f64; 6]>,
    pub slice_spacing_mm: Option<f64>,
    /// From a slice to the next.
    step_mm: Option<[f64; 3]>,
    pub shear: Shear,
}

impl View {
    /// `size` is columns, rows as they are stored. Without a place in the patient slices are shown as they are stored.
    /// A length that is not above 0 is none.
    pub(super) fn of(affine: Option<&Affine>, spacing: Option<[f64; 3]>, size: [u32; 2]) -> Self {
        let [cols, rows] = size;
        let known = |step: f64| (step.is_finite() && step > 0.0).then_some(step);
        let mut view = Self {
            stored: size.map(|n| n as usize),
            transposed: false,
            turned_columns: false,
            turned_rows: false,
            rows,
            cols,
            pixel_spacing_mm: spacing.and_then(|[x, y, _]| Some([known(y)?, known(x)?])),
            position_mm: None,
            orientation: None,
            slice_spacing_mm: spacing.and_then(|[_, _, z]| known(z)),
            step_mm: None,
            shear: Shear::None,
        };
        let Some(affine) = affine.filter(|affine| affine.is_sound()) else {
            return view;
        };
        let (mut across, mut down) = (affine.axis(0), affine.axis(1));
        let normal = main_axis(affine.axis(2));
        // A sagittal slice has the patient's back on its right, others the patient's left.
        let wanted_across = if normal == 0 { 1 } else { 0 };
        view.transposed = main_axis(across) != wanted_across && main_axis(down) == wanted_across;
        if view.transposed {
            std::mem::swap(&mut across, &mut down);
            (view.rows, view.cols) = (cols, rows);
        }
        let (shown_cols, shown_rows) = (f64::from(view.cols), f64::from(view.rows));
        let mut position: [f64; 3] = affine.axis(3);
        let at = |vector: [f64; 3], axis: usize| vector.get(axis).copied().unwrap_or_default();
        view.turned_columns = at(across, main_axis(across)) < 0.0;
        if view.turned_columns {
            position = from_fn(|i| at(position, i) + at(across, i) * (shown_cols - 1.0));
            across = across.map(|v| -v);
        }
        // Down is to the back, and to the feet.
        let down_axis = main_axis(down);
        let sign = if down_axis == 2 { -1.0 } else { 1.0 };
        view.turned_rows = at(down, down_axis) * sign < 0.0;
        if view.turned_rows {
            position = from_fn(|i| at(position, i) + at(down, i) * (shown_rows - 1.0));
            down = down.map(|v| -v);
        }
        let unit = |vector: [f64; 3]| {
            let length = length(vector);
            // No negative zero in what is printed.
            vector.map(|v| v / length + 0.0)
        };
        let ([a, b, c], [d, e, f]) = (unit(across), unit(down));
        view.orientation = Some([a, b, c, d, e, f]);
        view.position_mm = Some(position.map(|v| v + 0.0));
        view.pixel_spacing_mm = Some([length(down), length(across)]);
        let normal = [b * f - c * e, c * d - a * f, a * e - b * d];
        let step: f64 = affine.axis(2).iter().zip(normal).map(|(s, n)| s * n).sum();
        view.slice_spacing_mm = Some(step.abs());
        view.step_mm = Some(affine.axis(2));
        let sheared = |one, other| affine.cosine(one, other) > SHEARED;
        if sheared(0, 1) {
            view.shear = Shear::OfPixels;
            view = view.without_lengths();
        } else if sheared(0, 2) || sheared(1, 2) {
            view.shear = Shear::OfSlices;
        }
        view
    }

    /// The directions alone, where nothing is known of lengths.
    pub(super) fn without_lengths(self) -> Self {
        Self {
            pixel_spacing_mm: None,
            position_mm: None,
            slice_spacing_mm: None,
            step_mm: None,
            ..self
        }
    }

    /// Where each of `frames` lies, which are so many slices one after the other, once or several times; none where
    /// the file has no place in the patient.
    pub(super) fn positions(&self, slices: u64, frames: u32) -> Vec<PlaneFacts> {
        let (Some(first), Some(step)) = (self.position_mm, self.step_mm) else {
            return vec![];
        };
        let at = |frame: u32| {
            let slice = (u64::from(frame) % slices.max(1)) as f64;
            let at = |axis: usize| {
                let of = |vector: [f64; 3]| vector.get(axis).copied().unwrap_or_default();
                of(first) + of(step) * slice
            };
            PlaneFacts {
                position_mm: Some(from_fn(at)),
                ..PlaneFacts::default()
            }
        };
        (0..frames).map(at).collect()
    }

    /// A slice of pixels of so many bytes as it is shown.
    pub(super) fn turned(&self, slice: &[u8], pixel_bytes: usize) -> Vec<u8> {
        if !(self.transposed || self.turned_columns || self.turned_rows) {
            return slice.to_vec();
        }
        let [stored_cols, _] = self.stored;
        let (rows, cols) = (self.rows as usize, self.cols as usize);
        let mut shown = Vec::with_capacity(slice.len());
        for row in 0..rows {
            let row = if self.turned_rows { rows - 1 - row } else { row };
            for col in 0..cols {
                let col = if self.turned_columns { cols - 1 - col } else { col };
                let pixel = if self.transposed {
                    col * stored_cols + row
                } else {
                    row * stored_cols + col
                };
                let from = pixel * pixel_bytes;
                shown.extend_from_slice(slice.get(from..from + pixel_bytes).unwrap_or_default());
            }
        }
        shown
    }
}

/// The axis of the patient along which a direction leads most: 0 left, 1 back, 2 head.
fn main_axis(vector: [f64; 3]) -> usize {
    let [x, y, z] = vector.map(f64::abs);
    if x >= y && x >= z {
        0
    } else if y >= z {
        1
    } else {
        2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every way in which a file may store a volume shows the same slices of the patient.
    #[test]
    fn a_voxel_stays_where_it_is_in_the_patient_however_it_is_stored() {
        let size = [4_u32, 3];
        for axes in [[0, 1, 2], [1, 0, 2], [0, 2, 1], [2, 0, 1], [1, 2, 0], [2, 1, 0]] {
            for signs in 0..8 {
                let steps = [1.5, 2.5, 4.0];
                let axes_mm: [[f64; 3]; 3] = from_fn(|i| {
                    let sign = if signs >> i & 1 == 1 { -1.0 } else { 1.0 };
                    from_fn(|j| if axes[i] == j { sign * steps[i] } else { 0.0 })
                });
                // Lies a little askew, as a head does.
                let (sin, cos) = 0.03_f64.sin_cos();
                let axes_mm = axes_mm.map(|[x, y, z]| {
                    let [x, y] = [x * cos - y * sin, x * sin + y * cos];
                    [x, y * cos - z * sin, y * sin + z * cos]
                });
                let affine = Affine::of_axes(axes_mm, [10.0, -20.0, 30.0]);
                let view = View::of(Some(&affine), None, size);
                let stored: Vec<u8> = (0..12).collect();
                let shown = view.turned(&stored, 1);
                let (position, orientation, spacing) = (
                    view.position_mm.unwrap_or_default(),
                    view.orientation.unwrap_or_default(),
                    view.pixel_spacing_mm.unwrap_or_default(),
                );
                for (at, value) in shown.iter().enumerate() {
                    let (row, col) = (at / view.cols as usize, at % view.cols as usize);
                    let (j, i) = (f64::from(value / 4), f64::from(value % 4));
                    for axis in 0..3 {
                        let place = position[axis]
                            + orientation[axis] * spacing[1] * col as f64
                            + orientation[3 + axis] * spacing[0] * row as f64;
                        let meant = affine.0[axis][0] * i + affine.0[axis][1] * j + affine.0[axis][3];
                        assert!((place - meant).abs() < 1e-9, "{axes:?} {signs}: {place} is not {meant}");
                    }
                }
                // Rows lead to the left or the back, columns to the back or the feet.
                let [a, b, _, _, e, f] = orientation;
                assert!(a > 0.9 || b > 0.9, "{axes:?} {signs}: {orientation:?}");
                assert!(e > 0.9 || f < -0.9, "{axes:?} {signs}: {orientation:?}");
            }
        }
    }
}
