//! What goes through several slices is told once: findings that are joined to a lesion.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::geometry::diameter_mm;
use crate::numbers::DecisionCounts;
use crate::{Decision, DecisionKind, Finding, FrameRef, PixelBox, Review, Score, Stack, Uid};

/// Findings of one lesion: the same label in one stack, on neighbouring slices, one over the other. Where a lesion
/// lies is anatomy, so decisions do not part it; but a rejected finding is no part of one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Lesion {
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    /// The series of its slices.
    pub series_instance_uid: Uid,
    /// The reader's own where the decision changed it.
    pub label: String,
    /// The model's.
    pub model_label: String,
    /// The firmest decision on any of its findings: accepted before changed before unsure. None before a decision.
    pub decision: Option<DecisionKind>,
    /// Whether a report tells it: accepted, changed or unsure. Without a decision it is not in it.
    pub told: bool,
    /// Its findings by their own decisions, which may differ.
    pub decisions: DecisionCounts,
    /// Ids, slice by slice.
    pub findings: Vec<String>,
    /// The frame that shows it best: where the score is highest, and of equals the area largest.
    #[cfg_attr(feature = "typescript", ts(type = "FrameRef"))]
    pub shown_at: FrameRef,
    /// On that frame.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub score: Score,
    /// The limit that its score is judged by.
    pub threshold: f32,
    /// What a reader calls the slices at its ends, the lower number first.
    pub first_slice: i64,
    /// The last slice that shows it, named alike.
    pub last_slice: i64,
    /// Longest diameter on one slice; none without pixel spacing.
    pub diameter_mm: Option<f64>,
    /// Width and height in pixels on the slice where its area is largest.
    pub extent_px: [u32; 2],
    /// What the reader wrote at its findings, each text once.
    pub notes: Vec<String>,
}

/// A finding where it lies.
#[derive(Debug, Clone, Copy)]
pub struct Placed<'a> {
    /// The instance that shows it.
    pub sop_instance_uid: &'a Uid,
    /// 0 is the first.
    pub frame: u32,
    /// What the model offered.
    pub finding: &'a Finding,
    /// The decision that stands.
    pub review: Option<&'a Review>,
    /// Of the analysis that offered it.
    pub threshold: f32,
}

#[derive(Clone, Copy)]
struct Part<'a> {
    placed: Placed<'a>,
    stack: &'a Stack,
    place: usize,
    label: &'a str,
}

/// The lesions of a study, the highest score first. Findings on frames of no stack are left out.
pub fn lesions(stacks: &[Stack], found: &[Placed<'_>]) -> Vec<Lesion> {
    let mut places: BTreeMap<(&Uid, u32), (&Stack, usize)> = BTreeMap::new();
    for stack in stacks {
        for (place, slice) in stack.slices.iter().enumerate() {
            places.insert((&slice.at.sop_instance_uid, slice.at.frame), (stack, place));
        }
    }
    let mut parts: Vec<Part<'_>> = Vec::new();
    for placed in found {
        let place = places.get(&(placed.sop_instance_uid, placed.frame)).copied();
        if let (Some((stack, place)), Some(label)) = (place, label(placed)) {
            parts.push(Part {
                placed: *placed,
                stack,
                place,
                label,
            });
        }
    }
    parts.sort_by_key(|part| part.place);
    // A lesion is named by the first of its parts. A part may lie over several of the slice before, which are then one.
    let mut first_of: Vec<usize> = (0..parts.len()).collect();
    for (at, part) in parts.iter().enumerate() {
        let before = parts.iter().enumerate().take(at).rev();
        for (other, _) in before
            .take_while(|(_, other)| other.place + 1 >= part.place)
            .filter(|(_, other)| other.goes_on(part))
        {
            let (kept, gone) = (first_of[at].min(first_of[other]), first_of[at].max(first_of[other]));
            first_of
                .iter_mut()
                .filter(|first| **first == gone)
                .for_each(|first| *first = kept);
        }
    }
    let mut groups: BTreeMap<usize, Vec<Part<'_>>> = BTreeMap::new();
    for (first, part) in first_of.into_iter().zip(parts) {
        groups.entry(first).or_default().push(part);
    }
    let mut lesions: Vec<Lesion> = groups.values().filter_map(|group| lesion(group)).collect();
    lesions.sort_by(|a, b| b.score.value().total_cmp(&a.score.value()));
    lesions
}

/// The reader's own words where there are any; `None` of what was rejected.
fn label<'a>(placed: &Placed<'a>) -> Option<&'a str> {
    match placed.review.map(|review| &review.decision) {
        Some(Decision::Rejected) => None,
        Some(Decision::Changed { label }) if !label.trim().is_empty() => Some(label.trim()),
        _ => Some(&placed.finding.label),
    }
}

