//! One slice of a case: the phantom through coil, point spread, slice thickness and receiver noise.

use crate::phantom::anatomy::{Anatomy, Scanner};
use crate::phantom::chance::Chance;
use crate::phantom::lesion::Lesion;
use crate::phantom::signal;

/// Which head, with or without its lesion. The head of a seed is the same either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseSpec {
    pub seed: u64,
    pub lesion: bool,
    /// Rows and columns; 256 is usual, at least 16.
    pub size: u32,
}

/// One axial image.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    pub rows: u32,
    pub cols: u32,
    /// Row by row, 0..=4095; 16 steps are one step of an 8-bit image.
    pub values: Vec<u16>,
    /// Row by row: whether the pixel belongs to the lesion.
    pub mask: Vec<bool>,
    /// Centre of the first pixel, patient coordinates (x to the left, y to the back, z to the top).
    pub position_mm: [f64; 3],
    /// Distance between rows, between columns.
    pub pixel_spacing_mm: [f64; 2],
}

/// Nominal slice thickness of every image.
pub const THICKNESS_MM: f32 = 4.0;

/// Largest stored value: 12 bits.
pub const MAX_VALUE: u16 = 4095;

const STEPS_PER_GREY: f32 = 16.0;

/// One slice of the case's head at the height `z_mm`; useful heights run from about -25 to 75, beyond
/// the head there is only noise. Pure: the same arguments give the same slice, in any order of calls.
pub fn slice(spec: CaseSpec, z_mm: f32) -> Slice {
    render(&Case::of(spec), z_mm)
}

/// `slices` images from below to above, centred on the upper half of the brain. `spacing_mm` lies
/// between their centres.
pub fn volume(spec: CaseSpec, slices: u32, spacing_mm: f32) -> Vec<Slice> {
    let case = Case::of(spec);
    let first = 24.0 - spacing_mm * (slices.saturating_sub(1)) as f32 / 2.0;
    (0..slices)
        .map(|index| render(&case, first + spacing_mm * index as f32))
        .collect()
}

/// The lesion's height: its centre and about how far it reaches up and down, in mm. `None` without one.
pub fn lesion_height_mm(spec: CaseSpec) -> Option<(f32, f32)> {
    let case = Case::of(spec);
    case.lesion
        .map(|lesion| (case.anatomy.scanner_from_head(lesion.centre)[2], lesion.radius_mm))
}

struct Case {
    spec: CaseSpec,
    anatomy: Anatomy,
    lesion: Option<Lesion>,
}

impl Case {
    fn of(spec: CaseSpec) -> Self {
        let spec = CaseSpec {
            size: spec.size.max(16),
            ..spec
        };
        let anatomy = Anatomy::draw(spec.seed);
        let lesion = spec.lesion.then(|| Lesion::draw(spec.seed, &anatomy));
        Self { spec, anatomy, lesion }
    }
}

fn render(case: &Case, z_mm: f32) -> Slice {
    let size = case.spec.size;
    let scanner = &case.anatomy.scanner;
    let pixel_mm = scanner.field_of_view_mm / size as f32;
    let half = (size - 1) as f32 / 2.0;
    let count = size as usize * size as usize;
    let (mut levels, mut mask) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for row in 0..size {
        for col in 0..size {
            let at = [(col as f32 - half) * pixel_mm, (row as f32 - half) * pixel_mm];
            let (level, lesion) = sample(case, at, z_mm, 0.7 * pixel_mm);
            levels.push(level * gain(scanner, [at[0], at[1], z_mm]));
            mask.push(lesion);
        }
    }
    spread(&mut levels, size as usize, scanner.spread);
    let values = receive(case, &levels, z_mm);
    let first = -f64::from(half) * f64::from(pixel_mm);
    Slice {
        rows: size,
        cols: size,
        values,
        mask,
        position_mm: [first, first, f64::from(z_mm)],
        pixel_spacing_mm: [f64::from(pixel_mm); 2],
    }
}

/// Level and lesion of one pixel.
fn sample(case: &Case, at: [f32; 2], z_mm: f32, soft: f32) -> (f32, bool) {
    let point = case.anatomy.head_from_scanner([at[0], at[1], z_mm]);
    let (mut level, lesion) = signal(&case.anatomy, case.lesion.as_ref(), point, soft)
        .map_or((0.0, false), |signal| (signal.level, signal.lesion));
    for (centre, radius) in &case.anatomy.scanner.markers {
        let (dx, dy) = (at[0] - centre[0], at[1] - centre[1]);
        let distance = (dx * dx + dy * dy).sqrt();
        level = level.max(case.anatomy.tone.fat * 0.8 * (0.5 - (distance - radius)).clamp(0.0, 1.0));
    }
    (level, lesion)
}

/// Receive coil: a tilted plane and a brighter rim.
fn gain(scanner: &Scanner, at: [f32; 3]) -> f32 {
    let tilt: f32 = at
        .iter()
        .zip(scanner.shading)
        .map(|(mm, share)| mm / 100.0 * share)
        .sum();
    let rim = scanner.rim * ((at[0] * at[0] + at[1] * at[1]) / 8100.0 - 0.35);
    (1.0 + tilt + rim).clamp(0.4, 1.9)
}

/// Point spread: each pixel gives `share` to either neighbour, along rows and then along columns.
fn spread(levels: &mut [f32], size: usize, share: f32) {
    for (start, step) in (0..size)
        .map(|row| (row * size, 1))
        .chain((0..size).map(|col| (col, size)))
    {
        let mut before = levels[start];
        for index in 0..size - 1 {
            let here = levels[start + index * step];
            let after = levels[start + (index + 1) * step];
            levels[start + index * step] = here + share * (before + after - 2.0 * here);
            before = here;
        }
    }
}

/// Magnitude of a complex signal with noise in both parts (Rician; Gudbjartsson and Patz,
/// Magn Reson Med 34:910, 1995), quantised to 12 bits.
fn receive(case: &Case, levels: &[f32], z_mm: f32) -> Vec<u16> {
    let scanner = &case.anatomy.scanner;
    let size = case.spec.size;
    let margin = (scanner.frame * size as f32) as u32;
    // The height picks the stream, so that a slice's noise does not hang on which came before it.
    let mut chance = Chance::new(case.spec.seed ^ 0x5ca9_0000, 0x1_0000_0000 | u64::from(z_mm.to_bits()));
    let pairs: Vec<[f32; 2]> = levels.iter().map(|_| chance.normal_pair()).collect();
    let (mut real, mut imaginary): (Vec<f32>, Vec<f32>) = pairs.into_iter().map(|[a, b]| (a, b)).unzip();
    // Images are interpolated to their matrix: neighbouring noise is alike.
    spread(&mut real, size as usize, 0.16);
    spread(&mut imaginary, size as usize, 0.16);
    (0..)
        .zip(levels)
        .map(|(index, level)| {
            let (row, col) = (index / size, index % size);
            let rim = row.min(col).min(size - 1 - row).min(size - 1 - col);
            if rim < margin {
                return 0;
            }
            let (a, b) = (
                level + 1.4 * scanner.noise * real[index as usize],
                1.4 * scanner.noise * imaginary[index as usize],
            );
            let magnitude = (a * a + b * b).sqrt() * STEPS_PER_GREY;
            (magnitude + 0.5).min(f32::from(MAX_VALUE)) as u16
        })
        .collect()
}
