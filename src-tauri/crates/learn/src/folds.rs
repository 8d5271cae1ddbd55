//! Folds by patient: every image is judged once by a network that never saw its patient.

use std::collections::{BTreeMap, BTreeSet};

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::LearnError;
use crate::manifest::Case;

/// Which fold each patient is in, counted from 0. Frozen by the hash of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folds {
    count: u32,
    of: BTreeMap<String, u32>,
}

impl Folds {
    /// Deals the patients of `cases` out to `count` folds, in an order drawn by `seed`: evenly by anomaly, then by label,
    /// subset and source. The order of the cases does not matter.
    ///
    /// # Errors
    /// [`LearnError::TooFewFolds`]; [`LearnError::NoGroups`] where a row names neither patient nor group;
    /// [`LearnError::EmptyFold`] where a fold would hold no image with an anomaly, or none without one though others do.
    pub fn deal(cases: &[Case], count: u32, seed: u64) -> Result<Self, LearnError> {
        if count < 2 {
            return Err(LearnError::TooFewFolds { count });
        }
        if let Some(case) = cases.iter().find(|case| case.patient == case.name) {
            return Err(LearnError::NoGroups { line: case.line });
        }
        let mut strata: BTreeMap<Stratum<'_>, Vec<&str>> = BTreeMap::new();
        for (patient, stratum) in strata_of(cases) {
            strata.entry(stratum).or_default().push(patient);
        }
        let mut rng = Pcg64::seed_from_u64(seed);
        let mut of = BTreeMap::new();
        let places = (0..count).cycle();
        let dealt = strata.into_values().flat_map(|mut patients| {
            patients.shuffle(&mut rng);
            patients
        });
        of.extend(dealt.zip(places).map(|(patient, fold)| (patient.to_owned(), fold)));
        let folds = Self { count, of };
        folds.hold_both_kinds(cases)?;
        Ok(folds)
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// `None` for a patient that was not dealt out.
    pub fn of(&self, patient: &str) -> Option<u32> {
        self.of.get(patient).copied()
    }

    /// `folds.csv`: `patient,fold`, by the patients' names.
    pub fn text(&self) -> String {
        let mut writer = csv::Writer::from_writer(vec![]);
        // A vector takes everything.
        let _ = writer.write_record(["patient", "fold"]);
        for (patient, fold) in &self.of {
            let _ = writer.write_record([patient, &fold.to_string()]);
        }
        let bytes = writer.into_inner().unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Lower-case hex of the sha256 of [`Self::text`].
    pub fn sha256(&self) -> String {
        format!("{:x}", Sha256::digest(self.text()))
    }

    fn hold_both_kinds(&self, cases: &[Case]) -> Result<(), LearnError> {
        for anomaly in [true, false] {
            let held: BTreeSet<u32> = cases
                .iter()
                .filter(|case| case.anomaly == anomaly)
                .filter_map(|case| self.of(&case.patient))
                .collect();
            if let Some(fold) = (0..self.count)
                .find(|fold| !held.contains(fold))
                .filter(|_| anomaly || !held.is_empty())
            {
                return Err(LearnError::EmptyFold {
                    fold,
                    anomaly,
                    folds: self.count,
                });
            }
        }
        Ok(())
    }
}

/// Anomaly first, so that each fold gets its share of patients with one.
type Stratum<'a> = (bool, BTreeSet<&'a str>, Option<&'a str>, BTreeSet<&'a str>);

fn strata_of(cases: &[Case]) -> BTreeMap<&str, Stratum<'_>> {
    let mut strata: BTreeMap<&str, Stratum<'_>> = BTreeMap::new();
    for case in cases {
        let (anomaly, labels, subset, sources) = strata.entry(&case.patient).or_default();
        *anomaly |= case.anomaly;
        if case.anomaly {
            labels.insert(&case.label);
        }
        *subset = subset.or(case.subset.as_deref());
        let of_source = |group: &&String| group.starts_with("source=") || group.starts_with("institution=");
        sources.extend(case.groups.iter().filter(of_source).map(String::as_str));
    }
    strata
}

/// What a network said of an image whose patient it never saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unseen {
    /// The file as the manifest names it.
    pub name: String,
    /// What stays together when figures are drawn.
    pub patient: String,
    /// As the manifest writes it.
    pub label: String,
    /// Whether there is something to find.
    pub anomaly: bool,
    /// `None` where the manifest does not say.
    pub core: Option<bool>,
    /// Its label is unsure; no image-level figure counts it.
    pub adjacent_to_lesion: bool,
    /// 0..=1, before any calibration.
    pub raw_score: f32,
    /// Any scale, higher is more malignant.
    pub malignancy: Option<f32>,
    /// Of an outlined lesion that the network was asked to outline.
    pub overlap: Option<Overlap>,
}

