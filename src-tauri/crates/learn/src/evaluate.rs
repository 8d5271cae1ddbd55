//! Scored cases to an evaluation: every figure with its patient-level 95 % interval, null where it
//! does not apply, and the leakage probe beside them.
//!
//! A refused image has no score and enters no figure but `refused` and `sensitivity_with_refusals`,
//! where a refused anomaly counts as missed. Slices adjacent to a lesion (label unsure) are left
//! out of image-level figures; they stay in the localisation figures and in `refused`.

mod case;
mod choice;
mod curves;
mod figures;
mod gate;
mod routes;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use domain::Estimate;
use serde::{Deserialize, Serialize};

use crate::LearnError;
use crate::attack::AttackReport;
use crate::metrics::Confusion;
use crate::operating_point::Certificate;

pub use case::{Localisation, Prediction, RegionFound, ScoredCase};
pub use choice::{Choice, choose};
pub use curves::{Curves, curves};
pub use figures::Figures;
pub use gate::{GateFigures, Gated, gate_figures, share_refused};
pub use routes::{RoutedCase, evaluate_routes};

use figures::Draws;

/// A bundle's threshold by name.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedThreshold {
    /// As the bundle names it.
    pub name: String,
    /// Flagged at or above it.
    pub threshold: f32,
    /// Chosen on the very set that is judged: nothing is certified there.
    pub chosen_here: bool,
}

/// How figures are measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// What the figures were measured on, such as `brain-mri/lgg-flair val`.
    pub set: String,
    /// The first is the one of `sensitivity` and `specificity`.
    pub operating_points: Vec<NamedThreshold>,
    /// Bootstrap rounds.
    pub rounds: usize,
    /// Of the bootstrap's draws.
    pub seed: u64,
}

impl Options {
    /// 1,000 rounds with the seed 1.
    pub fn new(set: &str, operating_points: Vec<NamedThreshold>) -> Self {
        Self {
            set: set.to_owned(),
            operating_points,
            rounds: 1000,
            seed: 1,
        }
    }
}

/// The document that `overread evaluate --json` prints and a bundle keeps as evaluation.json.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// What was judged.
    pub set: String,
    /// All images of the set.
    pub n_images: usize,
    /// All patients of it.
    pub n_patients: usize,
    /// Images that the input gate refused.
    pub n_refused: usize,
    /// Images that entered the image-level figures.
    pub n_scored: usize,
    /// Of the whole set.
    #[serde(flatten)]
    pub figures: Figures,
    /// The same on `core` slices; all null where the manifest names none.
    pub core: Subset,
    /// What can be had without anatomy.
    pub probe: Probe,
    /// In the bundle's order.
    pub operating_points: Vec<MeasuredPoint>,
    /// What whoever reads the figures must know of this set.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Figures under attack, where it was asked for.
    #[serde(default)]
    pub attack: Option<AttackReport>,
    /// How the input gate takes images of other packs and spoilt ones, where it was asked for.
    #[serde(default)]
    pub gate: Option<GateFigures>,
    /// The same figures on shifted copies of the set, by the name of each shift, where it was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shifted: Vec<Subset>,
    /// Figures of networks that had not seen the patients, where the bundle was made by folds of them.
    #[serde(default)]
    pub protocol: Option<crate::protocol::Report>,
    /// Of a router: the share of the images that each bundle got.
    #[serde(default)]
    pub routed: Option<BTreeMap<String, Estimate>>,
    /// By label and by the manifest's subgroup columns, in the order of their names.
    pub subgroups: Vec<Subset>,
}

/// Figures of a part of the set.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Subset {
    /// `core`, or `column=value`.
    pub name: String,
    /// Images of the part.
    pub n_images: usize,
    /// Patients of the part.
    pub n_patients: usize,
    /// The same figures as of the whole.
    #[serde(flatten)]
    pub figures: Figures,
}

/// What can be had without anatomy, on the cases of the image-level and the pointing figures; and what
/// no calibration can do better than on so many images.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Probe {
    /// Area under the ROC curve from an 8 x 8 thumbnail.
    pub thumbnail_auc: Option<Estimate>,
    /// From the ring along the border.
    pub border_auc: Option<Estimate>,
    /// From brightness, spread, sharpness and size.
    pub trivial_auc: Option<Estimate>,
    /// Share of the lesions that a guess at the centre hits.
    pub centre_pointing: Option<Estimate>,
    /// Expected calibration error that perfectly calibrated scores would show on so many images.
    #[serde(default)]
    pub ece_if_calibrated: Option<Estimate>,
}

