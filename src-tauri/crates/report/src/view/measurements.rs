//! The table of what readers measured.

use domain::{Measured, ReportSnapshot, ReportedMeasurement};
use serde::Serialize;

use super::FrameNames;
use crate::words::utc;

#[derive(Serialize)]
pub struct MeasurementView {
    frame: String,
    kind: &'static str,
    /// Each with its unit.
    figures: Vec<String>,
    rests_on: &'static str,
    /// Reader and time.
    measured: String,
    /// What the reader wrote beside it.
    text: String,
}

pub fn measurements(snapshot: &ReportSnapshot, names: &FrameNames) -> Vec<MeasurementView> {
    let view = |one: &ReportedMeasurement| {
        let annotation = &one.annotation;
        let (uid, number) = (&annotation.sop_instance_uid, one.instance_number);
        MeasurementView {
            frame: names.name(uid, number, annotation.frame),
            kind: annotation.kind.as_str(),
            figures: annotation.measured.iter().map(Measured::in_words).collect(),
            rests_on: one.rests_on.map_or("—", |basis| basis.in_words()),
            measured: format!("{}, {}", annotation.created_by, utc(annotation.updated_at)),
            text: annotation.text.clone().unwrap_or_default(),
        }
    };
    snapshot.measurements.iter().map(view).collect()
}
