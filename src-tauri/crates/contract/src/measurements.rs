//! What readers measured, as the terminal tells it.

use domain::{AnnotationKind, FrameRef, Measured, ReportedMeasurement, SpacingBasis};
use serde::Serialize;

use crate::rfc3339;

/// What a reader measured on a frame.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MeasurementWire {
    pub id: String,
    /// Its `frame` counts from 0.
    #[serde(flatten)]
    pub at: FrameRef,
    /// From 1, as people and DICOM count.
    pub frame_number: u64,
    pub kind: AnnotationKind,
    /// What the reader wrote beside it.
    pub text: Option<String>,
    /// Each with `name`, `value` and `unit`.
    pub measured: Vec<Measured>,
    /// What its lengths rest on; `null` where it has none, or nothing is known of it.
    pub rests_on: Option<SpacingBasis>,
    pub measured_by: String,
    pub measured_at: String,
}

impl From<&ReportedMeasurement> for MeasurementWire {
    fn from(reported: &ReportedMeasurement) -> Self {
        let one = &reported.annotation;
        Self {
            id: one.id.clone(),
            at: FrameRef {
                sop_instance_uid: one.sop_instance_uid.clone(),
                frame: one.frame,
            },
            frame_number: u64::from(one.frame) + 1,
            kind: one.kind,
            text: one.text.clone(),
            measured: one.measured.clone(),
            rests_on: reported.rests_on,
            measured_by: one.created_by.clone(),
            measured_at: rfc3339(one.updated_at),
        }
    }
}
