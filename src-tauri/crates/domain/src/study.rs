//! Where a study stands, derived from its records and never stored.

use crate::closed_set::closed_set;
closed_set! {
    /// Where a study stands.
    pub enum StudyState {
        /// Nothing of it was analysed.
        New = "new",
        /// None of its instances holds an image: there is nothing for a model, and much for a reader.
        NoPicture = "no_picture",
        /// An analysis of it waits or runs.
        Analysing = "analysing",
        /// At least one image is flagged, and not all findings are decided.
        Flagged = "flagged",
        /// At least one image is outlined and none is flagged, and not all findings are decided.
        Outlined = "outlined",
        /// Some of its images were analysed and others not, and no finding waits for a decision: nothing can be said of the
        /// whole.
        Partial = "partly_analysed",
        /// Analysed by models that say whether, and nothing is flagged.
        Clear = "clear",
        /// Analysed, in part at least by models that say where and not whether, and nothing is flagged or outlined.
        NotOutlined = "not_outlined",
        /// The input gate refused every image of it.
        Refused = "refused",
        /// Every finding is decided.
        Reviewed = "reviewed",
        /// Nothing of it changes any more.
        Signed = "signed",
        /// The vault's policy hides the answer until the reader has given an own opinion.
        Unread = "unread",
    }
}

/// The counts that decide the state. Only the newest analysis of each frame counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StudyFacts {
    /// None of the instances holds an image.
    pub no_picture: bool,
    /// Analyses that wait or run.
    pub running_jobs: u32,
    /// Frames that hold an image.
    pub frames: u32,
    /// Frames that were analysed.
    pub analyses: u32,
    /// Of these, frames that the input gate refused for want of a fact that nobody stated.
    pub waiting: u32,
    /// Of these, frames that the input gate refused.
    pub refused: u32,
    /// Of these, frames that are flagged.
    pub flagged: u32,
    /// Of these, frames that are outlined by a model that says where and not whether.
    pub outlined: u32,
    /// Of these, frames with a score by such a model.
    pub says_where: u32,
    /// Findings on them.
    pub findings: u32,
    /// Of these, findings with a decision.
    pub findings_reviewed: u32,
    /// Whether it is signed.
    pub signed: bool,
}

impl StudyFacts {
    /// Frames that no model has seen. What waits for a fact was not seen, where another frame of the study was scored
    /// by that fact.
    pub fn unseen(&self) -> u32 {
        let waiting = if self.refused < self.analyses { self.waiting } else { 0 };
        self.frames.saturating_sub(self.analyses) + waiting
    }

    /// Frames of a study in work that no model has seen; of one that nobody began with, none.
    pub fn not_analysed(&self) -> u32 {
        match self.analyses {
            0 => 0,
            _ => self.unseen(),
        }
    }
}

impl StudyState {
    /// The words of the window in English, in lower case, so that terminal and report say the same. Scripts read the
    /// code.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::NoPicture => "no image",
            Self::Analysing => "analysing",
            Self::Flagged => "flagged",
            Self::Outlined => "outlined",
            Self::Partial => "partly analysed",
            Self::Clear => "not flagged",
            Self::NotOutlined => "nothing outlined",
            Self::Refused => "refused",
            Self::Reviewed => "reviewed",
            Self::Signed => "signed",
            Self::Unread => "unread",
        }
    }

    /// As a reader sees it from whom the answer is `hidden`, or not.
    pub fn seen(facts: StudyFacts, hidden: bool) -> Self {
        if hidden { StudyState::Unread } else { Self::of(facts) }
    }

    /// The state that follows from the facts.
    pub fn of(facts: StudyFacts) -> Self {
        let decided = facts.findings > 0 && facts.findings_reviewed >= facts.findings;
        let unseen = facts.not_analysed() > 0;
        let silent = facts.flagged == 0 && facts.outlined == 0;
        if facts.signed {
            StudyState::Signed
        } else if facts.running_jobs > 0 {
            StudyState::Analysing
        } else if facts.no_picture {
            StudyState::NoPicture
        } else if facts.analyses == 0 {
            StudyState::New
        } else if unseen && (decided || silent) {
            StudyState::Partial
        } else if decided {
            StudyState::Reviewed
        } else if facts.flagged > 0 {
            StudyState::Flagged
        } else if facts.outlined > 0 {
            StudyState::Outlined
        } else if facts.refused == facts.analyses {
            StudyState::Refused
        } else if facts.says_where > 0 {
            StudyState::NotOutlined
        } else {
            StudyState::Clear
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
            (StudyFacts { frames: 3, ..seen }, StudyState::Clear),
            (StudyFacts { frames: 4, ..seen }, StudyState::Partial),
            // One was scored after a person had stated what the others wait for.
            (
                StudyFacts {
                    refused: 2,
                    waiting: 2,
                    ..seen
                },
                StudyState::Partial,
            ),
            (
                StudyFacts {
                    refused: 3,
                    waiting: 3,
                    ..seen
                },
                StudyState::Refused,
            ),
            (
                StudyFacts {
                    frames: 4,
                    refused: 3,
                    ..seen
                },
                StudyState::Partial,
            ),
            (
                StudyFacts {
                    frames: 4,
                    flagged: 1,
                    findings: 1,
                    ..seen
                },
                StudyState::Flagged,
            ),
            (
                StudyFacts {
                    frames: 4,
                    flagged: 1,
                    ..seen
                },
                StudyState::Flagged,
            ),
            (
                StudyFacts {
                    frames: 4,
                    outlined: 1,
                    says_where: 1,
                    findings: 1,
                    findings_reviewed: 1,
                    ..seen
                },
                StudyState::Partial,
            ),
            (StudyFacts { refused: 3, ..seen }, StudyState::Refused),
            (StudyFacts { refused: 2, ..seen }, StudyState::Clear),
            (StudyFacts { says_where: 1, ..seen }, StudyState::NotOutlined),
            (
                StudyFacts {
                    refused: 3,
                    says_where: 0,
                    ..seen
                },
                StudyState::Refused,
            ),
            (
                StudyFacts {
                    outlined: 1,
                    says_where: 3,
                    findings: 1,
                    ..seen
                },
                StudyState::Outlined,
            ),
            (
                StudyFacts {
                    flagged: 1,
                    outlined: 1,
                    says_where: 2,
                    findings: 2,
                    ..seen
                },
                StudyState::Flagged,
            ),
            (
                StudyFacts {
                    outlined: 1,
                    says_where: 3,
                    findings: 1,
                    findings_reviewed: 1,
                    ..seen
                },
                StudyState::Reviewed,
            ),
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
