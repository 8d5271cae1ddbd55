//! Figures of a model under attack: images changed by a little so that the model errs.
//!
//! The score is judged as if the gate had let every image pass; beside it stands how well the
//! gate tells the attacked images from the same images as they were.

use std::collections::BTreeMap;

use domain::Estimate;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;
use serde::{Deserialize, Serialize};

use crate::metrics::{PatientRatio, RankedScores, Resamples};

/// One image as the model and the gate see it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// Calibrated, whatever the gate says.
    pub score: f32,
    /// The gate's score; `None` for a bundle without a gate.
    pub distance: Option<f32>,
    /// Whether the gate refuses it.
    pub refused: bool,
}

/// An image that is attacked, and what the bundle said of it before.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Draws are by patient.
    pub patient: String,
    /// What it is: an anomaly is to be missed, another image to be flagged.
    pub anomaly: bool,
    /// Before it was changed.
    pub clean: Answer,
}

/// How the images were changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Against the score alone.
    Static,
    /// Against the score and the gate's own.
    Adaptive,
}

impl Kind {
    /// As the report of an evaluation writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Static => "static",
            Self::Adaptive => "adaptive",
        }
    }
}

/// Figures of one set of answers, each with its 95 % interval by patient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttackFigures {
    /// Area under the ROC curve of the scores.
    pub image_auc: Option<Estimate>,
    /// At the bundle's threshold, whatever the gate says.
    pub sensitivity: Option<Estimate>,
    /// At the same threshold.
    pub specificity: Option<Estimate>,
    /// Share of the images that the gate refuses.
    pub refused: Option<Estimate>,
}

/// One strength of one kind of attack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttackRun {
    /// How the images were changed.
    pub kind: Kind,
    /// Largest change of a pixel, in 255ths of the image's grey range.
    pub epsilon_255: f64,
    /// Of the changed images.
    #[serde(flatten)]
    pub figures: AttackFigures,
    /// Area under the ROC curve of the gate's score, attacked images against clean ones.
    pub detected_auc: Option<Estimate>,
}

/// What `evaluate --attack` adds to an evaluation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttackReport {
    /// In words.
    pub method: String,
    /// Steps of the descent.
    pub steps: u32,
    /// Images that were drawn, of all that enter the image-level figures.
    pub n_images: usize,
    /// All that could have been drawn.
    pub n_available: usize,
    /// Of the draw and of the random starts.
    pub seed: u64,
    /// Of the bundle's default operating point.
    pub threshold: f32,
    /// Of the same images as they were.
    pub clean: AttackFigures,
    /// The weakest first.
    pub runs: Vec<AttackRun>,
}

/// Up to `most` of the cases, in their order; both classes keep their shares, and each has at least
/// one where there is one.
pub fn draw(anomaly: &[bool], most: usize, seed: u64) -> Vec<usize> {
    let of = |wanted: bool| -> Vec<usize> { (0..anomaly.len()).filter(|at| anomaly[*at] == wanted).collect() };
    let (mut with, mut without) = (of(true), of(false));
    if anomaly.len() > most {
        let mut rng = Pcg64::seed_from_u64(seed);
        let share = most as f64 * with.len() as f64 / anomaly.len() as f64;
        let least = usize::from(!with.is_empty());
        let places =
            (share.round() as usize).clamp(least, most.saturating_sub(usize::from(!without.is_empty())).max(least));
        with.shuffle(&mut rng);
        without.shuffle(&mut rng);
        with.truncate(places);
        without.truncate(most - places.min(most));
    }
    let mut drawn = [with, without].concat();
    drawn.sort_unstable();
    drawn
}

/// Figures of the answers, one for each target.
pub fn figures(targets: &[Target], answers: &[Answer], threshold: f32) -> AttackFigures {
    let draws = Draws::of(targets);
    let ranked = RankedScores::of(
        targets
            .iter()
            .zip(answers)
            .zip(&draws.patient_of)
            .map(|((target, answer), patient)| (answer.score, *patient, target.anomaly)),
    );
    let hit = |wanted: bool| {
        draws.share(
            targets
                .iter()
                .zip(answers)
                .map(|(target, answer)| (target.anomaly == wanted).then_some((answer.score >= threshold) == wanted)),
        )
    };
    AttackFigures {
        image_auc: draws.resamples.estimate(|weights| ranked.auc(weights)),
        sensitivity: hit(true),
        specificity: hit(false),
        refused: draws.share(answers.iter().map(|answer| Some(answer.refused))),
    }
}

