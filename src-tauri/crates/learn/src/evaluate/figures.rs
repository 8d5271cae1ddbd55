//! The figures of one set of cases, all on the same draws of patients.

use std::collections::BTreeMap;

use domain::Estimate;
use serde::{Deserialize, Serialize};

use super::{MeasuredPoint, NamedThreshold, Options, Probe, ScoredCase};
use crate::metrics::reliability::{BINS, bin_of, brier_of, ece_if_calibrated, ece_of_sums};
use crate::metrics::{
    Confusion, PatientRatio, RankedScores, Resamples, centre_hit, clopper_pearson, dice, false_positives, lower_bound,
    pointing_hit,
};
use crate::operating_point::{Certificate, certify};
use crate::probe::ProbeScores;

/// One figure each, `null` where it does not apply.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Image-level figures: answered images, without those adjacent to a lesion.
    pub image_auc: Option<Estimate>,
    /// Share of the answered anomalies that score at or above the first threshold.
    pub sensitivity: Option<Estimate>,
    /// Share of the other answered images that score below it.
    pub specificity: Option<Estimate>,
    /// Sensitivity with every refused anomaly counted as missed.
    pub sensitivity_with_refusals: Option<Estimate>,
    /// Specificity with what the unknown-anomaly heads alone flagged counted as flagged.
    #[serde(default)]
    pub specificity_with_unknown: Option<Estimate>,
    /// Pixels pooled over each patient's answered slices, lesion-free ones too; mean over the
    /// patients that have a lesion.
    pub patient_dice: Option<Estimate>,
    /// Mean over the answered images with an outlined lesion.
    pub slice_dice: Option<Estimate>,
    /// Share of the answered images with an outlined lesion whose map peaks inside it.
    pub pointing: Option<Estimate>,
    /// Regions that touch no lesion, per answered image; anomalies without an outline are left out.
    pub false_positives_per_image: Option<Estimate>,
    /// Calibration, where both kinds of images were scored.
    pub ece: Option<Estimate>,
    /// The same of the scores before calibration.
    pub ece_before: Option<Estimate>,
    /// Mean squared distance of the score from 0 or 1 (Brier 1950).
    pub brier: Option<Estimate>,
    /// Label MALIGNANT against label BENIGN.
    pub malignant_auc: Option<Estimate>,
    /// Anomalies against normal images by the unknown-anomaly heads alone.
    #[serde(default)]
    pub unknown_auc: Option<Estimate>,
    /// Share of all images.
    pub refused: Option<Estimate>,
}

/// What an operating point is certified for, where the set allows.
const CERTIFIED_SENSITIVITY: f64 = 0.95;

/// Patients of a set by index, and the draws from them.
pub(super) struct Draws {
    patient_of: Vec<usize>,
    patients: usize,
    resamples: Resamples,
}

impl Draws {
    pub(super) fn of(cases: &[&ScoredCase], options: &Options) -> Self {
        let mut index: BTreeMap<&str, usize> = BTreeMap::new();
        for case in cases {
            index.entry(&case.patient).or_default();
        }
        // By name, so that the order of the cases does not change the draws.
        index.values_mut().enumerate().for_each(|(place, value)| *value = place);
        let patient_of = cases.iter().map(|case| index[case.patient.as_str()]).collect();
        let patients = index.len();
        Self {
            patient_of,
            patients,
            resamples: Resamples::draw(patients, options.rounds, options.seed),
        }
    }

    pub(super) fn patients(&self) -> usize {
        self.patients
    }

    /// Quotient of sums over the cases that give a (top, bottom).
    fn ratio(&self, cases: &[&ScoredCase], of: impl Fn(&ScoredCase) -> Option<(f64, f64)>) -> Option<Estimate> {
        let mut ratio = PatientRatio::new(self.patients);
        for (case, patient) in cases.iter().zip(&self.patient_of) {
            if let Some((top, bottom)) = of(case) {
                ratio.add(*patient, top, bottom);
            }
        }
        self.resamples.estimate(|weights| ratio.value(weights))
    }

    /// Mean over the cases that give a value.
    fn mean(&self, cases: &[&ScoredCase], of: impl Fn(&ScoredCase) -> Option<f64>) -> Option<Estimate> {
        self.ratio(cases, |case| of(case).map(|value| (value, 1.0)))
    }

    /// Share of the cases that give an answer.
    fn share(&self, cases: &[&ScoredCase], of: impl Fn(&ScoredCase) -> Option<bool>) -> Option<Estimate> {
        self.mean(cases, |case| of(case).map(|hit| f64::from(u8::from(hit))))
    }

