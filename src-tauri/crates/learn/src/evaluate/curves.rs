//! The curves behind the figures, for plots.

use serde::Serialize;

use super::ScoredCase;
use crate::metrics::{FrocCase, FrocPoint, ReliabilityBin, RocPoint, froc, reliability, roc_points};

/// Each list is empty where it does not apply.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Curves {
    /// From (0, 0) to (1, 1).
    pub roc: Vec<RocPoint>,
    /// Bins of equal width, the lowest scores first.
    pub reliability: Vec<ReliabilityBin>,
    /// The highest threshold first.
    pub froc: Vec<FrocPoint>,
}

/// ROC and reliability on the image-level cases, FROC on the answered, outlined cases with a map.
pub fn curves(cases: &[ScoredCase]) -> Curves {
    let (scores, positive): (Vec<f32>, Vec<bool>) = cases
        .iter()
        .filter_map(|case| Some((case.counted_score()?, case.anomaly)))
        .unzip();
    let mapped: Vec<FrocCase<'_>> = cases
        .iter()
        .filter(|case| case.is_outlined())
        .filter_map(|case| {
            Some(FrocCase {
                reference: case.lesion(),
                regions: &case.localisation()?.regions,
            })
        })
        .collect();
    let reliability = if scores.is_empty() {
        Vec::new()
    } else {
        reliability(&scores, &positive)
    };
    Curves {
        roc: roc_points(&scores, &positive),
        reliability,
        froc: froc(&mapped),
    }
}
