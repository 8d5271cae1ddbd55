//! Frames of one series that are scrolled through together: their order, the rule that gave it, and what belongs
//! together across stacks.

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;
use crate::geometry::{Vector, are_parallel, dot, normal};
use crate::{FrameRef, Header, ImageFacts, MeasuredRegion, Plane, Ruler, Uid};

/// A series in the one order that every screen, page and list of the program has.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    /// The series that it is part of.
    pub series_instance_uid: Uid,
    /// In order.
    pub slices: Vec<Slice>,
    /// Why they stand so.
    pub order: Order,
}

/// One frame of a stack.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    /// Its instance and frame.
    pub at: FrameRef,
    /// Frames of its instance.
    pub frames: u32,
    /// Instance Number (0020,0013).
    pub instance_number: Option<i32>,
    /// What its frame says of itself.
    pub plane: Plane,
    /// Regions of the image with axes of their own.
    pub regions: Vec<MeasuredRegion>,
}

/// The rule by which a stack is in order, and why it is not a better one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// What the slices were ordered by.
    pub rule: OrderRule,
    /// `None` where it is along the normal.
    pub not_along_normal: Option<NotAlongNormal>,
}

closed_set! {
    /// What the slices of a stack are ordered by.
    pub enum OrderRule {
        /// By place in the patient along the normal of the slices, in the direction in which the instance numbers rise;
        /// without numbers of their own from right to left, front to back, foot to head.
        AlongNormal = "along_normal",
        /// By instance number, then frame.
        InstanceNumber = "instance_number",
        /// Instance numbers are missing or repeat: by what there is of them, then by UID and frame, so that the order
        /// is at least always the same.
        FileOrder = "file_order",
    }
}

closed_set! {
    /// Why slices cannot be put in order along their normal.
    pub enum NotAlongNormal {
        /// There is at most one slice.
        OneSlice = "one_slice",
        /// Not every frame says where it lies.
        NoPlaces = "no_places",
        /// Places are measured in different frames of reference.
        FramesOfReference = "frames_of_reference",
        /// They lie at an angle to each other.
        NotParallel = "not_parallel",
        /// Several lie at the same place, such as the times of a dynamic study.
        SamePlace = "same_place",
    }
}

/// Slices nearer to each other than this, or than a hundredth of a pixel, lie at the same place.
const LEAST_GAP_MM: f64 = 0.01;

impl Slice {
    /// What lengths on it are measured by.
    pub fn ruler(&self) -> Ruler {
        Ruler::of(&self.plane, &self.regions)
    }
}

impl Stack {
    /// The frames of those instances of one series that hold an image, in order.
    pub fn of<'a>(
        series_instance_uid: &Uid,
        instances: impl IntoIterator<Item = (&'a Header, &'a ImageFacts)>,
    ) -> Self {
        let mut slices = Vec::new();
        let mut numbers = Vec::new();
        for (header, facts) in instances.into_iter().filter(|(header, _)| header.holds_picture()) {
            numbers.push(header.instance.number);
            slices.extend((0..header.image.frames).map(|frame| Slice {
                at: FrameRef {
                    sop_instance_uid: header.instance.sop_instance_uid.clone(),
                    frame,
                },
                frames: header.image.frames,
                instance_number: header.instance.number,
                plane: Plane::of(header, facts, frame),
                regions: facts.regions.clone(),
            }));
        }
        slices.sort_by(|a, b| (a.instance_number, &a.at).cmp(&(b.instance_number, &b.at)));
        numbers.sort_unstable();
        let numbered = numbers.iter().all(Option::is_some) && numbers.windows(2).all(|two| two.first() != two.last());
        let order = match depths(&slices) {
            Ok(depths) => {
                sort_by_depth(&mut slices, depths, numbered);
                Order {
                    rule: OrderRule::AlongNormal,
                    not_along_normal: None,
                }
            }
            Err(why) => Order {
                rule: if numbered {
                    OrderRule::InstanceNumber
                } else {
                    OrderRule::FileOrder
                },
                not_along_normal: Some(why),
            },
        };
        Self {
            series_instance_uid: series_instance_uid.clone(),
            slices,
            order,
        }
    }

    /// What a reader calls the slice at this place: the frame of a file of many, else the number of the instance, else
    /// the place in the stack; frames and places count from 1.
    pub fn name(&self, place: usize) -> i64 {
        match self.slices.get(place) {
            Some(slice) if slice.frames > 1 => i64::from(slice.at.frame) + 1,
            Some(Slice {
                instance_number: Some(number),
                ..
            }) => i64::from(*number),
            _ => place as i64 + 1,
        }
    }
}

/// Which slice of another stack belongs to each slice of one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Counterparts {
    /// For each slice of the one its place in the other, from 0; empty where the other has no slice.
    pub places: Vec<u32>,
    /// Whether they meet at the same place in the patient; else at the same share of the stack.
    pub by_place: Vec<bool>,
}

