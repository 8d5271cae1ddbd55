//! The learned input gate of a bundle: fitted on own images, their copies and others, and judged by kinds left out.

use std::collections::{BTreeMap, BTreeSet};

use domain::Failure;
use engine::bundle::GateStatistics;
use learn::contrast::{self, Other};
use learn::evaluate::{GateFigures, Gated, Options, share_refused};
use learn::manifest::Case;

use super::finish::{RawCase, mean};
use super::stopped_unless;
use crate::others::{self, OthersPart, Shown};
use crate::phase::{Phase, Watch};

/// Share of the held-out images and their copies that each half of the gate lets pass.
const HALF_ACCEPTS: f64 = 0.985;
/// The distance refuses from so many times the limit that it would set by itself: own images of another hospital lie
/// beyond it, and the plane refuses what is nearer (record 39 has both figures).
const FAR: f32 = 2.5;

/// What the network makes of the images that a gate is for.
#[derive(Default)]
pub struct Own {
    /// Those that teach, by group: one for each kind of them, with a centre each.
    pub groups: Vec<Vec<Vec<f32>>>,
    /// Those that set the limits, each with its group.
    pub limits: Vec<(usize, Vec<f32>)>,
    /// Those that judge, each with its patient.
    pub judged: Vec<(String, Vec<f32>)>,
}

impl Own {
    /// Real and synthetic images are two groups; copies and what is from elsewhere are real ones.
    pub fn of(raw: &BTreeMap<usize, RawCase>, cases: &[Case], synthetic: Vec<Vec<f32>>, shown: &[Shown]) -> Self {
        let part = |teaches: bool| {
            let of_part = raw
                .iter()
                .filter(move |(index, _)| cases[**index].split.teaches() == teaches);
            of_part.map(|(index, case)| (cases[*index].patient.clone(), case.features.clone()))
        };
        let mut own = Self {
            groups: vec![part(true).map(|(_, features)| features).collect()],
            limits: part(false).map(|(_, features)| (0, features)).collect(),
            judged: part(false).collect(),
        };
        own.add(0, shown);
        own.groups.extend((!synthetic.is_empty()).then_some(synthetic));
        own
    }

    /// Copies, and what is from elsewhere, of a group.
    pub fn add(&mut self, group: usize, shown: &[Shown]) {
        for one in shown {
            match one.part {
                OthersPart::Copy { teaches: true } | OthersPart::Elsewhere { teaches: true } => {
                    self.groups[group].push(one.features.clone());
                }
                OthersPart::Copy { teaches: false } => self.limits.push((group, one.features.clone())),
                OthersPart::Teaches
                | OthersPart::Judges
                | OthersPart::OfKind { .. }
                | OthersPart::Elsewhere { teaches: false } => {}
            }
        }
    }
}

/// A centre for each group and one covariance within them all. The limits are chosen on held-out images and copies of
/// such alone.
pub fn fit(own: &Own, shown: &[Shown]) -> Result<GateStatistics, Failure> {
    let centres: Vec<Vec<f32>> = own.groups.iter().map(|group| mean(group)).collect();
    let about = |group: usize, features: &[f32]| -> Vec<f32> {
        let offset = features.iter().zip(&centres[group]).map(|(value, mean)| value - mean);
        offset.collect()
    };
    let groups = own.groups.iter().enumerate();
    let training: Vec<Vec<f32>> = groups
        .flat_map(|(group, all)| all.iter().map(move |features| (group, features)))
        .map(|(group, features)| about(group, features))
        .collect();
    let limits: Vec<Vec<f32>> = own
        .limits
        .iter()
        .map(|(group, features)| about(*group, features))
        .collect();
    let fitted = learn::gate::fit(&training, &limits, HALF_ACCEPTS)?;
    Ok(GateStatistics {
        precision: fitted.precision,
        limit: fitted.limit * FAR,
        contrast: Some(plane(own, shown, None)?),
        centres,
    })
}

/// Weights and intercept of the plane between own images and others, of which one kind may be left out.
fn plane(own: &Own, shown: &[Shown], without: Option<&str>) -> Result<Vec<f32>, Failure> {
    let known: Vec<&[f32]> = own.groups.iter().flatten().map(Vec::as_slice).collect();
    let limits: Vec<&[f32]> = own.limits.iter().map(|(_, features)| features.as_slice()).collect();
    let teaches = |one: &&Shown| matches!(one.part, OthersPart::Teaches | OthersPart::OfKind { teaches: true });
    let others: Vec<Other<'_>> = shown
        .iter()
        .filter(teaches)
        .filter(|one| without != Some(one.kind.as_str()))
        .map(|one| Other {
            kind: &one.kind,
            features: &one.features,
        })
        .collect();
    let fitted = contrast::fit(&known, &others, &limits, HALF_ACCEPTS)?;
    Ok(fitted.weights.into_iter().chain([fitted.intercept]).collect())
}

