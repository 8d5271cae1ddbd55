//! Pixel spacing and what it rests on (PS3.3 10.7.1), the shape of a pixel, regions of ultrasound (C.8.5.5).

use domain::{MeasuredRegion, SpacingBasis};

use super::{data_set::DataSet, tag};

/// Modalities whose images are projections, so that a spacing is that of the detector until it is corrected.
const PROJECTIONS: [&str; 9] = ["CR", "DX", "MG", "IO", "PX", "RF", "XA", "RG", "DR"];

/// Row and column spacing in mm with what they rest on. `measures` is a functional group's own.
pub(super) fn spacing(set: &DataSet<'_>, measures: Option<&DataSet<'_>>) -> Option<([f64; 2], SpacingBasis)> {
    let projection = set
        .code(tag::MODALITY)
        .is_some_and(|modality| PROJECTIONS.contains(&modality));
    let object = set
        .items(tag::PROJECTION_PIXEL_CALIBRATION_SEQUENCE)
        .iter()
        .find_map(|item| pair(item, tag::OBJECT_PIXEL_SPACING_IN_CENTER_OF_BEAM));
    if let Some(object) = object {
        return Some((object, SpacingBasis::CalibratedGeometry));
    }
    let imager = pair(set, tag::IMAGER_PIXEL_SPACING);
    let own = measures
        .and_then(|measures| pair(measures, tag::PIXEL_SPACING))
        .or_else(|| pair(set, tag::PIXEL_SPACING));
    let calibration = set.code(tag::PIXEL_SPACING_CALIBRATION_TYPE);
    match (own, imager) {
        (Some(own), _) if calibration == Some("GEOMETRY") => Some((own, SpacingBasis::CalibratedGeometry)),
        (Some(own), _) if calibration == Some("FIDUCIAL") => Some((own, SpacingBasis::CalibratedFiducial)),
        (Some(own), Some(imager)) if own != imager => Some((own, SpacingBasis::Calibrated)),
        // Equal to the detector's: it was not corrected.
        (Some(own), Some(_)) => Some((own, SpacingBasis::Detector)),
        (Some(own), None) if projection => Some((own, SpacingBasis::Projection)),
        (Some(own), None) => Some((own, SpacingBasis::Patient)),
        (None, Some(imager)) => Some(magnified(set, imager)),
        (None, None) => pair(set, tag::NOMINAL_SCANNED_PIXEL_SPACING).map(|film| (film, SpacingBasis::ScannedFilm)),
    }
}

/// The detector's spacing in the middle of the patient, where the magnification is known.
fn magnified(set: &DataSet<'_>, imager: [f64; 2]) -> ([f64; 2], SpacingBasis) {
    let above_zero = |tag: u32| set.number(tag).filter(|value| *value > 0.0);
    let told = above_zero(tag::ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR);
    let measured = || {
        let (detector, patient) = (
            above_zero(tag::DISTANCE_SOURCE_TO_DETECTOR)?,
            above_zero(tag::DISTANCE_SOURCE_TO_PATIENT)?,
        );
        Some(detector / patient)
    };
    // The patient lies before the detector; a tenth of its size is no magnification.
    let factor = told.or_else(measured).filter(|factor| (1.0..10.0).contains(factor));
    match factor {
        Some(factor) => (
            imager.map(|spacing| spacing / factor),
            SpacingBasis::ImagerOverMagnification,
        ),
        None => (imager, SpacingBasis::Detector),
    }
}

/// Two values above zero.
fn pair(set: &DataSet<'_>, tag: u32) -> Option<[f64; 2]> {
    set.array::<2>(tag).filter(|spacing| spacing.iter().all(|v| *v > 0.0))
}

/// Height of a pixel over its width (Pixel Aspect Ratio: vertical, then horizontal size).
pub(super) fn aspect(set: &DataSet<'_>) -> Option<f64> {
    let [high, wide] = pair(set, tag::PIXEL_ASPECT_RATIO)?;
    Some(high / wide)
}

/// Units of an axis (PS3.3 C.8.5.5.1.15).
const UNITS: [&str; 13] = [
    "none", "%", "dB", "cm", "s", "Hz", "dB/s", "cm/s", "cm2", "cm2/s", "cm3", "cm3/s", "deg",
];

pub(super) fn regions(set: &DataSet<'_>) -> Vec<MeasuredRegion> {
    let region = |item: &DataSet<'_>| {
        let unit = |tag: u32| {
            let unit = UNITS.get(item.uint(tag)? as usize).copied();
            Some(unit.unwrap_or("none").to_owned())
        };
        let region = MeasuredRegion {
            x0: item.ulong(tag::REGION_LOCATION_MIN_X0)?,
            y0: item.ulong(tag::REGION_LOCATION_MIN_Y0)?,
            x1: item.ulong(tag::REGION_LOCATION_MAX_X1)?,
            y1: item.ulong(tag::REGION_LOCATION_MAX_Y1)?,
            unit_x: unit(tag::PHYSICAL_UNITS_X)?,
            unit_y: unit(tag::PHYSICAL_UNITS_Y)?,
            delta_x: item.float(tag::PHYSICAL_DELTA_X)?,
            delta_y: item.float(tag::PHYSICAL_DELTA_Y)?,
        };
        let measures = region.delta_x != 0.0 && region.delta_y != 0.0;
        (measures && region.x0 <= region.x1 && region.y0 <= region.y1).then_some(region)
    };
    let items = set.items(tag::SEQUENCE_OF_ULTRASOUND_REGIONS);
    items.iter().filter_map(region).collect()
}
