//! Where a study stands, derived from its records and never stored.

use serde::{Deserialize, Serialize};

/// Where a study stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StudyState {
    /// Nothing of it was analysed.
    New,
    /// None of its instances holds an image: there is nothing for a model, and much for a reader.
    NoPicture,
    /// An analysis of it waits or runs.
    Analysing,
    /// At least one image is flagged, and not all findings are decided.
    Flagged,
    /// Analysed, and nothing is flagged.
    Clear,
    /// The input gate refused every image of it.
    Refused,
    /// Every finding is decided.
    Reviewed,
    /// Nothing of it changes any more.
    Signed,
}

/// The counts that decide the state. Only the newest analysis of each frame counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StudyFacts {
    /// None of the instances holds an image.
    pub no_picture: bool,
    /// Analyses that wait or run.
    pub running_jobs: u32,
    /// Frames that were analysed.
    pub analyses: u32,
    /// Of these, frames that the input gate refused.
    pub refused: u32,
    /// Of these, frames that are flagged.
    pub flagged: u32,
    /// Findings on them.
    pub findings: u32,
    /// Of these, findings with a decision.
    pub findings_reviewed: u32,
    /// Whether it is signed.
    pub signed: bool,
}

impl StudyState {
    /// The state that follows from the facts.
    pub fn of(facts: StudyFacts) -> Self {
        if facts.signed {
            StudyState::Signed
        } else if facts.running_jobs > 0 {
            StudyState::Analysing
        } else if facts.no_picture {
            StudyState::NoPicture
        } else if facts.analyses == 0 {
            StudyState::New
        } else if facts.findings > 0 && facts.findings_reviewed >= facts.findings {
            StudyState::Reviewed
        } else if facts.flagged > 0 {
            StudyState::Flagged
        } else if facts.refused == facts.analyses {
            StudyState::Refused
        } else {
            StudyState::Clear
        }
    }

    /// The word for it in JSON and in the worklist.
    pub fn as_str(self) -> &'static str {
        match self {
            StudyState::New => "new",
            StudyState::NoPicture => "no_picture",
            StudyState::Analysing => "analysing",
            StudyState::Flagged => "flagged",
            StudyState::Clear => "clear",
            StudyState::Refused => "refused",
            StudyState::Reviewed => "reviewed",
            StudyState::Signed => "signed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_follows_the_facts() {
        let seen = StudyFacts {
            analyses: 3,
            ..StudyFacts::default()
        };
        let cases = [
            (StudyFacts::default(), StudyState::New),
            (
                StudyFacts {
                    no_picture: true,
                    ..StudyFacts::default()
                },
                StudyState::NoPicture,
            ),
            (
                StudyFacts {
                    no_picture: true,
                    signed: true,
                    ..StudyFacts::default()
                },
                StudyState::Signed,
            ),
            (
                StudyFacts {
                    running_jobs: 1,
                    ..seen
                },
                StudyState::Analysing,
            ),
            (seen, StudyState::Clear),
            (StudyFacts { refused: 3, ..seen }, StudyState::Refused),
            (StudyFacts { refused: 2, ..seen }, StudyState::Clear),
            (
                StudyFacts {
                    flagged: 1,
                    findings: 2,
                    findings_reviewed: 1,
                    ..seen
                },
                StudyState::Flagged,
            ),
            (
                StudyFacts {
                    flagged: 1,
                    findings: 2,
                    findings_reviewed: 2,
                    ..seen
                },
                StudyState::Reviewed,
            ),
            (
                StudyFacts {
                    flagged: 1,
                    findings: 2,
                    signed: true,
                    ..seen
                },
                StudyState::Signed,
            ),
        ];
        for (facts, state) in cases {
            assert_eq!(StudyState::of(facts), state, "{facts:?}");
        }
    }
}
