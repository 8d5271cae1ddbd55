//! Splits by patient, so that no patient's slices lie on both sides.

use std::collections::BTreeMap;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;

use crate::LearnError;

/// For each case, given as (patient, anomaly), whether it belongs to the validation side.
///
/// About `share` of the patients with an anomaly and of those without one go there, at least one of
/// each where there are two. The same seed gives the same split, whatever the order of the cases.
/// Errors: fewer than two patients, a share outside 0..1.
pub fn by_patient(cases: &[(&str, bool)], share: f64, seed: u64) -> Result<Vec<bool>, LearnError> {
    if !(share > 0.0 && share < 1.0) {
        return Err(LearnError::NotAShare {
            what: "the share of validation patients",
            value: share,
        });
    }
    let mut anomalous: BTreeMap<&str, bool> = BTreeMap::new();
    for (patient, anomaly) in cases {
        *anomalous.entry(patient).or_default() |= anomaly;
    }
    if anomalous.len() < 2 {
        return Err(LearnError::TooFew {
            what: "a split by patient (patients)",
            needed: 2,
            got: anomalous.len(),
        });
    }
    let mut rng = Pcg64::seed_from_u64(seed);
    let mut validation: BTreeMap<&str, bool> = BTreeMap::new();
    for kind in [true, false] {
        let mut patients: Vec<&str> = anomalous
            .iter()
            .filter(|(_, anomaly)| **anomaly == kind)
            .map(|(patient, _)| *patient)
            .collect();
        patients.shuffle(&mut rng);
        let wanted = (patients.len() as f64 * share).round() as usize;
        let taken = if patients.len() < 2 {
            0
        } else {
            wanted.clamp(1, patients.len() - 1)
        };
        validation.extend(
            patients
                .iter()
                .enumerate()
                .map(|(place, patient)| (*patient, place < taken)),
        );
    }
    Ok(cases
        .iter()
        .map(|(patient, _)| validation.get(patient).copied().unwrap_or(false))
        .collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::error::Error;

    use super::*;

    #[test]
    fn no_patient_lies_on_both_sides_and_both_kinds_are_shared_out() -> Result<(), Box<dyn Error>> {
        let names: Vec<String> = (0..50).map(|index| format!("p{index:02}")).collect();
        let cases: Vec<(&str, bool)> = (0..500)
            .map(|index| (names[index % 50].as_str(), index % 50 < 20 && index % 3 == 0))
            .collect();
        let sides = by_patient(&cases, 0.2, 1)?;
        let side = |wanted: bool| -> BTreeSet<&str> {
            cases
                .iter()
                .zip(&sides)
                .filter(|(_, side)| **side == wanted)
                .map(|(case, _)| case.0)
                .collect()
        };
        let (validation, training) = (side(true), side(false));
        assert!(validation.is_disjoint(&training));
        assert_eq!(validation.len(), 10);
        assert_eq!(validation.iter().filter(|name| **name < "p20").count(), 4);
        assert_eq!(sides, by_patient(&cases, 0.2, 1)?);
        assert_ne!(sides, by_patient(&cases, 0.2, 2)?);
        Ok(())
    }

    #[test]
    fn one_patient_cannot_be_split() {
        assert!(matches!(
            by_patient(&[("a", true), ("a", false)], 0.5, 1),
            Err(LearnError::TooFew { .. })
        ));
        assert!(matches!(
            by_patient(&[("a", true), ("b", false)], 1.5, 1),
            Err(LearnError::NotAShare { .. })
        ));
    }
}
