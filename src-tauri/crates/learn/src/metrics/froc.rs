//! Free-response ROC: lesions found against false regions per image, as the region threshold falls.

use serde::Serialize;

use crate::Mask;

/// One image: its lesions (`None` = none) and the regions found with their scores.
#[derive(Debug, Clone, Copy)]
pub struct FrocCase<'a> {
    /// Its lesions.
    pub reference: Option<&'a Mask>,
    /// What was found.
    pub regions: &'a [crate::RegionFound],
}

/// The curve at one threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FrocPoint {
    /// Regions with at least this score are kept.
    pub threshold: f32,
    /// Share of the lesions (8-connected parts of the masks) that a kept region touches.
    pub sensitivity: f64,
    /// Kept regions that touch no lesion, by all images.
    pub false_positives_per_image: f64,
}

/// One point per distinct region score, falling; empty without images or lesions.
pub fn froc(cases: &[FrocCase<'_>]) -> Vec<FrocPoint> {
    let mut lesions = 0_usize;
    // (score, lesion found by it first): a lesion counts at its best region's score.
    let mut events: Vec<(f32, bool)> = Vec::new();
    for case in cases {
        let parts = case.reference.map(Mask::components).unwrap_or_default();
        lesions += parts.len();
        for part in &parts {
            let touching = case
                .regions
                .iter()
                .filter(|region| region.mask.touches(part))
                .map(|region| region.score);
            if let Some(best) = touching.max_by(f32::total_cmp) {
                events.push((best, true));
            }
        }
        let lost = case
            .regions
            .iter()
            .filter(|region| case.reference.is_none_or(|r| !r.touches(&region.mask)));
        events.extend(lost.map(|region| (region.score, false)));
    }
    if lesions == 0 {
        return Vec::new();
    }
    events.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut found, mut lost) = (0, 0);
    events
        .chunk_by(|a, b| a.0 == b.0)
        .map(|tied| {
            let hits = tied.iter().filter(|(_, hit)| *hit).count();
            found += hits;
            lost += tied.len() - hits;
            FrocPoint {
                threshold: tied[0].0,
                sensitivity: found as f64 / lesions as f64,
                false_positives_per_image: lost as f64 / cases.len() as f64,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;
    use crate::RegionFound;

    #[test]
    fn two_lesions_and_a_false_region() -> Result<(), Box<dyn Error>> {
        let at = |cols: &'static [usize]| Mask::from_fn(1, 12, move |index| cols.contains(&index));
        let lesions = at(&[1, 2, 8])?;
        let regions = [
            RegionFound {
                score: 0.9,
                mask: at(&[2, 3])?,
            },
            RegionFound {
                score: 0.4,
                mask: at(&[1])?,
            },
            RegionFound {
                score: 0.6,
                mask: at(&[5])?,
            },
            RegionFound {
                score: 0.2,
                mask: at(&[8, 9])?,
            },
        ];
        let clean = [RegionFound {
            score: 0.6,
            mask: at(&[0])?,
        }];
        let points = froc(&[
            FrocCase {
                reference: Some(&lesions),
                regions: &regions,
            },
            FrocCase {
                reference: None,
                regions: &clean,
            },
        ]);
        let expected = [(0.9, 0.5, 0.0), (0.6, 0.5, 1.0), (0.2, 1.0, 1.0)];
        let found: Vec<_> = points
            .iter()
            .map(|p| (p.threshold, p.sensitivity, p.false_positives_per_image))
            .collect();
        assert_eq!(found, expected);
        assert!(
            froc(&[FrocCase {
                reference: None,
                regions: &clean
            }])
            .is_empty()
        );
        Ok(())
    }
}
