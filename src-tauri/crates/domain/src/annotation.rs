//! Measurements and words that a reader puts on an image.

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;
use crate::{Timestamp, Uid};

closed_set! {
    /// What an annotation is.
    pub enum AnnotationKind {
        /// The distance between two points.
        Length = "length",
        /// The angle at the second of three points.
        Angle = "angle",
        /// An area, by two opposite corners of its box.
        Ellipse = "ellipse",
        /// Words at a point.
        Text = "text",
        /// An arrow between two points, with or without words.
        Arrow = "arrow",
    }
}

/// A figure as it was measured when the annotation was saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
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
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
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
