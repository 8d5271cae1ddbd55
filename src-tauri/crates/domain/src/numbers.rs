//! What is counted: the records of a vault, how models and readers did.

use serde::{Deserialize, Serialize};

use crate::{DecisionKind, ReadOnly};

/// How many records a vault holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RecordCounts {
    /// Patients.
    pub patients: u64,
    /// Studies.
    pub studies: u64,
    /// Instances.
    pub instances: u64,
    /// Analyses, also those that a newer one replaced.
    pub analyses: u64,
    /// Findings of all analyses; `None` while "read first" hides those of a study from the person who asks.
    pub findings: Option<u64>,
    /// Decisions, also those that a later one replaced.
    pub reviews: u64,
    /// Rows of the audit.
    pub audit_rows: u64,
}

/// What a vault is written in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct VaultVersions {
    /// Of the vault's folder.
    pub format_version: i64,
    /// Of its database.
    pub schema_version: i64,
    /// Such as `SQLCipher 4.10.0 community; XChaCha20-Poly1305`.
    pub cipher: String,
}

/// Files that no record names; they lie in `files/lost` of the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct LostFiles {
    /// How many.
    pub files: u64,
    /// Their bytes, encrypted.
    pub bytes: u64,
}

/// A vault in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct VaultNumbers {
    /// What it is written in.
    #[serde(flatten)]
    pub versions: VaultVersions,
    /// What it holds.
    #[serde(flatten)]
    pub counts: RecordCounts,
    /// Of the vault files on disk, encrypted, without the lost ones.
    pub file_bytes: u64,
    /// What lies in `files/lost`.
    pub lost: LostFiles,
    /// Why nothing of the vault may be changed.
    pub read_only: Option<ReadOnly>,
    /// Of the database on disk, without its log.
    pub database_bytes: u64,
}

/// What a backup copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Copied {
    /// Vault files.
    pub files: u64,
    /// Of the whole copy.
    pub bytes: u64,
    /// Studies in it.
    pub studies: u64,
}

/// One version of a model since a point in time.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ModelQuality {
    /// Name of the bundle.
    pub bundle: String,
    /// Version of the bundle.
    pub version: String,
    /// Frames that it analysed.
    pub analyses: u64,
    /// Of these, frames that it flagged.
    pub flagged: u64,
    /// Of these, frames that it outlined, saying where and not whether.
    pub outlined: u64,
    /// Of these, frames with a score of which it says where and not whether.
    pub says_where: u64,
    /// Of these, frames that its input gate refused.
    pub refused: u64,
    /// Mean seconds of computing an image.
    pub mean_seconds: Option<f64>,
    /// Findings by the decision that stands.
    pub decisions: DecisionCounts,
    /// Studies that were reviewed or signed, by what model and reader said, where the model says whether.
    pub agreement: Agreement,
    /// What readers thought before they saw its answer, where it says whether.
    pub read_first: ReadFirst,
}

/// Findings by the decision that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DecisionCounts {
    /// Accepted.
    pub accepted: u64,
    /// Rejected.
    pub rejected: u64,
    /// With the reader's own label.
    pub changed: u64,
    /// Left open on purpose.
    pub unsure: u64,
    /// Without a decision.
    pub undecided: u64,
}

impl DecisionCounts {
    /// One finding more, with the decision that stands on it.
    pub fn add(&mut self, decision: Option<DecisionKind>) {
        *match decision {
            Some(DecisionKind::Accepted) => &mut self.accepted,
            Some(DecisionKind::Rejected) => &mut self.rejected,
            Some(DecisionKind::Changed) => &mut self.changed,
            Some(DecisionKind::Unsure) => &mut self.unsure,
            None => &mut self.undecided,
        } += 1;
    }

    /// All findings.
    pub fn total(&self) -> u64 {
        self.accepted + self.rejected + self.changed + self.unsure + self.undecided
    }
}

/// The model flagged a study; the reader kept a finding of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Agreement {
    /// Both said yes.
    pub both: u64,
    /// The model alone.
    pub model_only: u64,
    /// The reader alone.
    pub reader_only: u64,
    /// Neither.
    pub neither: u64,
}

/// Opinions given before the model's answer was shown.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ReadFirst {
    /// Opinions that were given.
    pub readings: u64,
    /// `suspicious` where the model flagged, `normal` where it did not.
    pub agreed: u64,
    /// From opening the study to the opinion.
    pub mean_seconds_to_opinion: Option<f64>,
}

/// One bundle on one day, in UTC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DayQuality {
    /// `YYYY-MM-DD`
    pub day: String,
    /// Name of the bundle.
    pub bundle: String,
    /// Frames that it analysed.
    pub analyses: u64,
    /// Of these, frames that it flagged.
    pub flagged: u64,
    /// Of these, frames that it outlined, saying where and not whether.
    pub outlined: u64,
    /// Of these, frames with a score of which it says where and not whether.
    pub says_where: u64,
    /// Of these, frames that its input gate refused.
    pub refused: u64,
    /// Of the frames that got a score.
    pub mean_score: Option<f64>,
    /// Scores in ten bins of 0.1; a score of 1 is in the last.
    #[cfg_attr(feature = "typescript", ts(type = "Array<number>"))]
    pub histogram: [u64; 10],
}

/// A number with its noun: `1 image`, `3 images`, `1 study`, `0 analyses`.
pub fn counted(count: impl TryInto<u64>, noun: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    if count == 1 {
        return format!("1 {noun}");
    }
    let (start, last) = noun.split_at(noun.char_indices().next_back().map_or(0, |(at, _)| at));
    let plural = match last {
        _ if noun.ends_with("sis") => format!("{}es", noun.trim_end_matches("is")),
        "y" if !start.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{start}ies"),
        "s" | "x" | "h" => format!("{noun}es"),
        _ => format!("{noun}s"),
    };
    format!("{count} {plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_told_as_one_and_all_else_as_many() {
        for (count, noun, told) in [
            (1, "image", "1 image"),
            (0, "image", "0 images"),
            (2, "study", "2 studies"),
            (1, "study", "1 study"),
            (5, "analysis", "5 analyses"),
            (3, "entry", "3 entries"),
            (2, "day", "2 days"),
            (2, "box", "2 boxes"),
            (2, "other file", "2 other files"),
        ] {
            assert_eq!(counted(count as u64, noun), told);
        }
    }
}
