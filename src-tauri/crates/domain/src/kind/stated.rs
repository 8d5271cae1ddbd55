//! What a person says of images whose files do not say it.

use serde::{Deserialize, Serialize};

use super::Sequence;
use crate::closed_set::closed_set;

/// Patients are not older, and an age of nothing is none.
const OLDEST_YEARS: f32 = 120.0;

closed_set! {
    /// What a person may say of the sequence of MR images.
    pub enum StatedSequence {
        /// FLAIR.
        Flair = "flair",
        /// T1 after a contrast agent.
        T1Contrast = "t1c",
        /// Any other: no model was made for it.
        Other = "other",
    }
}

closed_set! {
    /// What a person may say of the view of a film: the defined terms of View Position (0018,5101), PS3.3 C.8.1.2 and
    /// C.8.11.7.
    pub enum StatedView {
        /// From front to back.
        Ap = "AP",
        /// From back to front.
        Pa = "PA",
        /// Left lateral.
        Ll = "LL",
        /// Right lateral.
        Rl = "RL",
        /// Right lateral decubitus.
        Rld = "RLD",
        /// Left lateral decubitus.
        Lld = "LLD",
        /// Right lateral oblique.
        Rlo = "RLO",
        /// Left lateral oblique.
        Llo = "LLO",
        /// Of a breast, craniocaudal.
        Cc = "CC",
        /// Of a breast, mediolateral oblique.
        Mlo = "MLO",
        /// Of a breast, mediolateral.
        Ml = "ML",
        /// Of a breast, lateromedial.
        Lm = "LM",
    }
}

impl StatedSequence {
    /// As a table of images names it: `FLAIR`, `t1c`, `T1 with contrast`; every other word is another sequence.
    pub fn of_words(words: &str) -> Self {
        match words.trim().to_ascii_lowercase().as_str() {
            "flair" | "t2 flair" | "t2-flair" => Self::Flair,
            "t1c" | "t1 with contrast" | "t1 with contrast agent" | "t1+c" | "t1ce" => Self::T1Contrast,
            _ => Self::Other,
        }
    }

    /// The sequence that is meant.
    pub fn sequence(self) -> Sequence {
        match self {
            Self::Flair => Sequence::Flair,
            Self::T1Contrast => Sequence::T1Contrast,
            Self::Other => Sequence::Other,
        }
    }
}

/// What a person said of images.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stated {
    /// Of MR images of the head.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<StatedSequence>,
    /// Of the patient at the study.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_years: Option<f32>,
    /// View Position of a film, such as `PA`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub view: Option<String>,
    /// Who said it; filled in where it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// On which day, `YYYYMMDD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<String>,
    /// Number of the last analysis of the study before it was said: what was refused until then waits to be analysed
    /// again. `None` where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<i64>,
}

impl Stated {
    /// Whether nothing was said.
    pub fn is_silent(&self) -> bool {
        self.sequence.is_none() && self.age_years.is_none() && self.view.is_none()
    }

    /// These, and where they say nothing those of `other`.
    pub fn or(self, other: &Self) -> Self {
        Self {
            sequence: self.sequence.or(other.sequence),
            age_years: self.age_years.or(other.age_years),
            view: self.view.or_else(|| other.view.clone()),
            user: self.user.or_else(|| other.user.clone()),
            day: self.day.or_else(|| other.day.clone()),
            after: self.after.or(other.after),
        }
    }

    /// In words that are the same in every language, such as `FLAIR, 45 y, PA`.
    pub fn in_words(&self) -> String {
        let sequence = self.sequence.map(|sequence| sequence.sequence().to_string());
        let age = self.age_years.map(|years| format!("{years} y"));
        let view = self.view.clone();
        let parts: Vec<String> = [sequence, age, view].into_iter().flatten().collect();
        parts.join(", ")
    }
}

/// An age that a person gives, in years.
///
/// # Errors
/// Why it is none, in words.
pub fn age_of(text: &str) -> Result<f32, String> {
    let years: Option<f32> = text.trim().replace(',', ".").parse().ok();
    match years {
        Some(years) if years > 0.0 && years <= OLDEST_YEARS => Ok(years),
        Some(years) => Err(format!(
            "an age of {years} years is no patient's: give one above 0 and up to {OLDEST_YEARS}"
        )),
        None => Err(format!(
            "'{text}' is not a valid age; give it in years, such as 45 or 0.5"
        )),
    }
}

/// A view that a person gives, as View Position writes it.
///
/// # Errors
/// Why it is none, and which there are, in words.
pub fn view_of(text: &str) -> Result<String, String> {
    let view = StatedView::parse(&text.trim().to_ascii_uppercase());
    view.map(|view| view.as_str().to_owned())
        .ok_or_else(|| not_among("view", text, StatedView::ALL.iter().map(|one| one.as_str())))
}

/// A sequence that a person gives, in capitals or not.
///
/// # Errors
/// Why it is none, and which there are, in words.
pub fn sequence_of(text: &str) -> Result<StatedSequence, String> {
    StatedSequence::parse(&text.trim().to_ascii_lowercase())
        .ok_or_else(|| not_among("sequence", text, StatedSequence::ALL.iter().map(|one| one.as_str())))
}

fn not_among(what: &str, text: &str, known: impl Iterator<Item = &'static str>) -> String {
    let known: Vec<&str> = known.collect();
    format!("'{text}' is no {what}; give one of {}", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_and_views_that_nobody_has_are_told() {
        assert_eq!(
            (age_of("45"), age_of("0.5"), age_of("2,5")),
            (Ok(45.0), Ok(0.5), Ok(2.5))
        );
        for wrong in ["0", "-3", "200", "nan", "inf", "old", ""] {
            assert!(age_of(wrong).is_err(), "{wrong}");
        }
        assert_eq!((view_of(" pa"), view_of("mlo")), (Ok("PA".into()), Ok("MLO".into())));
        for wrong in ["", "XX", "LATERAL", "from the front, with love", "P\\A"] {
            let why = view_of(wrong).err().unwrap_or_default();
            assert!(why.contains("give one of AP, PA, LL"), "{wrong}: {why}");
        }
        assert_eq!(sequence_of(" FLAIR"), Ok(StatedSequence::Flair));
        let why = sequence_of("t2").err().unwrap_or_default();
        assert_eq!(why, "'t2' is no sequence; give one of flair, t1c, other");
    }

    #[test]
    fn what_was_said_is_told_in_words() {
        let stated = Stated {
            sequence: Some(StatedSequence::Flair),
            age_years: Some(45.0),
            ..Stated::default()
        };
        assert_eq!(stated.in_words(), "FLAIR, 45 y");
        assert!(Stated::default().is_silent() && !stated.is_silent());
    }
}
