//! What of a series lies together in the patient: its slices by direction, size and repetition, and whether they fill a
//! volume evenly (PS3.3 C.7.6.2.1.1).

use serde::Serialize;

use crate::closed_set::closed_set;
use crate::geometry::{Vector, dot, normal};
use crate::kind::Acquisition;
use crate::stack::{least_gap, lie, sort_by_depth};
use crate::{FrameRef, Slice, Stack};

/// Slices of one series that look the same way, are of one size, and of which at most a few lie at the same place.
#[derive(Debug, Clone, PartialEq)]
pub struct Slab {
    /// In order: along the normal where they have places.
    pub slices: Vec<Slice>,
    /// In mm along the normal from the origin of the patient; empty where not all have places.
    pub along_normal_mm: Vec<f64>,
    /// What tells them from others, and how they follow each other.
    pub laid: Laid,
    /// What keeps them from being a volume.
    pub no_volume: Option<NoVolume>,
}

/// How the slices of a slab follow each other.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Laid {
    /// What tells them from others at the same places.
    pub told_apart: Vec<ToldApart>,
    /// From slice to slice along the normal, measured by their places; of uneven distances the middle one.
    pub spacing_mm: Option<f64>,
    /// All distances are that one.
    pub regular: bool,
    /// Slices (from 0) behind which one or more are missing: the distance is a multiple of the others.
    pub missing_after: Vec<usize>,
    /// Slices (from 0) that lie at one place.
    pub duplicates: Vec<Vec<usize>>,
    /// Between the line through the slices and their normal, where it is one: of a tilted gantry.
    pub tilt_deg: Option<f64>,
}

/// In what a slab differs from others at the same places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ToldApart {
    /// What differs.
    pub by: Apart,
    /// Its value here.
    pub value: String,
}

closed_set! {
    /// What tells slices apart that lie at the same places.
    pub enum Apart {
        /// Image Type or Frame Type, such as magnitude and phase.
        ImageType = "image_type",
        /// Echo Time in ms.
        EchoTime = "echo_time",
        /// Inversion Time in ms.
        InversionTime = "inversion_time",
        /// Diffusion b-value in s/mm2.
        BValue = "b_value",
        /// Temporal Position Identifier or Index.
        TemporalPosition = "temporal_position",
        /// Nothing but the order of their numbers: each place has as many.
        Repetition = "repetition",
    }
}

closed_set! {
    /// Why slices are no volume.
    pub enum NoVolume {
        /// There is only one.
        OneSlice = "one_slice",
        /// They do not say how they lie.
        NoOrientation = "no_orientation",
        /// They do not say where they lie.
        NoPosition = "no_position",
        /// All lie at one place.
        SamePlace = "same_place",
        /// Their distances differ, and are no multiples of one.
        Uneven = "uneven",
        /// They are shifted against each other within their planes.
        Shifted = "shifted",
        /// The size of a pixel is not known.
        NoPixelSpacing = "no_pixel_spacing",
    }
}

/// What is compared, the plainest first.
const COMPARED: [Apart; 5] = [
    Apart::ImageType,
    Apart::EchoTime,
    Apart::InversionTime,
    Apart::BValue,
    Apart::TemporalPosition,
];

/// Distances are alike within this share, and so many mm: positions are written with few digits.
const ALIKE: f64 = 0.02;
const ALIKE_MM: f64 = 0.01;
/// Directions of one slab lie within about a degree.
const SAME_WAY: f64 = 0.9998;

impl Stack {
    /// The series by what lies together, in its order; `made` says how a frame was made.
    pub fn slabs(&self, made: impl Fn(&FrameRef) -> Acquisition) -> Vec<Slab> {
        let mut alike: Vec<Vec<Slice>> = vec![];
        for slice in &self.slices {
            match alike
                .iter_mut()
                .find(|group| group.first().is_some_and(|first| are_alike(first, slice)))
            {
                Some(group) => group.push(slice.clone()),
                None => alike.push(vec![slice.clone()]),
            }
        }
        let mut slabs = vec![];
        for group in alike {
            split(group, &COMPARED, &made, &[], &mut slabs);
        }
        slabs
    }
}

/// Whether two slices may be of one volume.
fn are_alike(a: &Slice, b: &Slice) -> bool {
    let (a, b) = (&a.plane, &b.plane);
    let same_way = match (a.orientation, b.orientation) {
        (Some(one), Some(other)) => dot(&one.row, &other.row) > SAME_WAY && dot(&one.column, &other.column) > SAME_WAY,
        (one, other) => one.is_none() && other.is_none(),
    };
    let same_size = match (a.pixel_spacing_mm, b.pixel_spacing_mm) {
        (Some(one), Some(other)) => one.iter().zip(&other).all(|(a, b)| (a / b - 1.0).abs() < 1e-3),
        (one, other) => one.is_none() && other.is_none(),
    };
    let placed = a.position_mm.is_some() == b.position_mm.is_some();
    let same_frame = a.frame_of_reference_uid == b.frame_of_reference_uid;
    same_way && same_size && placed && same_frame && (a.rows, a.cols) == (b.rows, b.cols)
}

