//! Measurements and words that a reader puts on an image.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, Uid};

/// What an annotation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnnotationKind {
    /// The distance between two points.
    Length,
    /// The angle at the second of three points.
    Angle,
    /// An area, by two opposite corners of its box.
    Ellipse,
    /// Words at a point.
    Text,
    /// An arrow between two points, with or without words.
    Arrow,
}

impl AnnotationKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Length, Self::Angle, Self::Ellipse, Self::Text, Self::Arrow];

    /// The word for it in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Angle => "angle",
            Self::Ellipse => "ellipse",
            Self::Text => "text",
            Self::Arrow => "arrow",
        }
    }

    /// `None` for a word that names no kind.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A figure as it was measured when the annotation was saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// What was measured, such as `length`.
    pub name: String,
    /// The figure, in `unit`.
    pub value: f64,
    /// Such as `mm`.
    pub unit: String,
}

/// One mark of a reader on a frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Annotation {
    /// 32 hex digits.
    pub id: String,
    /// The instance that the frame is of.
    pub sop_instance_uid: Uid,
    /// 0 is the first.
    pub frame: u32,
    /// What it is.
    pub kind: AnnotationKind,
    /// Pixels of the original frame: x to the right, y down, pixel centres at whole numbers.
    pub points: Vec<[f64; 2]>,
    /// What the reader wrote beside it.
    pub text: Option<String>,
    /// Its figures; empty where nothing is measured.
    pub measured: Vec<Measured>,
    /// Name of the account.
    pub created_by: String,
    /// When it was saved last.
    pub updated_at: Timestamp,
}
