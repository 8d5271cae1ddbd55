//! One labelled image with the model's answer, small enough for thousands to lie in memory.

use domain::{PixelPoint, Score};

use crate::probe::ProbeScores;
use crate::{LearnError, Mask};

/// A labelled image with what the bundle and the probes say of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredCase {
    /// The file as the manifest names it, for messages and image sheets.
    pub name: String,
    /// What must stay together when cases are drawn.
    pub patient: String,
    /// As the manifest writes it.
    pub label: String,
    /// Whether there is something to find.
    pub anomaly: bool,
    /// `None` where the manifest does not say.
    pub core: Option<bool>,
    /// A lesion-free slice beside one with a lesion: its label is unsure, and no image-level figure counts it.
    pub adjacent_to_lesion: bool,
    /// `column=value`, as `manifest::Case` gives them.
    pub groups: Vec<String>,
    /// The lesion mask at the frame's own size; `None` where there is none. A lesion-free image
    /// needs none; an anomaly without one enters no localisation figure.
    pub reference: Option<Mask>,
    /// `None` = the input gate refused.
    pub prediction: Option<Prediction>,
    /// The learned gate's score; above 1 it refuses. `None` where it was not asked.
    pub gate: Option<f32>,
    /// `None` where the probes could not be trained.
    pub probe: Option<ProbeScores>,
}

/// What the bundle says of an image that its gate let pass.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Calibrated, as the product shows it.
    pub score: Score,
    /// Before calibration, for `ece_before`.
    pub raw_score: Option<Score>,
    /// Higher is more malignant; any scale. `None` for a model that does not tell.
    pub malignancy: Option<f32>,
    /// Whether a finding was shown, of the score at the first operating point or of the unknown-anomaly heads.
    pub flagged: bool,
    /// How rare the unknown-anomaly heads find the image, 0..=1, or the bare score of such a head where
    /// that is not known. `None` for a model without.
    pub unknown: Option<f32>,
    /// `None` for a model without an anomaly map.
    pub localisation: Option<Localisation>,
}

/// Where it says so.
#[derive(Debug, Clone, PartialEq)]
pub struct Localisation {
    /// Where the anomaly map is highest.
    pub peak: PixelPoint,
    /// Pixels predicted to be lesion, at the frame's own size.
    pub predicted: Mask,
    /// The findings as the product shows them.
    pub regions: Vec<RegionFound>,
}

/// A finding.
#[derive(Debug, Clone, PartialEq)]
pub struct RegionFound {
    /// Calibrated, 0..=1.
    pub score: f32,
    /// Its pixels, at the frame's own size.
    pub mask: Mask,
}

impl ScoredCase {
    pub(super) fn localisation(&self) -> Option<&Localisation> {
        self.prediction.as_ref()?.localisation.as_ref()
    }

    /// The lesion, where there is one and it is outlined.
    pub(super) fn lesion(&self) -> Option<&Mask> {
        self.reference.as_ref().filter(|mask| !mask.is_empty())
    }

    /// Whether it is known where lesion is and where not.
    pub(super) fn is_outlined(&self) -> bool {
        !self.anomaly || self.lesion().is_some()
    }

    /// The score, where it enters image-level figures.
    pub(super) fn counted_score(&self) -> Option<f32> {
        if self.adjacent_to_lesion {
            return None;
        }
        self.prediction.as_ref().map(|prediction| prediction.score.value())
    }
}

pub(super) fn check(cases: &[ScoredCase]) -> Result<(), LearnError> {
    let with_map = cases.iter().any(|case| case.localisation().is_some());
    for case in cases {
        let Some(prediction) = &case.prediction else { continue };
        let Some(found) = &prediction.localisation else {
            if with_map {
                return Err(LearnError::MixedLocalisation {
                    name: case.name.clone(),
                });
            }
            continue;
        };
        let size = case.reference.as_ref().unwrap_or(&found.predicted).size();
        for mask in [&found.predicted]
            .into_iter()
            .chain(found.regions.iter().map(|region| &region.mask))
        {
            if mask.size() != size {
                let name = case.name.clone();
                return Err(LearnError::MaskSize {
                    name,
                    reference: size,
                    predicted: mask.size(),
                });
            }
        }
        let scores = found.regions.iter().map(|region| region.score);
        if let Some(index) = scores
            .chain(prediction.malignancy)
            .chain(prediction.unknown)
            .position(|score| !score.is_finite())
        {
            return Err(LearnError::NotFinite {
                what: "the scores of a case's regions and malignancy",
                index,
            });
        }
    }
    Ok(())
}
