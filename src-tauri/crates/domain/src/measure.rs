//! What a length on an image rests on, and regions of an image with measures of their own (PS3.3 10.7.1, C.8.5.5).

use serde::{Deserialize, Serialize};

use crate::closed_set::closed_set;

closed_set! {
    /// What the pixel spacing rests on; a length is as right as that.
    pub enum SpacingBasis {
        /// A slice or a volume of the patient.
        Patient = "patient",
        /// A projection whose file gives a spacing that is not that of the detector, and not how it was found.
        Calibrated = "calibrated",
        /// A projection, corrected by the geometry of the exposure.
        CalibratedGeometry = "calibrated_geometry",
        /// A projection, corrected by an object of known size.
        CalibratedFiducial = "calibrated_fiducial",
        /// A projection: the detector's spacing over the magnification of the patient's middle.
        ImagerOverMagnification = "imager_over_magnification",
        /// A projection: lengths as they fall on the detector, which are longer than in the patient.
        Detector = "detector",
        /// A projection that does not say whether its spacing is that of the detector.
        Projection = "projection",
        /// The film or paper that was scanned.
        ScannedFilm = "scanned_film",
        /// The resolution that an image file states, in a unit of length.
        ResolutionTag = "resolution_tag",
    }
}

/// A region of an ultrasound image with its own axes (Sequence of Ultrasound Regions (0018,6011)).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct MeasuredRegion {
    /// First column, from 0.
    pub x0: u32,
    /// First row.
    pub y0: u32,
    /// Last column.
    pub x1: u32,
    /// Last row.
    pub y1: u32,
    /// Unit of the horizontal axis, such as `cm` or `s`; `none` where it has none.
    pub unit_x: String,
    /// Unit of the vertical axis.
    pub unit_y: String,
    /// What one column is worth, in `unit_x`.
    pub delta_x: f64,
    /// What one row is worth, in `unit_y`.
    pub delta_y: f64,
}
