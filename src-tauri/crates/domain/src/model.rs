//! What a model says of itself: where its score becomes a flag, and what that was measured to do.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;

/// A figure with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// On the set as it is.
    pub value: f64,
    /// `None` where nothing is known of the spread: one patient, too few draws, or never taken.
    pub low: Option<f64>,
    /// Upper end of the interval; `None` with `low`.
    pub high: Option<f64>,
}

impl Estimate {
    /// A figure of which no interval is known.
    pub fn bare(value: f64) -> Self {
        Self {
            value,
            low: None,
            high: None,
        }
    }
}

closed_set! {
    /// Whether a version of a bundle is in use in a vault.
    pub enum BundleState {
        /// Analyses use it.
        Active = "active",
        /// It is out of use.
        Retired = "retired",
    }
}

closed_set! {
    /// What a person may do with a version of a bundle.
    pub enum BundleDeed {
        /// Put it to use.
        Activate = "activate",
        /// Take it out of use.
        Retire = "retire",
        /// Put it to use in place of a newer one.
        RollBack = "roll_back",
    }
}

closed_set! {
    /// How a bundle came to this machine.
    pub enum BundleOrigin {
        /// In the program's own models folder.
        Shipped = "shipped",
        /// Installed by a person, or named by its path.
        Installed = "installed",
    }
}

/// Part of a labelled set. Only [`Split::Train`] may teach; every other one is held out.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(type = "string"))]
#[serde(from = "String", into = "String")]
pub enum Split {
    /// A model learns from it.
    Train,
    /// Thresholds are chosen and scores are calibrated on it.
    Val,
    /// Only measured on.
    Test,
    /// By a name that a manifest gives it; held out.
    Named(String),
}

impl Split {
    /// As manifests and bundles name it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Train => "train",
            Self::Val => "val",
            Self::Test => "test",
            Self::Named(name) => name,
        }
    }

    /// Whether a model may learn from it.
    pub fn teaches(&self) -> bool {
        *self == Self::Train
    }
}

impl From<&str> for Split {
    fn from(name: &str) -> Self {
        let known = [Self::Train, Self::Val, Self::Test];
        let known = known.into_iter().find(|split| split.as_str() == name);
        known.unwrap_or_else(|| Self::Named(name.to_owned()))
    }
}

impl From<String> for Split {
    fn from(name: String) -> Self {
        name.as_str().into()
    }
}

impl From<Split> for String {
    fn from(split: Split) -> String {
        split.as_str().to_owned()
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The labelled images that figures were measured on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct SetRef {
    /// The data set, such as `brain-mri`.
    pub pack: String,
    /// The part of it, such as `lgg-flair`.
    pub subset: Option<String>,
    /// `None`: all of it.
    #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
    pub split: Option<Split>,
    /// `None` where they were not counted.
    pub images: Option<u32>,
    /// Patients, or what the set is split by where it names none.
    pub patients: Option<u32>,
}

impl SetRef {
    /// A set of which nothing was counted.
    pub fn new(pack: &str, subset: Option<&str>, split: Option<Split>) -> Self {
        Self {
            pack: pack.to_owned(),
            subset: subset.map(str::to_owned),
            split,
            images: None,
            patients: None,
        }
    }

    /// Whether its images are among those of `other`, by the names alone.
    pub fn is_within(&self, other: &Self) -> bool {
        self.pack == other.pack
            && (other.subset.is_none() || self.subset == other.subset)
            && (other.split.is_none() || self.split == other.split)
    }
}

/// The name alone: `brain-mri/lgg-flair val`.
impl fmt::Display for SetRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.pack)?;
        self.subset.iter().try_for_each(|subset| write!(f, "/{subset}"))?;
        self.split.iter().try_for_each(|split| write!(f, " {split}"))
    }
}

/// `hits` of `of` patients, and the share that is certain.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Bounded {
    /// Of them.
    pub hits: u32,
    /// Patients, or what the set is split by where it names none.
    pub of: u32,
    /// The true share is at least this with 95 % confidence (exact binomial bound, one-sided).
    pub at_least: f64,
}

/// What a threshold did, counted in patients whose images were not used to choose it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct ByPatient {
    /// Patients with a lesion of whom an image with one reached the threshold.
    pub sensitivity: Bounded,
    /// Patients without a lesion of whom no image did; of nobody where the set has none.
    pub specificity: Bounded,
    /// Whether the specificity is known to a tenth either way (two-sided, 95 %).
    pub established: bool,
    /// sha256 of the folds of the patients that chose it.
    pub chosen_on: String,
    /// sha256 of the manifest that names their images.
    pub manifest_sha256: String,
}

/// A bundle flags only where the specificity by patient is at least this with 95 % confidence (one-sided).
pub const SPECIFICITY_FLOOR: f64 = 0.60;

closed_set! {
    /// What a model may tell of an image at an operating point.
    pub enum Says {
        /// Whether there is something: it flags, and an image below the threshold is not flagged.
        Whether = "whether",
        /// Where something may be, and not whether: it outlines, for nobody knows how often it stays silent on patients
        /// without a lesion.
        Where = "where",
    }
}

/// Said wherever a model says where and not whether.
pub const SAYS_WHERE: &str = "This model says where, not whether: it was not established how often it stays silent on \
                              patients without a lesion.";

