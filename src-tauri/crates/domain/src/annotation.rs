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
    /// Such as `mm`; text, for values of a file have the unit that the file names.
    pub unit: String,
}

impl Measured {
    /// `length 12.34 mm`, with the digits that the window shows.
    pub fn in_words(&self) -> String {
        let size = self.value.abs();
        let digits = match self.unit.as_str() {
            "°" => 1,
            _ if size >= 100.0 => 1,
            _ if size < 1.0 && size > 0.0 => 3,
            _ => 2,
        };
        let name = if self.name == "sd" { "SD" } else { &self.name };
        let space = if matches!(self.unit.as_str(), "" | "°") {
            ""
        } else {
            " "
        };
        format!("{name} {:.digits$}{space}{}", self.value, self.unit)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_reads_as_the_window_shows_it() {
        let words = |name: &str, value, unit: &str| {
            let (name, unit) = (name.to_owned(), unit.to_owned());
            Measured { name, value, unit }.in_words()
        };
        for (told, wanted) in [
            (words("length", 12.345, "mm"), "length 12.35 mm"),
            (words("length", 0.12345, "mm"), "length 0.123 mm"),
            (words("area", 1234.56, "mm²"), "area 1234.6 mm²"),
            (words("angle", 45.678, "°"), "angle 45.7°"),
            (words("sd", -4.0, ""), "SD -4.00"),
            (words("mean", 0.0, "HU"), "mean 0.00 HU"),
        ] {
            assert_eq!(told, wanted);
        }
    }
}