    fn auc(&self, cases: &[&ScoredCase], of: impl Fn(&ScoredCase) -> Option<(f32, bool)>) -> Option<Estimate> {
        let scored = cases.iter().zip(&self.patient_of);
        let ranked = RankedScores::of(scored.filter_map(|(case, patient)| {
            let (score, positive) = of(case)?;
            Some((score, *patient, positive))
        }));
        self.resamples.estimate(|weights| ranked.auc(weights))
    }

    fn ece(&self, cases: &[&ScoredCase], of: impl Fn(&ScoredCase) -> Option<f32>) -> Option<Estimate> {
        let binned: Vec<(usize, usize, f64, f64)> = cases
            .iter()
            .zip(&self.patient_of)
            .filter_map(|(case, patient)| {
                let score = of(case)?;
                Some((
                    *patient,
                    bin_of(score),
                    f64::from(score),
                    f64::from(u8::from(case.anomaly)),
                ))
            })
            .collect();
        self.resamples.estimate(|weights| {
            let mut sums = [[0.0; 3]; BINS];
            for (patient, bin, score, positive) in &binned {
                let weight = f64::from(weights[*patient]);
                let [count, scores, positives] = &mut sums[*bin];
                *count += weight;
                *scores += weight * score;
                *positives += weight * positive;
            }
            ece_of_sums(&sums)
        })
    }

    /// Pixels pooled over each patient, then the mean over the patients with a lesion.
    fn patient_dice(&self, cases: &[&ScoredCase]) -> Option<Estimate> {
        let mut pooled = vec![[0.0_f64; 3]; self.patients];
        for (case, patient) in cases.iter().zip(&self.patient_of) {
            let Some(found) = case.localisation().filter(|_| case.is_outlined()) else {
                continue;
            };
            let [shared, reference, predicted] = &mut pooled[*patient];
            if let Some(lesion) = case.lesion() {
                *shared += f64::from(lesion.intersection_px(&found.predicted));
                *reference += f64::from(lesion.area_px());
            }
            *predicted += f64::from(found.predicted.area_px());
        }
        let mut ratio = PatientRatio::new(self.patients);
        for (patient, [shared, reference, predicted]) in pooled.into_iter().enumerate() {
            if reference > 0.0 {
                ratio.add(patient, 2.0 * shared / (reference + predicted), 1.0);
            }
        }
        self.resamples.estimate(|weights| ratio.value(weights))
    }
}

pub(super) fn figures(cases: &[&ScoredCase], draws: &Draws, threshold: Option<f32>) -> Figures {
    let scored = |anomaly| {
        cases
            .iter()
            .any(|case| case.anomaly == anomaly && case.counted_score().is_some())
    };
    // A score can agree with a frequency only where both answers occur.
    let raw = |case: &ScoredCase| {
        let raw = case.prediction.as_ref()?.raw_score?.value();
        (!case.adjacent_to_lesion).then_some(raw)
    };
    let brier = |case: &ScoredCase| Some(brier_of(case.counted_score()?, case.anomaly));
    let both = scored(true) && scored(false);
    Figures {
        image_auc: draws.auc(cases, |case| Some((case.counted_score()?, case.anomaly))),
        sensitivity: threshold.and_then(|threshold| sensitivity(cases, draws, threshold)),
        specificity: threshold.and_then(|threshold| specificity(cases, draws, threshold)),
        sensitivity_with_refusals: threshold.and_then(|threshold| {
            let counted = |case: &ScoredCase| case.anomaly && !case.adjacent_to_lesion;
            draws.share(cases, |case| {
                counted(case).then(|| case.counted_score().is_some_and(|score| score >= threshold))
            })
        }),
        specificity_with_unknown: threshold.and_then(|threshold| {
            draws.share(cases, |case| {
                let score = case.counted_score().filter(|_| !case.anomaly)?;
                Some(score < threshold && !case.prediction.as_ref()?.flagged)
            })
        }),
        patient_dice: draws.patient_dice(cases),
        slice_dice: draws.mean(cases, |case| dice(case.lesion()?, &case.localisation()?.predicted)),
        pointing: draws.share(cases, |case| {
            Some(pointing_hit(case.lesion()?, case.localisation()?.peak))
        }),
        false_positives_per_image: draws.mean(cases, |case| {
            let regions = case.localisation()?.regions.iter().map(|region| &region.mask);
            case.is_outlined()
                .then(|| false_positives(case.lesion(), regions) as f64)
        }),
        ece: both.then(|| draws.ece(cases, ScoredCase::counted_score)).flatten(),
        ece_before: both.then(|| draws.ece(cases, raw)).flatten(),
        brier: both.then(|| draws.mean(cases, brier)).flatten(),
        malignant_auc: draws.auc(cases, |case| {
            let malignant = case.label.eq_ignore_ascii_case("malignant");
            let told = malignant || case.label.eq_ignore_ascii_case("benign");
            Some((case.prediction.as_ref()?.malignancy.filter(|_| told)?, malignant))
        }),
        unknown_auc: draws.auc(cases, |case| {
            case.counted_score()?;
            Some((case.prediction.as_ref()?.unknown?, case.anomaly))
        }),
        refused: draws.share(cases, |case| Some(case.prediction.is_none())),
    }
}

