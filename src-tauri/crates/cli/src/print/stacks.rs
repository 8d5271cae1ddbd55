//! How the slices of a study lie together, in lines.

use contract::stacks::StackWire;
use domain::numbers::counted;

use super::line;
use crate::text::plain;

/// How slices lie in the patient.
pub fn stack(s: &StackWire) {
    let mut told = format!("stack: {}", counted(s.slices.len(), "slice"));
    for apart in &s.laid.told_apart {
        told.push_str(&format!(
            ", {} {}",
            apart.by.as_str().replace('_', " "),
            plain(&apart.value)
        ));
    }
    if let Some(mm) = s.laid.spacing_mm {
        told.push_str(&format!(
            ", {mm:.2} mm apart{}",
            if s.laid.regular { "" } else { " (not everywhere)" }
        ));
    }
    if let Some(degrees) = s.laid.tilt_deg {
        told.push_str(&format!(", tilted by {degrees:.1} degrees"));
    }
    // As a person counts them.
    let places = |places: &[usize]| {
        places
            .iter()
            .map(|at| (at + 1).to_string())
            .collect::<Vec<_>>()
            .join(", ")
    };
    if !s.laid.missing_after.is_empty() {
        told.push_str(&format!(
            "; slices are missing behind slice {}",
            places(&s.laid.missing_after)
        ));
    }
    for at_one_place in &s.laid.duplicates {
        told.push_str(&format!("; slices {} lie at one place", places(at_one_place)));
    }
    if let Some(why) = s.not_a_volume {
        told.push_str(&format!("; no volume: {}", why.as_str().replace('_', " ")));
    }
    line(told);
}
