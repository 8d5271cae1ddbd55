//! Frames by their numbers, and what readers measured on them.

use std::collections::BTreeSet;

use contract::measurements::MeasurementWire;
use domain::{FrameRef, Measured, SpacingBasis, Uid};

use super::line;
use crate::text::{one_line, plain};

/// What a reader measured, with what its lengths rest on where that is not taken for granted.
pub fn measurement(m: &MeasurementWire, several: &BTreeSet<&Uid>) {
    let figures: Vec<String> = m.measured.iter().map(Measured::in_words).collect();
    let basis = m.rests_on.filter(|basis| *basis != SpacingBasis::Patient);
    let text = m.text.as_ref().map(|text| format!(", '{}'", one_line(text)));
    line(format!(
        "measured: {}{}: {}{}{} by {}, {}",
        m.at.sop_instance_uid,
        frame(&m.at, several),
        figures.join(", "),
        basis.map_or_else(String::new, |basis| format!(" ({})", basis.in_words())),
        text.unwrap_or_default(),
        plain(&m.measured_by),
        m.measured_at
    ));
}

/// Files of which several frames are told: of these each is named by its number.
pub fn with_several<'a>(places: impl Iterator<Item = &'a FrameRef>) -> BTreeSet<&'a Uid> {
    places
        .filter(|at| at.frame > 0)
        .map(|at| &at.sop_instance_uid)
        .collect()
}

/// Which frame it is, from 1.
pub fn frame(at: &FrameRef, several: &BTreeSet<&Uid>) -> String {
    match several.contains(&at.sop_instance_uid) {
        true => format!(" frame {}", u64::from(at.frame) + 1),
        false => String::new(),
    }
}