fn sensitivity(cases: &[&ScoredCase], draws: &Draws, threshold: f32) -> Option<Estimate> {
    draws.share(cases, |case| {
        case.counted_score()
            .filter(|_| case.anomaly)
            .map(|score| score >= threshold)
    })
}

fn specificity(cases: &[&ScoredCase], draws: &Draws, threshold: f32) -> Option<Estimate> {
    draws.share(cases, |case| {
        case.counted_score()
            .filter(|_| !case.anomaly)
            .map(|score| score < threshold)
    })
}

/// One operating point with its counts and both kinds of bounds.
pub(super) fn at_point(cases: &[&ScoredCase], draws: &Draws, point: &NamedThreshold) -> MeasuredPoint {
    let mut counts = Confusion::default();
    // Patients with an anomaly, and whether one of their images was flagged.
    let mut patients: BTreeMap<&str, bool> = BTreeMap::new();
    for case in cases.iter().filter(|case| !case.adjacent_to_lesion) {
        let flagged = case.counted_score().map(|score| score >= point.threshold);
        if let Some(flagged) = flagged {
            counts.add(flagged, case.anomaly);
        }
        if case.anomaly {
            *patients.entry(&case.patient).or_default() |= flagged == Some(true);
        }
    }
    let found = patients.values().filter(|found| **found).count();
    let certificate = (!patients.is_empty()).then(|| {
        let (target, counted) = (CERTIFIED_SENSITIVITY, "patients with an anomaly");
        match certify(found, patients.len(), target, counted) {
            // A bound on a share holds for a threshold that was fixed before.
            Certificate::Held { target, lower_bound } if point.chosen_here => Certificate::Refused {
                target,
                lower_bound,
                reason: "no certificate: the threshold was chosen on these images, and only others can bear it out"
                    .into(),
            },
            told => told,
        }
    });
    let exact = |hits: u64, trials: u64| (trials > 0).then(|| clopper_pearson(hits, trials, 0.95));
    MeasuredPoint {
        name: point.name.clone(),
        threshold: point.threshold,
        chosen_here: point.chosen_here,
        counts,
        sensitivity: sensitivity(cases, draws, point.threshold),
        specificity: specificity(cases, draws, point.threshold),
        sensitivity_exact: exact(counts.true_positives, counts.positives()),
        specificity_exact: exact(counts.true_negatives, counts.negatives()),
        sensitivity_at_least: (counts.positives() > 0)
            .then(|| lower_bound(counts.true_positives, counts.positives(), 0.95)),
        certificate,
    }
}

/// The probe on exactly the cases that the model is judged on.
pub(super) fn probe(cases: &[&ScoredCase], draws: &Draws, options: &Options) -> Probe {
    let area = |pick: fn(&ProbeScores) -> f32| {
        draws.auc(cases, |case| {
            case.counted_score()?;
            Some((pick(case.probe.as_ref()?), case.anomaly))
        })
    };
    let counted = || cases.iter().filter(|case| case.counted_score().is_some());
    let both = counted().any(|case| case.anomaly) && counted().any(|case| !case.anomaly);
    let scores: Vec<f32> = counted().filter_map(|case| case.counted_score()).collect();
    Probe {
        ece_if_calibrated: both
            .then(|| ece_if_calibrated(&scores, options.rounds, options.seed))
            .flatten(),
        thumbnail_auc: area(|scores| scores.thumbnail),
        border_auc: area(|scores| scores.border),
        trivial_auc: area(|scores| scores.trivial),
        centre_pointing: draws.share(cases, |case| {
            case.localisation()?;
            case.lesion().map(centre_hit)
        }),
    }
}