impl Part<'_> {
    fn decision(&self) -> Option<DecisionKind> {
        self.placed.review.map(|review| review.decision.kind())
    }

    fn score(&self) -> f32 {
        self.placed.finding.score.value()
    }

    fn area(&self) -> u32 {
        self.placed.finding.region.area_px
    }

    /// Frames of its instance: a slice of a file of many is no neighbour of one of a file of its own.
    fn frames(&self) -> Option<u32> {
        self.stack.slices.get(self.place).map(|slice| slice.frames)
    }

    fn diameter_mm(&self) -> Option<f64> {
        let region = &self.placed.finding.region;
        let scale = self.stack.slices.get(self.place)?.ruler().at(&region.bounds)?;
        Some(diameter_mm(&region.outlines, scale.spacing_mm))
    }

    /// Whether `next` is the same lesion on the next slice.
    fn goes_on(&self, next: &Part<'_>) -> bool {
        self.stack.series_instance_uid == next.stack.series_instance_uid
            && self.place + 1 == next.place
            && self.frames() == next.frames()
            && self.label == next.label
            && overlap(&self.placed.finding.region.bounds, &next.placed.finding.region.bounds)
    }
}

/// The decision by which a lesion is named, of those on its findings.
fn firmest(decisions: &DecisionCounts) -> Option<DecisionKind> {
    let firmest_first = [
        (decisions.accepted, DecisionKind::Accepted),
        (decisions.changed, DecisionKind::Changed),
        (decisions.unsure, DecisionKind::Unsure),
    ];
    let given = firmest_first.into_iter().find(|(findings, _)| *findings > 0);
    given.map(|(_, decision)| decision)
}

fn overlap(a: &PixelBox, b: &PixelBox) -> bool {
    let along = |a: u32, length_a: u32, b: u32, length_b: u32| {
        u64::from(a) < u64::from(b) + u64::from(length_b) && u64::from(b) < u64::from(a) + u64::from(length_a)
    };
    along(a.x, a.width, b.x, b.width) && along(a.y, a.height, b.y, b.height)
}

/// Of parts in the order of their slices; `None` of none.
fn lesion(parts: &[Part<'_>]) -> Option<Lesion> {
    let better = |a: &Part<'_>, b: &Part<'_>| (b.score(), b.area()) > (a.score(), a.area());
    let best = parts.iter().reduce(|a, b| if better(a, b) { b } else { a })?;
    let largest = parts.iter().reduce(|a, b| if b.area() > a.area() { b } else { a })?;
    let names = || parts.iter().map(|part| part.stack.name(part.place));
    let mut notes: Vec<String> = Vec::new();
    let written = parts.iter().filter_map(|part| part.placed.review?.note.as_deref());
    for note in written.map(str::trim).filter(|note| !note.is_empty()) {
        if !notes.iter().any(|other| other == note) {
            notes.push(note.to_owned());
        }
    }
    let mut decisions = DecisionCounts::default();
    parts.iter().for_each(|part| decisions.add(part.decision()));
    let bounds = largest.placed.finding.region.bounds;
    Some(Lesion {
        series_instance_uid: best.stack.series_instance_uid.clone(),
        label: best.label.to_owned(),
        model_label: best.placed.finding.label.clone(),
        decision: firmest(&decisions),
        told: firmest(&decisions).is_some(),
        decisions,
        findings: parts.iter().map(|part| part.placed.finding.id.clone()).collect(),
        shown_at: FrameRef {
            sop_instance_uid: best.placed.sop_instance_uid.clone(),
            frame: best.placed.frame,
        },
        score: best.placed.finding.score,
        threshold: best.placed.threshold,
        first_slice: names().min()?,
        last_slice: names().max()?,
        diameter_mm: parts.iter().filter_map(Part::diameter_mm).reduce(f64::max),
        extent_px: [bounds.width, bounds.height],
        notes,
    })
}

#[cfg(test)]
mod tests;