/// How well the gate parts own validation images from those of others that it was not fitted on; and, of the pack of
/// kinds, how each kind is refused by a gate that was never shown it. `None` where nothing was shown.
pub fn judge(
    gate: &GateStatistics,
    own: &Own,
    shown: &[Shown],
    set: &str,
    watch: &mut Watch<'_>,
) -> Result<Option<GateFigures>, Failure> {
    let of_set = own.judged.iter().filter_map(|(patient, features)| {
        Some(Gated {
            patient: patient.clone(),
            kind: set.to_owned(),
            score: gate.score(features)?,
        })
    });
    let figures = others::figures(gate, &of_set.collect::<Vec<_>>(), shown, set);
    let Some(mut figures) = figures else { return Ok(None) };
    let gated = |gate: &GateStatistics, one: &Shown| {
        let score = gate.score(&one.features)?;
        Some(Gated {
            patient: one.patient.clone(),
            kind: one.kind.clone(),
            score,
        })
    };
    let options = Options::new(set, vec![]);
    let of_kinds = |one: &&Shown| matches!(one.part, OthersPart::OfKind { .. });
    let taught = |one: &&Shown| matches!(one.part, OthersPart::OfKind { teaches: true });
    let kinds: BTreeSet<&str> = shown.iter().filter(of_kinds).map(|one| one.kind.as_str()).collect();
    let mut never_shown = Vec::new();
    for (done, kind) in kinds.iter().enumerate() {
        stopped_unless(watch(Phase::LeavingKindsOut, done as u64, kinds.len() as u64))?;
        let mut without = gate.clone();
        if shown.iter().filter(taught).any(|one| one.kind == *kind) {
            without.contrast = Some(plane(own, shown, Some(kind))?);
        }
        let of_kind = shown.iter().filter(of_kinds).filter(|one| one.kind == *kind);
        never_shown.extend(of_kind.filter_map(|one| gated(&without, one)));
    }
    let elsewhere: Vec<Gated> = shown
        .iter()
        .filter(|one| one.part == OthersPart::Elsewhere { teaches: false })
        .filter_map(|one| gated(gate, one))
        .collect();
    (figures.never_shown_refused, figures.never_shown_by_kind) = share_refused(&never_shown, &options);
    figures.elsewhere_refused = share_refused(&elsewhere, &options).0;
    (figures.n_never_shown, figures.n_elsewhere) = (never_shown.len(), elsewhere.len());
    Ok(Some(figures))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloud(count: usize, x: f32, y: f32) -> Vec<Vec<f32>> {
        let within = |at: usize, step: usize, of: usize| (at * step % of) as f32 * 2.0 / of as f32 - 1.0;
        let one = |at| vec![x + within(at, 37, 101), y + within(at, 53, 97), within(at, 71, 89)];
        (0..count).map(one).collect()
    }

    fn shown(part: OthersPart, kind: &str, features: Vec<Vec<f32>>) -> impl Iterator<Item = Shown> {
        features.into_iter().enumerate().map(move |(at, features)| Shown {
            part,
            kind: kind.to_owned(),
            patient: format!("{kind} {at}"),
            features,
        })
    }

    #[test]
    fn a_kind_is_judged_by_a_gate_that_never_saw_it() -> Result<(), Failure> {
        let held_out = cloud(80, 0.0, 0.0);
        let own = Own {
            groups: vec![cloud(200, 0.0, 0.0)],
            limits: held_out.iter().map(|features| (0, features.clone())).collect(),
            judged: held_out
                .into_iter()
                .map(|features| ("p".to_owned(), features))
                .collect(),
        };
        let taught = OthersPart::OfKind { teaches: true };
        let all: Vec<Shown> = shown(OthersPart::Teaches, "spoilt", cloud(60, 4.0, 0.0))
            .chain(shown(OthersPart::Judges, "spoilt", cloud(30, 4.0, 0.0)))
            // The same way as the spoilt ones: refused by what these taught. The other way: not far enough away.
            .chain(shown(taught, "alike", cloud(40, 5.0, 0.2)))
            .chain(shown(taught, "other way", cloud(40, 0.0, -2.8)))
            .chain(shown(
                OthersPart::Elsewhere { teaches: false },
                "own-x",
                cloud(20, 0.0, 0.3),
            ))
            .collect();
        let gate = fit(&own, &all)?;
        let told = judge(&gate, &own, &all, "toys", &mut |_, _, _| true)?.unwrap_or_else(|| unreachable!());
        let value = |kind: &str| told.never_shown_by_kind[kind].value;
        assert!(value("alike") > 0.9, "{told:?}");
        assert!(value("other way") < 0.6, "what nobody showed lies near: {told:?}");
        let refused = all.iter().filter(|one| one.kind == "other way");
        let refused = refused.filter(|one| gate.score(&one.features).is_some_and(|score| score > 1.0));
        assert!(refused.count() > 36, "the gate that was shown it refuses it");
        assert_eq!((told.n_never_shown, told.n_elsewhere), (80, 20));
        assert!(told.elsewhere_refused.is_some_and(|share| share.value < 0.2));
        Ok(())
    }
}
