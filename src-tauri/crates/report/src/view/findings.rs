//! The table of findings, numbered through the whole report.

use std::collections::BTreeMap;

use domain::geometry::diameter_mm;
use domain::{Region, ReportSnapshot, ReportedFinding, Scale};
use serde::Serialize;

use super::FrameNames;
use crate::words::{decision, utc};
use domain::analysis::score_text as score;

#[derive(Serialize)]
pub struct FindingView {
    number: usize,
    label: String,
    frame: String,
    /// The other findings of its lesion; empty where it is alone.
    lesion: String,
    place: Vec<String>,
    size: Vec<String>,
    score: String,
    /// `accepted`, `rejected`, `changed` or `open`.
    tone: &'static str,
    decision: String,
    /// Reader and time.
    decided: String,
    note: String,
}

pub fn findings(snapshot: &ReportSnapshot, names: &FrameNames) -> Vec<FindingView> {
    let lesions = lesion_words(snapshot);
    let all = snapshot
        .analyses
        .iter()
        .flat_map(|reported| reported.findings.iter().map(move |f| (reported, f)));
    all.enumerate()
        .map(|(index, (reported, finding))| {
            let analysis = &reported.analysis;
            let frame = names.name(&analysis.sop_instance_uid, reported.instance_number, analysis.frame);
            let scale = reported.ruler.at(&finding.finding.region.bounds);
            let lesion = lesions.get(finding.finding.id.as_str()).cloned().unwrap_or_default();
            finding_view(index + 1, finding, [frame, lesion], scale)
        })
        .collect()
}

/// Number of each finding by its id, as the table numbers them.
pub fn numbers(snapshot: &ReportSnapshot) -> BTreeMap<&str, usize> {
    let all = snapshot.analyses.iter().flat_map(|reported| &reported.findings);
    all.enumerate()
        .map(|(index, reported)| (reported.finding.id.as_str(), index + 1))
        .collect()
}

/// Of each finding that shares its lesion, by its id: of the first one `one lesion with No. 3, 4, slices 12 to 14`, of
/// each other `same lesion as No. 2`. Numbers stay on a line with their words.
fn lesion_words<'a>(snapshot: &'a ReportSnapshot) -> BTreeMap<&'a str, String> {
    let numbers = numbers(snapshot);
    let shared = snapshot.lesions.iter().filter(|lesion| lesion.findings.len() > 1);
    let words = shared.flat_map(|lesion| {
        let ids = lesion.findings.iter().map(String::as_str);
        let parts: Vec<(&str, usize)> = ids.filter_map(|id| Some((id, *numbers.get(id)?))).collect();
        let slices = format!("slices\u{a0}{}\u{a0}to\u{a0}{}", lesion.first_slice, lesion.last_slice);
        let first = parts.iter().map(|(_, number)| *number).min().unwrap_or_default();
        let words = |(id, own): &(&'a str, usize)| {
            if *own != first {
                return (*id, format!("same lesion as No.\u{a0}{first}"));
            }
            let numbers = parts.iter().map(|(_, number)| *number);
            let others: Vec<usize> = numbers.filter(|number| number != own).collect();
            (*id, format!("one lesion with No.\u{a0}{}, {slices}", list(&others)))
        };
        parts.iter().map(words).collect::<Vec<_>>()
    });
    words.collect()
}

/// `3, 4`; of many the first ones and how many more.
fn list(numbers: &[usize]) -> String {
    const LISTED: usize = 4;
    let listed: Vec<String> = numbers.iter().take(LISTED).map(usize::to_string).collect();
    if let Some(more) = numbers.len().checked_sub(LISTED).filter(|more| *more > 0) {
        return format!("{} and\u{a0}{more}\u{a0}more", listed.join(", "));
    }
    listed.join(", ")
}

/// `accepted`, `rejected`, `changed` or `open`.
pub fn tone(reported: &ReportedFinding) -> &'static str {
    reported
        .review
        .as_ref()
        .map_or("open", |review| review.decision.as_str())
}