/// Where slices lie along the normal of the first; `None` where one does not say it.
fn depths(slices: &[Slice]) -> Option<(Vector, Vec<f64>)> {
    let (along, _) = lie(&slices.first()?.plane)?;
    let depth = |slice: &Slice| slice.plane.position_mm.map(|position| dot(&position, &along));
    let depths: Option<Vec<f64>> = slices.iter().map(depth).collect();
    let finite = |depths: &Vec<f64>| depths.iter().all(|depth| depth.is_finite());
    depths.filter(finite).map(|depths| (along, depths))
}

/// The places at which slices lie, each with its slices, in the order of the depths.
fn places(slices: &[Slice], depths: &[f64]) -> Vec<Vec<usize>> {
    let least = least_gap(slices);
    let mut order: Vec<usize> = (0..depths.len()).collect();
    let at = |place: usize| depths.get(place).copied().unwrap_or_default();
    order.sort_by(|a, b| at(*a).total_cmp(&at(*b)));
    let mut places: Vec<Vec<usize>> = vec![];
    for one in order {
        match places.last_mut() {
            Some(place) if place.first().is_some_and(|first| at(one) - at(*first) <= least) => place.push(one),
            _ => places.push(vec![one]),
        }
    }
    places
}

/// How many slices lie at a place where another one lies already.
fn surplus(slices: &[Slice]) -> usize {
    depths(slices).map_or(0, |(_, depths)| slices.len() - places(slices, &depths).len())
}

/// Takes apart what lies at the same places, by what differs, and at last by the order of numbers.
fn split(
    mut group: Vec<Slice>,
    compared: &[Apart],
    made: &impl Fn(&FrameRef) -> Acquisition,
    so_far: &[ToldApart],
    slabs: &mut Vec<Slab>,
) {
    group.sort_by(|a, b| (a.instance_number, &a.at).cmp(&(b.instance_number, &b.at)));
    let found = depths(&group).map(|(_, depths)| places(&group, &depths));
    let Some(found) = found.filter(|places| places.len() > 1 && places.len() < group.len()) else {
        return slabs.push(Slab::of(group, so_far.to_vec()));
    };
    for (at, by) in compared.iter().enumerate() {
        let mut parts: Vec<(String, Vec<Slice>)> = vec![];
        for slice in &group {
            let value = value(*by, &made(&slice.at));
            match parts.iter_mut().find(|(of, _)| *of == value) {
                Some((_, part)) => part.push(slice.clone()),
                None => parts.push((value, vec![slice.clone()])),
            }
        }
        let left: usize = parts.iter().map(|(_, part)| surplus(part)).sum();
        if parts.len() > 1 && left < group.len() - found.len() {
            for (value, part) in parts {
                let told = ToldApart { by: *by, value };
                let rest = compared.get(at + 1..).unwrap_or_default();
                split(part, rest, made, &[so_far, &[told]].concat(), slabs);
            }
            return;
        }
    }
    let count = found.first().map_or(1, Vec::len);
    if count < 2 || found.iter().any(|place| place.len() != count) {
        return slabs.push(Slab::of(group, so_far.to_vec()));
    }
    for repetition in 0..count {
        let part = found.iter().filter_map(|place| {
            let mut place = place.clone();
            place.sort_unstable();
            group.get(*place.get(repetition)?).cloned()
        });
        let told = ToldApart {
            by: Apart::Repetition,
            value: (repetition + 1).to_string(),
        };
        slabs.push(Slab::of(part.collect(), [so_far, &[told]].concat()));
    }
}

/// What is compared, as text; empty where nothing is said.
fn value(by: Apart, made: &Acquisition) -> String {
    let number = |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
    match by {
        Apart::ImageType => made.image_type.join("\\"),
        Apart::EchoTime => number(made.echo_ms),
        Apart::InversionTime => number(made.inversion_ms),
        Apart::BValue => number(made.b_value),
        Apart::TemporalPosition => made.temporal_position.map(|at| at.to_string()).unwrap_or_default(),
        Apart::Repetition => String::new(),
    }
}