/// A threshold with what it was measured to do, and on which set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct OperatingPoint {
    /// Such as `balanced`; the first of a bundle is its default.
    pub name: String,
    /// Flagged or outlined at a score of this or more.
    pub threshold: f32,
    /// Share of the images with a lesion that reach it, 0..=1.
    pub sensitivity: Estimate,
    /// Share of the others that are not; `None` where the set has no lesion-free image.
    pub specificity: Option<Estimate>,
    /// The set of the two figures.
    pub set: SetRef,
    /// Whether the threshold was chosen on that set, so that the figures are optimistic.
    pub chosen_on_it: bool,
    /// `None` of a threshold of before it was counted so, and of one that was not chosen.
    #[serde(default)]
    pub patients: Option<ByPatient>,
}

impl OperatingPoint {
    /// Whether it may flag: only where the specificity by patient is certain enough. A point without counts by patient
    /// does not.
    pub fn says(&self) -> Says {
        let certain = |patients: &ByPatient| patients.specificity.at_least >= SPECIFICITY_FLOOR;
        if self.patients.as_ref().is_some_and(certain) {
            Says::Whether
        } else {
            Says::Where
        }
    }

    /// `brain-mri/lgg-flair val, 367 pictures of 12 patients, chosen there`: the set in the words in which
    /// JSON, CSV and signatures have had it since the first version. A person is told the facts themselves.
    pub fn set_sentence(&self) -> String {
        let SetRef { images, patients, .. } = &self.set;
        let mut words = self.set.to_string();
        match (images, patients) {
            (Some(images), Some(patients)) => words += &format!(", {images} pictures of {patients} patients"),
            (Some(images), None) => words += &format!(", {images} pictures"),
            (None, Some(patients)) => words += &format!(", {patients} patients"),
            (None, None) => {}
        }
        if images.is_some() && self.specificity.is_none() {
            words += ", each with a lesion";
        }
        if self.chosen_on_it {
            words += ", chosen there";
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{counted, operating_point};

    #[test]
    fn a_point_says_whether_from_a_certain_specificity_of_the_floor() {
        for (at_least, says) in [
            (0.0, Says::Where),
            (SPECIFICITY_FLOOR.next_down(), Says::Where),
            (SPECIFICITY_FLOOR, Says::Whether),
            (SPECIFICITY_FLOOR.next_up(), Says::Whether),
            (1.0, Says::Whether),
            (f64::NAN, Says::Where),
        ] {
            let mut point = operating_point();
            assert_eq!(point.says(), Says::Where, "nothing was counted by patient");
            point.patients = Some(counted(at_least));
            assert_eq!(point.says(), says, "{at_least}");
            // A wide interval is told beside it and takes no flag away; the share that was seen gives none.
            for (hits, established) in [(0, true), (35, false)] {
                point.patients.iter_mut().for_each(|counts| {
                    (counts.established, counts.specificity.hits) = (established, hits);
                });
                assert_eq!(point.says(), says, "{at_least}");
            }
        }
    }

    #[test]
    fn one_image_is_flagged_or_outlined_or_neither() {
        let uid = crate::Uid::from_bits([1; 16]);
        for (at_least, reached, flagged, outlined) in [
            (None, true, false, true),
            (None, false, false, false),
            (Some(0.7), true, true, false),
            (Some(0.7), false, false, false),
        ] {
            let mut analysis = crate::testing::analysis(&uid, crate::testing::finding("a", 0.9));
            analysis.heads = vec![crate::Flag {
                head: crate::Head::Lesion,
                score: 0.9,
                limit: Some(0.5),
            }];
            (analysis.reached, analysis.operating_point.patients) = (reached, at_least.map(counted));
            assert_eq!((analysis.flagged(), analysis.outlined()), (flagged, outlined));
            assert_eq!(analysis.flags().len(), usize::from(flagged));
        }
    }

    #[test]
    fn a_split_is_its_word_and_only_one_teaches() -> Result<(), serde_json::Error> {
        let named = Split::Named("sealed".into());
        for split in [Split::Train, Split::Val, Split::Test, named] {
            assert_eq!(serde_json::to_value(&split)?, split.as_str());
            assert_eq!(serde_json::from_value::<Split>(split.as_str().into())?, split);
            assert_eq!(split.teaches(), split.as_str() == "train");
        }
        assert_eq!(Split::from("Train"), Split::Named("Train".into()));
        Ok(())
    }

    #[test]
    fn a_point_says_its_set_as_the_first_version_did() {
        let mut point = OperatingPoint {
            name: "balanced".into(),
            threshold: 0.5,
            sensitivity: Estimate::bare(0.9),
            specificity: None,
            set: SetRef::new("brain-mri", Some("lgg-flair"), Some(Split::Val)),
            chosen_on_it: false,
            patients: None,
        };
        assert_eq!(point.set_sentence(), "brain-mri/lgg-flair val");
        point.set.images = Some(367);
        assert_eq!(
            point.set_sentence(),
            "brain-mri/lgg-flair val, 367 pictures, each with a lesion"
        );
        point.specificity = Some(Estimate::bare(0.8));
        (point.set.patients, point.chosen_on_it) = (Some(12), true);
        assert_eq!(
            point.set_sentence(),
            "brain-mri/lgg-flair val, 367 pictures of 12 patients, chosen there"
        );
        let is_within = |subset, split: Option<&str>| {
            point
                .set
                .is_within(&SetRef::new("brain-mri", subset, split.map(Split::from)))
        };
        assert!(
            is_within(Some("lgg-flair"), Some("val")) && is_within(Some("lgg-flair"), None) && is_within(None, None)
        );
        assert!(!is_within(Some("cheng-t1c"), Some("val")) && !is_within(Some("lgg-flair"), Some("sealed")));
        assert!(!point.set.is_within(&SetRef::new("breast-us", None, None)));
    }
}