/// One of the bundle's operating points on this set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeasuredPoint {
    /// As the bundle names it.
    pub name: String,
    /// Flagged at or above it.
    pub threshold: f32,
    /// Chosen on images of this very set: what it does here is not what it does to new patients.
    #[serde(default)]
    pub chosen_here: bool,
    /// Answered images, without those adjacent to a lesion.
    pub counts: Confusion,
    /// With its interval by patient.
    pub sensitivity: Option<Estimate>,
    /// With its interval by patient.
    pub specificity: Option<Estimate>,
    /// Clopper-Pearson 95 %: exact for independent images, which slices of one patient are not.
    pub sensitivity_exact: Option<(f64, f64)>,
    /// The same of the specificity.
    pub specificity_exact: Option<(f64, f64)>,
    /// One-sided exact 95 % bound of the sensitivity, for independent images.
    pub sensitivity_at_least: Option<f64>,
    /// Whether a sensitivity of 95 % is certain at 95 %, counted by patient: found is one with a flagged
    /// image, refused ones are not. `None` where no patient has an anomaly.
    pub certificate: Option<Certificate>,
}

/// Every figure of the set.
///
/// Errors, by the case's name: a predicted mask or region of another size than the lesion mask or
/// than each other; answered cases with a map beside answered cases without one; a region score
/// that is not finite; no cases.
pub fn evaluate(cases: &[ScoredCase], options: &Options) -> Result<Evaluation, LearnError> {
    if cases.is_empty() {
        return Err(LearnError::TooFew {
            what: "an evaluation",
            needed: 1,
            got: 0,
        });
    }
    case::check(cases)?;
    let all: Vec<&ScoredCase> = cases.iter().collect();
    let draws = Draws::of(&all, options);
    let threshold = options.operating_points.first().map(|point| point.threshold);
    let core: Vec<&ScoredCase> = cases.iter().filter(|case| case.core == Some(true)).collect();
    Ok(Evaluation {
        set: options.set.clone(),
        n_images: all.len(),
        n_patients: draws.patients(),
        n_refused: all.iter().filter(|case| case.prediction.is_none()).count(),
        n_scored: all.iter().filter(|case| case.counted_score().is_some()).count(),
        figures: figures::figures(&all, &draws, threshold),
        core: subset("core", &core, options, threshold),
        probe: figures::probe(&all, &draws, options),
        operating_points: options
            .operating_points
            .iter()
            .map(|point| figures::at_point(&all, &draws, point))
            .collect(),
        notes: notes(cases),
        attack: None,
        gate: None,
        shifted: vec![],
        protocol: None,
        routed: None,
        subgroups: subgroups(&all, options, threshold),
    })
}

fn subset(name: &str, cases: &[&ScoredCase], options: &Options, threshold: Option<f32>) -> Subset {
    let draws = Draws::of(cases, options);
    Subset {
        name: name.to_owned(),
        n_images: cases.len(),
        n_patients: draws.patients(),
        figures: figures::figures(cases, &draws, threshold),
    }
}

/// What does not apply to the set, and why.
fn notes(cases: &[ScoredCase]) -> Vec<String> {
    let positives = cases.iter().filter(|case| case.anomaly).count();
    let mut notes = Vec::new();
    if positives == 0 || positives == cases.len() {
        let missing = if positives == 0 { "with" } else { "without" };
        notes.push(format!(
            "the set has no image {missing} an anomaly: figures that need both are null"
        ));
    }
    if positives > 0 && cases.iter().all(|case| case.lesion().is_none()) {
        notes.push("the set holds no outlined lesion: Dice and pointing are null".to_owned());
    }
    notes
}

/// Groups that part the set: one that holds every case says nothing new.
fn subgroups(cases: &[&ScoredCase], options: &Options, threshold: Option<f32>) -> Vec<Subset> {
    let mut groups: BTreeMap<String, Vec<&ScoredCase>> = BTreeMap::new();
    for case in cases {
        let names: BTreeSet<String> = case
            .groups
            .iter()
            .cloned()
            .chain([format!("label={}", case.label)])
            .collect();
        for name in names {
            groups.entry(name).or_default().push(case);
        }
    }
    groups
        .into_iter()
        .filter(|(_, members)| members.len() < cases.len())
        .map(|(name, members)| subset(&name, &members, options, threshold))
        .collect()
}
