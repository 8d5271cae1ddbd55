//! How well an input gate parts the images it was made for from others.

use std::collections::{BTreeMap, BTreeSet};

use domain::Estimate;
use serde::{Deserialize, Serialize};

use super::Options;
use crate::metrics::{PatientRatio, RankedScores, Resamples};

/// An image that was shown to the gate.
#[derive(Debug, Clone, PartialEq)]
pub struct Gated {
    /// Draws are by patient.
    pub patient: String,
    /// What it is: the set it is of, or how it was spoilt.
    pub kind: String,
    /// Above 1 is refused; any score of a router, where 2 says that it was sent to none.
    pub score: f32,
}

/// Intervals by patient-level bootstrap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateFigures {
    /// Area under the ROC curve of the gate's score, others against own; null where one kind is missing.
    pub auc: Option<Estimate>,
    /// Share of the others that the gate refuses.
    pub others_refused: Option<Estimate>,
    /// The same of each kind of others.
    pub refused_by_kind: BTreeMap<String, Estimate>,
    /// Images that the model was made for.
    pub n_own: usize,
    /// Images of other kinds.
    pub n_others: usize,
    /// Share refused of images of kinds that the judging gate was never shown: each kind was left out of its fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub never_shown_refused: Option<Estimate>,
    /// The same of each kind.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub never_shown_by_kind: BTreeMap<String, Estimate>,
    /// Images of such kinds.
    #[serde(default)]
    pub n_never_shown: usize,
    /// Share refused of images that the model was made for, from places that taught it nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elsewhere_refused: Option<Estimate>,
    /// Images of such places.
    #[serde(default)]
    pub n_elsewhere: usize,
}

/// `None` where there are no others.
pub fn gate_figures(own: &[Gated], others: &[Gated], options: &Options) -> Option<GateFigures> {
    if others.is_empty() {
        return None;
    }
    let all: BTreeSet<&str> = own.iter().chain(others).map(|one| one.patient.as_str()).collect();
    let places: BTreeMap<&str, usize> = all.into_iter().enumerate().map(|(place, name)| (name, place)).collect();
    let draws = Resamples::draw(places.len(), options.rounds, options.seed);
    let place = |one: &Gated| places[one.patient.as_str()];
    let ranked = RankedScores::of(
        own.iter()
            .map(|one| (one.score, place(one), false))
            .chain(others.iter().map(|one| (one.score, place(one), true))),
    );
    let refused = |kind: Option<&str>| {
        let mut ratio = PatientRatio::new(places.len());
        for one in others.iter().filter(|one| kind.is_none_or(|kind| one.kind == kind)) {
            ratio.add(place(one), f64::from(u8::from(one.score > 1.0)), 1.0);
        }
        draws.estimate(|weights| ratio.value(weights))
    };
    let kinds: BTreeSet<&str> = others.iter().map(|one| one.kind.as_str()).collect();
    let by_kind = kinds
        .into_iter()
        .filter_map(|kind| Some((kind.to_owned(), refused(Some(kind))?)));
    Some(GateFigures {
        auc: draws.estimate(|weights| ranked.auc(weights)),
        others_refused: refused(None),
        refused_by_kind: by_kind.collect(),
        n_own: own.len(),
        n_others: others.len(),
        never_shown_refused: None,
        never_shown_by_kind: BTreeMap::new(),
        n_never_shown: 0,
        elsewhere_refused: None,
        n_elsewhere: 0,
    })
}

/// The share of the images that are refused, and that of each kind, with intervals by bootstrap over patients.
pub fn share_refused(shown: &[Gated], options: &Options) -> (Option<Estimate>, BTreeMap<String, Estimate>) {
    let kinds: BTreeSet<&str> = shown.iter().map(|one| one.kind.as_str()).collect();
    let share = |kind: Option<&str>| {
        let of_kind: Vec<&Gated> = shown
            .iter()
            .filter(|one| kind.is_none_or(|kind| one.kind == kind))
            .collect();
        let patients: BTreeSet<&str> = of_kind.iter().map(|one| one.patient.as_str()).collect();
        let places: BTreeMap<&str, usize> = patients
            .into_iter()
            .enumerate()
            .map(|(place, name)| (name, place))
            .collect();
        let mut ratio = PatientRatio::new(places.len());
        for one in of_kind {
            ratio.add(places[one.patient.as_str()], f64::from(u8::from(one.score > 1.0)), 1.0);
        }
        let draws = Resamples::draw(places.len(), options.rounds, options.seed);
        draws.estimate(|weights| ratio.value(weights))
    };
    let by_kind = kinds
        .iter()
        .filter_map(|kind| Some(((*kind).to_owned(), share(Some(kind))?)));
    (share(None), by_kind.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(scores: &[(&str, f32)]) -> Vec<Gated> {
        let one = |(place, (kind, score)): (usize, &(&str, f32))| Gated {
            patient: format!("{kind} {place}"),
            kind: (*kind).to_owned(),
            score: *score,
        };
        scores.iter().enumerate().map(one).collect()
    }

    #[test]
    fn a_gate_that_parts_all_and_one_that_knows_nothing() {
        let options = Options::new("toys", vec![]);
        let own = shown(&[("own", 0.2), ("own", 0.5)]);
        let others = shown(&[("inverted", 1.5), ("inverted", 3.0), ("cropped", 0.9)]);
        let told = gate_figures(&own, &others, &options).unwrap_or_else(|| unreachable!());
        let value = |estimate: Option<Estimate>| estimate.map(|e| e.value);
        assert_eq!((value(told.auc), told.n_own, told.n_others), (Some(1.0), 2, 3));
        assert!(value(told.others_refused).is_some_and(|share| (share - 2.0 / 3.0).abs() < 1e-12));
        let by_kind: Vec<_> = told
            .refused_by_kind
            .iter()
            .map(|(kind, e)| (kind.as_str(), e.value))
            .collect();
        assert_eq!(by_kind, [("cropped", 0.0), ("inverted", 1.0)]);
        let blind = gate_figures(&shown(&[("own", 0.5), ("own", 0.5)]), &shown(&[("x", 0.5)]), &options);
        assert_eq!(blind.and_then(|told| value(told.auc)), Some(0.5));
        assert_eq!(gate_figures(&own, &[], &options), None);
    }
}