/// How the outline lies on the lesion, in pixels of the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overlap {
    /// Of the lesion.
    pub lesion: u32,
    /// Predicted to be lesion.
    pub predicted: u32,
    /// In both.
    pub both: u32,
    /// The map peaks in the lesion.
    pub pointed: bool,
}

/// What the network of one fold said of all its images, and how it was made: `fold-N.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoldPredictions {
    /// Counted from 0.
    pub fold: u32,
    /// Hash of `folds.csv`.
    pub folds_sha256: String,
    /// Hash of the manifest that names the images.
    pub manifest_sha256: String,
    /// Hash of all that changes a training.
    pub recipe_sha256: String,
    /// Of the random weights.
    pub seed: u64,
    /// Decided before the training.
    pub epochs: u32,
    /// That trained.
    pub code: String,
    /// Images that the network was trained on.
    pub trained_on: u32,
    /// By the images' names.
    pub images: Vec<Unseen>,
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::path::PathBuf;

    use domain::Split;

    use super::*;

    type Checked = Result<(), Box<dyn Error>>;

    fn case(patient: &str, label: &str, anomaly: bool, source: &str) -> Case {
        Case {
            line: 2,
            name: format!("{patient}-{label}.png"),
            file: PathBuf::new(),
            mask: None,
            label: label.to_owned(),
            anomaly,
            split: Split::Train,
            patient: patient.to_owned(),
            subset: None,
            core: None,
            adjacent_to_lesion: false,
            sha256: None,
            lesion_px: None,
            stated: domain::Stated::default(),
            groups: vec![format!("source={source}"), "modality=US".to_owned()],
        }
    }

    /// 41 patients with an anomaly of two labels from two sources, 13 without; two images each.
    fn cases() -> Vec<Case> {
        (0..54)
            .flat_map(|index| {
                let patient = format!("p{index:02}");
                let anomaly = index < 41;
                let label = if index % 3 == 0 { "MALIGNANT" } else { "BENIGN" };
                let source = if index % 2 == 0 { "a" } else { "b" };
                let first = case(&patient, if anomaly { label } else { "NORMAL" }, anomaly, source);
                [first, case(&patient, "NORMAL", false, source)]
            })
            .collect()
    }

    #[test]
    fn patients_are_dealt_evenly_by_anomaly_and_label_and_never_split() -> Checked {
        let cases = cases();
        let folds = Folds::deal(&cases, 5, 1)?;
        let count = |keep: &dyn Fn(&Case) -> bool| -> Vec<usize> {
            (0..5)
                .map(|fold| {
                    let of: BTreeSet<&str> = cases
                        .iter()
                        .filter(|case| keep(case) && folds.of(&case.patient) == Some(fold))
                        .map(|case| case.patient.as_str())
                        .collect();
                    of.len()
                })
                .collect()
        };
        let even = |counts: Vec<usize>, slack: usize| {
            let (least, most) = (counts.iter().min().copied(), counts.iter().max().copied());
            assert!(most.unwrap_or(0) - least.unwrap_or(0) <= slack, "{counts:?}");
        };
        even(count(&|_| true), 1);
        even(count(&|case| case.anomaly), 1);
        even(count(&|case| case.label == "MALIGNANT"), 2);
        even(count(&|case| case.label == "BENIGN" && case.groups[0] == "source=b"), 2);
        Ok(())
    }

    #[test]
    fn the_text_is_frozen_by_its_hash_whatever_the_order_of_the_cases() -> Checked {
        let mut cases = cases();
        let folds = Folds::deal(&cases, 5, 1)?;
        cases.reverse();
        assert_eq!(Folds::deal(&cases, 5, 1)?, folds);
        assert_ne!(Folds::deal(&cases, 5, 2)?.sha256(), folds.sha256());
        let text = folds.text();
        assert_eq!((text.lines().next(), text.lines().count()), (Some("patient,fold"), 55));
        assert_eq!(folds.sha256().len(), 64);
        Ok(())
    }

    #[test]
    fn what_cannot_be_dealt_out_is_refused_with_the_reason() {
        let refused = |cases: &[Case], count| match Folds::deal(cases, count, 1) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        };
        let few: Vec<Case> = cases()
            .into_iter()
            .filter(|case| case.patient.as_str() < "p03")
            .collect();
        let words = refused(&few, 5);
        assert!(
            words.contains("fold 3 of 5 would hold no image with an anomaly"),
            "{words}"
        );
        let mut alone = cases();
        alone[7].patient = alone[7].name.clone();
        let words = refused(&alone, 5);
        assert!(words.contains("names neither a patient nor a group"), "{words}");
        assert!(refused(&cases(), 1).contains("at least two"));
        let one_sided: Vec<Case> = cases().into_iter().filter(|case| case.anomaly).collect();
        assert_eq!(refused(&one_sided, 5), "");
    }
}