pub fn decision_words(reported: &ReportedFinding) -> String {
    reported
        .review
        .as_ref()
        .map_or_else(|| "not reviewed".into(), |review| decision(&review.decision))
}

fn finding_view(
    number: usize,
    reported: &ReportedFinding,
    [frame, lesion]: [String; 2],
    scale: Option<Scale>,
) -> FindingView {
    let (finding, region) = (&reported.finding, &reported.finding.region);
    let review = reported.review.as_ref();
    FindingView {
        number,
        label: finding.label.clone(),
        frame,
        lesion,
        place: vec![
            format!("box from ({}, {})", region.bounds.x, region.bounds.y),
            format!("{} × {} px", region.bounds.width, region.bounds.height),
            format!("peak at ({}, {})", region.peak.x, region.peak.y),
        ],
        size: size(region, scale),
        score: score(finding.score.value()),
        tone: tone(reported),
        decision: decision_words(reported),
        decided: review
            .map(|r| format!("{}, {}", r.reader, utc(r.decided_at)))
            .unwrap_or_default(),
        note: review.and_then(|r| r.note.clone()).unwrap_or_default(),
    }
}

/// Area, longest diameter and extent (width x height of the box), in mm where it is known what lengths are measured by, with what they
/// rest on.
fn size(region: &Region, scale: Option<Scale>) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(area_mm2) = region.area_mm2 {
        lines.push(format!("{area_mm2:.1} mm²"));
    }
    if let Some(scale) = scale {
        let [width, height] = scale.extent_mm(&region.bounds);
        if !region.outlines.is_empty() {
            let longest = diameter_mm(&region.outlines, scale.spacing_mm);
            lines.push(format!("longest {longest:.1} mm"));
        }
        lines.push(format!("{width:.1} × {height:.1} mm"));
        lines.extend(scale.caveat().map(str::to_owned));
    }
    lines.push(format!("{} px", region.area_px));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{PixelBox, PixelPoint, SpacingBasis};

    #[test]
    fn of_many_other_findings_the_first_are_listed_and_the_rest_counted() {
        assert_eq!(list(&[2]), "2");
        assert_eq!(list(&[2, 3, 4, 5]), "2, 3, 4, 5");
        assert_eq!(list(&[2, 3, 4, 5, 6, 7]), "2, 3, 4, 5 and\u{a0}2\u{a0}more");
    }

    #[test]
    fn sizes_are_in_mm_where_the_spacing_is_known() {
        let mut region = Region {
            bounds: PixelBox {
                x: 0,
                y: 0,
                width: 10,
                height: 4,
            },
            peak: PixelPoint { x: 1, y: 1 },
            area_px: 30,
            area_mm2: Some(7.5),
            outlines: Vec::new(),
        };
        // Rows are 2 mm apart, columns 0.5 mm: ten columns are 5 mm wide, four rows 8 mm high.
        let scale = |basis: Option<SpacingBasis>| {
            Some(Scale {
                spacing_mm: [2.0, 0.5],
                basis,
            })
        };
        for basis in [None, Some(SpacingBasis::Patient)] {
            assert_eq!(size(&region, scale(basis)), ["7.5 mm²", "5.0 × 8.0 mm", "30 px"]);
        }
        for basis in SpacingBasis::ALL
            .iter()
            .filter(|basis| **basis != SpacingBasis::Patient)
        {
            let lines = ["7.5 mm²", "5.0 × 8.0 mm", basis.in_words(), "30 px"];
            assert_eq!(size(&region, scale(Some(*basis))), lines);
        }
        // The corners of the box: 5 mm and 8 mm apart.
        region.outlines = vec![vec![[0, 0], [10, 0], [10, 4], [0, 4]]];
        let lines = ["7.5 mm²", "longest 9.4 mm", "5.0 × 8.0 mm", "30 px"];
        assert_eq!(size(&region, scale(None)), lines);
        region.area_mm2 = None;
        assert_eq!(size(&region, None), ["30 px"]);
    }
}
