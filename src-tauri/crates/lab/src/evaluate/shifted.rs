//! The figures of a set on shifted copies of its images.

use domain::Failure;
use engine::Backend;
use learn::evaluate::Subset;
use learn::{Options, ScoredCase, Shift};

use super::{answered, named_thresholds};
use crate::judged::Judged;
use crate::phase::{Phase, Watch};

/// Of each shift, by the bundle's own thresholds.
pub fn figures(judged: &Judged<'_>, backend: &mut dyn Backend, watch: &mut Watch<'_>) -> Result<Vec<Subset>, Failure> {
    let all = (Shift::ALL.len() * judged.cases.len()) as u64;
    let mut before = 0;
    let mut figures = Vec::with_capacity(Shift::ALL.len());
    for shift in Shift::ALL {
        let mut go_on = |done: u64, _: u64| watch(Phase::Shifting, before + done, all);
        let answered = answered(judged, Some(shift), backend, &mut go_on)?;
        before += judged.cases.len() as u64;
        let cases: Vec<ScoredCase> = answered.into_values().map(|(case, _)| case).collect();
        let options = Options::new(&judged.set.to_string(), named_thresholds(judged));
        let whole = learn::evaluate(&cases, &options)?;
        figures.push(Subset {
            name: shift.name(),
            n_images: whole.n_images,
            n_patients: whole.n_patients,
            figures: whole.figures,
        });
    }
    Ok(figures)
}