impl Slab {
    fn of(mut slices: Vec<Slice>, told_apart: Vec<ToldApart>) -> Self {
        slices.sort_by(|a, b| (a.instance_number, &a.at).cmp(&(b.instance_number, &b.at)));
        if let Some((_, depths)) = depths(&slices) {
            // Without numbers of their own from right to left, front to back, foot to head.
            let numbers: Vec<_> = slices.iter().map(|one| (one.instance_number, one.at.frame)).collect();
            let numbered = slices.iter().all(|one| one.instance_number.is_some())
                && numbers.windows(2).all(|two| two.first() != two.last());
            sort_by_depth(&mut slices, depths, numbered);
        }
        let mut slab = Self {
            along_normal_mm: vec![],
            laid: Laid {
                told_apart,
                ..Laid::default()
            },
            no_volume: None,
            slices,
        };
        slab.no_volume = slab.measured();
        slab
    }

    /// Measures the distances, and says what keeps them from being those of a volume.
    fn measured(&mut self) -> Option<NoVolume> {
        let first = &self.slices.first()?.plane;
        let turned = first.orientation.is_some_and(|lies| normal(&lies).is_some());
        let along = depths(&self.slices);
        if let Some((_, depths)) = &along {
            self.along_normal_mm.clone_from(depths);
        }
        if self.slices.len() < 2 {
            return Some(NoVolume::OneSlice);
        }
        let Some((along, depths)) = along else {
            return Some(if turned {
                NoVolume::NoPosition
            } else {
                NoVolume::NoOrientation
            });
        };
        let mut places = places(&self.slices, &depths);
        places.sort_by_key(|place| place.iter().min().copied());
        places.iter_mut().for_each(|place| place.sort_unstable());
        let at = |place: &Vec<usize>| place.first().and_then(|one| depths.get(*one)).copied();
        let heights: Vec<f64> = places.iter().filter_map(at).collect();
        if heights.len() < 2 {
            return Some(NoVolume::SamePlace);
        }
        self.laid.duplicates = places.iter().filter(|place| place.len() > 1).cloned().collect();
        let gaps: Vec<f64> = heights
            .iter()
            .zip(heights.iter().skip(1))
            .map(|(a, b)| (b - a).abs())
            .collect();
        let mut sorted = gaps.clone();
        sorted.sort_by(f64::total_cmp);
        let spacing = sorted.get((sorted.len() - 1) / 2).copied()?;
        let near = |gap: f64, to: f64| (gap - to).abs() <= ALIKE * spacing + ALIKE_MM;
        let steps = |gap: &f64| (gap / spacing).round().max(1.0);
        let even = gaps.iter().all(|gap| near(*gap, steps(gap) * spacing));
        self.laid.regular = gaps.iter().all(|gap| near(*gap, spacing));
        // Positions are rounded: over all of them the distance is known best.
        let count: f64 = gaps.iter().map(steps).sum();
        self.laid.spacing_mm = Some(if even {
            gaps.iter().sum::<f64>() / count
        } else {
            spacing
        });
        for (gap, place) in gaps.iter().zip(&places) {
            if even && steps(gap) > 1.0 {
                self.laid.missing_after.extend(place.last());
            }
        }
        let straight = self.shear(&along, &depths);
        match first_pixel(&self.slices) {
            _ if !even => Some(NoVolume::Uneven),
            _ if !straight => Some(NoVolume::Shifted),
            None => Some(NoVolume::NoPixelSpacing),
            Some(_) => None,
        }
    }

    /// The angle at which the slices follow each other, where they lie on one line.
    fn shear(&mut self, along: &Vector, depths: &[f64]) -> bool {
        let positions: Vec<Vector> = self.slices.iter().filter_map(|one| one.plane.position_mm).collect();
        let (Some(from), Some(to)) = (positions.first(), positions.last()) else {
            return true;
        };
        let (Some(low), Some(high)) = (depths.first(), depths.last()) else {
            return true;
        };
        let minus = |a: &Vector, b: &Vector| [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
        let line = minus(to, from);
        let most = first_pixel(&self.slices).unwrap_or(1.0) / 2.0;
        let straight = positions.iter().zip(depths).all(|(position, depth)| {
            let share = (depth - low) / (high - low);
            let off = minus(&minus(position, from), &line.map(|part| part * share));
            dot(&off, &off).sqrt() <= most
        });
        let rise = dot(&line, along);
        let across = (dot(&line, &line) - rise * rise).max(0.0).sqrt();
        let tilt = across.atan2(rise.abs()).to_degrees();
        self.laid.tilt_deg = (straight && tilt > 0.1).then_some(tilt);
        straight
    }
}

/// The smaller side of a pixel in mm.
fn first_pixel(slices: &[Slice]) -> Option<f64> {
    let [high, wide] = slices.first()?.plane.pixel_spacing_mm?;
    Some(high.min(wide))
}

#[cfg(test)]
mod tests;
