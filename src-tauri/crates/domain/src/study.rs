//! Where a study stands, derived from its records and never stored.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StudyState {
    New,
    /// None of its instances holds an image: there is nothing for a model, and much for a reader.
    NoPicture,
    Analysing,
    Flagged,
    Clear,
    /// The input gate refused every image of it.
    Refused,
    Reviewed,
    Signed,
}

/// The counts that decide the state. Only the newest analysis of each frame counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StudyFacts {
    /// None of the instances holds an image.
    pub no_picture: bool,
    pub running_jobs: u32,
    pub analyses: u32,
    pub refused: u32,
    pub flagged: u32,
    pub findings: u32,
    pub findings_reviewed: u32,
    pub signed: bool,
}

impl StudyState {
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
