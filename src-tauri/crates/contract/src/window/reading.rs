//! What the reader says: decisions, measurements, report, signature.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::StudyState;
use crate::rfc3339;

pub type Decision = domain::DecisionKind;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ReviewWire {
    pub finding_id: String,
    pub decision: Decision,
    /// The reader's own label when the decision is `changed`.
    pub label: Option<String>,
    pub note: Option<String>,
    pub reader: String,
    pub decided_at: String,
}

impl From<&domain::Review> for ReviewWire {
    fn from(review: &domain::Review) -> Self {
        Self {
            finding_id: review.finding_id.clone(),
            decision: review.decision.kind(),
            label: match &review.decision {
                domain::Decision::Changed { label } => Some(label.clone()),
                _ => None,
            },
            note: review.note.clone(),
            reader: review.reader.clone(),
            decided_at: rfc3339(review.decided_at),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ReviewedWire {
    pub review: ReviewWire,
    pub study_instance_uid: String,
    pub study_state: StudyState,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SignOffWire {
    pub study_instance_uid: String,
    pub reader: String,
    pub signed_at: String,
    pub content_sha256: String,
}

impl From<crate::terminal::SignOffWire> for SignOffWire {
    fn from(signed: crate::terminal::SignOffWire) -> Self {
        Self {
            study_instance_uid: signed.study_instance_uid,
            reader: signed.reader,
            signed_at: signed.signed_at,
            content_sha256: signed.content_sha256,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Annotation {
    /// 32 hex digits, made by the window.
    pub id: String,
    pub sop_instance_uid: String,
    pub frame: u32,
    /// `length`, `angle`, `ellipse`, `text` or `arrow`.
    pub kind: String,
    /// Pixels of the original frame (x right, y down, pixel centres at whole numbers), one to four.
    pub points: Vec<[f64; 2]>,
    pub text: Option<String>,
    /// What was measured when it was saved.
    pub values: Vec<AnnotationValue>,
    pub created_by: String,
    pub updated_at: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AnnotationValue {
    pub name: String,
    pub value: f64,
    pub unit: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct KeyImage {
    pub sop_instance_uid: String,
    pub frame: u32,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct ReportForm {
    pub indication: String,
    pub technique: String,
    pub findings: String,
    pub conclusion: String,
    pub recommendation: String,
    pub key_images: Vec<KeyImage>,
    pub updated_at: Option<String>,
    pub updated_by: Option<String>,
}

/// The reader's own opinion, before the model's is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Opinion {
    Normal,
    Suspicious,
    Unsure,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Reading {
    pub reader: String,
    pub opened_at: String,
    pub opinion: Option<Opinion>,
    pub opinion_note: Option<String>,
    pub committed_at: Option<String>,
    pub revealed_at: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ReportFormat {
    pub id: String,
    pub extension: String,
    pub title: String,
}

impl From<&domain::Annotation> for Annotation {
    fn from(stored: &domain::Annotation) -> Self {
        Self {
            id: stored.id.clone(),
            sop_instance_uid: stored.sop_instance_uid.to_string(),
            frame: stored.frame,
            kind: stored.kind.as_str().to_owned(),
            points: stored.points.clone(),
            text: stored.text.clone(),
            values: stored
                .measured
                .iter()
                .map(|value| AnnotationValue {
                    name: value.name.clone(),
                    value: value.value,
                    unit: value.unit.clone(),
                })
                .collect(),
            created_by: stored.created_by.clone(),
            updated_at: rfc3339(stored.updated_at),
        }
    }
}

impl From<&domain::ReportForm> for ReportForm {
    fn from(stored: &domain::ReportForm) -> Self {
        let text = stored.text.clone();
        Self {
            indication: text.indication,
            technique: text.technique,
            findings: text.findings,
            conclusion: text.conclusion,
            recommendation: text.recommendation,
            key_images: text
                .key_images
                .into_iter()
                .map(|key| KeyImage {
                    sop_instance_uid: key.sop_instance_uid.to_string(),
                    frame: key.frame,
                })
                .collect(),
            updated_at: Some(rfc3339(stored.updated_at)),
            updated_by: Some(stored.updated_by.clone()),
        }
    }
}

impl From<domain::Reading> for Reading {
    fn from(reading: domain::Reading) -> Self {
        Self {
            reader: reading.reader,
            opened_at: rfc3339(reading.opened_at),
            opinion: reading.opinion.map(|opinion| match opinion {
                domain::Opinion::Normal => Opinion::Normal,
                domain::Opinion::Suspicious => Opinion::Suspicious,
                domain::Opinion::Unsure => Opinion::Unsure,
            }),
            opinion_note: reading.note,
            committed_at: reading.committed_at.map(rfc3339),
            revealed_at: reading.revealed_at.map(rfc3339),
        }
    }
}