/// How well the gate's score tells the attacked images from the clean ones; `None` without a gate.
pub fn detected(targets: &[Target], answers: &[Answer]) -> Option<Estimate> {
    let draws = Draws::of(targets);
    let mut both = Vec::with_capacity(2 * targets.len());
    for ((target, answer), patient) in targets.iter().zip(answers).zip(&draws.patient_of) {
        both.push((target.clean.distance?, *patient, false));
        both.push((answer.distance?, *patient, true));
    }
    let ranked = RankedScores::of(both);
    draws.resamples.estimate(|weights| ranked.auc(weights))
}

struct Draws {
    patient_of: Vec<usize>,
    patients: usize,
    resamples: Resamples,
}

impl Draws {
    fn of(targets: &[Target]) -> Self {
        let mut index: BTreeMap<&str, usize> = targets.iter().map(|t| (t.patient.as_str(), 0)).collect();
        index.values_mut().enumerate().for_each(|(place, value)| *value = place);
        Self {
            patient_of: targets.iter().map(|t| index[t.patient.as_str()]).collect(),
            patients: index.len(),
            resamples: Resamples::draw(index.len(), 1000, 1),
        }
    }

    fn share(&self, answers: impl Iterator<Item = Option<bool>>) -> Option<Estimate> {
        let mut ratio = PatientRatio::new(self.patients);
        for (answer, patient) in answers.zip(&self.patient_of) {
            if let Some(yes) = answer {
                ratio.add(*patient, f64::from(u8::from(yes)), 1.0);
            }
        }
        self.resamples.estimate(|weights| ratio.value(weights))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets() -> Vec<Target> {
        (0..40)
            .map(|at| Target {
                patient: format!("P{}", at / 2),
                anomaly: at % 4 == 0,
                clean: Answer {
                    score: if at % 4 == 0 { 0.9 } else { 0.1 },
                    distance: Some(0.5 + at as f32 / 1000.0),
                    refused: false,
                },
            })
            .collect()
    }

    fn value(estimate: Option<Estimate>) -> Option<f64> {
        estimate.map(|e| e.value)
    }

    #[test]
    fn a_turned_score_and_a_gate_that_sees_it() {
        let targets = targets();
        let clean: Vec<Answer> = targets.iter().map(|t| t.clean).collect();
        let whole = figures(&targets, &clean, 0.5);
        assert_eq!(
            [whole.image_auc, whole.sensitivity, whole.specificity, whole.refused].map(value),
            [Some(1.0), Some(1.0), Some(1.0), Some(0.0)]
        );
        assert_eq!(value(detected(&targets, &clean)), Some(0.5));
        let turned: Vec<Answer> = clean
            .iter()
            .map(|a| Answer {
                score: 1.0 - a.score,
                distance: a.distance.map(|d| d + 1.0),
                refused: true,
            })
            .collect();
        let broken = figures(&targets, &turned, 0.5);
        assert_eq!(
            [broken.image_auc, broken.sensitivity, broken.specificity, broken.refused].map(value),
            [Some(0.0), Some(0.0), Some(0.0), Some(1.0)]
        );
        assert_eq!(value(detected(&targets, &turned)), Some(1.0));
        let blind: Vec<Answer> = clean.iter().map(|a| Answer { distance: None, ..*a }).collect();
        assert_eq!(detected(&targets, &blind), None);
    }

    #[test]
    fn a_draw_keeps_the_shares_and_is_the_same_again() {
        let anomaly: Vec<bool> = (0..1000).map(|at| at % 10 == 0).collect();
        let drawn = draw(&anomaly, 200, 3);
        assert_eq!(
            (drawn.len(), drawn.iter().filter(|at| anomaly[**at]).count()),
            (200, 20)
        );
        assert!(drawn.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(drawn, draw(&anomaly, 200, 3));
        assert_ne!(drawn, draw(&anomaly, 200, 4));
        assert_eq!(draw(&anomaly[..5], 200, 3), [0, 1, 2, 3, 4]);
        let rare: Vec<bool> = (0..1000).map(|at| at == 7).collect();
        assert!(draw(&rare, 10, 1).contains(&7));
        assert_eq!(draw(&rare, 10, 1).len(), 10);
        assert_eq!(draw(&[true; 30], 10, 1).len(), 10);
    }
}