/// In one study, and across studies that share a frame of reference, slices meet by their place in the patient, where
/// both stacks have one and look the same way or the opposite one. Else the patient lies differently in each study:
/// then, and without places, they meet by their share of the stack.
pub fn counterparts(from: &Stack, to: &Stack, same_study: bool) -> Counterparts {
    let mut found = Counterparts::default();
    if to.slices.is_empty() {
        return found;
    }
    for (at, slice) in from.slices.iter().enumerate() {
        let nearest = nearest(slice, to, same_study);
        found.by_place.push(nearest.is_some());
        let place = nearest.unwrap_or_else(|| share(at, from.slices.len(), to.slices.len()));
        found.places.push(u32::try_from(place).unwrap_or(u32::MAX));
    }
    found
}

/// The place of the slice that lies nearest along the normal, where both say where they lie in one frame.
fn nearest(slice: &Slice, to: &Stack, same_study: bool) -> Option<usize> {
    let (along, position) = lie(&slice.plane)?;
    let here = &slice.plane.frame_of_reference_uid;
    let mut there = to.slices.iter().map(|other| &other.plane.frame_of_reference_uid);
    // Files that name different frames of one study were moved between them; without names a study is its own frame.
    let shared = match here.is_some() && there.clone().all(Option::is_some) {
        true => there.all(|uid| uid == here),
        false => same_study,
    };
    if !shared {
        return None;
    }
    let mut found: Option<(f64, usize)> = None;
    for (at, other) in to.slices.iter().enumerate() {
        let (normal, lies) = lie(&other.plane)?;
        if !are_parallel(&along, &normal) {
            return None;
        }
        let gap = (dot(&lies, &along) - dot(&position, &along)).abs();
        if found.is_none_or(|(least, _)| gap < least) {
            found = Some((gap, at));
        }
    }
    // Not-a-number is no distance.
    found.filter(|(gap, _)| gap.is_finite()).map(|(_, at)| at)
}

/// The place at the same share of another stack.
fn share(at: usize, from: usize, to: usize) -> usize {
    let last = to.saturating_sub(1);
    match from {
        0 | 1 => at.min(last),
        _ => (at as f64 / (from - 1) as f64 * last as f64).round() as usize,
    }
}

/// How far along the first slice's normal each lies, in mm.
fn depths(slices: &[Slice]) -> Result<Vec<f64>, NotAlongNormal> {
    let [first, _, ..] = slices else {
        return Err(NotAlongNormal::OneSlice);
    };
    let (along, _) = lie(&first.plane).ok_or(NotAlongNormal::NoPlaces)?;
    let depth = |slice: &Slice| {
        let (normal, position) = lie(&slice.plane).ok_or(NotAlongNormal::NoPlaces)?;
        if slice.plane.frame_of_reference_uid != first.plane.frame_of_reference_uid {
            return Err(NotAlongNormal::FramesOfReference);
        }
        // A slice that is seen from its other side belongs to no stack with these.
        if !are_parallel(&along, &normal) || dot(&along, &normal) < 0.0 {
            return Err(NotAlongNormal::NotParallel);
        }
        Ok(dot(&position, &along))
    };
    let depths = slices.iter().map(depth).collect::<Result<Vec<f64>, _>>()?;
    let mut sorted = depths.clone();
    sorted.sort_by(f64::total_cmp);
    let least = least_gap(slices);
    // A place that is no number is apart from none.
    let apart = |two: &[f64]| matches!(two, [a, b] if b - a > least);
    match sorted.windows(2).all(apart) {
        true => Ok(depths),
        false => Err(NotAlongNormal::SamePlace),
    }
}

/// Slices nearer to each other than this lie at the same place, in mm.
pub(crate) fn least_gap(slices: &[Slice]) -> f64 {
    // Of a specimen under a microscope a pixel is smaller than the gap of a body's.
    let pixels = slices.iter().filter_map(|slice| slice.plane.pixel_spacing_mm);
    let finest = pixels.flatten().fold(f64::INFINITY, f64::min);
    LEAST_GAP_MM.min(finest / 100.0)
}

/// The normal and the position of a slice that says both.
pub(crate) fn lie(plane: &Plane) -> Option<(Vector, Vector)> {
    normal(&plane.orientation?).zip(plane.position_mm)
}

/// `slices` come by their numbers; where those are `numbered`, the direction in which they rise, taken together, stays.
pub(crate) fn sort_by_depth(slices: &mut Vec<Slice>, depths: Vec<f64>, numbered: bool) {
    let middle = (depths.len() as f64 - 1.0) / 2.0;
    let rise: f64 = depths
        .iter()
        .enumerate()
        .map(|(at, depth)| (at as f64 - middle) * depth)
        .sum();
    let mut placed: Vec<(f64, Slice)> = depths.into_iter().zip(slices.drain(..)).collect();
    placed.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    if numbered && rise < 0.0 {
        placed.reverse();
    }
    slices.extend(placed.into_iter().map(|(_, slice)| slice));
}

#[cfg(test)]
mod tests;
