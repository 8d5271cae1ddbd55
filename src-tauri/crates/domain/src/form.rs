//! What the reader writes of a study, and which images belong to it.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, Uid};

/// One frame of one instance; 0 is the first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FrameRef {
    pub sop_instance_uid: Uid,
    pub frame: u32,
}

/// The free text of a report, section by section; empty sections are not printed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormText {
    pub indication: String,
    pub technique: String,
    pub findings: String,
    pub conclusion: String,
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
pub struct ReportForm {
    pub text: FormText,
    pub updated_at: Timestamp,
    pub updated_by: String,
}
