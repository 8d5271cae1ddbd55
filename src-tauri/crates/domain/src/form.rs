//! What the reader writes of a study, and which images belong to it.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, Uid};

/// One frame of one instance; 0 is the first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FrameRef {
    /// The instance.
    pub sop_instance_uid: Uid,
    /// 0 is the first.
    pub frame: u32,
}

/// The free text of a report, section by section; empty sections are not printed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FormText {
    /// Why the study was made.
    pub indication: String,
    /// How it was made.
    pub technique: String,
    /// What is seen.
    pub findings: String,
    /// What it means.
    pub conclusion: String,
    /// What to do.
    pub recommendation: String,
    /// In the reader's order; without any the report chooses.
    pub key_images: Vec<FrameRef>,
}

impl FormText {
    /// Name and text of each section, in the order of a report.
    pub fn sections(&self) -> [(&'static str, &str); 5] {
        [
            ("Indication", &self.indication),
            ("Technique", &self.technique),
            ("Findings", &self.findings),
            ("Conclusion", &self.conclusion),
            ("Recommendation", &self.recommendation),
        ]
    }
}

/// The form as it was saved last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ReportForm {
    /// What it says.
    pub text: FormText,
    /// When it was saved last.
    pub updated_at: Timestamp,
    /// Name of the account that saved it last.
    pub updated_by: String,
}
