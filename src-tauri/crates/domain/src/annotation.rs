//! Measurements and words that a reader puts on an image.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, Uid};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnnotationKind {
    Length,
    Angle,
    Ellipse,
    Text,
    Arrow,
}

impl AnnotationKind {
    pub const ALL: [Self; 5] = [Self::Length, Self::Angle, Self::Ellipse, Self::Text, Self::Arrow];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Angle => "angle",
            Self::Ellipse => "ellipse",
            Self::Text => "text",
            Self::Arrow => "arrow",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A figure as it was measured when the annotation was saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    pub name: String,
    pub value: f64,
    pub unit: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Annotation {
    /// 32 hex digits.
    pub id: String,
    pub sop_instance_uid: Uid,
    pub frame: u32,
    pub kind: AnnotationKind,
    /// Pixels of the original frame: x to the right, y down, pixel centres at whole numbers.
    pub points: Vec<[f64; 2]>,
    pub text: Option<String>,
    pub measured: Vec<Measured>,
    pub created_by: String,
    pub updated_at: Timestamp,
}
